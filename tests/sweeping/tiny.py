"""A network that is analysed in a millisecond, and spaces of it."""

from __future__ import annotations

from pathlib import Path

from archprof.sweeping.space.library import read_space
from archprof.sweeping.space.space import Space

NETWORK = """\
name: tiny
input: 3x8x8
params: {width: 8, depths: [1, 1], gated: false}
layers:
  first: {repeat: "$depths[0]", op: conv2d, out: $width, kernel: 3, padding: 1}
  second: {repeat: "$depths[1]", op: conv2d, out: 2 * $width, kernel: 3}
  gate: {when: $gated, op: conv2d, out: 2 * $width, kernel: 1}
  head: {op: conv2d, out: 10, kernel: 1}
"""
SPACE = """\
name: tiny_space
network: tiny.yaml
space:
  depths: [1..3, 1..4]
  width: {range: 4..16, step: 4}
  gated: {choice: [false, true]}
where: sum($depths) <= 6
budget: {max_params: 10K}
front: [min macs, max params]
"""
# a convolution of 3x3 without padding takes two pixels of a side: the fourth leaves nothing of 8
POINTS = 3 * 4 * 4 * 2
DROPPED = 1 * 4 * 2  # 3 + 4 layers are more than 6
INVALID = 2 * 4 * 2  # of the rest, those with four convolutions without padding


def tiny(folder: Path, text: str = SPACE, network: str = NETWORK) -> Space:
    """Return a space of the network, both written to a folder."""
    (folder / "tiny.yaml").write_text(network, encoding="utf-8")
    (folder / "space.yaml").write_text(text, encoding="utf-8")
    return read_space(folder / "space.yaml")
