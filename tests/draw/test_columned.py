"""A tall graph in columns: by hand on a chain."""

from __future__ import annotations

from archprof.draw.columned import TrunkCut, cuts, in_columns
from archprof.draw.shapes import Label, Rectangle, Stroke
from tests.draw.test_layout import chain, placed

FOUR = placed(chain((-1,), (0,), (1,), (2,)))


def test_cuts_are_in_the_gaps_of_the_trunk() -> None:
    """Layers of 20 begin at 28, 66, 104 and 142, with gaps of 18, whose middles are at 57, 95 and
    133. No part may be higher than 80: 0 to 57, 57 to 133, 133 to the end at 172.
    """
    assert FOUR.height == 172
    assert cuts(FOUR, 80) == [TrunkCut(57, 64), TrunkCut(133, 64)]
    assert cuts(FOUR, 200) == []
    # each box alone, where even two are too much
    assert cuts(FOUR, 10) == [TrunkCut(57, 64), TrunkCut(95, 64), TrunkCut(133, 64)]


def test_nothing_is_cut_where_a_skip_passes() -> None:
    """From the first to the last layer: only the gaps before and behind have the trunk alone."""
    skipping = placed(chain((-1,), (0,), (1,), (2, 0), (3,)))
    assert [cut.y for cut in cuts(skipping, 10)] == [171]


def test_parts_stand_side_by_side() -> None:
    """Boxes of 100 in columns 36 apart, 8 from the side: from 8, 144 and 280. A column begins 14
    below the top, and at its cut: the second box is 66 - 57 + 14 = 23 below it.
    """
    boxes = [Rectangle(14, y, 100, 20, "face") for y in (28, 66, 104, 142)]
    wire = Stroke(((64, 10), (64, 28), (64, 150)), "wire")
    name = Label(20, 70, "l1", "text", 9)
    found = in_columns([*boxes, wire, name], [TrunkCut(57, 64), TrunkCut(133, 64)], 128)
    moved = [(s.x, s.y) for s in found.shapes if isinstance(s, Rectangle)]
    assert moved == [(8, 28), (144, 23), (144, 61), (280, 23)]
    (label,) = [s for s in found.shapes if isinstance(s, Label)]
    assert (label.x, label.y) == (20 - 14 + 144, 70 - 57 + 14)
    assert found.width == 3 * 100 + 2 * 36 + 2 * 8
    # the trunk of the second ends at its cut, at 133 - 57 + 14 = 90; 14 below that it leads on
    assert found.height == 90 + 2 * 14
    ways = [s.points for s in found.shapes if isinstance(s, Stroke) and len(s.points) == 6]
    assert sorted(ways)[0] == ((58, 57), (58, 104), (126, 104), (126, 7), (194, 7), (194, 14))
    assert len(ways) == 2
