"""The layers that a claim selects, and whether they have the settings it names."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.commands.lecture.claims.document import Selection
from archprof.commands.lecture.claims.quantities import by_block
from archprof.commands.lecture.deciding.layer_names import layer_hint, path_of
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.graph.graph import Node
from archprof.problem import Mark, nearest


def select(
    subjects: Subjects, analysis: Analysis, selection: Selection, mark: Mark
) -> list[LayerAnalysis]:
    """Return the selected layers in order of execution, looked for once.

    Raises ProblemError where a name fits none.
    """
    place = id(analysis), selection
    if place not in subjects.selected:
        subjects.selected[place] = _selected(subjects, analysis, selection, mark)
    return subjects.selected[place]


def _selected(
    subjects: Subjects, analysis: Analysis, selection: Selection, mark: Mark
) -> list[LayerAnalysis]:
    rows = [row for row in analysis.layers if selection.aux or not row.node.aux]
    if selection.block and not by_block(rows, selection.block):
        raise no_block(subjects, analysis, rows, selection.block, mark)
    everywhere = rows
    if selection.first or selection.last:
        rows = _span(subjects, analysis, rows, selection, mark)
    if selection.paths:
        rows = _called(subjects, analysis, rows, everywhere, selection, mark)
    if selection.ops:
        rows = [row for row in rows if row.node.kind in selection.ops]
    if selection.block:
        rows = [row for group in by_block(rows, selection.block) for row in group]
    if selection.where:
        rows = [row for row in rows if has(row, selection.where)]
    return rows


def _called(
    subjects: Subjects,
    analysis: Analysis,
    rows: Sequence[LayerAnalysis],
    everywhere: Sequence[LayerAnalysis],
    selection: Selection,
    mark: Mark,
) -> list[LayerAnalysis]:
    """Return those of the rows that the selection's paths name, each of which names one at least;
    `everywhere`: with those that the selection's ends leave out.
    """
    nodes = _nodes(everywhere)
    chosen: set[int] = set()
    for path in selection.paths:
        matches = _matcher(path_of(path, nodes))
        found = [row.place for row in rows if matches(row.node.path)]
        if not found:
            where = "" if selection.aux else " on its main path"
            raise subjects.refuse(
                mark,
                f"{analysis.graph.network.name} has no layer `{path}`{where}",
                layer_hint(path, _nodes(rows), _prefixes(row.node.path for row in everywhere)),
            )
        chosen.update(found)
    return [row for row in rows if row.place in chosen]


def no_block(
    subjects: Subjects,
    analysis: Analysis,
    rows: Sequence[LayerAnalysis],
    block: str,
    mark: Mark,
) -> Exception:
    """Return the error of a block that none of these layers is in."""
    return subjects.refuse(
        mark,
        f"{analysis.graph.network.name} has no block `{block}`",
        nearest(block, _blocks(rows), "blocks"),
    )


def _blocks(rows: Sequence[LayerAnalysis]) -> set[str]:
    """Return the names of the blocks that these layers are in."""
    found = set()
    for row in rows:
        instance = row.node.instance
        while instance is not None:
            found.add(instance.block)
            instance = instance.parent
    return found - {""}


def _span(
    subjects: Subjects,
    analysis: Analysis,
    rows: list[LayerAnalysis],
    selection: Selection,
    mark: Mark,
) -> list[LayerAnalysis]:
    """Return the layers from `first` to `last`, both included."""
    begin, end = 0, len(rows)
    if selection.first:
        begin = _places(subjects, rows, selection.first, mark)[0]
    if selection.last:
        end = _places(subjects, rows, selection.last, mark)[-1] + 1
    if end <= begin:
        raise subjects.refuse(
            mark,
            f"`{selection.last}` is before `{selection.first}` in {analysis.graph.network.name}",
            "exchange `first` and `last`",
        )
    return rows[begin:end]


def _places(subjects: Subjects, rows: Sequence[LayerAnalysis], name: str, mark: Mark) -> list[int]:
    """Return where the layers of this name are, at least one."""
    matches = _matcher(path_of(name, _nodes(rows)))
    paths = [row.node.path for row in rows]
    places = [i for i, path in enumerate(paths) if matches(path)]
    if not places:
        raise subjects.refuse(
            mark,
            f"there is no layer `{name}` to begin or end with",
            layer_hint(name, _nodes(rows), _prefixes(paths)),
        )
    return places


def _nodes(rows: Iterable[LayerAnalysis]) -> list[Node]:
    return [row.node for row in rows]


def _prefixes(paths: Iterable[str]) -> set[str]:
    """Return these paths and those of the blocks they are in."""
    found: set[str] = set()
    for path in paths:
        parts = path.split(".")
        found.update(".".join(parts[: n + 1]) for n in range(len(parts)))
    return found


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Return the test whether a path is what a pattern names, or lies under it."""
    under = f"{pattern}."
    if set("*?[") & set(pattern):
        whole = f"{under}*"
        return lambda path: fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, whole)
    return lambda path: path == pattern or path.startswith(under)


def has(row: LayerAnalysis, settings: tuple[tuple[str, Any], ...]) -> bool:
    """Return whether a layer's op has all these settings; one that it does not know it lacks."""
    return all(setting_is(row, name, value) for name, value in settings)


def setting_is(row: LayerAnalysis, name: str, value: Any) -> bool:
    """Return whether a layer's op has this setting, written as in a spec.

    3 and 3x3 are the same kernel; `channels` is the number of its input's channels.
    """
    if value == "channels":
        value = row.node.facts.inputs[0][0]
    if name == "op":
        return bool(row.node.kind == value)
    declared = row.node.op.settings.get(name)
    if declared is None:
        return False
    given, window = getattr(row.node.op, name), row.node.op.sliding_window()
    if name == "stride" and window is not None:
        given = window.stride  # a pooling steps by its window where no stride is stated
    try:
        return bool(
            declared.kind.parse(list(value) if isinstance(value, tuple) else value) == given
        )
    except ValueError:
        return False
