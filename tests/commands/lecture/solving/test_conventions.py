"""What each layer gives by the conventions that people count by, whole."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.conventions import Count, conventions
from archprof.problem import Mark
from tests.small import graph_of

# 3x4x4 to 2x2x2, and 2x1x1 behind the pooling
LAYERS = {
    "conv": "op: conv2d, out: 2, kernel: 3",
    "bn": "op: batch_norm2d",
    "relu": "op: relu",
    "pool": "op: max_pool2d, kernel: 2",
    "flat": "op: flatten",
    "fc": "op: linear, out: 5",
}
ANALYSIS = analyze(graph_of(LAYERS, (3, 4, 4)), batch=2, dtype="float16")


def subjects() -> Subjects:
    return Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))


def quantity(name: str) -> Quantity:
    return Quantity(name, Subject("net", Mark("")), Selection(), Mark(""))


def counts(name: str, most: int, rows: int = len(LAYERS)) -> list[Count]:
    layers = list(ANALYSIS.layers[:rows])
    return list(conventions(subjects(), quantity(name), layers, ANALYSIS, most))


def test_parameters() -> None:
    """(3*3*3 + 1)*2, two for each channel, and (2 + 1)*5."""
    own = Count("", 0, [56, 4, 0, 0, 0, 15])
    assert counts("params", 0) == [own]
    assert counts("params", 1) == [
        own,
        Count("without biases", 1, [54, 2, 0, 0, 0, 10]),
        Count("weights of conv and fc alone", 1, [54, 0, 0, 0, 0, 10]),
    ]


def test_outputs() -> None:
    """Of two images, whose pixels are 2*3*4*4."""
    pooled, kept, source = [16, 0, 0, 4, 0, 10], [16, 16, 0, 4, 4, 10], 96
    expected = [
        Count("", 0, [16, 16, 16, 4, 4, 10]),
        Count("outputs of conv, pool and fc alone", 1, pooled),
        Count("outputs of conv and fc alone", 1, [16, 0, 0, 0, 0, 10]),
        Count("outputs of conv alone", 1, [16, 0, 0, 0, 0, 0]),
        Count("activations in place", 1, kept),
        Count("outputs of conv, pool and fc, and the input", 2, [16 + source, *pooled[1:]]),
        Count("activations in place, and the input", 2, [16 + source, *kept[1:]]),
    ]
    assert counts("elements", 2) == expected
    assert counts("elements", 0) == expected[:1]
    # of no layer there is nothing that an input could be added to
    assert [count.called for count in counts("elements", 2, 0)] == [
        count.called for count in expected[:5]
    ]
    own = [2 * part for part in expected[0].parts]
    assert counts("output_bytes", 2) == [
        *(one._replace(parts=[2 * part for part in one.parts]) for one in expected),
        Count("1 byte per element", 1, [Fraction(part, 2) for part in own]),
        Count("2 bytes per element", 1, own),
        Count("8 bytes per element", 1, [4 * part for part in own]),
    ]


@pytest.mark.parametrize(("name", "most", "called"), [("flops", 0, ["MACs"]), ("macs", 0, [])])
def test_arithmetic(name: str, most: int, called: list[str]) -> None:
    """What lectures call FLOPs are MACs; all else costs 1."""
    assert [count.called for count in counts(name, most)] == ["", *called]
    others = {label for other, label in ARITHMETIC.items() if other != name}
    found = {count.called: count.cost for count in counts(name, 1)[1:]}
    assert found == {label: int(label not in called) for label in others}


def test_what_everybody_counts_alike() -> None:
    assert counts("layers", 2) == [Count("", 0, [1] * 6)]


def test_what_layers_give_is_worked_out_once() -> None:
    shared, layers = subjects(), list(ANALYSIS.layers)
    first, second, others = (
        [one.parts for one in conventions(shared, quantity("macs"), rows, ANALYSIS, 1)]
        for rows in (layers, layers, layers[:1])
    )
    assert all(one is two for one, two in zip(first, second, strict=True))
    assert [len(parts) for parts in others] == [1] * len(first)
