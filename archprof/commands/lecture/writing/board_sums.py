"""The calculation of a quantity of layers, as a lecturer writes it: the formula once, then the
numbers of each layer beneath.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.commands.lecture.claims.quantities import QUANTITIES, Summed
from archprof.ops.base import ShapeError
from archprof.show.working import steps

MAX_TERMS = 24
"""Different layers of a sum that is written out."""
MOST_NAMED = 3
"""Layers alike that are named."""
STEPS = {
    "height": "height",
    "width": "width",
    "channels": "channels",
    "params": "params",
    "macs": "MACs",
    "flops": "FLOPs",
    "output_bytes": "output bytes",
    "field": "field size",
}
"""Quantities of one layer that have a formula on the board, and which."""
_BOARD = {"Kh": "K", "Kw": "K", "Cin": "C", "Cout": "N", "Hout": "H", "Wout": "W"}
"""Letters of a square window as on a board."""


class Chain(NamedTuple):
    """One line of a calculation: its label, and the expressions that are equal, left to right."""

    label: str
    parts: tuple[str, ...]


class _Term(NamedTuple):
    """What one layer adds to a sum: the formula, that with its numbers, and the result."""

    formula: str
    numbers: str
    result: str


def of_one_layer(analysis: Analysis, row: LayerAnalysis, name: str) -> list[str]:
    """Return a layer's formula and that with its numbers, nothing where there is no formula."""
    term = _term(analysis, row, name)
    return [text for text in (term.formula, term.numbers) if text] if term else []


def of_layers(
    label: str,
    analysis: Analysis,
    rows: Sequence[LayerAnalysis],
    name: str,
    called: Mapping[str, str],
) -> list[Chain]:
    """Return the formula under a label, and a line for each layer that adds to a sum.

    Layers that are alike have one line. `called` are the slides' names of layers. There are no
    lines where too many differ.
    """
    quantity = QUANTITIES[name]
    if not isinstance(quantity, Summed):
        return []
    alike: dict[_Term, list[str]] = {}
    for row in rows:
        value = quantity.of(row, analysis)
        if value:
            term = _term(analysis, row, name) or _Term("", "", units.exact(int(value)))
            path = row.node.path
            alike.setdefault(term, []).append(called.get(path, path))
    if not alike or len(alike) > MAX_TERMS:
        return []
    formulas = list(dict.fromkeys(term.formula for term in alike if term.formula))
    head = [Chain(label, tuple(formulas[:1]))]
    if len(formulas) > 1:
        head = [Chain(label, ()), *(Chain("", (formula,)) for formula in formulas)]
    return head + [_line(term, names) for term, names in alike.items()]


def _line(term: _Term, names: Sequence[str]) -> Chain:
    shown = ", ".join(names[:MOST_NAMED])
    label = f"{shown}, …" if len(names) > MOST_NAMED else shown
    times = f" ({len(names)} times)" if len(names) > 1 else ""
    numbers = "" if term.numbers == term.result.replace(",", "") else term.numbers
    return Chain(label, tuple(filter(None, (numbers, f"{term.result}{times}"))))


def _term(analysis: Analysis, row: LayerAnalysis, name: str) -> _Term | None:
    """Return a layer's own calculation, None where it has none."""
    if name == "elements":
        sizes = "*".join(map(str, row.node.output))
        return _Term("", sizes, units.exact(math.prod(row.node.output)))
    index = next(i for i, other in enumerate(analysis.layers) if other is row)
    try:
        found = [step for step in steps(analysis, index) if step.quantity == STEPS.get(name)]
    except ShapeError:
        return None
    if not found or not (found[0].numbers or found[0].formula):
        return None
    step = found[0]
    return _Term(on_a_board(step.formula, step.numbers), step.numbers, step.result)


def on_a_board(formula: str, numbers: str) -> str:
    """Return a formula in a board's letters where its window is square: K*K*C*N*H*W."""
    letters, values = re.findall(r"\w+", formula), re.findall(r"\w+", numbers)
    value = dict(zip(letters, values, strict=False))
    square = len(letters) == len(values) and value.get("Kh") == value.get("Kw")
    if not square or {_BOARD[letter] for letter in letters if letter in _BOARD} & {*letters}:
        return formula
    return re.sub(r"[A-Za-z]\w*", lambda found: _BOARD.get(found[0], found[0]), formula)
