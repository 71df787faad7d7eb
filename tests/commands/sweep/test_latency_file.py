"""Latency models as files: they come back the same, and what is none is refused in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from archprof.commands.sweep.latency_file import model_data, read_model, write_model
from archprof.language.json_file import MOST_BYTES
from archprof.problem import ProblemError
from tests.sweeping.latency.models import paper_model


def test_a_model_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    write_model(path, paper_model())
    assert read_model(path) == paper_model()


def changed(**changes: Any) -> str:
    return json.dumps(model_data(paper_model()) | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a latency model: the whole"),
        ("{}", "not a latency model: schema: Field required"),
        (changed(what="a run"), "what: Input should be 'latency model'"),
        (changed(schema=2), "schema: Input should be 1"),
        (changed(timed=[{"layer": "a", "seconds": -1.0}]), "timed.0.seconds"),
        (changed(timed=[{"layer": "a", "seconds": "1"}]), "timed.0.seconds"),
        (changed(held_back=[]), "held_back"),
        (changed(held_back=[{"predicted_ms": 0.0, "measured_ms": 1.0}]), "predicted_ms"),
        (changed(per_second=float("nan")), "per_second"),
        (changed(more=1), "more: Extra inputs are not permitted"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ProblemError) as refused:
        read_model(path)
    assert message in str(refused.value)
    assert "--fit 40 -o model.json" in str(refused.value)


def test_a_million_faults_are_not_listed(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(changed(timed=[0] * 10_000))
    with pytest.raises(ProblemError) as refused:
        read_model(path)
    assert len(str(refused.value)) < 1000


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no such file"):
        read_model(tmp_path / "none.json")
    with pytest.raises(ProblemError, match="cannot be read: "):
        read_model(tmp_path)
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ProblemError, match="more than 64 MiB"):
        read_model(large)
