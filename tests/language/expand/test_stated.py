"""The `shape:` of a layer is compared with the computed one."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks


def test_the_arithmetic_of_a_stated_shape_is_of_the_axes_that_differ() -> None:
    """(8 - 3)/2 + 1 = 3.5: the remainder is told where height or width differ."""
    layer = "a: {op: conv2d, out: 4, kernel: 3, stride: 2, shape: %s}"
    hints = {
        shape: [
            p.hint
            for p in expand(
                next(networks(load_text(f"name: net\ninput: 3x8x8\nlayers:\n  {layer % shape}\n")))
            ).problems
        ]
        for shape in ("5x3x3", "4x4x4", "4x3")
    }
    assert hints == {
        "5x3x3": ["from 3x8x8: channels = out = 4"],
        "4x4x4": ["from 3x8x8: (8 - 3)/2 + 1 = 3.5 -> 3"],
        "4x3": ["from 3x8x8"],
    }
