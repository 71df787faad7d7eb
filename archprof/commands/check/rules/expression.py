"""An expression that cannot be read, or worked out.

There are + - * / // % **, comparison, `and or not`, `a if test else b`, lists,
comprehensions, indexing, slices and a few functions, over numbers that stay
small: no calls of anything else, no attributes.

PASS:
```yaml
name: net
input: 3x32x32
params: {width: 8}
layers: [{op: conv2d, out: 2 * $width, kernel: 3}]
```

FAIL:
```yaml
name: net
input: 3x32x32
params: {width: 8}
layers: [{op: conv2d, out: $width ^ 2, kernel: 3}]
```
"""
