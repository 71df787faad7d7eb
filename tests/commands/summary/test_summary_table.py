"""The summary of shipped networks of each kind at every width: nothing too long, nothing cut,
everything aligned.
"""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.summary.columns import COLUMNS, LAYOUTS, bar
from archprof.commands.summary.summary_table import summary_table
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.show.folding import rows
from archprof.show.table import Table, lines
from tests.networks import shared

WIDTHS = (60, 80, 120, 160)


def text(table: Table, width: int) -> list[str]:
    return ["".join(part for part, _ in line) for line in lines(table, width)]


@pytest.mark.parametrize("name", shared.OF_EACH_KIND)
def test_shipped(name: str) -> None:
    analysis = analyze(expand(find(name)))
    for width, full in [*((width, False) for width in WIDTHS), (80, True)]:
        table = summary_table(analysis, width, full=full)
        found = text(table, width)
        assert max(map(len, found)) <= width
        grid = aligned(found)
        numbers = [
            cell
            for row in table.rows
            for cell, column in zip(row, table.columns, strict=True)
            if column.right and cell
        ]
        assert set(" ".join(numbers).split()) <= set(" ".join(grid).split())
        # a long path at its front, and nothing else
        assert {line.rfind("…") for line in grid} <= {-1, 0}


def aligned(found: list[str]) -> list[str]:
    """The rows under the head, each as wide as the rule: cells begin and end where their heads
    do.
    """
    rules = [i for i, line in enumerate(found) if line and set(line) == {"─"}]
    head, grid = found[rules[0] - 1], [*found[rules[0] + 1 : rules[1]], found[rules[1] + 1]]
    assert {len(line) for line in (head, *grid)} == {len(found[rules[0]])}
    return grid


def test_a_folded_table_names_the_option_that_unfolds_it() -> None:
    """ResNet-50's blocks are rows, AlexNet's layers, and those of any network with `full`."""

    def labels(name: str, depth: int | None = None, full: bool = False) -> list[str]:
        return [
            label for label, _ in summary_table(analyze(expand(find(name))), 80, depth, full).notes
        ]

    folded = summary_table(analyze(expand(find("resnet50"))), 80).notes[0]
    assert folded == ("folded", "rows sum up the layers of a block; --full shows each layer")
    assert labels("alexnet", depth=1).count("folded") == 0
    assert "folded" not in labels("alexnet") + labels("resnet50", full=True)
    assert labels("vgg16", depth=1).count("folded") == 1


def test_wider_shows_more() -> None:
    analysis = analyze(expand(find("resnet50")), count="macs")
    counts = [len(summary_table(analysis, width).columns) for width in range(60, 200, 10)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (6, len(LAYOUTS[0]))


def sum_of(name: str, column: str) -> tuple[int, int]:
    table = summary_table(analyze(expand(find(name)), count="full"), 500, columns=("layer", column))
    return sum(row[1].value for row in table.rows[:-1]), table.rows[-1][1].value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "column",
    ["params", "buffers", "macs", "flops", "counted", "weights", "memory", "saved", "moved"],
)
@pytest.mark.parametrize("name", ["alexnet", "resnet50", "convnext_tiny"])
def test_folded_rows_add_up(name: str, column: str) -> None:
    found, total = sum_of(name, column)
    assert found == total


def test_every_column_of_every_layer_has_a_text() -> None:
    table = summary_table(
        analyze(expand(find("googlenet"))), 500, full=True, columns=tuple(COLUMNS)
    )
    assert all(isinstance(cell, str) for row in table.rows for cell in row)


def network(layers: str) -> Analysis:
    unit = "{params: {out: 4}, layers: {a: {op: conv2d, out: $out, kernel: 1}, b: {op: relu}}}"
    return analyze(
        expand(
            next(
                networks(
                    load_text(
                        f"name: net\ninput: 4x8x8\nblocks:\n  unit: {unit}\nlayers:\n{layers}\n"
                    )
                )
            )
        )
    )


@pytest.mark.parametrize(
    ("layers", "labels"),
    [
        ("  body: {block: unit, repeat: 30}", ["body.0-29 ×30"]),
        # the second block has other inputs
        (
            "  body: {block: unit, repeat: 30, first: {out: 8}}",
            ["body.0", "body.1", "body.2-29 ×28"],
        ),
        ("  body: {block: unit, repeat: 30, name: 'unit{$index + 1}'}", ["body.unit1-30 ×30"]),
        (
            (
                "  stem: {op: relu}\n  body: {block: unit, repeat: 25}\n  left: {block: unit}\n "
                " right: {block: unit}"
            ),
            ["stem", "body.0-24 ×25", "left-right ×2"],
        ),
    ],
)
def test_alike_blocks_are_one_row(layers: str, labels: list[str]) -> None:
    table = summary_table(network(layers), 200)
    assert [row[0] for row in table.rows[:-1]] == labels


@pytest.mark.parametrize("depth", [1, 2, 3, 9])
def test_depth(depth: int) -> None:
    found = rows(analyze(expand(find("resnet50"))).layers, depth, full=False)
    assert all(row.label.count(".") < depth for row in found)
    assert sum(len(row.layers) for row in found) == len(expand(find("resnet50")).nodes)


@pytest.mark.parametrize(
    ("part", "whole", "drawn"),
    [
        (0, 10, ""),
        (10, 0, ""),
        (10, 10, "██████"),
        (1, 10**6, "▏"),
        (5, 10, "███"),
        (41, 48, "█████▏"),
        (47, 48, "█████▉"),
    ],
)
def test_bar(part: int, whole: int, drawn: str) -> None:
    assert bar(part, whole) == drawn


def test_auxiliary_heads_are_quiet_and_share_nothing() -> None:
    table = summary_table(analyze(expand(find("googlenet"))), 120)
    heads = [i for i, row in enumerate(table.rows) if row[0].startswith("aux")]
    assert len(heads) == 2
    assert table.quiet == set(heads)
    share = next(i for i, column in enumerate(table.columns) if column.title == "Share")
    assert [table.rows[i][share] for i in heads] == ["", ""]


def test_rounded_windows_are_told_once_each() -> None:
    notes = [
        note
        for label, note in summary_table(analyze(expand(find("resnet18"))), 120).notes
        if label == "rounded"
    ]
    assert notes[0] == "conv1: (224 + 2*3 - 7)/2 + 1 = 112.5 -> 112"
    assert len(notes) == len(set(notes))
