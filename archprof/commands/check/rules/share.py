"""Weights that cannot be shared: the other layer has none, or others.

`share` borrows the weights of a layer above: the same op with the same
settings, on as many channels.

PASS:
```yaml
name: net
input: 8x32x32
layers:
  one: {op: conv2d, out: 8, kernel: 3, padding: 1}
  two: {op: conv2d, out: 8, kernel: 3, padding: 1, share: one}
```

FAIL:
```yaml
name: net
input: 8x32x32
layers:
  one: {op: conv2d, out: 8, kernel: 3, padding: 1}
  two: {op: conv2d, out: 8, kernel: 5, padding: 2, share: one}
```
"""
