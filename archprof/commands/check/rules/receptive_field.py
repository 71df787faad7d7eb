"""The receptive field is smaller than the spec demands.

`min_receptive_field` of a `budget:` is in pixels of the input, the smaller of
height and width, as `archprof summary` gives it under `field`: the largest
field of a layer that does not see everything. A network has enough where layers
that keep places apart see everything (attention, a gate), and where all layers
see everything. Of a block it is asked of every use.

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
from archprof.analysis.receptive import extent
from archprof.commands.check.base import CheckedNetwork
from archprof.graph.graph import Instance
from archprof.problem import Problem


def check(subject: CheckedNetwork) -> Iterator[Problem]:
    """Yield every demand that is not met; of a block's uses the one that sees least."""
    for budget in subject.budgets:
        if budget.name != "min_receptive_field":
            continue
        uses: Sequence[tuple[Instance | None, Iterable[int]]] = [(None, subject.graph.main)]
        if budget.block:
            uses = subject.uses(budget.block)
        fields = [(largest(subject, nodes), use) for use, nodes in uses]
        low = [
            (field, use) for field, use in fields if field is not None and min(field) < budget.value
        ]
        if not low:
            continue
        field, use = min(low, key=lambda pair: min(pair[0]))
        what = subject.network.name
        if use:
            what = f"`{use.path}` ({use.block}) of {what}"
        sees = "nothing that can be given in pixels"
        if field != (0,):
            sees = f"{units.pair(*field)} pixels"
        yield Problem(
            use.mark if use and budget.given else budget.mark,
            "receptive-field",
            f"{what} sees {sees}, the spec demands {units.exact(int(budget.value))}",
            budget.given,
        )


def largest(subject: CheckedNetwork, nodes: Iterable[int]) -> tuple[int, ...] | None:
    """Return the largest field of the layers that do not see everything.

    It is None where all of them see everything, 0 where no field is known.
    """
    nodes = list(nodes)
    found = extent(subject.graph, subject.sights, nodes)
    if found.sees == "all" or (
        found.local is None and any("whole" in subject.sights[i].axes for i in nodes)
    ):
        return None
    return found.local or (0,)
