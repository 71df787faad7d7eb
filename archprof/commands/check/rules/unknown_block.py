"""A block that neither this file nor one it uses has.

Blocks stand under `blocks:`, or in a file that `use:` names.

PASS:
```yaml
name: net
input: 3x32x32
blocks: {unit: {layers: [{op: relu}]}}
layers: [{block: unit}]
```

FAIL:
```yaml
name: net
input: 3x32x32
blocks: {unit: {layers: [{op: relu}]}}
layers: [{block: units}]
```
"""
