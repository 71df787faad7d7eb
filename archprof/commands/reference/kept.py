"""What autograd keeps of an op, in words."""

from __future__ import annotations

from archprof import units
from archprof.ops.answers import Saved

UNKNOWN = "unknown"
NOTHING = "nothing"


def kept_in_words(saved: tuple[Saved, ...] | None, inputs: int) -> tuple[str, ...]:
    """Return a line for each tensor that an op of so many inputs keeps for the backward pass.

    Alike tensors of its own share a line; None is unknown, and no tensor is nothing.
    """
    if saved is None:
        return (UNKNOWN,)
    if not saved:
        return (NOTHING,)
    times: dict[Saved, int] = {}
    for item in saved:
        times[item] = times.get(item, 0) + 1
    return tuple(_line(item, count, inputs) for item, count in times.items())


def _line(item: Saved, count: int, inputs: int) -> str:
    algorithm = f"{item.algorithm}: " if item.algorithm else ""
    return f"{algorithm}{_tensor(item, count, inputs)}{_width(item)}{_wanted(item)}"


def _wanted(item: Saved) -> str:
    """Return for whose gradient it is kept, "" where it is kept for any."""
    numbers = [str(number + 1) for number in item.wanted_by]
    weights = [f"`{name}`" if name else "its weight" for name in item.for_weights]
    users = ([f"input {_listed(numbers)}"] if numbers else []) + weights
    return f", where {_listed(users)} needs a gradient" if users else ""


def _listed(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _tensor(item: Saved, count: int, inputs: int) -> str:
    if item.what == "input":
        return "its input" if inputs == 1 else f"input {item.number + 1}"
    if item.what == "output":
        return "its output"
    tensors = "a tensor" if count == 1 else f"{count} tensors"
    elements = "1 element" if item.elements == 1 else f"{units.exact(item.elements)} elements"
    whole = "" if item.per_sample else " for the whole batch"
    return f"{tensors} of its own with {elements}{whole}"


def _width(item: Saved) -> str:
    """Return the bytes of an element, "" where they are those of the network's dtype."""
    if item.itemsize is not None:
        return f", {units.number_of(item.itemsize, 'byte')} each"
    return f", at least {item.at_least} bytes each" if item.at_least > 1 else ""
