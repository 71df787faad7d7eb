"""torch's profiler around a run, and what it saw: memory handed out and given back, and the
kernels behind a name.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch.profiler import ProfilerActivity, profile, record_function

MEMORY = "[memory]"  # the name that kineto gives to what an allocator does
NODE = "archprof node "

named = record_function
"""A context under whose name `kernel_seconds` finds the kernels that were launched in it."""


def allocated(run: Callable[[], object]) -> int:
    """The most bytes that the CPU's allocator has handed out at once while `run` ran, beyond what
    it had before.

    Scratch that a kernel takes from the allocator is in it; what a library takes from the system by
    itself is not.
    """
    with _silence(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        result = run()
    del result
    if profiler.profiler is None or profiler.profiler.kineto_results is None:
        return 0
    events = [
        event
        for event in profiler.profiler.kineto_results.events()
        if event.name() == MEMORY and event.device_type().name == "CPU"
    ]
    return _most(event.nbytes() for event in sorted(events, key=lambda event: event.start_ns()))


def _most(changes: Iterable[int]) -> int:
    held = most = 0
    for change in changes:
        held += change
        most = max(most, held)
    return most


def kernels(run: Callable[[], object], synchronize: Callable[[], object]) -> list[Any]:
    """The profiler's events of a run on a CUDA device, each CPU event with the kernels it
    launched.
    """
    with (
        _silence(),
        profile(
            activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], acc_events=True
        ) as profiler,
    ):
        run()
        synchronize()
    return list(profiler.events() or ())


def kernel_seconds(events: Iterable[Any]) -> dict[str, float]:
    """By the name of each `named` context that begins with NODE: seconds of the kernels launched in
    it, however deep.

    The device's own event for the context, of the same name, spans its kernels and the gaps between
    them, and is no kernel.
    """
    found: dict[str, float] = {}
    for event in events:
        if event.name.startswith(NODE) and event.device_type.name == "CPU":
            found[event.name] = (
                found.get(event.name, 0.0)
                + sum(kernel.duration for kernel in _launched(event) if kernel.name != event.name)
                / 1e6
            )
    return found


def _launched(event: Any) -> Iterator[Any]:
    yield from event.kernels
    for child in event.cpu_children:
        yield from _launched(child)


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps what kineto writes to standard error on starting and stopping away from people; it
    takes no setting for that.
    """
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed already
        yield
        return
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
