"""A network, or a use of a block, costs more than its budget.

`budget:` of a spec, a variant or a block, and `[[budget]]` of a configuration,
limit `max_params`, `max_macs`, `max_depth` and `max_peak_memory`: of a network
as `archprof summary` gives them, of a block the parameters, MACs and depth of
each use and the most memory that is needed while it runs. `max_training_memory`
and `max_step_flops` limit a whole network's step of training, as `archprof fit
NET --train` gives its peak and its FLOPs. They are checked under the conditions
of `--at`, where it is given: `batch=64,optimizer=adamw,amp=bfloat16`. The
`budget:` of a network, and a `[[budget]]`, may state conditions of their own for
all limits in them, in the place of those: `batch`, `dtype`, `optimizer`, `amp`,
`freeze`, `checkpoint`, `accumulate` and `device`. A `budget:` may be a list, of
which each has its own. With `checkpoint: auto` the step has the checkpoints that
let it keep its `max_training_memory`. Where the cost of a layer, or what it
keeps, is unknown, and what is known is within the limit, it cannot be answered:
an error too.

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
name: trained  # input 12_288, weights 1_792, gradients of these and of the output 59_392
input: 3x32x32
layers: [{op: conv2d, out: 16, kernel: 3}]
budget: {max_training_memory: 64 KiB}
```

FAIL:
```yaml
name: trained_in_batches  # a batch of 4: its input alone is 49_152
input: 3x32x32
layers: [{op: conv2d, out: 16, kernel: 3}]
budget:
  - {max_params: 500}
  - {max_training_memory: 200 KiB, batch: 4, optimizer: [adamw, fused]}
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
from archprof.analysis.analysis import Analysis
from archprof.analysis.memory import peak_inference
from archprof.analysis.totals import answer_of
from archprof.commands.check.base import Budget, CheckedNetwork
from archprof.commands.check.conditions import named_under
from archprof.graph.graph import Instance
from archprof.language.budget import LIMITS, OF_STEP
from archprof.language.budget_conditions import Stated
from archprof.ops.elements import DTYPES
from archprof.problem import Problem, ProblemError
from archprof.training.training_conditions import AUTO

MEMORY = "max_training_memory"
RULES_OF_THEIR_OWN = ("min_receptive_field", "max_latency_ms")
"""The limits that other rules check."""


def check(subject: CheckedNetwork) -> Iterator[Problem]:
    """Yield every limit that is exceeded; of a block's uses the one that exceeds it most."""
    for budget in subject.budgets:
        if budget.name in RULES_OF_THEIR_OWN:
            continue
        try:
            analysis = subject.under(_conditions(subject, budget))
            if budget.block:
                yield from _exceeding_uses(subject, analysis, budget)
            else:
                yield from _exceeded(analysis, budget)
        except ProblemError as error:  # conditions that this network cannot have
            name = named_under(subject.network.name, budget.conditions)
            for problem in error.problems:
                message = f"{name}: {problem.message}"
                yield Problem(budget.mark, "budget", message, problem.hint or budget.given)


def _conditions(subject: CheckedNetwork, budget: Budget) -> Stated:
    """Return the conditions that a budget states, and the room that `checkpoint=auto` has: the
    memory of this limit, or the least of those that are stated under the same conditions.
    """
    stated = dict(budget.conditions)
    if budget.name not in OF_STEP or stated.get("checkpoint", subject.at.checkpoint) != AUTO:
        return budget.conditions
    rooms = [
        int(other.value)
        for other in subject.budgets
        if other.name == MEMORY and other.conditions == budget.conditions
    ]
    room = int(budget.value) if budget.name == MEMORY else min(rooms, default=None)
    return (*budget.conditions, ("room", room))


def _exceeded(analysis: Analysis, budget: Budget) -> Iterator[Problem]:
    """Yield the limit where a network exceeds it, or where nobody can tell."""
    quantity = LIMITS[budget.name].quantity
    found = analysis.quantity(quantity)
    lacking = analysis.lacking(quantity)
    name = named_under(analysis.graph.network.name, budget.conditions)
    if not isinstance(found, int):
        return
    if found > budget.value:
        message = over(name, quantity, found, budget, not lacking)
        yield Problem(budget.mark, "budget", message, budget.given)
    elif lacking:
        message = untold(name, quantity, found, budget, lacking)
        yield Problem(budget.mark, "budget", message, budget.given)


def _exceeding_uses(
    subject: CheckedNetwork, analysis: Analysis, budget: Budget
) -> Iterator[Problem]:
    """Yield the use of a block that exceeds its budget most, and how many others do."""
    quantity = LIMITS[budget.name].quantity
    costs: list[tuple[int, Instance]] = []
    unknown: list[tuple[int, Instance, tuple[str, ...]]] = []
    for use, nodes in subject.uses(budget.block):
        cost, lacking = _cost_of_use(analysis, nodes, quantity), _lacking(subject, nodes, quantity)
        costs.append((cost, use))
        if lacking:
            unknown.append((cost, use, lacking))
    exceeding = [(cost, use) for cost, use in costs if cost > budget.value]
    if exceeding:
        cost, use = max(exceeding, key=lambda pair: pair[0])
        name = f"`{use.path}` ({use.block}) of {subject.network.name}"
        message = over(name, quantity, cost, budget, all(use is not one for _, one, _ in unknown))
        if len(exceeding) > 1:
            message += f", and {len(exceeding) - 1} more of its uses"
        mark = use.mark if budget.given else budget.mark
        yield Problem(mark, "budget", message, budget.given)
    elif unknown:
        cost, use, lacking = unknown[0]
        name = f"`{use.path}` ({use.block}) of {subject.network.name}"
        message = untold(name, quantity, cost, budget, lacking)
        mark = use.mark if budget.given else budget.mark
        yield Problem(mark, "budget", message, budget.given)


def over(what: str, quantity: str, found: int, budget: Budget, exact: bool = True) -> str:
    """Return by how much a budget is exceeded.

    resnet50 has params 25,557,032, its budget is 25,000,000: more by 557,032. Unless `exact`,
    what is found is a lower bound.
    """
    excess = found - budget.value
    least = "" if exact else "at least "
    return (
        f"{what} has {quantity} {least}{_shown(quantity, found)}, its budget is"
        f" {_shown(quantity, budget.value)}: more by {least}{_shown(quantity, excess)}"
    )


def untold(what: str, quantity: str, found: int, budget: Budget, lacking: Sequence[str]) -> str:
    """Return why nobody can tell whether a budget is kept: `lacking` layers may exceed it."""
    return (
        f"{what} has {quantity} at least {_shown(quantity, found)}, its budget is"
        f" {_shown(quantity, budget.value)}: cannot tell, the {answer_of(quantity)} of"
        f" {units.unknown_of(lacking)}"
    )


def _shown(quantity: str, value: int | Fraction) -> str:
    """Return a quantity as text, bytes in a larger unit too."""
    text = units.exact(int(value))
    if quantity.endswith("_bytes") and value >= 1024:
        return f"{text} ({units.size(int(value))})"
    return text


def _lacking(subject: CheckedNetwork, nodes: Sequence[int], quantity: str) -> tuple[str, ...]:
    """Return the layers that the cost of one use of a block lacks, as theirs is unknown."""
    if quantity != "macs":
        return ()
    members = [subject.graph.nodes[i] for i in nodes]
    return tuple(node.path for node in members if node.facts.cost is None)


def _cost_of_use(analysis: Analysis, nodes: Sequence[int], quantity: str) -> int:
    """Return the known cost of the layers of one use of a block."""
    all_nodes = analysis.graph.nodes
    if quantity == "params":
        return sum(all_nodes[i].params for i in nodes)
    if quantity == "macs":
        costs = [all_nodes[i].facts.cost for i in nodes]
        return sum(cost.macs for cost in costs if cost is not None) * analysis.batch
    if quantity == "depth":
        deepest: dict[int, int] = {}
        for i in nodes:
            before = max((deepest.get(s, 0) for s in all_nodes[i].inputs), default=0)
            deepest[i] = before + all_nodes[i].op.counts_depth
        return max(deepest.values(), default=0)
    weights = analysis.quantity("weight_bytes")
    assert isinstance(weights, int)  # noqa: S101 - only `output` and `receptive_field` are none
    return peak_inference(
        analysis.graph, weights, analysis.batch, DTYPES[analysis.dtype], frozenset(nodes)
    ).bytes
