"""Two things of one name: keys of a mapping, layers of a path, blocks of a file and of one it uses, variants.

Most YAML readers keep the last of two equal keys without a word. Two layers of
one path would be one entry of the state dict.

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
