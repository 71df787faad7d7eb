"""What a spec expects of its network, against what the analysis finds."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.graph.origin import Origin
from archprof.language.text import with_lines
from archprof.problem import Problem


def unmet(network: Origin, quantity: Callable[[str], int | str | None]) -> list[Problem]:
    """Return a problem for every number under `expect:` that is not what `quantity` finds."""
    problems = []
    for name, (stated, mark) in network.expected().items():
        found = quantity(name)
        if isinstance(found, int) and stated != found:
            way = "more" if found > stated else "less"
            message = (
                f"{network.name} has {name} {units.exact(found)}, the spec says"
                f" {units.exact(stated)}: {way} by {units.exact(abs(found - stated))}"
            )
        elif not isinstance(found, int) and str(stated) != found:
            message = f"{network.name} has {name} {found or 'of no size'}, the spec says {stated}"
        else:
            continue
        problems.append(Problem(mark, "expect", message))
    return with_lines(problems, network.texts()) if problems else []
