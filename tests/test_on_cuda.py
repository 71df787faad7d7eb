"""The parts of `on_cuda.py`: each belongs to a call, and a call to less than eight minutes."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def on_cuda(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("on_cuda")


def test_each_call_fits_into_eight_minutes(on_cuda: ModuleType) -> None:
    calls = {call: on_cuda.of_call(call) for call in (1, 2, 3)}
    assert on_cuda.BUDGET < 480
    for names in calls.values():
        assert sum(on_cuda.PARTS[name].seconds for name in names) <= on_cuda.BUDGET
    assert sum(map(len, calls.values())) == len(on_cuda.PARTS)


def test_parts_take_at_least_what_they_took(on_cuda: ModuleType) -> None:
    # the lines "took" of runs on an H200; transfers were a command then, and are none now
    took = {
        "captures": 69.8,
        "layers": 73.4,
        "memory": 49.0,
        "by_kernel": 27.3,
        "deterministic": 18.4,
        "modules": 12.0,
        "dtypes": 12.5,
        "load": 12.0,
        "training": 7.4,
        "clocks": 33.3,
    }
    assert not {name for name, least in took.items() if on_cuda.PARTS[name].seconds < least}
