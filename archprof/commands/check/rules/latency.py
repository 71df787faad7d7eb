"""The network takes longer than its latency budget.

`max_latency_ms` is answered pass, fail or cannot tell, and only where a device
is there: `archprof check --device cuda` measures the network there and then,
and decides by an interval that contains the median of the runs in 95 of 100
cases. All of it below the budget: it passes; all above: it fails, an error;
otherwise, where the earlier and the later half of the runs contradict each
other, and where nothing is measured, it cannot be answered, a note that fails
no run. In a configuration `device` beside the limit says which device is meant.
On the CPU torch chooses the number of threads, which the answer names;
OMP_NUM_THREADS sets it.

PASS:
```yaml
name: unlimited
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}]
```

FAIL:
```yaml
name: limited  # without a device: a note that it cannot be answered
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3}]
budget: {max_latency_ms: 5}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.commands.check.base import Budget, CheckedNetwork
from archprof.language.budget import LATENCY
from archprof.problem import Problem


def unmeasured(subject: CheckedNetwork) -> Iterator[tuple[Budget, Problem]]:
    """Yield the latency budgets, each with the problem for where it is not measured."""
    for budget in subject.budgets:
        if budget.name == LATENCY:
            message = (
                f"{subject.network.name} may take {units.fraction(budget.value)} ms: cannot tell,"
                " not measured"
            )
            hint = f"--device {budget.device or 'cpu or cuda'} measures it"
            if budget.given:
                hint += f"; {budget.given}"
            yield budget, Problem(budget.mark, "latency", message, hint)
