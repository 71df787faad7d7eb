"""A comment or an entry of the configuration that suppresses and does not say what, or why.

`# archprof: ignore[RULE, RULE] REASON` holds for its line, or in a line of its
own for the next line that says something; `# archprof: ignore-file[RULE]
REASON` for the file and the shared blocks that it uses. What keeps a network
from being built cannot be suppressed.

Under `check --base REVISION` a change of the rules themselves is noted: a
suppression or a configuration that REVISION has not. Rules count as they are at
REVISION, and a new suppression of what fails a run (`archprof check --rules`
says what weighs so) fails it as well.

PASS:
```yaml
name: net
input: 3x32x32
layers:
  # archprof: ignore[conv-bias] so has the public implementation and its weights
  conv: {op: conv2d, out: 8, kernel: 3}
  norm: {op: batch_norm2d}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3}  # archprof: ignore[conv-bias]
  norm: {op: batch_norm2d}
```

FAIL:
```yaml
name: net
input: 3x32x32
layers:
  # archprof: ignore[conv-bais] so has the public implementation
  conv: {op: conv2d, out: 8, kernel: 3}
  norm: {op: batch_norm2d}
```
"""
