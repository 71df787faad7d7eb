"""How the layers of several networks stand to each other: their stages, and what differs."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.analysis.analysis import Analysis
from archprof.commands.compare.comparison import by_stage, structure_difference
from archprof.commands.page.data import Data

LEAST_SHARED = 0.5
"""The share of layers with the same path from which on differences are marked: of networks that
have little in common nearly everything differs, and marks would say nothing.
"""


def stage_of_layers(analysis: Analysis) -> list[int | None]:
    """Return by layer how many times smaller than the input its stage is, as `compare` has it.

    None where no pixels are left, and for auxiliary heads, which are in no stage.
    """
    found: list[int | None] = [None] * len(analysis.layers)
    for factor, rows in by_stage(analysis).items():
        for row in rows:
            found[row.place] = factor
    return found


def difference_marks(analyses: Sequence[Analysis]) -> list[Data]:
    """Return by network the layers whose settings changed, and those that it alone has.

    Each is compared with the first network, and the first with the second. A page of one network
    has no marks.
    """
    if len(analyses) < 2:
        return []
    first, second, *_ = analyses
    return [_marks(first, second), *(_marks(other, first) for other in analyses[1:])]


def _marks(analysis: Analysis, other: Analysis) -> Data:
    difference = structure_difference(other, analysis)
    if difference.shared < LEAST_SHARED * len(analysis.layers):
        return {"changed": [], "only": []}
    kinds = {row.node.path: row.node.kind for row in other.layers}
    changed = {path for change in difference.changes for path in change.paths}
    return {
        "changed": [row.place for row in analysis.layers if row.node.path in changed],
        "only": [row.place for row in analysis.layers if kinds.get(row.node.path) != row.node.kind],
    }
