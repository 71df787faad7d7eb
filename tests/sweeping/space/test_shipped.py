"""The shipped spaces: how large they are, that their points are networks, and that they have those
that were published.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import archprof
from archprof.language.find import shipped
from archprof.sweeping.in_full import in_full
from archprof.sweeping.space.axis import Axis, Choices, Steps
from archprof.sweeping.space.library import read_space, shipped_spaces
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space
from archprof.sweeping.totals import totals_of

PAGE = (Path(__file__).parents[3] / "docs" / "sweeps.md").read_text(encoding="utf-8")

SIZES = {
    "resnet": 8 * 8 * 40 * 8 * 7 * 4 * 9,
    "mobilenet_v2": 36 * 8 * 5 * (4 * 5 * 6 * 5 * 5 * 2),
    "efficientnet": 751 * 51 * 31,
    "regnet": 17 * 40 * 24_801 * 101 * 29 * 3 * 2,
    "once_for_all": 3**5 * 9**20 * 2 * 25,
    "convnext_roadmap": 4 * 3 * 2**4 * (3 * 5) * 17 * 5 * 10,
}


def test_sizes() -> None:
    """As the files say, axis by axis; each has a million points at least, and a row of the page."""
    assert {name: read_space(name).size() for name in shipped_spaces()} == SIZES
    assert min(SIZES.values()) >= 10**6
    for name, size in SIZES.items():
        assert read_space(name).name == name
        power = len(str(size)) - 1
        superscript = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
        assert row.endswith(f"| {size / 10**power:.1f} · 10{superscript} |")


@pytest.mark.parametrize("name", SIZES)
def test_points_are_networks_and_composed_as_in_full(name: str) -> None:
    """Of 3,000 random rows those that conditions leave, ten of each way that a network is built."""
    space = read_space(name).sampled(Sample("random", 10**6, 1))
    kept = 0
    for batch in space.variants(np.arange(3_000))[:8]:
        if batch.variants is None:
            assert batch.fault[0] == "where"
            continue
        kept += batch.variants.count
        found = totals_of(space.network, batch.variants, space.conditions)
        assert found.composed, found.refused
        assert not found.reasons.any(), found.faults
        rows = range(0, batch.variants.count, batch.variants.count // 10 + 1)
        full = in_full(space.network, batch.variants, space.conditions, rows)
        for total, numbers in full.totals.items():
            assert found.totals[total][list(rows)].tolist() == numbers.tolist(), total
    assert kept >= 100


def fixed(space: Space, values: dict[str, Any]) -> Space:
    """Return the space of one point, whose values are those of the space's axes."""

    def one(axis: Axis) -> Axis:
        value = values[axis.name]
        if isinstance(axis.values, Steps):
            step = (axis.values.high - axis.values.low) / (axis.values.count - 1)
            place = round((value - axis.values.low) / step)
            found = (axis.values.first + place * axis.values.step) / axis.values.over
            assert found == value
            assert axis.values.low <= value <= axis.values.high
        else:
            assert isinstance(axis.values, Choices)
            assert value in axis.values.values
        return axis.replaced(values=Choices((value,)))

    parameters = tuple(p.replaced(axes=tuple(map(one, p.axes))) for p in space.parameters)
    return space.replaced(parameters=parameters)


def totals_at(space: Space, values: dict[str, Any]) -> tuple[int, int]:
    """Return the parameters and the MACs of one point of a space."""
    (batch,) = fixed(space, values).variants(np.arange(1))
    assert batch.variants is not None, batch.fault
    found = totals_of(space.network, batch.variants, space.conditions)
    return int(found.totals["params"][0]), int(found.totals["macs"][0])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("regnet_x_400mf_paper", (22, 24, 24.48, 2.54, 16, 0.0)),
        ("regnet_x_32gf", (23, 320, 69.86, 2.0, 168, 0.0)),
        ("regnet_y_8gf_paper", (17, 192, 76.82, 2.19, 56, 0.25)),
        ("regnet_y_32gf", (20, 232, 115.89, 2.53, 232, 0.25)),
    ],
)
def test_published_regnets(name: str, values: tuple[float, ...]) -> None:
    names = ("depth", "w0", "wa", "wm", "group", "se_ratio")
    point = dict(zip(names, values, strict=True)) | {"ratio": 1.0}
    totals = archprof.load(name).analyze().totals
    assert totals_at(read_space("regnet"), point) == (totals.params, totals.macs)


def test_efficientnet_b2() -> None:
    """1.2 ** 1.02 is 1.204, 1.1 ** 1.02 is 1.102, and 224 * 1.15 ** 1.02 is 258.3: 260 pixels."""
    totals = archprof.load("efficientnet_b2", input="3x260x260").analyze().totals
    point = {"phi": 1.02, "alpha": 1.2, "beta": 1.1}
    assert totals_at(read_space("efficientnet"), point) == (totals.params, totals.macs)


def test_once_for_alls_largest() -> None:
    point: dict[str, Any] = {f"depths.{stage}": 4 for stage in range(5)}
    point |= {f"kernels.{block}": 7 for block in range(20)}
    point |= {f"expands.{block}": 6 for block in range(20)}
    totals = archprof.load("ofa_mbv3_largest").analyze().totals
    found = totals_at(read_space("once_for_all"), point | {"width": 1.0, "input": 224})
    assert found == (totals.params, totals.macs)


KINDS = {0: "bottleneck", 4: "depthwise", 6: "inverted", 7: "spatial_first"}
FEWER = {0: "none", 13: "activations", 14: "both"}
REACHES = {0: 3, 8: 5, 9: 7, 10: 9, 11: 11, 12: 7}
"""From which step of the roadmap on."""


def since(table: dict[int, Any], step: int) -> Any:
    """Return what a table has at a step."""
    return next(value for first, value in reversed(table.items()) if step >= first)


ROADMAP = [n.name for n in shipped() if n.name.startswith("roadmap_")]


@pytest.mark.parametrize("name", ROADMAP)
def test_every_step_of_the_roadmap(name: str) -> None:
    _, place, *_ = name.split("_")  # t16 is step 16 on the way to ConvNeXt-T
    step, large = int(place[1:]), place[0] == "b"
    first, later = ((3, 24, 36, 3), (3, 3, 27, 3)) if large else ((3, 4, 6, 3), (3, 3, 9, 3))
    widths = {0: 64, 2: 84, 5: 128} if large else {0: 64, 5: 96}
    depths = first if step < 2 else later
    point = {f"depths.{stage}": depth for stage, depth in enumerate(depths)} | {
        "kind": since(KINDS, step),
        "fewer": since(FEWER, step),
        "patchify": step >= 3,
        "norm": "layer_norm2d" if step >= 15 else "batch_norm2d",
        "act": "gelu" if step >= 12 else "relu",
        "separate": step >= 16,
        "width": since(widths, step),
        "reach": since(REACHES, step),
        "input": 224,
    }
    totals = archprof.load(name).analyze().totals
    assert totals_at(read_space("convnext_roadmap"), point) == (totals.params, totals.macs)
