"""Weights that cannot be shared: the other layer has none, or others.

`share` borrows the weights of a layer above: the same op with the same
settings, on as many channels. At a block, a group or a network it borrows those
of another one, layer by layer: the first that differs is named.

PASS:
```yaml
name: net
input: 8x32x32
layers:
  one: {op: conv2d, out: 8, kernel: 3, padding: 1}
  two: {op: conv2d, out: 8, kernel: 3, padding: 1, share: one}
```

FAIL:
```yaml
name: net
input: 8x32x32
layers:
  one: {op: conv2d, out: 8, kernel: 3, padding: 1}
  two: {op: conv2d, out: 8, kernel: 5, padding: 2, share: one}
```

FAIL:
```yaml
name: net
input: 8x32x32
blocks:
  head:
    params: {out: 8}
    layers: {conv: {op: conv2d, out: $out, kernel: 3, padding: 1}, relu: {op: relu}}
layers:
  one: {block: head}
  two: {block: head, with: {out: 16}, share: one}
```
"""
