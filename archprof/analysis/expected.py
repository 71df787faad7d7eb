"""What a spec expects of its network, against what the analysis finds."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.graph.origin import Origin
from archprof.language.text import with_lines
from archprof.problem import Problem


def unmet(
    network: Origin,
    quantity: Callable[[str], int | str | None],
    lacking: Callable[[str], tuple[str, ...]],
) -> list[Problem]:
    """Return a problem for every number under `expect:` that is not what `quantity` finds.

    `lacking` gives the layers whose unknown answers a number lacks: then nobody can tell whether
    it is as expected, unless what is known exceeds it.
    """
    problems = []
    for name, (stated, mark) in network.expected().items():
        found = quantity(name)
        without = lacking(name)
        if isinstance(found, int) and without:
            message = (
                f"{network.name} has {name} of at least {units.exact(found)}, the spec says"
                f" {units.exact(stated)}: {_too_much(found, stated)}; {units.unknown_of(without)}"
            )
        elif isinstance(found, int) and stated != found:
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


def _too_much(found: int, stated: int) -> str:
    """Return what a lower bound says about the number that is expected."""
    if found > stated:
        return f"more by at least {units.exact(found - stated)}"
    return "cannot tell"
