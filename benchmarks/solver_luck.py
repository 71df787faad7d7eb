"""How many arbitrary figures the convention solver explains, and how many planted slips it finds.

    python benchmarks/solver_luck.py

Arbitrary figures are all of two digits, and some of three and four, near a network's own number.
Planted ones are a network's number after a slip or by another convention, worked out here from
its layers; one is found where an explanation leads to the planted value.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from tabulate import tabulate

from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.claims.quantities import biases
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.search import solve
from archprof.problem import Mark

HERE = Mark("benchmark")
NETWORKS = ("alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "mobilenet_v2", "densenet121")
QUANTITIES = ("params", "macs")
EVERY = 5  # of a network's layers every fifth is left out, and every fifth counted twice
NEAR = Fraction(3, 10)
"""Arbitrary figures are within this share of the network's own number."""
OF_MORE_DIGITS = 40  # arbitrary figures of three and of four digits for each number


class Planted(NamedTuple):
    """A figure as printed after a slip or by a convention, and the value that it prints."""

    kind: str
    figure: PrintedFigure
    value: Fraction


class Tally(NamedTuple):
    """How many figures were asked about, and of how many there was an explanation."""

    asked: int
    explained: int


def number(value: Fraction, digits: int) -> str:
    """Return a value as a slide prints it, with so many digits: 13.6G."""
    power = (len(str(int(value))) - 1) // 3
    scaled = float(value) / 1000**power
    decimals = max(0, digits - len(str(int(scaled))))
    return f"{scaled:.{decimals}f}{' KMGT'[power].strip()}"


def printed(text: str) -> PrintedFigure:
    """Return the figure of a text that is one."""
    figure = parse_figure(text)
    if figure is None:
        raise ValueError(text)
    return figure


def arbitrary(exact: Fraction, digits: int) -> list[PrintedFigure]:
    """Return figures of so many digits near a number, but those that print it."""
    own = printed(number(exact, digits))
    units = int(exact / own.step)
    reach = int(units * NEAR)
    places = range(max(units - reach, 10 ** (digits - 1)), min(units + reach, 10**digits - 1) + 1)
    step = max(1, len(places) // OF_MORE_DIGITS) if digits > 2 else 1
    figures = [printed(number(place * own.step, digits)) for place in places[::step]]
    return [figure for figure in figures if not figure.rounds(exact)]


def planted(rows: list[LayerAnalysis], name: str) -> Iterator[tuple[str, Fraction]]:
    """Yield a network's number after each slip and by each convention of the benchmark."""
    parts = [row.params if name == "params" else row.known("macs") for row in rows]
    whole = Fraction(sum(parts))
    weighted = [part for part in parts if part]
    for part in weighted[::EVERY]:
        yield "a layer left out", whole - part
    for part in weighted[1::EVERY]:
        yield "a layer counted twice", whole + part
    linear = sum(part for row, part in zip(rows, parts, strict=True) if row.node.kind == "linear")
    yield "without the FC layers", whole - linear
    if name == "params":
        yield "without biases", whole - sum(map(biases, rows))
    else:
        yield "2 per MAC", 2 * whole
        yield "fvcore's count", Fraction(sum(row.known_by("fvcore") for row in rows))


def figures_of(value: Fraction, kind: str, digits: int) -> Iterator[Planted]:
    """Yield a value as it may be printed: rounded, and with two digits transposed."""
    text = number(value, digits)
    yield Planted(kind, printed(text), value)


def transposed(value: Fraction, digits: int) -> Iterator[Planted]:
    """Yield a value's digits with each two neighbours transposed."""
    text = number(value, digits)
    for i, j in itertools.pairwise(range(len(text))):
        if text[i].isdigit() and text[j].isdigit() and text[i] != text[j] and text[j] != "0":
            swapped = text[:i] + text[j] + text[i] + text[j + 1 :]
            yield Planted("two digits transposed", printed(swapped), value)


def measure(digits: int) -> tuple[Tally, dict[str, Tally]]:
    """Return how many arbitrary figures are explained, and of each kind of slip how many found."""
    subjects = Subjects(Lecture(Path("benchmark"), "", "", "benchmark", "", "", False, {}))
    asked = explained = 0
    kinds: dict[str, Tally] = {}
    for network, name in itertools.product(NETWORKS, QUANTITIES):
        term = Quantity(name, Subject(network, HERE), Selection(), HERE)
        exact = evaluate(subjects, term)
        if not isinstance(exact, int):
            continue
        for figure in arbitrary(Fraction(exact), digits):
            asked += 1
            explained += bool(solve(subjects, term, figure))
        rows = [row for row in subjects.analysis(term.subject).layers if not row.node.aux]
        cases = [
            case for kind, value in planted(rows, name) for case in figures_of(value, kind, digits)
        ]
        for case in (*cases, *transposed(Fraction(exact), digits)):
            if case.figure.rounds(Fraction(exact)):
                continue  # the slip does not show
            tally = kinds.get(case.kind, Tally(0, 0))
            found = any(answer.value == case.value for answer in solve(subjects, term, case.figure))
            kinds[case.kind] = Tally(tally.asked + 1, tally.explained + found)
    return Tally(asked, explained), kinds


def main() -> None:
    """Print the table."""
    rows = []
    for digits in (2, 3, 4):
        luck, kinds = measure(digits)
        rows.append([digits, "arbitrary", luck.asked, luck.explained, share(luck)])
        rows += [
            [digits, kind, tally.asked, tally.explained, share(tally)]
            for kind, tally in kinds.items()
        ]
    print(tabulate(rows, ["Digits", "Figures", "Asked", "Explained", "Share"]))


def share(tally: Tally) -> str:
    """Return the share that is explained."""
    return f"{tally.explained / tally.asked:.0%}" if tally.asked else ""


if __name__ == "__main__":
    main()
