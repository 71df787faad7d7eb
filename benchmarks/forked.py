"""Work by forked processes, each in its own copy of the tree, with slow modules imported."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

SLOW = (
    "coverage",
    "fvcore.nn",
    "hypothesis",
    "jsonschema",
    "numpy",
    "pydantic",
    "pytest",
    "rich",
    "torch",
    "torch.fx",
    "typer",
    "yaml",
)
"""Modules that take long to import, and that the tests need."""


def run_pytest(arguments: list[str], plugin: Any) -> int:
    """Return pytest's exit code on these files; its output is thrown away."""
    import pytest

    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    return int(
        pytest.main(
            ["-q", "-m", "not slow", "-p", "no:cacheprovider", "--hypothesis-seed=0", *arguments],
            [plugin],
        )
    )


def in_parallel(
    work: list[Callable[[], Any]], slots: list[Path], show: Callable[[Any], None]
) -> list[Any]:
    """The results in order, each worked out by a process of its own in a free slot; None for one
    that was killed.
    """
    results: list[Any] = [None] * len(work)
    running: dict[int, tuple[int, Path, Path]] = {}
    free = list(slots)
    try:
        for i, one in enumerate([*work, *[None] * len(slots)]):
            while running and (not free or one is None):
                pid, _ = os.wait()
                done, slot, answer = running.pop(pid)
                if answer.stat().st_size:
                    results[done] = pickle.loads(answer.read_bytes())
                answer.unlink()
                show(results[done])
                free.append(slot)
            if one is not None:
                slot, (handle, name) = free.pop(), tempfile.mkstemp()
                pid = os.fork()
                if not pid:
                    _child(one, slot, handle)
                os.close(handle)
                running[pid] = (i, slot, Path(name))
    except KeyboardInterrupt:
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            os.waitpid(pid, 0)
        raise
    return results


def _child(work: Callable[[], Any], slot: Path, answer: int) -> None:
    try:
        if slot != Path():
            os.chdir(slot)
            sys.path.insert(0, str(slot))
        result = pickle.dumps(work())
        with os.fdopen(answer, "wb") as file:
            file.write(result)
    except BaseException as error:  # noqa: BLE001 - a forked process must not go on as its parent
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(0)


def preload() -> None:
    """Import what is slow to import and not ours, so that every child has it."""
    sys.dont_write_bytecode = True
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in SLOW:
        import_module(name)
    assert not any(name.split(".")[0] == "archprof" for name in sys.modules)  # noqa: S101 - a child must read its own copy
