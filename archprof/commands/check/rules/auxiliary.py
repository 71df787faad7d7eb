"""A layer of the network reads an auxiliary head, which exists in training only.

`aux: true` marks a head beside the network: its parameters count, inference
leaves it out, so nothing in inference can depend on it.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3}
  head: {aux: true, layers: [{op: flatten}, {op: linear, out: 10}]}
  relu: {op: relu}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3}
  head: {aux: true, op: conv2d, out: 8, kernel: 1}
  add: {op: add, from: [conv, head]}
```
"""
