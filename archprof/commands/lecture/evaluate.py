"""A claim's terms to numbers: networks found once, layers selected, quantities worked out; the
same over what a witness says.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis, analyze
from archprof.commands.lecture.document import (
    Combined,
    Constant,
    Formula,
    Lecture,
    Quantity,
    Selection,
    Subject,
    Term,
)
from archprof.commands.lecture.figures import Figure
from archprof.commands.lecture.quantities import (
    QUANTITIES,
    Last,
    Number,
    Summed,
    by_block,
    bytes_each,
)
from archprof.language.confined import VARIABLE, project, within
from archprof.language.expand import expand
from archprof.language.find import find, find_shipped
from archprof.language.functions import ExpressionError
from archprof.language.kinds import parse_shape
from archprof.language.loader import DISK, inline, load_file
from archprof.language.network import Network, names, networks
from archprof.language.override import override
from archprof.language.text import neighbour, with_lines
from archprof.language.value import Value
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, Problem, ProblemError, closest, nearest

Answer = Number | Shape


class Said(NamedTuple):
    """What a witness says of a network's layers: values by (quantity, path)."""

    values: Mapping[tuple[str, str], Answer]


class Subjects:
    """The networks that a file of claims speaks of, each found and analysed once.

    Their files lie in the project that the claims stand in, unless who asks has named them: then
    `anywhere`.
    """

    def __init__(
        self,
        lecture: Lecture,
        anywhere: bool = False,
        shared: dict[tuple[Any, ...], Analysis] | None = None,
    ):
        """`shared` keeps analyses for other lectures that speak of the same networks."""
        self.lecture, self.anywhere = lecture, anywhere
        # of each term what each claim says, when the first was judged
        self.stated: dict[Term, dict[str, Figure]] = {}
        self.reached: dict[tuple[Term, str, int], list[Any]] = {}  # the solver's steps from a term
        self._found: dict[str, Network] = {}
        self._named: dict[tuple[Any, ...], Analysis] = {}
        self._analyses = {} if shared is None else shared

    def network(self, subject: Subject) -> Network:
        """The network meant, its conditions put in.

        Raises ProblemError at the place that names it.
        """
        try:
            found = self._found.get(subject.network) or self._found.setdefault(
                subject.network, self._find(subject.network)
            )
            values = {k: _thawed(v) for k, v in subject.values}
            return override(found, values, subject.input) if values or subject.input else found
        except ProblemError as error:
            raise self._placed(error, subject.mark, "") from None

    def _placed(self, error: ProblemError, mark: Mark, name: str) -> ProblemError:
        """The problems of a network, at the place in the claims that speaks of it where they
        have none of their own, else with it in their chain.
        """
        link = (f"network {name} ({mark.file}:{mark.line})",) if name and mark.line else ()
        placed = [
            (
                Problem(
                    p.mark,
                    p.rule,
                    p.message,
                    p.hint,
                    p.chain if p.mark.file == mark.file else (*link, *p.chain),
                    p.source_line,
                )
                if p.mark.line
                else Problem(mark, p.rule, p.message, p.hint, p.chain)
            )
            for p in error.problems
        ]
        return ProblemError(with_lines(placed, {self.lecture.file: self.lecture.text}))

    def _find(self, name: str) -> Network:
        stated = self.lecture.networks.get(name)
        if stated is None:
            return self._outside(name)
        data: dict[str, Value] = stated.data
        if "spec" in data:
            return inline(
                data["spec"], name, self.lecture.path, self.lecture.file, self.lecture.text
            )
        try:
            values = {
                k: v.plain() for k, v in (data["set"].data or {} if "set" in data else {}).items()
            }
            return override(
                self._outside(data["network"].data, name),
                values,
                parse_shape(data["input"].plain()) if "input" in data else None,
            )
        except ProblemError as error:
            raise self._placed(error, data["network"].mark, "") from None

    def _outside(self, name: str, own: str = "") -> Network:
        """A shipped network, or one of a file: a path from the claims on, or PATH:VARIANT."""
        path = name.partition(":")[0]
        try:
            if not self.anywhere and (path.endswith((".yaml", ".yml")) or "/" in path):
                return self._of_file(*name.split(":", 1))
            return find(name) if self.anywhere else find_shipped(name)
        except ProblemError as error:
            near = closest(name, self.lecture.networks.keys() - {own})
            raise ProblemError(
                [
                    Problem(
                        p.mark, p.rule, p.message, f"did you mean `{near}`?" if near else p.hint
                    )
                    for p in error.problems
                ]
            ) from None

    def _of_file(self, path: str, variant: str = "") -> Network:
        beside = self.lecture.path.parent / path
        if not within(beside, self.lecture.path):
            message = f"`{path}` leads out of the project {project(self.lecture.path.parent)}"
            raise ProblemError(
                [
                    Problem(
                        Mark(path),
                        "network",
                        message,
                        f"copy the file into it, or set {VARIABLE} to the folder it is in",
                    )
                ]
            )
        if not DISK.is_file(beside):
            raise ProblemError(
                [
                    Problem(
                        Mark(path),
                        "network",
                        f"there is no file `{path}` beside the claims",
                        neighbour(beside),
                    )
                ]
            )
        found = list(networks(load_file(beside, path)))
        known = (
            [n for n in found if variant in names(n)]
            if variant
            else [n for n in found if n.variant is None or len(found) == 1]
        )
        if not known:
            message = (
                f"{path} has no network `{variant}`"
                if variant
                else f"{path} has {'several networks' if found else 'no network, blocks only'}"
            )
            hint = (
                (
                    nearest(variant, [n.name for n in found])
                    if variant
                    else f"name one: {path}:{found[0].name}"
                )
                if found
                else ""
            )
            raise ProblemError([Problem(Mark(path), "network", message, hint)])
        return known[0]

    def analysis(self, subject: Subject) -> Analysis:
        """Its numbers. Raises ProblemError."""
        conditions = (subject.batch, subject.dtype, subject.optimizer)
        name = (subject.network, subject.input, subject.values, *conditions)
        if name not in self._named:
            network = self.network(subject)
            key = (network.mark, network.name, repr(network.overrides), network.input, *conditions)
            if key not in self._analyses:
                graph = expand(network)
                if graph.problems:
                    raise self._placed(ProblemError(graph.problems), subject.mark, subject.network)
                self._analyses[key] = analyze(
                    graph, subject.batch, subject.dtype, "macs", subject.optimizer
                )
            self._named[name] = self._analyses[key]
        return self._named[name]

    def refuse(self, mark: Mark, message: str, hint: str = "") -> ProblemError:
        """A claim that cannot be worked out."""
        return ProblemError(
            with_lines(
                [Problem(mark, "claim", message, hint)], {self.lecture.file: self.lecture.text}
            )
        )


def select(
    subjects: Subjects, analysis: Analysis, selection: Selection, mark: Mark
) -> list[LayerAnalysis]:
    """The layers meant, in order of execution. Raises ProblemError where a name fits none."""
    rows = [row for row in analysis.layers if selection.aux or not row.node.aux]
    if selection.block and not by_block(rows, selection.block):
        raise subjects.refuse(
            mark,
            f"{analysis.graph.network.name} has no block `{selection.block}`",
            nearest(selection.block, _blocks(rows), "blocks"),
        )
    paths = [row.node.path for row in rows]
    if selection.first or selection.last:
        first = _place(subjects, paths, selection.first, 0, mark) if selection.first else 0
        last = (
            _place(subjects, paths, selection.last, -1, mark) if selection.last else len(rows) - 1
        )
        if last < first:
            raise subjects.refuse(
                mark,
                f"`{selection.last}` stands before `{selection.first}` in"
                f" {analysis.graph.network.name}",
                "exchange `first` and `last`",
            )
        rows = rows[first : last + 1]
    if selection.paths:
        for path in selection.paths:
            if not any(_matches(row.node.path, path) for row in rows):
                raise subjects.refuse(
                    mark,
                    f"{analysis.graph.network.name} has no layer"
                    f" `{path}`{' on its main path' if not selection.aux else ''}",
                    nearest(path, {p for full in paths for p in _prefixes(full)}),
                )
        rows = [
            row for row in rows if any(_matches(row.node.path, path) for path in selection.paths)
        ]
    if selection.ops:
        rows = [row for row in rows if row.node.kind in selection.ops]
    if selection.block:
        rows = [row for group in by_block(rows, selection.block) for row in group]
    return [row for row in rows if has(row, selection.where)]


def _blocks(rows: Sequence[LayerAnalysis]) -> set[str]:
    """The names of the blocks that layers stand in."""
    found = set()
    for row in rows:
        instance = row.node.instance
        while instance is not None:
            found.add(instance.block)
            instance = instance.parent
    return found - {""}


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _place(subjects: Subjects, paths: Sequence[str], name: str, end: int, mark: Mark) -> int:
    places = [i for i, path in enumerate(paths) if _matches(path, name)]
    if not places:
        raise subjects.refuse(
            mark,
            f"there is no layer `{name}` to begin or end with",
            nearest(name, {p for full in paths for p in _prefixes(full)}),
        )
    return places[end]


def _matches(path: str, pattern: str) -> bool:
    """Whether a path is what a pattern names, or stands under it."""
    if set("*?[") & set(pattern):
        return fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, f"{pattern}.*")
    return path == pattern or path.startswith(f"{pattern}.")


def has(row: LayerAnalysis, settings: tuple[tuple[str, Any], ...]) -> bool:
    """Whether a layer's op has these settings; one it does not know it has not."""
    return all(setting_is(row, name, value) for name, value in settings)


def setting_is(row: LayerAnalysis, name: str, value: Any) -> bool:
    """Whether the layer's op has this setting, as a spec would write it: 3 and 3x3 are the same
    kernel; `channels` is its input's.
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
        given = window.stride  # a pooling steps by its window where nothing is said
    try:
        return bool(
            declared.kind.parse(list(value) if isinstance(value, tuple) else value) == given
        )
    except ValueError:
        return False


def evaluate(
    subjects: Subjects,
    term: Term,
    said: Said | None = None,
    subject_said: Mapping[Subject, Said] | None = None,
) -> Answer | None:
    """The value of a term; by what witnesses say of each network where `subject_said` is given,
    None where they say nothing of it.

    Raises ProblemError where the term asks for layers that are not there, or for one number where
    blocks differ.
    """
    if isinstance(term, Constant):
        return term.figure.value
    if isinstance(term, Combined):
        values = [evaluate(subjects, part, said, subject_said) for part in term.parts]
        if any(value is None or isinstance(value, tuple) for value in values):
            return None
        return combine(term.how, [Fraction(v) for v in values])  # type: ignore[arg-type]
    if subject_said is not None:
        said = subject_said.get(term.subject._replace(mark=Mark("")))
        if said is None:
            return None
    values = [v for _, v in each(subjects, term, said)]
    return values[0] if len(set(values)) == 1 else None


def each(
    subjects: Subjects, term: Quantity, said: Said | None = None
) -> list[tuple[str, Answer | None]]:
    """The quantity, or one per block of the name it asks for, with where each stands."""
    analysis = subjects.analysis(term.subject)
    quantity = QUANTITIES[term.name]
    if not isinstance(quantity, (Summed, Last)):
        return [("", _said_whole(term, said) if said else quantity.of(analysis))]
    rows = select(subjects, analysis, term.selection, term.mark)
    if term.each:
        inside = [row for row in analysis.layers if not row.node.aux]
        homes = by_block(inside, term.each)
        if not homes:
            raise subjects.refuse(
                term.mark,
                f"{analysis.graph.network.name} has no block `{term.each}`",
                nearest(term.each, _blocks(inside), "blocks"),
            )
        chosen = {id(row.node) for row in rows}
        groups = [
            (home[0].node.path, [row for row in home if id(row.node) in chosen]) for home in homes
        ]
    else:
        groups = [("", rows)]
    return [(where, _value(quantity, term, group, analysis, said)) for where, group in groups]


def _value(
    quantity: Summed | Last,
    term: Quantity,
    rows: list[LayerAnalysis],
    analysis: Analysis,
    said: Said | None,
) -> Answer | None:
    if term.name == "own_params":
        rows = [row for row in rows if row.node.path in term.selection.paths]
        return sum(row.params for row in rows) if said is None else None
    if said is None:
        if isinstance(quantity, Last):
            return quantity.of(rows[-1], analysis) if rows else None
        total: Number = sum((quantity.of(row, analysis) for row in rows), start=0)
        return total
    if isinstance(quantity, Last):
        return _said_last(term.name, rows[-1].node.path, said) if rows else None
    if term.name in ("elements", "output_bytes"):
        return _said_elements(term, rows, analysis, said)
    values = [said.values.get((term.name, row.node.path)) for row in rows]
    numbers = [
        Fraction(value) for value in values if value is not None and not isinstance(value, tuple)
    ]
    if len(numbers) < len(values):
        return None
    return sum(numbers, start=Fraction(0)) * (
        1 if term.name in ("params", "buffers") else term.subject.batch
    )


def _said_last(name: str, path: str, said: Said) -> Answer | None:
    if name == "field":
        return said.values.get(("field", path))
    shape = said.values.get(("shape", path))
    if not isinstance(shape, tuple) or name == "shape":
        return shape
    if name == "channels":
        return shape[0] if len(shape) == 3 else shape[-1]
    return shape[{"height": 1, "width": 2}[name]] if len(shape) == 3 else None


def _said_elements(
    term: Quantity, rows: list[LayerAnalysis], analysis: Analysis, said: Said
) -> Number | None:
    shapes = [said.values.get(("shape", row.node.path)) for row in rows]
    known = [math.prod(shape) for shape in shapes if isinstance(shape, tuple)]
    if len(known) < len(shapes):
        return None
    return (
        sum(known) * analysis.batch * (bytes_each(analysis) if term.name == "output_bytes" else 1)
    )


def _said_whole(term: Quantity, said: Said) -> Answer | None:
    return said.values.get((term.name, ""))


def combine(how: str, values: Sequence[Fraction]) -> Fraction | None:
    """Values put together; None for a ratio to nothing."""
    if how == "ratio":
        return values[0] / values[1] if values[1] else None
    if how == "difference":
        return values[0] - values[1]
    result = Fraction(how == "product")
    for value in values:
        result = result * value if how == "product" else result + value
    return result


def work_out(
    subjects: Subjects, formula: Formula, letters: Mapping[str, Any] | None = None
) -> Fraction:
    """A hand calculation's result. Raises ProblemError where it has none."""
    try:
        value = formula.expression({**dict(formula.numbers), **(letters or {})})
    except ExpressionError as error:
        raise subjects.refuse(formula.mark, f"`{formula.text}`: {error}", error.hint) from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise subjects.refuse(
            formula.mark, f"`{formula.text}` gives {shown(value)}, expected a number"
        )
    return Fraction(value).limit_denominator(10**12)


def _thawed(value: Any) -> Any:
    return [_thawed(v) for v in value] if isinstance(value, tuple) else value
