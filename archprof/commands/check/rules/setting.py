"""A setting of an op that the op does not take.

Words, units and defaults are torch's.

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: [1, 3], padding: same}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 0}]
```
"""
