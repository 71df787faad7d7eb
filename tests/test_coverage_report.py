"""reports/coverage.md: rendered from its rows, and what these show."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
DATA: dict[str, Any] = json.loads((ROOT / "reports/coverage.json").read_text(encoding="utf-8"))
MODELS = list(DATA["models"].values())


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("coverage_page")


def test_the_page_is_rendered_from_the_rows(page: ModuleType) -> None:
    written = (ROOT / "reports/coverage.md").read_text(encoding="utf-8")
    assert written == page.page(DATA)


@pytest.mark.parametrize("figure", ["params", "buffers", "macs"])
def test_every_captured_model_is_exact(figure: str) -> None:
    captured = [row for row in MODELS if row["captured"]]
    assert captured
    wrong = [row["target"] for row in captured if row[figure] != row[f"true_{figure}"]]
    assert not wrong
    assert not [row["target"] for row in captured if row["unknown_cost"]]


def test_only_detection_is_not_captured() -> None:
    """How many boxes there are depends on the image's data: eight families of torchvision's."""
    refused = [row["target"].partition(":")[2] for row in MODELS if not row["captured"]]
    detectors = ("rcnn_", "retinanet_", "fcos_", "ssd")
    assert [name for name in refused if not any(word in name for word in detectors)] == []
    assert len(MODELS) - len(refused) == 218


def test_a_place_is_given_for_each_that_is_not() -> None:
    for row in MODELS:
        assert row["captured"] or row["place"].startswith("torchvision/")


def test_archprof_is_exact_on_the_models_that_the_tools_are_compared_on() -> None:
    rows = list(DATA["peers"].values())
    assert len(rows) == 12
    assert all(row["macs"] == row["true_macs"] for row in rows)


def made(**changes: Any) -> dict[str, Any]:
    """Return a row of a captured model that is exact."""
    figures = {"params": 50, "buffers": 2, "macs": 1000}
    return {
        "target": "timm:net",
        "captured": True,
        "own": 3,
        "described": 1,
        "unknown": [],
        "unknown_cost": [],
        "tracing_seconds": 1.0,
        "analysis_seconds": 0.25,
        **figures,
        **{f"true_{name}": value for name, value in figures.items()},
        **changes,
    }


def shown(page: ModuleType, row: dict[str, Any], **more: Any) -> str:
    text: str = page.page({"models": {row["target"]: row}, **more})
    return text


def test_a_figure_that_is_not_torchs_shows_both(page: ModuleType) -> None:
    text = shown(page, made(macs=900))
    assert "900, torch 1,000" in text
    assert "1 |          1 |              1 |               1 |            0 |     0 |" in text


def test_a_lower_bound_is_not_exact(page: ModuleType) -> None:
    text = shown(page, made(unknown=["fused"], unknown_cost=["a.fused", "b.fused"]))
    assert "≥ 1,000" in text
    assert "`fused` (1 models)" in text
    assert "1 |          1 |              1 |               1 |            0 |     1 |" in text


def test_how_far_a_tool_is_from_torch(page: ModuleType) -> None:
    tools = {
        "near": {"version": "1", "macs": 1_000_001, "params": None},
        "far": {"version": "1", "macs": 1_500_000, "params": 25},
        "right": {"version": "1", "macs": 1_000_000, "params": 50},
        "broken": {"version": "1", "error": "TypeError: no"},
        "absent": {"missing": True},
    }
    row = made(macs=1_000_000, true_macs=1_000_000)
    text = shown(page, row, peers={"timm:net": row | {"tools": tools}})
    (line,) = [line for line in text.splitlines() if "+50.00%" in line]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[2:] == ["exact", "+1", "+50.00%; params -50.00%", "exact", "error", "-"]
    assert "near 1, far 1, right 0, broken 0 and 1 errors, absent 0; archprof 0." in text
