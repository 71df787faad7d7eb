"""Rows of a space as networks, which `archprof fit SPACE:ROWS` asks about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archprof.language.recognition import looks_like_space
from archprof.language.shipped_folder import specs_folder
from archprof.language.text import read
from archprof.problem import Mark, ProblemError

if TYPE_CHECKING:
    from archprof.graph.graph import Graph

MOST_ROWS = 100
SUFFIXES = (".yaml", ".yml")
_ROWS = re.compile(r"(.+):([0-9]{1,18}(?:,[0-9]{1,18})*)")


class SpaceRows(NamedTuple):
    """Rows of the sample of a space, which is a shipped one's name or a file."""

    space: str
    rows: tuple[int, ...]


def space_rows(text: str) -> SpaceRows | None:
    """Return the rows that a text such as `resnet:7,12` names, None where it names no space.

    Raises ProblemError for too many.
    """
    found = _ROWS.fullmatch(text)
    if not found or not _is_space(found[1]):
        return None
    rows = tuple(dict.fromkeys(map(int, found[2].split(","))))
    if len(rows) > MOST_ROWS:
        message = f"{len(rows):,} rows, expected at most {MOST_ROWS}"
        raise ProblemError.of(Mark(found[1]), "row", message, f"archprof sweep {found[1]}")
    return SpaceRows(found[1], rows)


def _is_space(name: str) -> bool:
    path = Path(name)
    if not name.endswith(SUFFIXES):
        path = specs_folder() / "spaces" / f"{name}.yaml"
        return "/" not in name and path.is_file()
    return path.is_file() and looks_like_space(read(path.absolute(), name)[0])


def networks_of(asked: SpaceRows) -> Iterable[tuple[int, Graph]]:
    """Yield each row with its network. Raises ProblemError for one that is not there, or has none,
    and where what sweeps need is not installed.
    """
    from archprof.sweeping.extra import require_sweeping

    require_sweeping()
    from archprof.sweeping.single import single_variants
    from archprof.sweeping.space.library import read_space

    space = read_space(asked.space)
    for row in asked.rows:
        if row >= space.count:
            message = f"there is no row {row:,} of {space.count:,}"
            raise ProblemError.of(Mark(asked.space), "row", message, "rows are numbers, from 0 on")
        variant = next(iter(single_variants(space, [row])), None)
        if variant is None:
            message = f"row {row:,} has no network"
            hint = f"archprof sweep {asked.space} -o FOLDER: `message` of its table says why"
            raise ProblemError.of(Mark(asked.space), "row", message, hint)
        yield row, variant.analysis.graph
