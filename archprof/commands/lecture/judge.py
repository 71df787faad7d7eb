"""Statements to verdicts: what is stated beside what the analysis and the witnesses say, and why
they differ.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from archprof import units
from archprof.allowance import paused
from archprof.commands.lecture.document import (
    Claim,
    Combined,
    Every,
    Experiment,
    Law,
    Lecture,
    Modules,
    Order,
    Part,
    Quantity,
    Selection,
    Series,
    Stated,
    Statement,
    Subject,
    Term,
    Undecidable,
    leaves,
)
from archprof.commands.lecture.evaluate import (
    Answer,
    Said,
    Subjects,
    each,
    evaluate,
    select,
    setting_is,
    work_out,
)
from archprof.commands.lecture.figures import Figure, volume_text
from archprof.commands.lecture.quantities import QUANTITIES, Summed, fact
from archprof.commands.lecture.solver import ARITHMETIC, BY_HAND, plain, solve, solve_size
from archprof.commands.lecture.verdicts import (
    DIFFERS,
    HOLDS,
    NOT_RUN,
    ROUNDED,
    UNDECIDABLE,
    Verdict,
)
from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from archprof.problem import nearest

Run = Callable[[Experiment, Subjects], str]


class Witnesses(NamedTuple):
    """Who else is asked: per subject what torch and fvcore say, how experiments are run (None:
    torch is not there), and who is missing.
    """

    torch: Mapping[Subject, Said] = {}
    fvcore: Mapping[Subject, Said] = {}
    run: Run | None = None
    missing: tuple[str, ...] = ()


class Finding(NamedTuple):
    """One statement decided.

    `worked` is the hand formula with its numbers and result; texts are "" where they do not apply.
    """

    label: str
    stated: str
    worked: str
    analysis: str
    torch: str
    fvcore: str
    verdict: Verdict
    recorded: str

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the one the file expects; what could not be run is not held
        against it.
        """
        return (
            not self.recorded or self.recorded == self.verdict.word or self.verdict.word == NOT_RUN
        )


class Judged(NamedTuple):
    """A claim with what was found of each of its parts."""

    claim: Claim
    findings: tuple[Finding, ...]


def judge(lecture: Lecture, claim: Claim, subjects: Subjects, witnesses: Witnesses) -> Judged:
    """The claim decided. Raises ProblemError where it asks for what is not there."""
    stated = _figures(lecture, claim, subjects)
    return Judged(
        claim,
        tuple(
            _decide(part, subjects, witnesses, stated, claim.channels_last) for part in claim.parts
        ),
    )


def _figures(lecture: Lecture, claim: Claim, subjects: Subjects) -> dict[Term, tuple[str, Figure]]:
    """What the lecture's other claims state of what this one is about, the last of them where
    there are several.
    """
    if not subjects.stated:
        for other in lecture.claims.values():
            for of, figure in _stating(other):
                subjects.stated.setdefault(plain(of), {})[other.id] = figure
    found: dict[Term, tuple[str, Figure]] = {}
    for part in claim.parts:
        for term in (
            map(plain, leaves(part.statement.of)) if isinstance(part.statement, Stated) else ()
        ):
            by_claim = subjects.stated.get(term, {})
            last = next((name for name in reversed(by_claim) if name != claim.id), None)
            if last is not None:
                found[term] = last, by_claim[last]
    return found


def _stating(claim: Claim) -> Iterator[tuple[Term, Figure]]:
    """The figures that a claim states, each with what it is of."""
    for part in claim.parts:
        if isinstance(part.statement, Stated) and part.statement.figure:
            yield part.statement.of, part.statement.figure


def _decide(
    part: Part,
    subjects: Subjects,
    witnesses: Witnesses,
    stated: Mapping[Term, tuple[str, Figure]],
    channels_last: bool,
) -> Finding:
    statement = part.statement
    if isinstance(statement, Stated):
        return _stated(part, statement, subjects, witnesses, stated, channels_last)
    if isinstance(statement, Undecidable):
        return Finding(
            part.label, "", "", "", "", "", Verdict(UNDECIDABLE, statement.why), part.recorded
        )
    if isinstance(statement, Experiment):
        return _experiment(part, statement, subjects, witnesses)
    text, found, error = _structural(statement, subjects)
    return Finding(
        part.label,
        text,
        "",
        found,
        "",
        "",
        Verdict(DIFFERS, error) if error else Verdict(HOLDS),
        part.recorded,
    )


# --- values ---


def _stated(
    part: Part,
    statement: Stated,
    subjects: Subjects,
    witnesses: Witnesses,
    stated: Mapping[Term, tuple[str, Figure]],
    channels_last: bool,
) -> Finding:
    term = statement.of
    unit = _unit(term, statement.figure)

    def text(value: Answer | None) -> str:
        return "" if value is None else answer_text(value, unit, channels_last)

    value = evaluate(subjects, term)
    worked, result = "", None
    if statement.formula is not None:
        result = work_out(subjects, statement.formula)
        worked = worked_text(statement.formula.text, dict(statement.formula.numbers), result)
    analysis = text(value) or _apart(subjects, term)

    def says(who: Mapping[Subject, Said]) -> str:
        if not any(leaves(term)):  # of a bare number nobody is a witness
            return ""
        # which neither counts; what they do count is what lectures mean
        if isinstance(term, Quantity) and term.name == "flops":
            macs = evaluate(subjects, term._replace(name="macs"), None, who)
            return f"{text(macs)} MACs" if macs is not None else ""
        return text(evaluate(subjects, term, None, who))

    verdict = _verdict(statement, value, result, analysis, subjects, stated)
    return Finding(
        part.label,
        statement.text,
        worked,
        analysis,
        says(witnesses.torch),
        says(witnesses.fvcore),
        verdict,
        part.recorded,
    )


def _apart(subjects: Subjects, term: Term) -> str:
    """A quantity that is not the same in every block, block by block."""
    if not isinstance(term, Quantity):
        return "nothing"
    counts: dict[str, int] = {}
    for _, value in each(subjects, term):
        shown = "nothing" if value is None else answer_text(value, "", False)
        counts[shown] = counts.get(shown, 0) + 1
    return ", ".join(
        f"{value} in {n} of {sum(counts.values())} blocks" if term.each else value
        for value, n in counts.items()
    )


def _verdict(
    statement: Stated,
    value: Answer | None,
    result: Fraction | None,
    analysis: str,
    subjects: Subjects,
    stated: Mapping[Term, tuple[str, Figure]],
) -> Verdict:
    figure, term = statement.figure, statement.of
    if value is None:
        return Verdict(DIFFERS, f"it is {analysis}")
    if figure is None:
        if result is not None and result not in (statement.shape or ()):
            return Verdict(DIFFERS, f"its own formula gives {answer_text(result, '', False)}")
        if value == statement.shape:
            return Verdict(HOLDS)
        if isinstance(value, tuple) and _without_ones(value) == _without_ones(
            statement.shape or ()
        ):
            # 1x1x4096 of an fc layer, 2048 of a global pooling
            return Verdict(f"holds as {analysis}")
        answers = (
            solve_size(subjects, term, statement.shape or ())
            if isinstance(term, Quantity) and term.name == "shape"
            else []
        )
        return Verdict(DIFFERS, f"it is {analysis}", tuple(map(str, answers)))
    if isinstance(value, tuple):
        return Verdict(DIFFERS, f"it is {analysis}")
    exact = Fraction(value)
    if result is not None and not (
        figure.exactly(result) or figure.rounds(result) or figure.cuts(result)
    ):
        return Verdict(DIFFERS, f"its own formula gives {answer_text(result, '', False)}")
    if figure.exactly(exact):
        return Verdict(HOLDS)
    if figure.rounds(exact):
        return Verdict(ROUNDED)
    local = (
        isinstance(term, Quantity)
        and not isinstance(QUANTITIES[term.name], Summed)
        and term.name in ("height", "width")
    )
    answers = (
        solve_size(subjects, term, figure.value)
        if local and isinstance(term, Quantity)
        else solve(subjects, term, figure, stated)
    )
    if answers and answers[0].reading:
        return Verdict(f"holds as {answers[0]}", "", tuple(map(str, answers[1:])))
    return Verdict(
        DIFFERS,
        _off_by(term, figure, exact, answers[0].moves if answers else (), subjects),
        tuple(map(str, answers)),
    )


def _off_by(
    term: Term, figure: Figure, exact: Fraction, moves: tuple[str, ...], subjects: Subjects
) -> str:
    """How far off; of arithmetic by the convention that the likeliest cause counts by, which is
    what the lecture meant.
    """
    if (
        isinstance(term, Quantity) and not isinstance(QUANTITIES[term.name], Summed)
    ) or not figure.step:
        return f"it is {answer_text(exact, '', False)}"
    meant = next((name for name, label in ARITHMETIC.items() if label in moves), None)
    if meant is None and isinstance(term, Quantity) and term.name in ARITHMETIC and not moves:
        meant = _nearest(term, figure, exact, subjects)
    if isinstance(term, Quantity) and meant is not None:
        value = evaluate(subjects, term._replace(name=meant))
        if value and not isinstance(value, tuple):
            return (
                f"{off_by(figure.value, Fraction(value))} for {answer_text(value, '', False)}"
                f" {ARITHMETIC[meant]}"
            )
    return off_by(figure.value, exact)


def _nearest(term: Quantity, figure: Figure, exact: Fraction, subjects: Subjects) -> str | None:
    """The convention by which a figure that nothing reproduces is least wrong; None where it is
    not even half as wrong as the quantity asked for.
    """
    values = {name: evaluate(subjects, term._replace(name=name)) for name in BY_HAND}
    distances = {
        name: abs(figure.value - value)
        for name, value in values.items()
        if value and not isinstance(value, tuple)
    }
    name = min(distances, key=lambda n: distances[n], default=None)
    return name if name is not None and 2 * distances[name] < abs(figure.value - exact) else None


def _without_ones(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)


def off_by(stated: Fraction, exact: Fraction) -> str:
    """How far a stated figure is from the exact one."""
    if not exact:
        return f"stated {units.fraction(stated)}, exactly 0"
    share = float((stated - exact) / exact)
    if abs(share) < 10:
        return f"stated {abs(share):.1%} too {'high' if share > 0 else 'low'}"
    return (
        f"stated {float(stated / exact):{',.0f' if abs(share) < 10**6 else '.1e'}} times too high"
    )


def _unit(term: Term, figure: Figure | None) -> str:
    return (
        QUANTITIES[term.name].unit
        if isinstance(term, Quantity)
        else figure.unit
        if figure and figure.unit in ("x", "%")
        else ""
    )


def answer_text(value: Answer, unit: str, channels_last: bool) -> str:
    """A value for people: exact where it is whole, four digits where it is not."""
    if isinstance(value, tuple):
        return volume_text(value, channels_last)
    value = Fraction(value)
    if unit == "%":
        return f"{float(value):.2%}"
    text = (
        units.exact(int(value))
        if value.denominator == 1
        else f"{float(value):.4g}"
        if abs(value) < 10**4
        else f"{float(value):,.0f}"
    )
    return f"{text}x" if unit == "x" else text


def worked_text(formula: str, numbers: Mapping[str, int | float], result: Fraction) -> str:
    """A formula, with its numbers put in, and its result: (W - F)/S + 1 = (227 - 11)/4 + 1 = 55."""
    import re

    put_in = re.sub(r"[A-Za-z]\w*", lambda m: str(numbers.get(m[0], m[0])), formula)
    return " = ".join([formula] + [put_in] * (put_in != formula) + [answer_text(result, "", False)])


# --- structures ---


def _structural(statement: Statement, subjects: Subjects) -> tuple[str, str, str]:
    """What is stated, what is found, and what is wrong with it ("" where nothing is)."""
    if isinstance(statement, Order):
        return _order(statement, subjects)
    if isinstance(statement, Every):
        return _every(statement, subjects)
    if isinstance(statement, Modules):
        return _modules(statement, subjects)
    if isinstance(statement, Law):
        return _law(statement, subjects)
    if isinstance(statement, Series):
        return _series(statement, subjects)
    raise TypeError(type(statement).__name__)


_HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
}


def _order(statement: Order, subjects: Subjects) -> tuple[str, str, str]:
    sides = []
    for side in statement.sides:
        value = evaluate(subjects, side)
        if value is None or isinstance(value, tuple):
            return describe(statement), "nothing to compare", f"{term_text(side)} is no number"
        sides.append(Fraction(value))
    texts = [answer_text(side, "", False) for side in sides]
    pairs = itertools.pairwise(zip(texts, sides, strict=True))
    wrong = [
        f"{a} {statement.relation} {b} is not so"
        for (a, x), (b, y) in pairs
        if not _HOLDS[statement.relation](x, y)
    ]
    found = f" {statement.relation} ".join(texts) if not wrong else " against ".join(texts)
    return describe(statement), found, "; ".join(wrong)


def _every(statement: Every, subjects: Subjects) -> tuple[str, str, str]:
    analysis = subjects.analysis(statement.subject)
    rows = select(subjects, analysis, statement.selection, statement.mark)
    if not rows:
        return describe(statement), "no such layer", "there is no layer it could hold of"
    after = _followers(analysis.graph)
    places = {id(row.node): i for i, row in enumerate(analysis.layers)}
    wrong = []
    for row in rows:
        missing = [
            f"{k} is not {_plain(v)}" for k, v in statement.settings if not setting_is(row, k, v)
        ]
        if statement.ops and row.node.kind not in statement.ops:
            missing.append(f"is a {row.node.kind}")
        if statement.followed_by and not after[places[id(row.node)]] & set(statement.followed_by):
            missing.append(
                f"is followed by {' and '.join(sorted(after[places[id(row.node)]])) or 'nothing'}"
            )
        if missing:
            wrong.append(f"{row.node.path} {', '.join(missing)}")
    found = f"{len(rows) - len(wrong)} of {len(rows)}"
    return describe(statement), found, _some(wrong)


def _some(wrong: list[str]) -> str:
    """The first faults, and how many more there are."""
    return "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")


def _followers(graph: Graph) -> list[set[str]]:
    """By layer the ops that take its output."""
    after: list[set[str]] = [set() for _ in graph.nodes]
    for node in graph.nodes:
        for source in node.inputs:
            if source >= 0:
                after[source].add(node.kind)
    return after


def _modules(statement: Modules, subjects: Subjects) -> tuple[str, str, str]:
    analysis = subjects.analysis(statement.subject)
    rows = [
        row
        for row in analysis.layers
        if not statement.path
        or row.node.path == statement.path
        or row.node.path.startswith(f"{statement.path}.")
    ]
    if not rows:
        known = {
            path.rsplit(".", n)[0]
            for path in (row.node.path for row in analysis.layers)
            for n in range(path.count(".") + 1)
        }
        raise subjects.refuse(
            statement.mark,
            f"{analysis.graph.network.name} has no layer under `{statement.path}`",
            nearest(statement.path, known),
        )
    if statement.selection != Selection():
        within = statement.selection._replace(aux=statement.selection.aux or bool(statement.path))
        chosen = {id(row.node) for row in select(subjects, analysis, within, statement.mark)}
        rows = [row for row in rows if id(row.node) in chosen]
    found = ", ".join(row.node.kind for row in rows)
    for i, (row, entry) in enumerate(zip(rows, statement.entries, strict=False)):
        for name, value in entry:
            if not setting_is(row, name, value):
                have = row.node.kind if name == "op" else getattr(row.node.op, name, "none")
                return (
                    describe(statement),
                    found,
                    (
                        f"module {i}, {row.node.path}: {name} is {_plain(have)}, stated"
                        f" {_plain(value)}"
                    ),
                )
    if len(rows) != len(statement.entries):
        return describe(statement), found, f"{len(rows)} modules, stated {len(statement.entries)}"
    return describe(statement), found, ""


def _law(statement: Law, subjects: Subjects) -> tuple[str, str, str]:
    analysis = subjects.analysis(statement.subject)
    rows = select(subjects, analysis, statement.selection, statement.mark)
    wrong = []
    for row in rows:
        letters = {letter: fact(name, row, analysis) for letter, name in statement.names}
        gone = [name for letter, name in statement.names if letters[letter] is None]
        result = None if gone else work_out(subjects, statement.formula, letters)
        have = fact(statement.gives, row, analysis)
        if result is None or have is None or not _gives(result, have):
            numbers = dict(statement.formula.numbers) | letters
            shown = (
                f"{row.node.kind} has no {gone[0]}"
                if result is None
                else worked_text(statement.formula.text, numbers, result)
            )
            wrong.append(f"{row.node.path}: {shown}, it is {have}")
    if not rows:
        return describe(statement), "no such layer", "there is no layer it could hold of"
    return describe(statement), f"{len(rows) - len(wrong)} of {len(rows)} layers", _some(wrong)


def _gives(result: Fraction, have: object) -> bool:
    """Whether a formula gives what a layer has: a whole number exactly, a rate or a factor up to
    rounding.
    """
    return (
        math.isclose(result, have, rel_tol=1e-12)
        if isinstance(have, float)
        else bool(result == have)
    )


def _series(statement: Series, subjects: Subjects) -> tuple[str, str, str]:
    analysis = subjects.analysis(statement.subject)
    rows = select(subjects, analysis, statement.selection, statement.mark)
    values = [fact(statement.of, row, analysis) for row in rows]
    if len(values) < 2 or any(not isinstance(v, (int, float, Fraction)) for v in values):
        return (
            describe(statement),
            ", ".join(map(str, values)),
            "there are no two numbers to compare",
        )
    exact = [Fraction(v).limit_denominator(10**9) for v in values]
    pairs = list(itertools.pairwise(exact))
    steps = [b - a for a, b in pairs]
    holds = {
        "increasing": all(s > 0 for s in steps),
        "never falling": all(s >= 0 for s in steps),
        "decreasing": all(s < 0 for s in steps),
        "never rising": all(s <= 0 for s in steps),
        "constant": not any(steps),
        "linear": max(steps) - min(steps) <= Fraction(1, 10**6),
    }[statement.trend]
    shown = [answer_text(v, "", False) for v in exact]
    found = ", ".join(shown if len(shown) <= 8 else [*shown[:4], "…", *shown[-2:]])
    return describe(statement), found, "" if holds else f"not {statement.trend}"


# --- experiments ---


def _experiment(
    part: Part, statement: Experiment, subjects: Subjects, witnesses: Witnesses
) -> Finding:
    what = describe(statement)
    if witnesses.run is None:
        return Finding(
            part.label,
            statement.stated,
            what,
            "",
            "",
            "",
            Verdict(NOT_RUN, f"needs {', '.join(witnesses.missing) or 'torch'}"),
            part.recorded,
        )
    with paused():  # what torch takes is its own
        found = witnesses.run(statement, subjects)
    if found == statement.stated:
        verdict = Verdict(HOLDS)
    else:
        try:
            figure, value = Fraction(statement.stated), Fraction(found)
            decimals = len(statement.stated.partition(".")[2])
            close = abs(figure - value) <= Fraction(1, 2 * 10 ** min(decimals, 9))
            verdict = Verdict(ROUNDED) if close else Verdict(DIFFERS, off_by(figure, value))
        except ValueError:
            verdict = Verdict(DIFFERS, f"it is {found}")
    return Finding(part.label, statement.stated, what, "", found, "", verdict, part.recorded)


# --- statements as text ---


def term_text(term: Term) -> str:
    """A term for people: params of alexnet conv1."""
    if isinstance(term, Quantity):
        s = term.selection
        span = f"{s.first or 'start'}..{s.last or 'end'}" if s.first or s.last else ""
        where = " ".join(f"{k} {_plain(v)}" for k, v in s.where)
        rest = " ".join(
            filter(
                None,
                [
                    ", ".join(s.paths),
                    span,
                    "+".join(s.ops),
                    where,
                    f"in {s.block}" if s.block else "",
                    f"per {term.each}" if term.each else "",
                    "with auxiliary heads" if s.aux else "",
                ],
            )
        )
        at = f" at {units.shape(term.subject.input)}" if term.subject.input else ""
        more = "".join(
            [
                f" batch {term.subject.batch}" if term.subject.batch > 1 else "",
                f" {term.subject.dtype}" if term.subject.dtype != "float32" else "",
                *(f" {k}={_plain(v)}" for k, v in term.subject.values),
            ]
        )
        return (
            f"{term.name.replace('_', ' ')} of"
            f" {term.subject.network}{f' {rest}' if rest else ''}{at}{more}"
        )
    if isinstance(term, Combined):
        sign = {"ratio": " / ", "difference": " - ", "sum": " + ", "product": " * "}[term.how]
        return sign.join(
            (
                f"({term_text(part)})"
                if isinstance(part, Combined) and not _binds(part.how, term.how)
                else term_text(part)
            )
            for part in term.parts
        )
    return term.figure.text


def _binds(inner: str, outer: str) -> bool:
    """Whether a term inside another needs no brackets."""
    return (inner in ("product", "ratio") and outer in ("sum", "difference")) or (
        inner == outer and inner in ("sum", "product")
    )


def describe(statement: Statement) -> str:
    """What a statement says, in a line."""
    if isinstance(statement, Order):
        return f" {statement.relation} ".join(map(term_text, statement.sides))
    if isinstance(statement, Experiment):
        return f"{statement.name}: " + ", ".join(f"{k} {_plain(v)}" for k, v in statement.arguments)
    if isinstance(statement, Every):
        have = [f"{k} {_plain(v)}" for k, v in statement.settings] + list(statement.ops)
        return (
            f"every {_selected(statement.selection)} of {statement.subject.network}: "
            + ", ".join(
                have
                + (
                    [f"followed by {' or '.join(statement.followed_by)}"]
                    if statement.followed_by
                    else []
                )
            )
        )
    if isinstance(statement, Modules):
        return f"{len(statement.entries)} modules: " + ", ".join(
            str(dict(entry).get("op")) for entry in statement.entries
        )
    if isinstance(statement, Law):
        return (
            f"{statement.gives} = {statement.formula.text} for every"
            f" {_selected(statement.selection)} of {statement.subject.network}"
        )
    if isinstance(statement, Series):
        return (
            f"{statement.of.replace('_', ' ')} of {_selected(statement.selection)} of"
            f" {statement.subject.network}: {statement.trend}"
        )
    return statement.text if isinstance(statement, Stated) else ""


def _selected(s: object) -> str:
    paths, ops = getattr(s, "paths", ()), getattr(s, "ops", ())
    where = " ".join(f"{k} {_plain(v)}" for k, v in getattr(s, "where", ()))
    return " ".join(filter(None, [" or ".join(ops), " ".join(paths), where])) or "layer"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return (
        "x".join(map(str, value))
        if isinstance(value, tuple)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
