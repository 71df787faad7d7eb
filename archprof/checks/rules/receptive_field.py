"""The receptive field is smaller than the spec demands.

`min_receptive_field` of a `budget:` is in pixels of the input, the smaller of height and width, as `archprof summary` gives it under
`field`: the largest field of a layer that does not see everything. A network with a layer that does see everything, and none with a
field of its own, has enough. Of a block it is asked of every use.

PASS:
```yaml
name: wide  # 1 + 2 + 2 + 2 = 7
input: 3x32x32
layers: {convs: {op: conv2d, out: 8, kernel: 3, repeat: 3}}
budget: {min_receptive_field: 7}
```

FAIL:
```yaml
name: narrow
input: 3x32x32
layers: {convs: {op: conv2d, out: 8, kernel: 3, repeat: 3}}
budget: {min_receptive_field: 9}
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archprof import units
from archprof.analysis.receptive import Field
from archprof.checks.base import Subject
from archprof.graph.graph import Instance
from archprof.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """Every demand that is not met; of a block's uses the one that sees least."""
    for budget in subject.budgets:
        if budget.name != "min_receptive_field":
            continue
        uses: Sequence[tuple[Instance | None, Iterable[int]]] = subject.uses(budget.block) if budget.block else [(None, subject.graph.main)]
        low = [(field, use) for use, nodes in uses if (field := largest(subject, nodes)) is not None and min(field) < budget.value]
        if low:
            field, use = min(low, key=lambda pair: min(pair[0]))
            what = f"`{use.path}` ({use.block}) of {subject.network.name}" if use else subject.network.name
            sees = f"{units.pair(*field)} pixels" if field != (0, 0) else "nothing that can be told in pixels"
            yield Problem(use.mark if use and budget.given else budget.mark, "receptive-field",
                          f"{what} sees {sees}, the spec demands {units.exact(int(budget.value))}", budget.given)


def largest(subject: Subject, nodes: Iterable[int]) -> tuple[int, int] | None:
    """The largest field of the layers that do not see everything; None where all do, 0 by 0 where none can be told."""
    sights = [subject.sights[i] for i in nodes]
    fields = [(h.size, w.size) for h, w in (s.axes for s in sights) if isinstance(h, Field) and isinstance(w, Field)]
    if not fields and any("whole" in s.axes for s in sights):
        return None
    return max(fields, default=(0, 0))
