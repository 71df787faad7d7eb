"""The data of a page: what it says of a network, and that nothing of it is computed again."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.page.data import Data, Texts, network_data
from archprof.show.working import steps
from tests.commands.page.pages import analysed
from tests.small import graph_of

SMALL = {
    "conv": "op: conv2d, out: 4, kernel: 3, padding: 1",
    "relu": "op: relu",
    "again": "op: conv2d, out: 4, kernel: 3, padding: 1",
    "sum": "op: add, from: [relu, again]",
}


def small(**conditions: Any) -> Data:
    return network_data(analyze(graph_of(SMALL, (3, 8, 8)), **conditions), (), ())


def test_a_small_network_by_hand() -> None:
    """Parameters 3·3·3·4 + 4 = 112 and 3·3·4·4 + 4 = 148; MACs 108·64 = 6,912, 144·64 = 9,216."""
    data = small()
    columns, texts = data["layers"], data["texts"]
    facts = [data["facts"][number] for number in columns["fact"]]
    assert columns["path"] == ["conv", "relu", "again", "sum"]
    assert [fact["params"] for fact in facts] == [112, 0, 148, 0]
    assert [fact["macs"] for fact in facts] == [6_912, 0, 9_216, 0]
    # relu writes where it reads: its output is conv's
    assert [fact["output_bytes"] for fact in facts] == [4 * 4 * 64] * 4
    assert columns["inputs"] == [[0], [1], [1], [2, 1]]
    assert [texts[fact["what"]] for fact in facts] == ["conv2d 3x3", "relu", "conv2d 3x3", "add"]
    assert columns["field"] == [[[3, 1, -1]], [[3, 1, -1]], [[5, 1, -2]], [[5, 1, -2]]]
    settings = [[texts[name], texts[value]] for name, value in facts[0]["settings"]]
    assert settings == [["out", "4"], ["kernel", "3x3"], ["padding", "1x1"]]
    assert texts[facts[3]["arrives"]] == "4x8x8 and 4x8x8"


def test_totals_and_conditions() -> None:
    data = small(batch=2, dtype="float16")
    assert (data["batch"], data["dtype"]) == (2, "float16")
    assert data["totals"]["params"] == 112 + 148
    assert data["totals"]["macs"] == 2 * (6_912 + 9_216)
    assert data["totals"]["lacking"] == []


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "swin_t", "nasnetamobile"])
def test_every_working_is_that_of_explain(name: str) -> None:
    analysis = analysed(name)
    data = network_data(analysis, (), ())
    columns, texts = data["layers"], data["texts"]
    for index in range(0, len(analysis.layers), 7):
        fact = data["facts"][columns["fact"][index]]
        shown = [[texts[part] for part in step] for step in fact["steps"] + columns["steps"][index]]
        assert shown == [list(step) for step in steps(analysis, index)], columns["path"][index]


def test_what_layers_share_is_written_once() -> None:
    """Of ResNet-50's 175 layers, 55 differ in op, settings, shapes or costs."""
    data = network_data(analysed("resnet50"), (), ())
    assert len(data["facts"]) == 55
    assert len(data["texts"]) == len(set(data["texts"]))


@pytest.mark.usefixtures("opaque")
def test_an_unknown_cost_is_null_and_named() -> None:
    layers = {"conv": "op: conv2d, out: 4, kernel: 3", "secret": "op: opaque"}
    data = network_data(analyze(graph_of(layers, (3, 8, 8))), (), ())
    facts = [data["facts"][number] for number in data["layers"]["fact"]]
    assert [fact["macs"] for fact in facts] == [3 * 3 * 3 * 4 * 6 * 6, None]
    assert [fact["saved_bytes"] for fact in facts][1] is None
    assert data["totals"]["lacking"] == ["macs", "saved_bytes"]
    assert data["layers"]["field"][1] == ["unknown"]


def test_auxiliary_heads_are_told() -> None:
    data = network_data(analysed("googlenet"), (), ())
    columns = data["layers"]
    assert columns["aux"]
    assert all(columns["path"][index].startswith("aux") for index in columns["aux"])


def test_texts_are_printable() -> None:
    texts = Texts()
    assert texts.place("a\u202e") == texts.place("a\u202e") == 0
    assert list(texts.places) == ["a\\u202e"]
