"""A Chrome trace of one pass: every layer by its path, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.commands.measure.layers import trace as layer_trace
from tests.command_line import Run
from tests.commands.measure.test_command import LENET, QUICK


def test_a_pass_has_every_layer_once(run: Run, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    done = run("bench", LENET, "--trace", trace, *QUICK, "-f", "json")
    assert done.err == ""
    assert json.loads(done.out)["layers"] == []  # only --by times them
    events = json.loads(trace.read_text())["traceEvents"]
    named = [event["name"] for event in events if event.get("cat") == "user_annotation"]
    for path in ("conv1", "tanh1", "pool1", "fc5"):
        assert named.count(path) == 1
    assert {event["name"] for event in events} >= {"aten::conv2d", "aten::tanh"}


def test_what_cannot_be_traced_leaves_the_old_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(case: object, request: object) -> str:
        raise RuntimeError("CUDA out of memory\nmore")

    monkeypatch.setattr(layer_trace, "layer_trace", full)
    trace = tmp_path / "trace.json"
    trace.write_text("old")
    done = run("bench", LENET, "--trace", trace, *QUICK)
    assert done.code == 1
    assert done.err == "archprof: lenet cannot be traced: CUDA out of memory\n"
    assert trace.read_text() == "old"
