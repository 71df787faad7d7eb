"""A tiny network and spaces of it."""

from __future__ import annotations

from pathlib import Path

from archprof.sweeping.space.library import read_space
from archprof.sweeping.space.space import Space

NETWORK = """
name: tiny
input: 3x8x8
params: {width: 4, blocks: 1, p: 0.1}
layers:
  - {name: stem, op: conv2d, out: $width, kernel: 3, padding: 1}
  - {op: conv2d, out: $width, kernel: 1, repeat: $blocks}
  - {name: drop, op: dropout, p: $p}
  - {name: last, op: conv2d, out: 2, kernel: 1}
"""

SPACE = """
name: tiny_space
network: tiny.yaml
space:
  width: 1..16
  blocks: 1..4
  input: {range: 8..16, step: 4}
sample: {grid: all}
"""


def tiny_space(folder: Path, text: str = SPACE) -> Space:
    """Return a space of the tiny network, both written to a folder."""
    (folder / "tiny.yaml").write_text(NETWORK)
    path = folder / "space.yaml"
    path.write_text(text)
    return read_space(path)
