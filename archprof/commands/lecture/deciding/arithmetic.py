"""The quantities that are all called FLOPs, and which of them a figure counts."""

from __future__ import annotations

from collections.abc import Iterable

from archprof.analysis.counting import CONVENTIONS

ARITHMETIC = {
    {"macs": "macs", "full": "flops"}.get(name, f"flops_{name}"): convention.called
    for name, convention in CONVENTIONS.items()
}
"""One quantity for each convention of `--count`, and what each is called."""

BY_HAND = ("macs", "flops", "flops_torch", "flops_lecture")
"""Those that people add up, and may slip; a tool's count is printed by the tool."""

TOOLS = frozenset(label for name, label in ARITHMETIC.items() if name not in BY_HAND)
"""What the counts of tools are called."""


def counted_by(moves: Iterable[str]) -> str | None:
    """Return the quantity whose convention is among these moves, None where none is."""
    moves = set(moves)
    return next((name for name, label in ARITHMETIC.items() if label in moves), None)
