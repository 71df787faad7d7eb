"""More or fewer inputs than an op or a block takes.

`add`, `multiply` and `concat` take several, named in `from: [...]`; a block as
many as its `inputs:`.

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
  relu: {op: relu}
  add: {op: add, from: relu}
```
"""
