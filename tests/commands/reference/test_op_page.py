"""The page of an op: its settings, and its example worked out."""

from __future__ import annotations

import pytest

from archprof.commands.reference.op_page import SettingRow, by_family, list_data, op_page, summary
from archprof.ops import OPS
from archprof.ops.family import FAMILIES


def test_a_convolution_by_hand() -> None:
    page = op_page(OPS["conv2d"])
    assert (page.name, page.family, page.inputs) == ("conv2d", "convolution", "1")
    assert page.settings[0] == SettingRow(
        "out", None, "a whole number of at least 1", "Channels of the output."
    )
    assert {row.name: row.default for row in page.settings} == {
        "out": None,
        "kernel": None,
        "stride": "1",
        "padding": "0",
        "dilation": "1",
        "groups": "1",
        "bias": "true",
        "padding_mode": "zeros",
    }
    conv, depthwise = page.layers
    assert (conv.path, conv.inputs, conv.output) == ("conv", ("3x32x32",), "16x16x16")
    # (3*3*3 + 1)*16, 27*16*16*16, twice that and a bias for each of 16*16*16 outputs
    assert [(s.quantity, s.result) for s in conv.steps] == [
        ("channels", "16"),
        ("height", "16"),
        ("width", "16"),
        ("params", "448"),
        ("MACs", "110,592"),
        ("FLOPs", "225,280"),
    ]
    assert conv.weights == (("weight", "16x3x3x3"), ("bias", "16"))
    assert depthwise.weights == (("weight", "16x1x3x3"),)
    assert conv.kept == depthwise.kept == ("its input",)


def test_only_layers_that_are_the_op_are_worked_out() -> None:
    assert [layer.path for layer in op_page(OPS["add"]).layers] == ["add"]


@pytest.mark.parametrize(
    ("op", "inputs"),
    [("parameter", "none"), ("relu", "1"), ("subtract", "2"), ("add", "2 or more")],
)
def test_how_many_inputs(op: str, inputs: str) -> None:
    assert op_page(OPS[op]).inputs == inputs


def test_between_two_numbers_of_inputs() -> None:
    assert op_page(OPS["attention"]).inputs == "3 to 4"


def test_a_weight_at_the_layers_own_path_says_so() -> None:
    (layer,) = op_page(OPS["parameter"]).layers
    assert layer.weights == (("the layer's own path", "49x64"),)


def test_a_summary_is_the_first_sentence() -> None:
    assert summary(OPS["reshape"]) == (
        "The same elements under another shape, torch.reshape; one dimension may be -1"
    )
    assert summary(OPS["relu"]) == "max(x, 0), torch.nn.ReLU"


def test_ops_stand_family_by_family() -> None:
    families = [op.family for op in by_family()]
    assert list(dict.fromkeys(families)) == list(FAMILIES)
    assert families == sorted(families, key=FAMILIES.index)
    assert sorted(entry["name"] for entry in list_data()) == sorted(OPS)
