"""The network's total is not what its `expect:` says.

For one image at float32, at the input and with the parameters the spec states.

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}]
expect: {params: 224}  # (3*3*3 + 1)*8
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}]
expect: {params: 216}
```
"""
