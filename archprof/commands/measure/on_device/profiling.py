"""Run something under torch's profiler: what the allocator gave, and the kernels behind a name."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.profiler import ProfilerActivity, profile, record_function, supported_activities

MEMORY = "[memory]"  # the name that kineto gives to what an allocator does
NODE = "archprof node "

named = record_function
"""A context with a name, under which `launched` finds the kernels launched in it."""

CUPTI = {"TEARDOWN_CUPTI": "0", "DISABLE_CUPTI_LAZY_REINIT": "1"}
"""Environment of kineto: CUPTI, started again beside live CUDA graphs, may crash (torch sets these
for Inductor's graphs alone).
"""

REFUSED = "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES"
ALLOW = (
    "the driver lets only administrators profile; its setting"
    " NVreg_RestrictProfilingToAdminUsers=0 allows it to all"
)


class Kernel(NamedTuple):
    """A kernel as it ran once, and its seconds on the device."""

    name: str
    seconds: float


class Profile(NamedTuple):
    """The profiler's events of a run, and what kineto wrote meanwhile."""

    events: list[Any]
    said: str


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


def kernels(run: Callable[[], object], synchronize: Callable[[], object]) -> Profile:
    """Return the profiler's events of a run on a CUDA device.

    Each event of the CPU has the kernels that it launched.
    """
    activities = [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    with (
        _cupti_kept(),
        _silence() as said,
        profile(activities=activities, acc_events=True) as profiler,
    ):
        run()
        synchronize()
    return Profile(list(profiler.events() or ()), said.text)


def chrome_trace(run: Callable[[], object], synchronize: Callable[[], object], cuda: bool) -> str:
    """Return a run as a trace in JSON, which chrome://tracing and Perfetto show."""
    activities = [ProfilerActivity.CPU]
    if cuda:
        activities.append(ProfilerActivity.CUDA)
    with _cupti_kept(), _silence(), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        with profile(activities=activities, acc_events=True) as profiler:
            run()
            synchronize()
        profiler.export_chrome_trace(path)
        with open(path, encoding="utf-8") as file:
            return file.read()


def launched(events: Iterable[Any]) -> dict[str, list[Kernel]]:
    """Return the kernels launched in each `named` context, however deep.

    The contexts are those whose name begins with NODE. The device's own event for a context, of the
    same name, spans its kernels and the gaps between them, and is not a kernel.
    """
    found: dict[str, list[Kernel]] = {}
    for event in events:
        if event.name.startswith(NODE) and event.device_type.name == "CPU":
            found.setdefault(event.name, []).extend(
                Kernel(kernel.name, kernel.duration / 1e6)
                for kernel in _launched(event)
                if kernel.name != event.name
            )
    return found


def _launched(event: Any) -> Iterator[Any]:
    yield from event.kernels
    for child in event.cpu_children:
        yield from _launched(child)


def why_unseen(said: str) -> str:
    """Return why the profiler saw no kernels, from what kineto wrote; "" where it did not say."""
    if ProfilerActivity.CUDA not in supported_activities():  # type: ignore[no-untyped-call]
        return f"torch {torch.__version__} was built without CUPTI, or finds no device"
    if REFUSED in said:
        return f"{REFUSED}: {ALLOW}"
    if code := re.search(r"CUPTI_ERROR_\w+", said):
        return code[0]
    lines = [line.strip() for line in said.splitlines() if "CUPTI" in line]
    return lines[0] if lines else ""


@contextmanager
def _cupti_kept() -> Iterator[None]:
    """Keep CUPTI as it is between two profiles, and restore the environment."""
    before = {name: os.environ.get(name) for name in CUPTI}
    os.environ.update(CUPTI)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Said:
    """What was written to standard error, known when `_silence` has ended."""

    text = ""


@contextmanager
def _silence() -> Iterator[_Said]:
    """Keep from standard error what kineto writes to it on starting and stopping.

    It has no setting for that.
    """
    said = _Said()
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed already
        yield said
        return
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            sink.seek(0)
            said.text = sink.read().decode(errors="replace")
