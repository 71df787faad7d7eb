"""A layer reads whole numbers and computes with fractions, or looks up what are fractions.

An input with a `dtype` gives whole numbers, such as the tokens of a text. An
`embedding` has a row for each of them; what moves elements, such as `slice` or
`reshape`, passes them on, and any other op refuses them, as torch does. The
table must have a row for every number: `num` is at least the input's `below`.

PASS:
```yaml
name: embedded
input: {shape: 7, dtype: int64, below: 100}
layers:
  embed: {op: embedding, num: 100, dim: 8}
  fc: {op: linear, out: 2}
```

FAIL:
```yaml
name: counted
input: {shape: 7, dtype: int64, below: 100}
layers:
  fc: {op: linear, out: 2}
```
"""
