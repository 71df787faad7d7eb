"""A file of blocks cannot be used: it is missing, uses itself, or is outside the project.

`use:` takes paths relative to the spec, or to the shipped specs.

PASS:
```yaml
name: net
input: 16x32x32
use: blocks/squeeze_excitation.yaml
layers: [{block: squeeze_excitation, with: {squeeze: 8}}]
```

FAIL:
```yaml
name: net
input: 16x32x32
use: blocks/no_such_file.yaml
layers: [{op: relu}]
```
"""
