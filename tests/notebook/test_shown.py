"""Answers in a notebook: tables, pictures, frames."""

from __future__ import annotations

import re
import sys
import types
from html.parser import HTMLParser
from typing import Any

import pytest

import archprof
from archprof.notebook.analyses import ShownAnalysis
from archprof.notebook.shown import Shown
from archprof.training.training_conditions import TrainingWords


class Parsed(HTMLParser):
    """An element's identities, and how often each tag begins."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.tags: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.ids += [value or "" for name, value in attrs if name == "id"]


def answers() -> dict[str, Shown]:
    net = archprof.load("resnet18")
    return {
        "analysis": net.analyze(),
        "comparison": archprof.compare("resnet18", "resnet34"),
        "difference": archprof.diff("resnet18", "resnet34"),
    }


@pytest.mark.parametrize("name", ["analysis", "comparison", "difference"])
def test_a_table_and_a_picture(name: str) -> None:
    text = answers()[name]._repr_html_()
    found = Parsed(text)
    assert found.tags["svg"] >= 1
    assert found.tags["table"] >= 1
    assert len(found.ids) == len(set(found.ids))
    assert "<script" not in text


def test_a_network_shows_its_graph_and_the_summary() -> None:
    text = archprof.load("resnet18")._repr_html_()
    assert "basic" in text
    assert "11,689,512" in text or "11.7 M" in text
    assert Parsed(text).tags["svg"] == 1


def test_two_outputs_of_one_notebook_have_no_identity_in_common() -> None:
    one, other = (Parsed(answers()[name]._repr_html_()).ids for name in ("analysis", "difference"))
    assert not set(one) & set(other)


def test_a_difference_of_nothing() -> None:
    assert "table" not in Parsed(archprof.diff("resnet18", "resnet18")._repr_html_()).tags


def test_a_measurement() -> None:
    pytest.importorskip("torch")
    found = archprof.load("lenet5").bench(time_limit=0.1)
    assert re.search(r"<td[^>]*>latency", found._repr_html_())
    (row,) = found.rows()
    assert (row["network"], row["input"], row["batch"]) == ("lenet5", "1x32x32", 1)


def test_rows_of_an_analysis() -> None:
    """conv1 of ResNet-18: 64 * 3 * 7 * 7 = 9408 parameters, at 112 * 112 places."""
    first = archprof.load("resnet18").analyze().rows()[0]
    assert first["path"] == "conv1"
    assert first["params"] == 64 * 3 * 7 * 7
    assert first["macs"] == 64 * 3 * 7 * 7 * 112 * 112
    assert (first["field_height"], first["field_width"]) == (7, 7)


def test_an_analysis_that_is_shown_keeps_its_step() -> None:
    plain = archprof.load("lenet5").analyze()
    words = TrainingWords("momentum", device="cpu")
    assert ShownAnalysis.of(plain.replaced(step=words)).step == words


def test_rows_of_a_comparison_and_of_a_difference() -> None:
    found = answers()
    totals = {row["total"]: row for row in found["comparison"].rows()}
    assert totals["params"] == {"total": "params", "resnet18": 11689512, "resnet34": 21797672}
    added = sum(row["params"] for row in found["difference"].rows())
    assert added == 21797672 - 11689512


class Frame:
    def __init__(self, rows: list[dict[str, Any]]):
        self.rows = rows


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Of the library that is asked for, or the first that is there."""
    fake = types.ModuleType(library)
    fake.DataFrame = Frame  # type: ignore[attr-defined]
    fake.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    for other in {"pandas", "polars"} - {library}:
        monkeypatch.setitem(sys.modules, other, None)
    monkeypatch.setitem(sys.modules, library, fake)
    analysis = archprof.load("lenet5").analyze()
    made = analysis.to_frame(library)
    assert isinstance(made, Frame)
    assert made.rows == analysis.rows()
    assert archprof.load("lenet5").to_frame(library).rows == analysis.rows()


def test_without_a_library_for_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archprof.show.frames.find_spec", lambda name: None)
    analysis = archprof.load("lenet5").analyze()
    with pytest.raises(ModuleNotFoundError, match="neither pandas nor polars is installed"):
        analysis.to_frame()
    with pytest.raises(ModuleNotFoundError, match="pip install polars"):
        analysis.to_frame("polars")
    with pytest.raises(ValueError, match="unknown library 'numpy'"):
        analysis.to_frame("numpy")
