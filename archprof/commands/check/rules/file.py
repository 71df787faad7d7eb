"""A file cannot be read: it is missing, is not UTF-8, or is larger than a megabyte.

A spec is a text of a few kilobytes. What several specs have in common goes into
files of blocks, which they `use:`.

FAIL:
```console
$ archprof check no/such/file.yaml
```

PASS:
```yaml
name: net
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}, {op: relu}]
```
"""
