"""An in-place op overwrites what a later layer still reads.

`inplace: true` saves the memory of an output by writing it over the input;
where another branch or an output still needs that input, it would read the
wrong numbers.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
  relu: {op: relu}
  add: {op: add, from: [relu, conv]}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
  relu: {op: relu, inplace: true}
  add: {op: add, from: [relu, conv]}
```
"""
