"""A word that YAML's readers disagree about: `on`, `1e3`, `012`, `1:30`.

YAML 1.1 takes `on` for true, `012` for ten and `1:30` for ninety; YAML 1.2 does
not. A spec says what it means to both, or is refused.

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: batch_norm2d, eps: 1.0e-3}]
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: batch_norm2d, eps: 1e-3}]
```
"""
