"""A layer that cannot take what arrives.

The message shows the arithmetic: channels that groups do not divide, a window
larger than its input, branches of different sizes.

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 6, kernel: 3, groups: 3}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 6, kernel: 3, groups: 2}]
```

FAIL:
```yaml
name: net
input: 3x4x4
layers: [{op: max_pool2d, kernel: 5}]
```
"""
