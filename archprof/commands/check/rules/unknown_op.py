"""An op that there is not.

`archprof ops` lists the ops. What can be written as a block of ops is a
block.

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}, {op: gelu}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv, out: 8, kernel: 3}]
```
"""
