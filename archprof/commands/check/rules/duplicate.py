"""Two things have the same name: keys of a mapping, layers, blocks or variants.

Most YAML readers keep the last of two equal keys without a word. Two layers of
one path would be one entry of the state dict. A block may not have the name of
one from a file that the spec uses.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3}
  relu: {op: relu}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3}
  conv: {op: relu}
```
"""
