"""The text is not YAML, or is YAML with more than data, such as a tag or a merge key.

A spec is plain data, and the same data to every reader: without tags, merge
keys, a second document and a cycle of aliases. An indentation that does not fit
and a bracket that is not closed are the usual reasons; an expression with
brackets or commas needs quotes inside `{ }`.

PASS:
```yaml
name: net
input: 3x32x32
params: {widths: [8, 16]}
layers:
- {op: conv2d, out: '$widths[0]', kernel: 3}
- {op: conv2d, out: '$widths[1]', kernel: 3}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: !!int 3}]
```
"""
