"""A network, or a use of a block, costs more than its budget.

`budget:` of a spec, a variant or a block, and `[[budget]]` of a configuration,
limit `max_params`, `max_macs`, `max_depth` and `max_peak_memory`: of a network
as `archprof summary` gives them, of a block the parameters, MACs and depth of
each use and the most memory that is needed while it runs. They are held under
the conditions of `--at`, where it is given.

PASS:
```yaml
name: slim
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}]
budget: {max_params: 300, max_macs: 0.2M, max_peak_memory: 64 KiB, max_depth: 1}
```

FAIL:
```yaml
name: wide  # (3*3*3 + 1)*16 = 448 parameters
input: 3x32x32
layers: [{op: conv2d, out: 16, kernel: 3}]
budget: {max_params: 300}
```

FAIL:
```yaml
name: wide_inside  # the second use: (16*9 + 1)*16 = 2320 parameters
input: 3x32x32
blocks:
  unit:
    budget: {max_params: 1_000}
    layers: [{op: conv2d, out: 16, kernel: 3}]
layers: {units: {block: unit, repeat: 2}}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from archprof import units
from archprof.analysis.counting import DTYPES
from archprof.analysis.memory import peak_inference
from archprof.commands.check.base import Budget, Subject
from archprof.language.budget import LIMITS
from archprof.problem import Problem

RULES_OF_THEIR_OWN = ("min_receptive_field", "max_latency_ms")


def check(subject: Subject) -> Iterator[Problem]:
    """Every limit that is passed; of a block's uses the one that passes it furthest."""
    for budget in subject.budgets:
        if budget.name in RULES_OF_THEIR_OWN:
            continue
        quantity = LIMITS[budget.name].quantity
        if not budget.block:
            found = subject.analysis.quantity(quantity)
            if isinstance(found, int) and found > budget.value:
                yield Problem(
                    budget.mark,
                    "budget",
                    over(subject.network.name, quantity, found, budget),
                    budget.given,
                )
            continue
        over_it = [
            (found, use)
            for use, nodes in subject.uses(budget.block)
            if (found := _of_use(subject, nodes, quantity)) > budget.value
        ]
        if over_it:
            found, use = max(over_it, key=lambda pair: pair[0])
            more = f", and {len(over_it) - 1} more of its uses" if len(over_it) > 1 else ""
            mark = use.mark if budget.given else budget.mark
            yield Problem(
                mark,
                "budget",
                over(
                    f"`{use.path}` ({use.block}) of {subject.network.name}", quantity, found, budget
                )
                + more,
                budget.given,
            )


def over(what: str, quantity: str, found: int, budget: Budget) -> str:
    """resnet50 has 25,557,032 params, its budget is 25,000,000: more by 557,032."""
    excess = found - budget.value
    return (
        f"{what} has {quantity} {_shown(quantity, found)}, its budget is"
        f" {_shown(quantity, budget.value)}: more by {_shown(quantity, excess)}"
    )


def _shown(quantity: str, value: int | Fraction) -> str:
    text = units.exact(int(value))
    return (
        f"{text} ({units.size(int(value))})"
        if quantity.endswith("_bytes") and value >= 1024
        else text
    )


def _of_use(subject: Subject, nodes: Sequence[int], quantity: str) -> int:
    """What the layers of one use come to."""
    analysis, all_nodes = subject.analysis, subject.graph.nodes
    if quantity == "params":
        return sum(all_nodes[i].params for i in nodes)
    if quantity == "macs":
        return sum(all_nodes[i].facts.cost.macs for i in nodes) * analysis.batch
    if quantity == "depth":
        deepest: dict[int, int] = {}
        for i in nodes:
            deepest[i] = (
                max((deepest.get(s, 0) for s in all_nodes[i].inputs), default=0)
                + all_nodes[i].op.counts_depth
            )
        return max(deepest.values(), default=0)
    weights = analysis.quantity("weight_bytes")
    assert isinstance(weights, int)  # noqa: S101 - only `output` and `receptive_field` are none
    return peak_inference(
        subject.graph, weights, analysis.batch, DTYPES[analysis.dtype], frozenset(nodes)
    ).bytes
