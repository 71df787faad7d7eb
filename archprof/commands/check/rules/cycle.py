"""A block that contains itself without end, by however many steps.

It may contain itself where a `when` or a `repeat` ends that.

PASS:
```yaml
name: net
input: 3x32x32
blocks:
  tree:
    params: {levels: }
    layers:
    - {op: relu}
    - {block: tree, when: $levels > 1, with: {levels: $levels - 1}}
layers: [{block: tree, with: {levels: 3}}]
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
