"""A block that contains itself, by however many steps.

A block may use only blocks that do not use it; `repeat` says how often.

PASS:
```yaml
name: net
input: 3x32x32
blocks:
  inner: {layers: [{op: relu}]}
  outer: {layers: [{block: inner}]}
layers: [{block: outer}]
```

FAIL:
```yaml
name: net
input: 3x32x32
blocks:
  inner: {layers: [{block: outer}]}
  outer: {layers: [{block: inner}]}
layers: [{block: outer}]
```
"""
