"""A suppression with nothing left to suppress.

The line was fixed, or the rule no longer finds it: the reason in the comment
is no longer true. Suppressions of rules that do not run are left alone,
and so are those of a file of blocks that no file of this run uses.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  # archprof: ignore[conv-bias] so has the public implementation
  conv: {op: conv2d, out: 8, kernel: 3}
  norm: {op: batch_norm2d}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  # archprof: ignore[conv-bias] so has the public implementation
  conv: {op: conv2d, out: 8, kernel: 3, bias: false}
  norm: {op: batch_norm2d}
```
"""
