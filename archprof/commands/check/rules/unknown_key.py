"""A key that means nothing where it stands.

Keys are torch's words and the language's own. The nearest known one is named;
`archprof schema` makes an editor complete them.

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel_size: 3}]
```
"""
