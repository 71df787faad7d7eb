"""What torch.export does on its way that nobody reads, left out while a module is captured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from traceback import FrameSummary, StackSummary
from typing import Any

from archprof.model.frames import is_users

FORWARD = "forward"


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
    """Let torch keep of the hundred frames that a node's call came through those that are read,
    and look up no text of their lines: a twentieth of its time.
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
    """Return some of the frames that torch found, innermost first, as it has them: outermost first.

    They are the outermost `forward`, from which on torch keeps frames, the user's innermost one
    and the user's innermost frame, of which `frames.place` reads the last; all from that `forward`
    on where none is the user's.
    """
    outermost_first = list(reversed(found[skip:]))
    names = [one["name"] for one in outermost_first]
    if FORWARD not in names:
        return StackSummary()
    within = outermost_first[names.index(FORWARD) :]
    theirs = [place for place, one in enumerate(within) if is_users(one["filename"])]
    forwards = [place for place in theirs if within[place]["name"] == FORWARD]
    kept = sorted({0, *forwards[-1:], *theirs[-1:]}) if theirs else range(len(within))
    frames = StackSummary()
    for one in (within[place] for place in kept):
        frames.append(FrameSummary(one["filename"], one["line"], one["name"], lookup_line=False))
    return frames
