"""The JSON of a summary, for shipped networks of each kind and every option, against its published
schema.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.summary.contract import summary_schema
from archprof.commands.summary.summary_data import summary_data
from archprof.language.expand import expand
from archprof.language.find import find
from tests.contracts import fault
from tests.networks import shared

CONTRACT = Draft202012Validator(summary_schema())
VARIANTS: list[dict[str, Any]] = [
    {},
    {"batch": 8},
    {"dtype": "bfloat16"},
    {"dtype": "float64"},
    {"count": "full"},
    {"count": "torch"},
    {"count": "fvcore"},
    {"count": "timm"},
    {"count": "lecture"},
    {"optimizer": "adamw"},
    {"optimizer": "momentum", "ema": True},
    {"optimizer": "adam", "freeze": ["*.weight"]},
    {"batch": 1_000_000, "dtype": "float16", "count": "full"},
]


def checked(analysis: Analysis) -> dict[str, Any]:
    """The data as a reader gets it, found to be as published, whole numbers throughout, its
    layers adding up to the totals.
    """
    data: dict[str, Any] = json.loads(json.dumps(summary_data(analysis)))
    assert fault(CONTRACT, data) == ""
    depth = dict(data["stochastic_depth"] or {})
    depth.pop("expected_branches", None)  # an average
    assert not fractions({**data, "stochastic_depth": depth})
    totals, layers = data["totals"], data["layers"]
    main = [layer for layer in layers if not layer["aux"]]
    assert totals["trainable_params"] + totals["frozen_params"] == totals["params"]
    for quantity in ("params", "frozen_params", "buffers", "weight_bytes", "saved_bytes"):
        # null: unknown, which only the memory of an LSTM is
        assert totals[quantity] == sum(layer[quantity] or 0 for layer in layers), quantity
    for quantity in ("macs", "flops", "counted", "bytes_moved"):
        assert totals[quantity] == sum(layer[quantity] for layer in main), quantity
    assert totals["sum_outputs_bytes"] == sum(layer["output_bytes"] for layer in main)
    assert totals["aux_params"] == sum(layer["params"] for layer in layers if layer["aux"])
    assert totals["lecture_outputs_bytes"] <= totals["sum_outputs_bytes"]
    alive = sum(tensor["bytes"] for tensor in data["peak"]["alive"])
    assert (
        totals["peak_inference_bytes"]
        == totals["weight_bytes"] + alive + data["peak"]["inside_bytes"]
    )
    paths = [layer["path"] for layer in layers]
    assert len(set(paths)) == len(paths)
    seen = {data["inputs"][0]["name"]}
    for layer in layers:
        assert set(layer["inputs"]) <= seen
        seen.add(layer["path"])
    return data


def fractions(value: Any) -> list[float]:
    if isinstance(value, float):
        return [value]
    children: Any = value if isinstance(value, list) else ()
    if isinstance(value, dict):
        children = value.values()
    return [found for child in children for found in fractions(child)]


@pytest.mark.parametrize("name", shared.OF_EACH_KIND)
def test_shipped(name: str) -> None:
    assert checked(analyze(shared.graph(name)))["network"] == name


@pytest.mark.parametrize("options", VARIANTS, ids=str)
@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet18"])
def test_options(name: str, options: dict[str, Any]) -> None:
    data = checked(analyze(expand(find(name)), **options))
    for key, default in {
        "batch": 1,
        "dtype": "float32",
        "count": "full",
        "optimizer": "sgd",
        "ema": False,
    }.items():
        assert data[key] == options.get(key, default)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"batch": 0},
        {"batch": 1.5},
        {"dtype": "float8"},
        {"count": "papers"},
        {"totals": {}},
        {"layers": [{}]},
        {"extra": 1},
        {"input": ["3"]},
        {"peak": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_schema_refuses(change: dict[str, Any]) -> None:
    assert not CONTRACT.is_valid(summary_data(analyze(expand(find("alexnet")))) | change)


def test_fields_by_hand() -> None:
    """AlexNet's receptive fields as lectures work them out; what sees everything says so."""
    layers = {
        layer["path"]: layer["receptive_field"]
        for layer in summary_data(analyze(expand(find("alexnet"))))["layers"]
    }
    assert layers["conv1"] == {
        "size": [11, 11],
        "jump": [4, 4],
        "start": [0, 0],
        "least": [11, 11],
        "whole": [False, False],
        "aligned": True,
    }
    sizes = {
        "pool1": 11 + 2 * 4,
        "conv2": 19 + 4 * 8,
        "pool2": 51 + 2 * 8,
        "conv3": 67 + 2 * 16,
        "conv4": 99 + 2 * 16,
        "conv5": 131 + 2 * 16,
        "pool3": 163 + 2 * 16,
    }
    assert {path: layers[path]["size"] for path in sizes} == {
        path: [size, size] for path, size in sizes.items()
    }
    assert (layers["fc6"]["whole"], layers["fc6"]["size"], layers["fc6"]["jump"]) == (
        [True, True],
        [227, 227],
        [0, 0],
    )
