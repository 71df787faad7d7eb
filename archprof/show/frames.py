"""Rows as a data frame of pandas or polars, whichever is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

LIBRARIES = ("pandas", "polars")


def frame(rows: Sequence[Mapping[str, Any]], library: str | None = None) -> Any:
    """Return a frame with a column for each name; what is unknown is missing there.

    `library` is "pandas" or "polars", without it the first that is installed. Raises
    ModuleNotFoundError where it is not, ValueError for another name.
    """
    if library is not None and library not in LIBRARIES:
        raise ValueError(f"unknown library {library!r}: one of {', '.join(LIBRARIES)}")
    wanted = LIBRARIES if library is None else (library,)
    for name in wanted:
        if find_spec(name) is not None:
            return import_module(name).DataFrame(list(map(dict, rows)))
    missing = " nor ".join(wanted)
    either = "neither " if len(wanted) > 1 else ""
    message = f"{either}{missing} is installed, of which a frame is made: pip install {wanted[0]}"
    raise ModuleNotFoundError(message, name=wanted[0])
