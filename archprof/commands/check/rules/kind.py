"""A value of the wrong kind: a text where a number belongs, a number where a list does.

The message says what was found and what is expected there.

PASS:
```yaml
name: net
input: 3x32x32
params: {often: 2}
layers: [{op: relu, repeat: $often}]
```

FAIL:
```yaml
name: net
input: three by thirty-two
layers: [{op: relu}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: relu, repeat: often}]
```
"""
