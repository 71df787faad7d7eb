"""The parts of `on_cuda.py`: all of them in less than eight minutes, and those side by side."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SIDE_BY_SIDE = 129.1
"""Seconds in which the parts that run beside others were over, six at a time, on an H200."""


@pytest.fixture
def on_cuda(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("on_cuda")


@pytest.fixture
def cuda_beside(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("cuda_beside")


def test_all_parts_fit_into_eight_minutes(on_cuda: ModuleType) -> None:
    alone = sum(part.seconds for part in on_cuda.PARTS.values() if not part.beside)
    assert SIDE_BY_SIDE + alone <= on_cuda.BUDGET < 480


def test_parts_take_at_least_what_they_took(on_cuda: ModuleType) -> None:
    # the lines "took" of runs on an H200; the peaks of `device` were kept then
    took = {
        "autotune": 118.1,
        "captures": 86.3,
        "memory": 68.8,
        "compile": 65.1,
        "history": 53.8,
        "layers": 51.5,
        "largest_batch": 47.7,
        "overhead": 46.2,
        "clocks": 39.6,
        "full": 39.4,
        "by_kernel": 30.6,
        "settings": 30.4,
        "sustained": 29.1,
        "deterministic": 28.9,
        "trace": 23.7,
        "training": 14.1,
        "optimizers": 13.9,
        "check": 13.3,
        "modules": 9.3,
        "dtypes": 9.2,
        "autocast": 7.0,
        "onnxruntime": 6.9,
        "load": 4.6,
        "transfers": 1.8,
    }
    assert not {name for name, least in took.items() if on_cuda.PARTS[name].seconds < least}


class Trial:
    """What `side_by_side` asks of a trial."""

    device, passed = "cpu", 0.0

    def __init__(self, output: Path):
        self.output = output


SCRIPT = """\
import json, sys, time
from pathlib import Path
words = dict(zip(sys.argv[1::1], sys.argv[2::1]))
name, output = words["--only"], Path(words["--output"])
if name == "killed":
    sys.exit(7)
if name == "endless":
    time.sleep(60)
time.sleep(0.5)
line = {"kind": "ok", "part": name, "text": " ".join(sys.argv[1:]), "at": time.time()}
(output / "check.json").write_text(json.dumps({"lines": [line]}))
"""


def test_each_part_says_its_lines_or_how_it_ended(
    cuda_beside: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two that end, one that ends badly, and one whose patience of 2 * 0.5 + 0.5 s ends."""
    script = tmp_path / "on_cuda.py"
    script.write_text(SCRIPT)
    monkeypatch.setattr(cuda_beside, "SCRIPT", script)
    monkeypatch.setattr(cuda_beside, "START", 0.5)
    parts = {"first": 9.0, "second": 9.0, "killed": 9.0, "endless": 0.5}
    lines = cuda_beside.side_by_side(parts, Trial(tmp_path))
    found = {line["part"]: line for line in lines}
    assert {name: line["kind"] for name, line in found.items()} == {
        "first": "ok",
        "second": "ok",
        "killed": "FAIL",
        "endless": "FAIL",
    }
    assert found["killed"]["text"].startswith("ended with 7")
    assert f"--only first --beside --device cpu --output {tmp_path}/first" == found["first"]["text"]
    # side by side: each sleeps for half a second before it writes the time
    assert abs(found["first"]["at"] - found["second"]["at"]) < 0.45
