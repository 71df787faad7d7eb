"""Networks as points."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import CANVASES
from archprof.draw.scatter import Candidate, scatter_picture, value
from archprof.draw.shapes import Symbol
from tests.draw.pictures import assert_sound, labels, shapes, tips

ONE = Candidate("one", "A", 1_000_000, 1_000_000_000, 10, 1e-3, 70.0, "us")
TWO = Candidate("two", "B", 10_000_000, 10_000_000_000, 20, 4e-3, 80.0, "us")
FREE = Candidate("none", "B", 5, 5, 5)


@pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)
def test_points_by_hand(canvas: object) -> None:
    picture = scatter_picture([ONE, TWO, FREE], canvas, "macs", "accuracy")  # type: ignore[arg-type]
    assert tips(picture) == [
        "one: 1.00 M parameters, 1.00 G MACs, 1.00 ms, 70 % (us)",
        "two: 10.0 M parameters, 10.0 G MACs, 4.00 ms, 80 % (us)",
    ]
    first, second = [s for s in shapes(picture) if isinstance(s, Symbol) and s.tip]
    assert first.x < second.x
    assert first.y > second.y
    assert first.form != second.form
    assert picture.says == (
        "2 networks: one has the least MACs, two the highest published top-1 accuracy."
        " Accuracy: us; not shown, as a figure is unknown: none."
    )
    assert_sound(picture, 9.2)


def test_an_unknown_figure_is_no_zero() -> None:
    assert value(FREE, "accuracy") is None
    assert value(FREE, "latency") is None
    picture = scatter_picture([FREE], CANVASES["page"], "macs", "latency")
    assert not tips(picture)
    assert picture.says.startswith("No network has both figures.")


def test_names_do_not_overlap() -> None:
    same = [ONE._replace(name=f"network{k}", params=1_000_000 + k) for k in range(12)]
    picture = scatter_picture(same, CANVASES["page"], "macs", "params")
    assert 1 <= sum(text.startswith("network") for text in labels(picture)) <= 4
