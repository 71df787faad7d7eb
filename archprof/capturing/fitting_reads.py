"""What an operator reads, where that fits the shapes it was captured with."""

from __future__ import annotations

from archprof.capturing.operands import Operands
from archprof.ops.reading import Raster, Reading

Reads = tuple[Reading | None, ...]


def fitting(found: Reads | None, operands: Operands) -> Reads | None:
    """Return a row's answer of what each input is read at; None where it does not fit the shapes,
    as on a tape that no network has made.
    """
    if found is None:
        return None
    rank, inputs = len(operands.output.shape), operands.inputs
    fits = len(found) == len(inputs) and all(
        reading is None or (len(reading) == rank and _highest(reading) < len(each.shape))
        for reading, each in zip(found, inputs, strict=True)
    )
    return found if fits else None


def _highest(reading: Reading) -> int:
    """Return the highest dimension of the input that a reading names, -1 where it names none."""
    named = [-1]
    for entry in reading:
        named.extend(entry.dims if isinstance(entry, Raster) else (getattr(entry, "dim", -1),))
    return max(named)
