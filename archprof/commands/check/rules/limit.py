"""Too much of something: bytes, values, levels, layers, digits, problems, seconds.

The limits stop what is hostile or mistaken, far beyond any network that has
been published. Those of `archprof check` are set by the `[limits]` of a
configuration: `layers` of a network (100,000) and `seconds` for a file (30).

PASS:
```yaml
name: net
input: 3x32x32
layers: {relu: {op: relu, repeat: 1000}}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers: {relu: {op: relu, repeat: 2000000}}
```
"""
