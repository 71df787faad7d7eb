"""A layer gives another shape than its `shape:` says.

The hint shows how the axes that differ came about. It holds at the input and
with the parameters the spec states; what the command line overrides drops it.

PASS:
```yaml
name: net
input: 3x227x227
layers: [{op: conv2d, out: 96, kernel: 11, stride: 4, shape: 96x55x55}]
```

FAIL:
```yaml
name: net  # (224 - 11)/4 + 1 = 54.25
input: 3x224x224
layers: [{op: conv2d, out: 96, kernel: 11, stride: 4, shape: 96x55x55}]
```
"""
