"""The axes behind the channels, by how many there are: their names, and their letters in formulas.

A sequence has its length, an image its height and width, a volume (or a video, whose frames lie
one behind the other) its depth, height and width: torch's words.
"""

from __future__ import annotations

from collections.abc import Sequence

from archprof.record import Record


class SpatialAxis(Record):
    """One axis behind the channels.

    `letter` stands before `out` and `in` for a size, and alone in notes; `size` is the size that
    arrives in a formula where D is the dilation; `kernel` is that of the window in a product;
    `ends` are its first and its last side.
    """

    name: str
    letter: str
    size: str
    kernel: str
    ends: tuple[str, str]


_HEIGHT = SpatialAxis("height", "H", "H", "Kh", ("top", "bottom"))
_WIDTH = SpatialAxis("width", "W", "W", "Kw", ("left", "right"))

AXES: dict[int, tuple[SpatialAxis, ...]] = {
    1: (SpatialAxis("length", "L", "L", "K", ("left", "right")),),
    2: (_HEIGHT, _WIDTH),
    3: (SpatialAxis("depth", "D", "Din", "Kd", ("front", "back")), _HEIGHT, _WIDTH),
}
"""By rank, in the order of the dimensions."""

RANKS = tuple(AXES)


def names(rank: int) -> tuple[str, ...]:
    """Return the names of so many axes: height, width."""
    return tuple(axis.name for axis in AXES[rank])


def ends(rank: int) -> str:
    """Return the two sides of each of so many axes: [[top, bottom], [left, right]]."""
    sides = (f"[{first}, {last}]" for first, last in (axis.ends for axis in AXES[rank]))
    return f"[{', '.join(sides)}]"


def in_words(rank: int) -> str:
    """Return the names of so many axes in a sentence: depth, height and width."""
    *before, last = names(rank)
    return f"{', '.join(before)} and {last}" if before else last


def shape_in_words(rank: int) -> str:
    """Return what an input of so many axes is: channels x height x width."""
    return " x ".join(("channels", *names(rank)))


def kernel_values(sizes: Sequence[int]) -> dict[str, int]:
    """Return the sizes of a window under their names in `kernels`."""
    return {axis.kernel: n for axis, n in zip(AXES[len(sizes)], sizes, strict=True)}


def output_values(sizes: Sequence[int]) -> dict[str, int]:
    """Return the sizes of an output under their names in `outputs`."""
    return {f"{axis.letter}out": n for axis, n in zip(AXES[len(sizes)], sizes, strict=True)}


def input_values(sizes: Sequence[int]) -> dict[str, int]:
    """Return the sizes of an input under their names in `arriving`."""
    return {f"{axis.letter}in": n for axis, n in zip(AXES[len(sizes)], sizes, strict=True)}


def kernels(rank: int) -> str:
    """Return the elements of a window as a product: Kh*Kw."""
    return "*".join(axis.kernel for axis in AXES[rank])


def outputs(rank: int) -> str:
    """Return the places of an output as a product: Hout*Wout."""
    return "*".join(f"{axis.letter}out" for axis in AXES[rank])


def arriving(rank: int) -> str:
    """Return the places of an input as a product: Hin*Win."""
    return "*".join(f"{axis.letter}in" for axis in AXES[rank])
