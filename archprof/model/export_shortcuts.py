"""What torch.export does on its way that nobody reads, left out while a module is captured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from traceback import FrameSummary, StackSummary
from typing import Any


@contextmanager
def without_code() -> Iterator[None]:
    """Let torch.export write no Python for the graphs that it makes on its way, which nobody runs:
    a tenth of its time.
    """
    try:
        lazy = import_module("torch.fx._lazy_graph_module")._use_lazy_graph_module
    except (ImportError, AttributeError):  # another torch
        yield
        return
    with lazy(should_use=True):
        yield


@contextmanager
def without_lines() -> Iterator[None]:
    """Let torch look up no text of the lines that a node's call came through, a hundred for each
    node: of those that it keeps the text is looked up when it is written. A twentieth of the time.
    """
    name = "_extract_symbolized_tb"
    tracebacks = import_module("torch.utils._traceback")
    if not hasattr(tracebacks, name):  # another torch
        yield
        return
    before = getattr(tracebacks, name)
    setattr(tracebacks, name, _frames)
    try:
        yield
    finally:
        setattr(tracebacks, name, before)


def _frames(found: Sequence[Mapping[str, Any]], skip: int) -> StackSummary:
    """Return the frames that torch found, outermost first, without the text of their lines."""
    frames = StackSummary()
    for one in reversed(found[skip:]):
        frames.append(FrameSummary(one["filename"], one["line"], one["name"], lookup_line=False))
    return frames
