"""A name that cannot be one, or that is taken: by the language, or by the network around a block.

Layers' names are parts of torch's module paths: letters, digits, _ and -, the
first no -, or up to four such parts with dots between. Those of blocks, inputs
and values are letters, digits and _, the first no digit. An attribute of
torch.nn.Module (`half`, `type`, `forward`), at the top of a network also one of
torch.fx.GraphModule (`graph`, `code`), and a word of Python (`lambda`) cannot
name what torch holds as a module or a parameter. A block's parameter must not
hide the network's own.

PASS:
```yaml
name: net
input: 3x32x32
params: {width: 8}
blocks:
  unit:
    params: {out: $width}
    layers: [{op: conv2d, out: $out, kernel: 3}]
layers: {conv: [{block: unit}, {block: unit, with: {out: 16}}]}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: {conv 1: {op: conv2d, out: 8, kernel: 3}}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: {half: {op: conv2d, out: 8, kernel: 3}}
```

FAIL:
```yaml
name: net
input: 3x32x32
params: {width: 8}
blocks:
  unit:
    params: {width: 16}
    layers: [{op: conv2d, out: $width, kernel: 3}]
layers: [{block: unit}]
```
"""
