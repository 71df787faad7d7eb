"""An expression uses a value that is not known there.

`$name` is a parameter or a value of `let`, of the file or of the block, or one
of `$channels`, `$shape`, `$index` and `$count`.

PASS:
```yaml
name: net
input: 3x32x32
params: {width: 8}
layers: [{op: conv2d, out: $width, kernel: 3}]
```

FAIL:
```yaml
name: net
input: 3x32x32
params: {width: 8}
layers: [{op: conv2d, out: $with, kernel: 3}]
```
"""
