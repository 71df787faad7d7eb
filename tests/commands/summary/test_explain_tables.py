"""The working of every layer: it fits, and what it says can be worked out again."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.summary.explain_tables import (
    block_table,
    board,
    working_data,
    working_table,
)
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.show.table import lines
from archprof.show.working import steps
from tests.small import graph_of

NETWORKS = ["alexnet", "resnet18", "googlenet", "convnext_tiny", "vit_b_16"]


def value(text: str) -> Fraction:
    """The number a working's text comes to."""
    code = text.replace("bytes", "").replace("images", "")
    assert re.fullmatch(r"[\d\s+*/()\-.,a-z]*", code), text
    found = eval(
        re.sub(r"(?<![\w.])(\d+)", r"F(\1)", code),
        {
            "F": Fraction,
            "floor": math.floor,
            "ceil": math.ceil,
            "min": min,
            "max": max,
            "sqrt": math.isqrt,
        },
    )
    return Fraction(found)


@pytest.mark.parametrize("name", NETWORKS)
def test_working_at_every_width(name: str) -> None:
    analysis = analyze(expand(find(name)), batch=2)
    for width in (60, 80, 120, 160):
        for index, row in enumerate(analysis.layers):
            found = ["".join(part for part, _ in line) for line in board(analysis, index, width)]
            assert max(map(len, found)) <= width, row.node.path
            assert not any(line.rstrip().endswith("=") for line in found)
        for block in {row.node.path.rpartition(".")[0] for row in analysis.layers} - {""}:
            found = [
                "".join(part for part, _ in line)
                for line in lines(block_table(analysis, block), width)
            ]
            assert max(map(len, found)) <= width, block


def test_working_ends_in_the_result() -> None:
    """Each quantity once, its result at the end of its lines, the numbers of the analysis among
    them.
    """
    analysis = analyze(expand(find("alexnet")))
    results: dict[str, str] = {}
    for line in board(analysis, 0, 80):
        label, sign, rest = "".join(part for part, _ in line).partition("= ")
        if sign:
            results[label.strip() or list(results)[-1]] = rest.rpartition(" = ")[2]
    assert results == {
        "channels": "96",
        "height": "55",
        "width": "55",
        "params": "34,944",
        "MACs": "105,415,200",
        "FLOPs": "211,120,800",
        # the input, 3*227*227*4
        "output bytes": "1,161,600 (1.11 MiB)",
        "weight bytes": "139,776 (136 KiB)",
        "saved bytes": "618,348 (604 KiB)",
        "intensity": "109.97 FLOPs per byte",
        "field size": "11",
        "field jump": "4",
        "field start": "0",
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_come_to_the_result(name: str) -> None:
    analysis = analyze(expand(find(name)))
    worked = 0
    for index, row in enumerate(analysis.layers):
        for step in working_data(analysis, index):
            if not step["numbers"] or step["quantity"] == "intensity":  # which is rounded
                continue
            result = re.match(r"[-\d,/.]+", step["result"])
            assert result, (row.node.path, step)
            assert value(step["numbers"]) == Fraction(result[0].replace(",", "")), (
                row.node.path,
                step,
            )
            worked += 1
    assert worked > 2 * len(analysis.layers)


# TensorFlow's SAME, https://www.tensorflow.org/api_docs/python/tf/nn
@pytest.mark.parametrize(
    ("layer", "formula", "numbers", "result"),
    [
        (
            "op: pad_same, kernel: 3, stride: 2",
            "H + max((ceil(H/S) - 1)*S + K - H, 0)",
            "15 + max((ceil(15/2) - 1)*2 + 3 - 15, 0)",
            "17",
        ),
        (
            "op: pad_same, kernel: 3, dilation: 2",
            "H + max((ceil(H/S) - 1)*S + (K - 1)*D + 1 - H, 0)",
            "15 + max((ceil(15/1) - 1)*1 + (3 - 1)*2 + 1 - 15, 0)",
            "19",
        ),  # 14 + 5 - 15 = 4
        (
            "op: pad_same, kernel: 1, stride: 2",
            "H + max((ceil(H/S) - 1)*S + K - H, 0)",
            "15 + max((ceil(15/2) - 1)*2 + 1 - 15, 0)",
            "15",
        ),
    ],
)
def test_padding_for_a_window_says_where_its_pixels_come_from(
    layer: str, formula: str, numbers: str, result: str
) -> None:
    height, width = steps(analyze(graph_of({"x": layer}, (4, 15, 15))), 0)[:2]
    assert height == ("height", formula, numbers, result)
    assert width == ("width", formula.replace("H", "W"), numbers, result)


@pytest.mark.parametrize(
    ("layer", "note"),
    [
        (
            "op: conv2d, out: 8, kernel: 3, groups: 4",
            "4 groups of 1 input channel, each convolved on its own: depthwise",
        ),
        (
            "op: conv2d, out: 8, kernel: 3, groups: 2",
            "2 groups of 2 input channels, each convolved on its own",
        ),
        (
            "op: conv_transpose2d, out: 8, kernel: 3, groups: 4",
            "4 groups of 1 input channel, each convolved on its own: depthwise",
        ),
        ("op: conv2d, out: 8, kernel: 3", None),
        ("op: group_norm, groups: 2", None),
        ("op: max_pool2d, kernel: 2", None),
    ],
)
def test_what_g_is(layer: str, note: str | None) -> None:
    table = working_table(analyze(graph_of({"x": layer}, (4, 15, 15))), 0)
    assert dict(table.notes).get("g") == note


def test_a_number_that_is_the_result_is_said_once() -> None:
    """1,280 channels are `out`, not `out = 1280 = 1,280`."""
    analysis = analyze(graph_of({"x": "op: conv2d, out: 1280, kernel: 1"}, (4, 2, 2)))
    assert steps(analysis, 0)[0] == ("channels", "out", "", "1,280")
    texts = ["".join(part for part, _ in line).split() for line in board(analysis, 0, 80)]
    assert ["channels", "=", "out", "=", "1,280"] in texts
