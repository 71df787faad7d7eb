"""A layer whose output nobody uses.

It costs, and changes nothing. Its name is missing in a `from`, or it can go; an
auxiliary head is marked `aux: true`.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  one: {op: conv2d, out: 8, kernel: 3}
  two: {op: relu}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  one: {op: conv2d, out: 8, kernel: 3}
  two: {op: relu, from: input}
```
"""
