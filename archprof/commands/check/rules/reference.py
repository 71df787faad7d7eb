"""A layer that is named and is not there, or stands further down.

Data flows downwards: `from`, `output` and `share` name layers above, `input`,
or `previous`.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  relu: {op: relu}
  add: {op: add, from: [relu, input]}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  add: {op: add, from: [relu, input]}
  relu: {op: relu}
```
"""
