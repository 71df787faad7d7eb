"""What the rules of buffers make: by hand, by the formulas of their sources."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from archprof.model.compile import build
from archprof.model.constants import position_encoding2d
from archprof.ops.buffer_rules import RULES
from tests.small import graph_of


def made(settings: str) -> Tensor:
    graph = graph_of({"x": f"op: buffer, {settings}"}, (4, 4), "[input, x]")
    return build(graph).get_buffer("x")


@pytest.mark.parametrize(
    ("settings", "values"),
    [
        ("size: [2, 2], values: [1, 2, 3, 4]", [[1.0, 2.0], [3.0, 4.0]]),
        ("values: [[1], [2]], dtype: int64", [[1], [2]]),
        ("size: [2], values: 0.5, batched: true", [[0.5, 0.5]]),
        ("size: [3], rule: arange, start: 1, step: 0.5", [1.0, 1.5, 2.0]),
        ("size: [3], rule: arange, start: 2, step: 3, dtype: int64", [2, 5, 8]),
        ("size: [3], rule: linspace, start: -1", [-1.0, 0.0, 1.0]),
        ("size: [1, 2], rule: zeros", [[0.0, 0.0]]),
        ("size: [2], rule: ones, dtype: int64", [1, 1]),
        # (1 2 1)/4 by (1 2 1)/4, for each of two channels
        (
            "size: [2, 1, 3, 3], rule: binomial",
            [[[[k / 16 for k in row] for row in ([1, 2, 1], [2, 4, 2], [1, 2, 1])]]] * 2,
        ),
    ],
)
def test_values_by_hand(settings: str, values: list[object]) -> None:
    tensor = made(settings)
    assert tensor.tolist() == values
    assert tensor.dtype == (torch.int64 if "int64" in settings else torch.float32)


def test_relative_coordinates_are_swin_v2s() -> None:
    """Equation 4: sign(x) log2(1 + |x|)/log2(8) of coordinates from -8 to 8."""
    table = made("size: [5, 3, 2], rule: relative_coordinates, batched: true")
    assert table.shape == (1, 5, 3, 2)
    for i, row in enumerate((-2, -1, 0, 1, 2)):
        for j, column in enumerate((-1, 0, 1)):
            x = (row / 2 * 8, column * 8)
            expected = [math.copysign(math.log2(1 + abs(c)) / math.log2(8), c) for c in x]
            assert table[0, i, j].tolist() == pytest.approx(expected, abs=1e-6)


def test_sincos_is_the_transformers() -> None:
    table = made("size: [3, 6], rule: sincos, temperature: 100")
    for token in range(3):
        for i in range(3):
            angle = token / 100 ** (2 * i / 6)
            expected = [math.sin(angle), math.cos(angle)]
            assert table[token, 2 * i : 2 * i + 2].tolist() == pytest.approx(expected, abs=1e-6)


def test_sincos_2d_is_that_of_masked_autoencoders() -> None:
    table = made("size: [2, 3, 8], rule: sincos_2d")
    for row in range(2):
        for column in range(3):
            angles = [[place / 10_000 ** (i / 2) for i in range(2)] for place in (column, row)]
            waves = [[list(map(f, a)) for f in (math.sin, math.cos)] for a in angles]
            expected = [n for of_place in waves for part in of_place for n in part]
            assert table[row, column].tolist() == pytest.approx(expected, abs=1e-6)


def test_fourier_2d_is_edgenexts() -> None:
    table = made("size: [8, 2, 3], rule: fourier_2d")
    for row in range(2):
        for column in range(3):
            circle = [2 * math.pi * (row + 1) / 2, 2 * math.pi * (column + 1) / 3]
            periods = [10_000 ** (2 * i / 4) for i in range(2)]
            expected = [f(c / p) for c in circle for p in periods for f in (math.sin, math.cos)]
            assert table[:, row, column].tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("height", "width", "channels"), [(2, 3, 8), (7, 9, 64), (24, 40, 48)])
def test_position_encoding2d_is_timms_to_the_last_bit(
    height: int, width: int, channels: int
) -> None:
    """Against the steps of timm.models.edgenext.PositionalEncodingFourier (1.0.31), which are of
    the whole map; archprof's are of a row and a column.
    """
    there, hidden = torch.ones(1, height, width), channels // 2
    places = [there.cumsum(dim, dtype=torch.float32) for dim in (1, 2)]
    last = places[0][:, -1:, :], places[1][:, :, -1:]
    circles = [p / (end + 1e-6) * (2 * math.pi) for p, end in zip(places, last, strict=True)]
    numbers = torch.arange(hidden, dtype=torch.int64).to(torch.float32)
    periods = 10_000.0 ** (2 * torch.div(numbers, 2, rounding_mode="floor") / hidden)
    angles = [circle[..., None] / periods for circle in circles]
    waves = [
        torch.stack((a[..., 0::2].sin(), a[..., 1::2].cos()), dim=4).flatten(3) for a in angles
    ]
    expected = torch.cat(waves, dim=3).permute(0, 3, 1, 2)
    image = torch.zeros(1, 3, height, width)
    assert torch.equal(position_encoding2d(image, channels, 10_000.0), expected)


def test_every_rule_is_tried_here() -> None:
    said = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in RULES if f"rule: {name}" not in said] == []


def test_the_guide_has_every_rule() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "reference" / "language.md").read_text("utf-8")
    for name, rule in RULES.items():
        settings = ", ".join(f"`{setting}`" for setting in rule.settings)
        assert f"| `{name}` | {rule.wants} | {settings} | {rule.about} |" in guide
