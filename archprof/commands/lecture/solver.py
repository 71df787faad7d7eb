"""The convention solver: under which convention, or after which slip, a stated figure comes out to
its printed digits.

The space is small and declared: every move below has a name and a cost; combinations are tried from
the simplest on. What it finds must beat chance: moves of no more cost must not give most of the
figures near the printed one as well (chance.py).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.allowance import check
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import CONVENTIONS, LECTURE_LAYERS
from archprof.commands.lecture.chance import Chance, chances, swaps
from archprof.commands.lecture.document import Combined, Constant, Quantity, Term
from archprof.commands.lecture.evaluate import Subjects, combine, evaluate, select
from archprof.commands.lecture.figures import Figure
from archprof.commands.lecture.quantities import (
    QUANTITIES,
    Number,
    Summed,
    biases,
    bytes_each,
    fact,
)
from archprof.ops import OPS
from archprof.ops.base import Shape, ShapeError
from archprof.problem import Mark, ProblemError

MAX_COST, MAX_ANSWERS, MAX_LAYERS = 4, 6, 400
REACHES = {"network": 0, "namesakes": 1, "family": 3}
"""How far the solver looks, and what the first step there costs: it goes further only where
nothing nearer gives the figure.
"""
KEPT = 16  # terms whose steps are kept
SIDES = (224, 227, 256, 299)
"""Input sizes that lectures mix up."""

ARITHMETIC = {
    {"macs": "macs", "full": "flops"}.get(name, f"flops_{name}"): convention.called
    for name, convention in CONVENTIONS.items()
}
"""Quantities that are all called FLOPs, one for each convention of `--count`, and what each is
called.
"""

BY_HAND = ("macs", "flops", "flops_torch", "flops_lecture")
"""Those that people add up, and may slip; a tool's count is printed by the tool."""

_TOOLS = frozenset(label for name, label in ARITHMETIC.items() if name not in BY_HAND)

NORMS = tuple(
    name
    for name, op in OPS.items()
    if op.family == "normalization"
    and name not in ("rms_norm", "global_response_norm", "global_response_norm2d")
)
"""The norms that courses teach."""

LEFT_OUT: dict[str, dict[str, tuple[str, ...]]] = {
    "params": {
        "FC layers": ("linear",),
        "norms": NORMS,
    },
    "arithmetic": {"FC layers": ("linear",)},
    "outputs": {"pooling": tuple(name for name, op in OPS.items() if op.family == "pooling")},
}
"""Kinds of layers that a figure may leave out."""


class Answer(NamedTuple):
    """One way to the stated figure: the moves, whether they are readings alone (no slip), what they
    cost, the exact value, and its chance.

    `chance` is None for the size of a layer, which has no figures near it. `also` are other
    readings of the same value, at the same cost.
    """

    moves: tuple[str, ...]
    reading: bool
    cost: int
    value: Fraction | Shape
    chance: Chance | None = None
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(self.moves)


class _Step(NamedTuple):
    """A value reached from a quantity by some moves; `counted`: it is arithmetic, which has
    several conventions.
    """

    moves: tuple[str, ...]
    reading: bool
    cost: int
    value: Fraction
    counted: bool = False


class Search(NamedTuple):
    """What reproduces a figure and beats chance, simplest first; where nothing does, the
    `chance` of the simplest that reproduces it, if any.
    """

    answers: list[Answer]
    chance: Chance | None = None


def solve(
    subjects: Subjects,
    term: Term,
    figure: Figure,
    stated: Mapping[Term, tuple[str, Figure]] | None = None,
) -> list[Answer]:
    """The answers of `search`."""
    return search(subjects, term, figure, stated).answers


def search(
    subjects: Subjects,
    term: Term,
    figure: Figure,
    stated: Mapping[Term, tuple[str, Figure]] | None = None,
) -> Search:
    """What reproduces the figure to its printed digits; `stated` are other claims' figures by what
    they are of.

    The fewer digits a figure has, the fewer moves are allowed: chance alone would meet it. Raises
    ProblemError where the term has no value.
    """
    most = min(MAX_COST, max(2, len(figure.digits().lstrip("0"))) if figure.step else MAX_COST)
    least_chance = None
    for reach, least in REACHES.items():
        if least > most:
            break
        steps = sorted(_steps(subjects, term, stated or {}, reach, most), key=lambda s: s.cost)
        found = _matching(figure, steps, most)
        if not found:
            continue
        by_cost = chances(figure, ((s.value, s.counted, s.cost) for s in steps), most)
        better = [a._replace(chance=by_cost[a.cost]) for a in found if by_cost[a.cost].beaten()]
        if better:
            return Search(_simplest(better))
        least_chance = least_chance or by_cost[found[0].cost]
    return Search([], least_chance)


def _matching(figure: Figure, steps: Sequence[_Step], most: int) -> list[Answer]:
    """The steps whose values give the figure's digits, cheapest first, readings before slips."""
    found: dict[tuple[str, ...], Answer] = {}
    for step in steps:
        for label, reading, cost in _prints(figure, step.value, step.counted):
            moves = (*step.moves, label) if label else step.moves
            if moves and step.cost + cost <= most:
                found.setdefault(
                    moves, Answer(moves, step.reading and reading, step.cost + cost, step.value)
                )
    return sorted(found.values(), key=lambda a: (a.cost, not a.reading))


def _simplest(answers: list[Answer]) -> list[Answer]:
    """Answers of the least cost and one above; without those that only add moves to another, or
    give another's value by another name.
    """
    kept: list[Answer] = []
    for answer in answers:
        if answer.cost > answers[0].cost + (not answers[0].reading):
            break
        if not any(
            set(other.moves) < set(answer.moves)
            or other.value == answer.value
            or _alike(other, answer)
            for other in kept
        ):
            kept.append(
                answer._replace(
                    also=tuple(str(other) for other in answers if _same_reading(answer, other))
                )
            )
    return kept[:MAX_ANSWERS]


def _same_reading(one: Answer, other: Answer) -> bool:
    """Whether another answer is a reading of the same value and as simple, as timm counts a
    ResNet like fvcore.
    """
    return (
        other.moves != one.moves
        and one.reading
        and other.reading
        and (other.value, other.cost) == (one.value, one.cost)
    )


def _alike(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same slip in two counts of arithmetic."""
    slips = [
        tuple(move for move in answer.moves if move not in ARITHMETIC.values())
        for answer in (one, other)
    ]
    return slips[0] == slips[1] != ()


def _prints(figure: Figure, value: Fraction, counted: bool) -> Iterator[tuple[str, bool, int]]:
    """How a value may have come to be printed so: label, whether that is a reading, cost.

    Nobody counts arithmetic in powers of 1024.
    """
    if figure.exactly(value) or figure.rounds(value):
        yield "", True, 0
        return
    if (
        figure.power
        and not counted
        and (scaled := figure.scaled(1024 if figure.base == 1000 else 1000)).rounds(value)
    ):
        yield f"{figure.text} in powers of {scaled.base}", True, 1
    if figure.step and figure.cuts(value):
        yield "cut off", True, 1
    if value > 0 and (found := transposed(figure, value)):
        yield f"two digits transposed ({found} would be right)", False, 2


def transposed(figure: Figure, value: Fraction) -> str:
    """The digits that were meant, where swapping two neighbours of the stated ones gives them;
    "" where none does.
    """
    digits = figure.digits()
    meant = figure.printed(value)
    if len(digits) < 3 or len(meant) != len(digits):
        return ""
    return meant if meant in swaps(digits) else ""


def _steps(
    subjects: Subjects, term: Term, stated: Mapping[Term, tuple[str, Figure]], reach: str, most: int
) -> Iterator[_Step]:
    """Every value within reach of a term by moves that cost no more than `most`."""
    if isinstance(term, Constant):
        yield _Step((), True, 0, term.figure.value)
        return
    if isinstance(term, Combined):
        most = min(most, MAX_COST - 1)
        sides = [
            sorted(_steps(subjects, part, stated, reach, most), key=lambda s: s.cost)
            for part in term.parts
        ]
        for chosen in _within(sides, most):
            value = combine(term.how, [s.value for s in chosen]) if _counted_alike(chosen) else None
            if value is not None:
                moves = tuple(
                    f"{move} (of {_called(part)})"
                    for part, s in zip(term.parts, chosen, strict=True)
                    for move in s.moves
                )
                yield _Step(
                    moves,
                    all(s.reading for s in chosen),
                    sum(s.cost for s in chosen),
                    value,
                    any(s.counted for s in chosen),
                )
        return
    if (key := plain(term)) in stated:
        claim, figure = stated[key]
        yield _Step((f"with the {figure.text} that {claim} states",), False, 1, figure.value)
    yield from _reached(subjects, term, key, reach, most)


def _reached(
    subjects: Subjects, term: Quantity, key: Term, reach: str, most: int
) -> Sequence[_Step]:
    """The steps from a quantity; lectures state many figures of the same, so the latest are
    kept.
    """
    place = key, reach, most
    if place not in subjects.reached:
        check()
        if len(subjects.reached) >= KEPT:
            subjects.reached.clear()
        subjects.reached[place] = list(_of_quantity(subjects, term, reach, most))
    return subjects.reached[place]


def _counted_alike(chosen: Sequence[_Step]) -> bool:
    """Whether what is put together is counted by one convention: nobody divides FLOPs by MACs."""
    counts = {
        tuple(move for move in step.moves if move in ARITHMETIC.values())
        for step in chosen
        if step.counted
    }
    return len(counts) <= 1


def _called(term: Term) -> str:
    return term.subject.network if isinstance(term, Quantity) else "the figure"


def plain(term: Term) -> Term:
    """The term without the places it stands at, so that equal ones are equal."""
    if isinstance(term, Quantity):
        return term._replace(mark=Mark(""), subject=term.subject._replace(mark=Mark("")))
    return (
        Combined(term.how, tuple(plain(p) for p in term.parts))
        if isinstance(term, Combined)
        else term
    )


def _within(sides: list[list[_Step]], most: int) -> Iterator[tuple[_Step, ...]]:
    """One step of each side, together no dearer than `most`."""
    if not sides:
        yield ()
        return
    for step in sides[0]:
        if step.cost > most:
            return
        for rest in _within(sides[1:], most - step.cost):
            yield (step, *rest)


def _of_quantity(subjects: Subjects, term: Quantity, reach: str, most: int) -> Iterator[_Step]:
    """The quantity as asked for; counted otherwise; with other layers, another variant, another
    input.
    """
    quantity = QUANTITIES[term.name]
    value = evaluate(subjects, term)
    if value is None or isinstance(value, tuple):
        return
    yield _Step((), True, 0, Fraction(value), term.name in ARITHMETIC)
    if not isinstance(quantity, Summed) or quantity.unit in ("layers", "connections") or term.each:
        return
    base = subjects.analysis(term.subject)
    for label, reading, cost, analysis, chosen in _scenes(subjects, term, base, reach, most):
        try:
            rows = select(subjects, analysis, chosen.selection, term.mark)
        except ProblemError:  # another variant without these layers
            continue
        yield from _counted(
            chosen,
            rows,
            analysis,
            _Step((label,) if label else (), reading, cost, Fraction(0), term.name in ARITHMETIC),
            most,
        )


def _scenes(
    subjects: Subjects, term: Quantity, base: Analysis, reach: str, most: int
) -> Iterator[tuple[str, bool, int, Analysis, Quantity]]:
    """The network as it is and with its auxiliary heads; further off its namesakes and other
    inputs; furthest the rest of its family.
    """
    yield "", True, 0, base, term
    if not term.selection.aux and any(node.aux for node in base.graph.nodes):
        yield (
            "with the auxiliary heads",
            True,
            1,
            base,
            term._replace(selection=term.selection._replace(aux=True)),
        )
    network = base.graph.network
    if reach == "network":
        return
    for other in network.siblings if network.as_specified() else ():
        # resnet34_a of resnet34: what the lecture may well have meant
        namesake = other.startswith(network.name)
        if other != network.name and (namesake or reach == "family"):
            subject = term.subject._replace(network=other)
            if (analysis := _analysed(subjects, subject)) is not None:
                yield (
                    f"for {other}",
                    namesake,
                    1 if namesake else 3,
                    analysis,
                    term._replace(subject=subject),
                )
    if len(base.graph.input) == 3 and term.name not in (
        "params",
        "weights",
        "biases",
        "weight_bytes",
    ):
        for side in SIDES:
            if (side, side) != base.graph.input[1:] and side * 2 > base.graph.input[1]:
                subject = term.subject._replace(input=(base.graph.input[0], side, side))
                if (analysis := _analysed(subjects, subject)) is not None:
                    yield (
                        f"at an input of {side}x{side}",
                        False,
                        2,
                        analysis,
                        term._replace(subject=subject),
                    )


def _analysed(subjects: Subjects, subject: object) -> Analysis | None:
    try:
        return subjects.analysis(subject)  # type: ignore[arg-type]
    except ProblemError:  # a network that cannot be built so
        return None


def _counted(
    term: Quantity, rows: list[LayerAnalysis], analysis: Analysis, scene: _Step, most: int
) -> Iterator[_Step]:
    """The same layers by every convention, and with layers left out or counted twice."""
    for label, free, price, parts in _conventions(term, rows, analysis):
        cost, total = scene.cost + price, Fraction(sum(parts))
        if cost > most:
            continue
        here = scene._replace(
            moves=(*scene.moves, label) if label else scene.moves,
            reading=scene.reading and free,
            cost=cost,
            value=total,
        )
        if here.moves:
            yield here
        if label in _TOOLS:
            yield from _as_a_mean(rows, parts, here, most)
            continue
        kind = (
            "arithmetic"
            if term.name in ARITHMETIC
            else "outputs"
            if term.name in ("elements", "output_bytes")
            else "params"
        )
        for what, ops in LEFT_OUT[kind].items():
            out = sum(part for row, part in zip(rows, parts, strict=True) if row.node.kind in ops)
            if 0 < out < total and cost + 1 <= most:
                yield here._replace(
                    moves=(*here.moves, f"without the {what}"),
                    reading=False,
                    cost=cost + 1,
                    value=total - out,
                )
        if cost + 2 <= most and len(rows) <= MAX_LAYERS:
            yield from _misses(rows, parts, here)


def _conventions(
    term: Quantity, rows: list[LayerAnalysis], analysis: Analysis
) -> Iterator[tuple[str, bool, int, list[Number]]]:
    """What each layer gives, as asked and by other conventions."""

    def parts(name: str) -> list[Number]:
        return [fact(name, row, analysis) for row in rows]

    own, itemsize = parts(term.name), bytes_each(analysis)
    yield "", True, 0, own
    if term.name in ARITHMETIC:
        for name, label in ARITHMETIC.items():
            if name != term.name:
                # what lectures call FLOPs are MACs
                yield label, True, int((term.name, name) != ("flops", "macs")), parts(name)
    elif term.name == "params":
        yield (
            "without biases",
            True,
            1,
            [part - biases(row) for part, row in zip(own, rows, strict=True)],
        )
    elif term.name in ("elements", "output_bytes"):
        pooled, bare = _only(rows, own, LECTURE_LAYERS), _only(rows, own, ("conv2d", "linear"))
        source = (
            math.prod(analysis.graph.input)
            * analysis.batch
            * (1 if term.name == "elements" else itemsize)
        )
        yield "outputs of conv, pool and fc alone", True, 1, pooled
        yield "outputs of conv and fc alone", True, 1, bare
        yield (
            "outputs of conv, pool and fc, and the input",
            True,
            2,
            [pooled[0] + source, *pooled[1:]] if pooled else [],
        )
        if term.name == "output_bytes":
            for size, label in (
                (1, "1 byte per element"),
                (2, "2 bytes per element"),
                (8, "8 bytes per element"),
            ):
                yield label, True, 1, [part * Fraction(size, itemsize) for part in own]


def _only(rows: list[LayerAnalysis], parts: list[Number], ops: Collection[str]) -> list[Number]:
    return [part if row.node.kind in ops else 0 for row, part in zip(rows, parts, strict=True)]


def _as_a_mean(
    rows: list[LayerAnalysis], parts: list[Number], whole: _Step, most: int
) -> Iterator[_Step]:
    """A tool's count of a network that takes the average over all pixels as x.mean(), which most
    tools do not see.
    """
    pooled = sum(
        part
        for row, part in zip(rows, parts, strict=True)
        if row.node.kind == "adaptive_avg_pool2d"
    )
    if pooled and whole.cost < most:
        yield whole._replace(
            moves=(*whole.moves, "its average pooling a mean"),
            cost=whole.cost + 1,
            value=whole.value - pooled,
        )


def _misses(rows: list[LayerAnalysis], parts: list[Number], whole: _Step) -> Iterator[_Step]:
    """One layer left out, one counted twice; layers that give the same are named together."""
    alike: dict[Number, list[str]] = {}
    for row, part in zip(rows, parts, strict=True):
        if part:
            alike.setdefault(part, []).append(row.node.path)
    for part, paths in itertools.islice(alike.items(), MAX_LAYERS):
        named = (
            paths[0]
            if len(paths) == 1
            else f"one of {', '.join(paths[:4])}{', …' if len(paths) > 4 else ''}"
        )
        if len(alike) > 1 or len(paths) > 1:
            yield whole._replace(
                moves=(*whole.moves, f"without {named}"),
                reading=False,
                cost=whole.cost + 2,
                value=whole.value - part,
            )
        yield whole._replace(
            moves=(*whole.moves, f"{named} counted twice"),
            reading=False,
            cost=whole.cost + 2,
            value=whole.value + part,
        )


# --- sizes of one layer ---


def solve_size(subjects: Subjects, term: Quantity, stated: Fraction | Shape) -> list[Answer]:
    """What gives one layer the stated size or shape: another input, another padding, rounding
    up, another variant; simplest first.
    """
    base = subjects.analysis(term.subject)
    found = []
    if len(base.graph.input) == 3:
        for side in SIDES:
            if (side, side) != base.graph.input[1:]:
                subject = term.subject._replace(input=(base.graph.input[0], side, side))
                analysis = _analysed(subjects, subject)
                if (
                    analysis is not None
                    and (value := evaluate(subjects, term._replace(subject=subject))) == stated
                ):
                    found.append(Answer((f"at an input of {side}x{side}",), False, 1, value))  # type: ignore[arg-type]
    rows = select(subjects, base, term.selection, term.mark)
    if rows:
        found += _reshaped(term, rows[-1], stated)
    network = base.graph.network
    for other in network.siblings if network.as_specified() else ():
        subject = term.subject._replace(network=other)
        if other != network.name and _analysed(subjects, subject) is not None:
            try:
                value = evaluate(subjects, term._replace(subject=subject))
            except ProblemError:  # a variant without that layer
                continue
            if value == stated:
                found.append(Answer((f"for {other}",), True, 2, value))  # type: ignore[arg-type]
    return sorted(found, key=lambda a: a.cost)[:MAX_ANSWERS]


def _reshaped(term: Quantity, row: LayerAnalysis, stated: Fraction | Shape) -> Iterator[Answer]:
    """The layer alone, its input as it is, with other settings."""
    op = row.node.op
    if "padding" not in op.settings:
        return
    given = {name: _spelled(value) for name, value in op.given().items() if value is not None}
    here = op.given().get("padding", (0, 0))
    changes = [(f"with padding {p}", {"padding": p}) for p in range(4) if here not in (p, (p, p))]
    changes += (
        [("rounded up, not down", {"ceil_mode": True})]
        if "ceil_mode" in op.settings and not op.given().get("ceil_mode", False)
        else []
    )
    for label, change in changes:
        try:
            shape = type(op)(**{**given, **change}).output_shape(*row.node.facts.inputs)
        except (ShapeError, ValueError):
            continue
        value = (
            shape if term.name == "shape" else shape[{"height": 1, "width": 2}.get(term.name, 0)]
        )
        if value == stated:
            yield Answer((label,), False, 1, value if isinstance(value, tuple) else Fraction(value))


def _spelled(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
