"""The values of lecture's JSON: numbers, shapes, units, each beside its text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run
from tests.contracts import printed

FILE = """lecture: MINE
shapes: HxWxC
claims:
  FIGURE: {of: {network: alexnet, layers: conv1, quantity: params}, stated: 35K,
           formula: (F*F*C + 1)*N, with: {F: 11, C: 3, N: 96}}
  SHAPE: {of: {network: alexnet, layers: conv1, quantity: shape, input: 3x224x224},
          stated: 55x55x96}
  SHARE: {of: {ratio: [{network: alexnet, layers: fc6, quantity: params},
                       {network: alexnet, quantity: params}]}, stated: 60%}
  TIMES: {of: {ratio: [{network: vgg16, quantity: params},
                       {network: alexnet, quantity: params}]}, stated: 2x}
  BYTES: {of: {network: alexnet, layers: conv1, quantity: output_bytes}, stated: 1.2 MB}
  FLOPS: {of: {network: alexnet, layers: conv1, quantity: flops}, stated: 100 MFLOP}
  BLOCKS: {of: {network: resnet18, layers: "*.conv1", quantity: params, each: basic}, stated: 9}
  FORMULA: {of: {network: alexnet, layers: conv1, quantity: height}, stated: 55,
            formula: (227 - 11)/4}
  HIGH: {of: {network: alexnet, layers: conv1, quantity: params}, stated: 50K}
  PAPER: {published: {value: "1e-4", source: a paper}, stated: "1e-5"}
  ALSO: {undecidable: taste, also: {five: {of: {network: alexnet, op: conv2d, quantity: layers},
                                           stated: 5}}}
  NEVER: {undecidable: needs training}
  GAIN: {experiment: {run: gain, op: relu}, stated: "1.71"}
"""


@pytest.fixture
def statements(run: Run, tmp_path: Path) -> dict[str, dict[str, Any]]:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, encoding="utf-8")
    [lecture] = printed(run, "lecture", path)["lectures"]
    return {claim["id"]: claim["statements"][0] for claim in lecture["claims"]}


def report(value: Any, unit: str, text: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, "convention": "", "blocks": [], "text": text} | more


def test_numbers_and_shapes(statements: dict[str, dict[str, Any]]) -> None:
    """A number is an integer, a shape a list, channels first; the text is the lecture's."""
    figure, shape = statements["FIGURE"], statements["SHAPE"]
    assert figure["stated"] == {"value": 35000, "unit": "", "text": "35K", "reads": ""}
    assert figure["by_hand"] == {
        "formula": "(F*F*C + 1)*N",
        "numbers": {"F": 11, "C": 3, "N": 96},
        "value": 34944,
        "text": "(F*F*C + 1)*N = (11*11*3 + 1)*96 = 34,944",
    }
    assert figure["analysis"] == figure["torch"] == report(34944, "params", "34,944")
    assert (figure["fvcore"], figure["error"]) == (None, None)
    assert shape["stated"] == {"value": [96, 55, 55], "unit": "", "text": "55x55x96", "reads": ""}
    assert shape["analysis"] == shape["torch"] == report([96, 54, 54], "", "54x54x96")
    assert (shape["error"]["value"], shape["error"]["share"]) == ([96, 54, 54], None)
    assert statements["BYTES"]["stated"] == {
        "value": 1200000,
        "unit": "B",
        "text": "1.2 MB",
        "reads": "",
    }
    assert statements["BYTES"]["analysis"] == report(4 * 96 * 55 * 55, "bytes", "1,161,600")


def test_ratios(statements: dict[str, dict[str, Any]]) -> None:
    """37,752,832 of AlexNet's 62,378,344 parameters are fc6's; VGG-16 has 138,357,544."""
    share, times = statements["SHARE"], statements["TIMES"]
    assert share["stated"] == {"value": 60, "unit": "%", "text": "60%", "reads": ""}
    exactly = 100 * 37_752_832 / 62_378_344
    assert share["analysis"] == report(pytest.approx(exactly), "%", "60.52%")
    assert times["stated"] == {"value": 2, "unit": "x", "text": "2x", "reads": ""}
    assert times["analysis"] == report(pytest.approx(138_357_544 / 62_378_344), "x", "2.218x")


def test_another_quantity_has_its_own_unit(statements: dict[str, dict[str, Any]]) -> None:
    flops = statements["FLOPS"]
    macs = 11 * 11 * 3 * 96 * 55 * 55
    assert flops["analysis"] == report(2 * macs + 96 * 55 * 55, "FLOPs", "211,120,800")
    for witness in ("torch", "fvcore"):
        assert flops[witness] == report(macs, "MACs", "105,415,200 MACs", convention="macs")


def test_blocks_that_differ(statements: dict[str, dict[str, Any]]) -> None:
    found = statements["BLOCKS"]["analysis"]
    assert found["value"] is None
    assert found["blocks"][:2] == [{"value": 36864, "count": 2}, {"value": 73728, "count": 1}]
    assert sum(block["count"] for block in found["blocks"]) == 8


def test_errors(statements: dict[str, dict[str, Any]]) -> None:
    high, formula = statements["HIGH"]["error"], statements["FORMULA"]["error"]
    assert high == {
        "value": 34944,
        "unit": "params",
        "convention": "",
        "share": pytest.approx(50_000 / 34_944 - 1),
        "text": "stated 43.1% too high",
    }
    assert (formula["value"], formula["share"]) == (54, None)
    never = statements["NEVER"]
    assert (never["stated"], never["analysis"]) == (None, None)
    assert (never["error"]["value"], never["error"]["text"]) == (None, "needs training")


def test_an_experiment(statements: dict[str, dict[str, Any]]) -> None:
    gain = statements["GAIN"]
    assert gain["by_hand"] == {
        "formula": "",
        "numbers": {},
        "value": None,
        "text": "gain: op relu",
    }
    assert gain["torch"]["value"] == float(gain["torch"]["text"])


def test_without_a_calculation_there_is_none(statements: dict[str, dict[str, Any]]) -> None:
    """A shape is stated without a formula: null, and no calculation that is empty."""
    assert statements["SHAPE"]["by_hand"] is None


def test_published_values(statements: dict[str, dict[str, Any]]) -> None:
    paper = statements["PAPER"]
    assert paper["stated"] == {"value": 1e-5, "unit": "", "text": "1e-5", "reads": ""}
    assert paper["published"] == {"values": ["1e-4"], "source": "a paper"}
    assert paper["error"]["text"] == "published is 1e-4 (a paper)"
    assert statements["FIGURE"]["published"] is None


def test_supporting_checks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, encoding="utf-8")
    [lecture] = printed(run, "lecture", path)["lectures"]
    claims = {claim["id"]: claim for claim in lecture["claims"]}
    assert [one["label"] for one in claims["ALSO"]["also"]] == ["five"]
    assert claims["ALSO"]["also"][0]["verdict"] == "holds"
    assert claims["ALSO"]["verdict"] == "undecidable"
    assert claims["FIGURE"]["also"] == []
