"""Padding and cropping."""

from __future__ import annotations

import pytest

from tests.small import graph_of, whatever


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        # -3 and 9 leave 8, but torch crops first
        ("[-3, 9, 0, 0]", "sides [-3, 9] crop more than the 2 columns there are"),
        ("[0, 0, -2, -2]", "sides [-2, -2] crop more than the 3 rows there are"),
    ],
)
def test_a_pad_crops_no_more_than_there_is(sides: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: pad, sides: {sides}"}, (3, 3, 2)).problems
    assert message in problem.message
    # all cropped, then padded
    assert graph_of({"x": "op: pad, sides: [-2, 3, 0, 0]"}, (3, 3, 2)).nodes[0].output == (3, 3, 3)
