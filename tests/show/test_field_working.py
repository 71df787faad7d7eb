"""The working of receptive fields: of every layer of shipped networks, and by hand where no
closed form will do.
"""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.analysis.receptive import sights
from archprof.commands.summary.explain_tables import contents_data, contents_table
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.show.field_working import Step, field_steps
from archprof.show.working import steps
from tests.commands.summary.test_explain_tables import value
from tests.networks import shared
from tests.small import graph_of

FIELDS = re.compile(r"field (size|jump|start)(, (height|width))?")


def distinct(analysis: Analysis) -> list[int]:
    """One layer for each op with its shapes and what it sees: equal layers have equal workings."""
    graph, seen = analysis.graph, analysis.sights
    kinds = {
        (id(node.facts), seen[i], *(seen[s] if s >= 0 else None for s in node.inputs)): i
        for i, node in enumerate(graph.nodes)
    }
    return list(kinds.values())


@pytest.mark.parametrize("name", shared.OF_EACH_KIND)
def test_every_layer_of_a_network_of_each_kind(name: str) -> None:
    analysis = analyze(expand(find(name)))
    for index in distinct(analysis):
        for step in steps(analysis, index):
            assert step.result, (analysis.layers[index].node.path, step)
            if step.numbers and FIELDS.fullmatch(step.quantity):
                assert value(step.numbers) == Fraction(step.result.replace(",", "")), (
                    analysis.layers[index].node.path,
                    step,
                )


def working(layers: dict[str, str], side: int) -> list[tuple[str, ...]]:
    analysis = analyze(graph_of(layers, (4, side, side)))
    return [
        tuple(step)
        for step in steps(analysis, len(analysis.layers) - 1)
        if FIELDS.fullmatch(step.quantity)
    ]


STEM = {"a": "op: conv2d, out: 4, kernel: 3, padding: 1, stride: 2"}  # size 3, jump 2, start -1


@pytest.mark.parametrize(
    ("layers", "side", "expected"),
    [
        # 3 + 2*2*2, 2*3, -1 - 2*2
        (
            STEM | {"b": "op: conv2d, out: 4, kernel: 3, padding: 2, dilation: 2, stride: 3"},
            32,
            [
                ("field size", "size + (K - 1) * D * jump", "3 + (3 - 1) * 2 * 2", "11"),
                ("field jump", "jump * S", "2 * 3", "6"),
                ("field start", "start - P * jump", "-1 - 2 * 2", "-5"),
            ],
        ),
        # 16 pixels in windows of 3 by 2: one more, below
        (
            STEM | {"b": "op: pad_same, kernel: 3, stride: 2"},
            32,
            [
                ("field size", "as its input", "", "3"),
                ("field jump", "as its input", "", "2"),
                ("field start", "start - padding before * jump", "-1 - 0 * 2", "-1"),
            ],
        ),
        # 15 pixels: two more, one of them above: -1 - 2
        (
            STEM | {"b": "op: pad_same, kernel: 3, stride: 2"},
            29,
            [
                ("field size", "as its input", "", "3"),
                ("field jump", "as its input", "", "2"),
                ("field start", "start - padding before * jump", "-1 - 1 * 2", "-3"),
            ],
        ),
        (
            STEM | {"b": "op: pad, sides: [-2, 0, -2, 0]"},
            32,
            [
                ("field size", "as its input", "", "3"),
                ("field jump", "as its input", "", "2"),
                ("field start", "start - padding before * jump", "-1 - (-2) * 2", "3"),
            ],
        ),
        (
            STEM | {"b": "op: slice, dim: 1, start: 3", "c": "op: slice, dim: 2, start: 3"},
            32,
            [
                ("field size, height", "as its input", "", "3"),
                ("field jump, height", "", "", "2"),
                ("field start, height", "", "", "5"),
                ("field size, width", "size + (K - 1) * jump", "3 + (1 - 1) * 2", "3"),
                ("field jump, width", "jump * S", "2 * 1", "2"),
                ("field start, width", "start - P * jump", "-1 - (-3) * 2", "5"),
            ],
        ),
        (
            {"a": "op: adaptive_avg_pool2d, size: 5"},
            7,  # windows 0-1, 1-2, 2-4, 4-5, 5-6
            [
                (
                    "field size",
                    "last - first pixel + 1 of unit 2, which reads 2 to 4",
                    "4 - 2 + 1",
                    "3",
                ),
                ("field jump", "first pixel of unit 4 - of unit 0, per unit", "(5 - 0)/4", "1.25"),
                ("field start", "", "", "0"),
            ],
        ),
        # unit 2 reads copies of units 0 and 1
        (
            STEM | {"b": "op: interpolate, factor: 3", "c": "op: conv2d, out: 4, kernel: 2"},
            32,
            [
                (
                    "field size",
                    "last - first pixel + 1 of unit 2, which reads 2 to 3",
                    "3 - (-1) + 1",
                    "5",
                ),
                ("field jump", "pixels from one period to the next / units in it", "2/3", "2/3"),
                ("field start", "", "", "-1"),
            ],
        ),
        # 3 + 4*2 = 11 from -1 - 2*2
        (
            STEM | {"b": "op: conv2d, out: 4, kernel: 5, padding: 2", "c": "op: add, from: [b, a]"},
            32,
            [
                (
                    "field size",
                    "the union of its inputs, at unit 0",
                    "max(5, 1) - min(-5, -1) + 1",
                    "11",
                ),
                ("field jump", "", "", "2"),
                ("field start", "", "", "-5"),
            ],
        ),
    ],
)
def test_by_hand(layers: dict[str, str], side: int, expected: list[tuple[str, ...]]) -> None:
    assert working(layers, side) == expected


def test_what_sees_nothing_or_everything_says_so() -> None:
    layers = {
        "p": "op: parameter, size: [4, 8, 8]",
        "a": "op: add, from: [input, p]",
        "g": "op: adaptive_avg_pool2d, size: 1",
    }
    parameter, added, pooled = sights(graph := graph_of(layers, (4, 8, 8)))
    assert field_steps(graph.nodes[0], [], parameter) == [
        Step("field size", "", "", "nothing: it does not depend on the input")
    ]
    assert field_steps(graph.nodes[2], [added], pooled) == [
        Step("field size", "", "", "everything along this axis")
    ]


def test_what_there_is_to_explain() -> None:
    analysis = analyze(expand(find("resnet18")))
    table = contents_table(analysis, "resnet18")
    assert [row[0] for row in table.rows[:6]] == [
        "conv1",
        "bn1",
        "relu",
        "maxpool",
        "layer1.0-1 ×2",
        "layer2.0",
    ]
    assert table.notes == [
        ("layer", "archprof explain resnet18 conv1"),
        ("block", "archprof explain resnet18 layer1.0: its layers and their sums"),
    ]
    data = contents_data(analysis)
    assert data["blocks"][:3] == ["layer1", "layer1.0", "layer1.1"]
    assert len(data["layers"]) == len(analysis.layers)
