"""A merge that `when` drops passes on the first of its `from` and cuts the others off.

Dropping a residual `add` is what one wants where its first source is the branch
and the second what the branch began from: that still goes on through the
branch. Of two branches side by side the second is lost, whatever it has
computed. Name first what is to go on. Where nothing else uses the second, the
error `unused` says so.

PASS:
```yaml
name: residual  # without the shortcut the branch goes on, and the input in it
input: 8x32x32
params: {residual: false}
layers:
  conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
  add: {op: add, from: [conv, input], when: $residual}
  relu: {op: relu}
```

FAIL:
```yaml
# what `wide` gives is missing in `relu`, and reaches the output only beside it
name: side_by_side
input: 8x32x32
params: {both: false}
layers:
  narrow: {op: conv2d, out: 8, kernel: 1}
  wide: {op: conv2d, from: input, out: 8, kernel: 3, padding: 1}
  add: {op: add, from: [narrow, wide], when: $both}
  relu: {op: relu}
  concat: {op: concat, from: [relu, wide]}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.graph.dropped import called, goes_on, shown


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Yield dropped layers with several sources, one of which does not go on through the first."""
    nodes = subject.graph.nodes
    for merge in subject.graph.dropped:
        cut = next((i for i in merge.lost if not goes_on(i, merge.kept, nodes)), None)
        if cut is not None:
            yield (
                merge.kept,
                Remark(
                    f"{called(merge)} is dropped by {merge.cause} and passes on"
                    f" {shown(merge.kept, nodes)} alone: {shown(cut, nodes)} is cut off here",
                    "name first in its `from` what is to go on",
                    merge.mark,
                ),
            )
