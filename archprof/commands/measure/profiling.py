"""Run something under torch's profiler: what the allocator gave, and the kernels behind a name."""

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
"""A context with a name, under which `kernel_seconds` finds the kernels launched in it."""


def allocated(run: Callable[[], object]) -> int:
    """Return the most bytes that the CPU's allocator gave at once in a run, beyond those before.

    Scratch that a kernel takes from the allocator is included; what a library takes from the system
    by itself is not.
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
    allocated = most = 0
    for change in changes:
        allocated += change
        most = max(most, allocated)
    return most


def kernels(run: Callable[[], object], synchronize: Callable[[], object]) -> list[Any]:
    """Return the profiler's events of a run on a CUDA device.

    Each event of the CPU has the kernels that it launched.
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
    """Return the seconds of the kernels launched in each `named` context, however deep.

    The contexts are those whose name begins with NODE. The device's own event for a context, of the
    same name, spans its kernels and the gaps between them, and is not a kernel.
    """
    found: dict[str, float] = {}
    for event in events:
        if event.name.startswith(NODE) and event.device_type.name == "CPU":
            durations = [
                kernel.duration for kernel in _launched(event) if kernel.name != event.name
            ]
            found[event.name] = found.get(event.name, 0.0) + sum(durations) / 1e6
    return found


def _launched(event: Any) -> Iterator[Any]:
    yield from event.kernels
    for child in event.cpu_children:
        yield from _launched(child)


@contextmanager
def _silence() -> Iterator[None]:
    """Discard what kineto writes to standard error on starting and stopping.

    It has no setting for that.
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
