"""A key of the spec, a setting of an op or a parameter of a block is missing.

A spec has at least `name`, `input` and `layers`; a file of blocks `name` and
`blocks`. Parameters without a default must be given.

PASS:
```yaml
name: net
input: 3x32x32
blocks: {unit: {params: {out: }, layers: [{op: conv2d, out: $out, kernel: 3}]}}
layers: [{block: unit, with: {out: 8}}]
```

FAIL:
```yaml
name: net
layers: [{op: relu}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, kernel: 3}]
```
"""
