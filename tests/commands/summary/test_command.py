"""`archprof summary`: counting presets by hand, overrides, columns, and the JSON contract."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run

Summary = Callable[..., dict[str, Any]]

# AlexNet's layers as (kernel height * kernel width * input channels, outputs)
CONVS = [
    (11 * 11 * 3, 96, 55 * 55),
    (5 * 5 * 96, 256, 27 * 27),
    (3 * 3 * 256, 384, 13 * 13),
    (3 * 3 * 384, 384, 13 * 13),
    (3 * 3 * 384, 256, 13 * 13),
]
LINEARS = [(256 * 6 * 6, 4096), (4096, 4096), (4096, 1000)]
ALEX_PARAMS = [(window + 1) * out for window, out, _ in CONVS] + [
    (size + 1) * out for size, out in LINEARS
]
ALEX_MACS = sum(window * out * places for window, out, places in CONVS) + sum(
    size * out for size, out in LINEARS
)
ALEX_BIASED = sum(out * places for _, out, places in CONVS) + sum(out for _, out in LINEARS)
ALEX_RELUS = ALEX_BIASED - 1000
ALEX_POOLED = 96 * 27 * 27 + 256 * 13 * 13 + 256 * 6 * 6
ALEX_NORMED = 96 * 27 * 27 + 256 * 13 * 13

# ResNet-50's bottlenecks as (planes, places before, places after, blocks): 1x1, 3x3 with the
# stride, 1x1 to four times the planes
STAGES = [
    (64, 56 * 56, 56 * 56, 3),
    (128, 56 * 56, 28 * 28, 4),
    (256, 28 * 28, 14 * 14, 6),
    (512, 14 * 14, 7 * 7, 3),
]
STEM = 64 * 112 * 112
RES_MACS = 7 * 7 * 3 * STEM + 2048 * 1000
RES_NORMED = STEM
RES_RELUS = STEM
RES_ADDED = 0
channels = 64
for planes, before, after, blocks in STAGES:
    out = 4 * planes
    RES_MACS += (
        channels * planes * before
        + 9 * planes * planes * after
        + planes * out * after
        + channels * out * after
    )
    RES_MACS += (blocks - 1) * (out * planes + 9 * planes * planes + planes * out) * after
    RES_NORMED += (
        planes * before
        + planes * after
        + 2 * out * after
        + (blocks - 1) * (2 * planes + out) * after
    )
    RES_RELUS += (
        planes * before + planes * after + out * after + (blocks - 1) * (2 * planes + out) * after
    )
    RES_ADDED += blocks * out * after
    channels = out


def test_alexnet_is_the_lectures(summary: Summary) -> None:
    data = summary("alexnet")
    assert ALEX_PARAMS[0] == (11 * 11 * 3 + 1) * 96 == 34_944
    weighted = [layer for layer in data["layers"] if layer["params"]]
    assert [layer["params"] for layer in weighted] == ALEX_PARAMS
    assert data["totals"]["params"] == sum(ALEX_PARAMS) == 62_378_344
    assert [layer["output_shape"] for layer in weighted[:2]] == [
        [96, (227 - 11) // 4 + 1, 55],
        [256, 27, 27],
    ]
    assert data["totals"]["lecture_outputs_bytes"] == 4 * (ALEX_BIASED + ALEX_POOLED)


@pytest.mark.parametrize(
    ("network", "count", "expected"),
    [
        ("alexnet", "macs", ALEX_MACS),
        ("alexnet", "torch", 2 * ALEX_MACS),
        ("alexnet", "fvcore", ALEX_MACS),
        ("alexnet", "timm", ALEX_MACS),
        ("alexnet", "lecture", ALEX_MACS + 3 * 3 * ALEX_POOLED),
        (
            "alexnet",
            "full",
            2 * ALEX_MACS
            + ALEX_BIASED
            + ALEX_RELUS
            + (2 * 5 + 3) * ALEX_NORMED
            + (3 * 3 - 1) * ALEX_POOLED,
        ),
        ("resnet50", "macs", RES_MACS),
        ("resnet50", "torch", 2 * RES_MACS),
        ("resnet50", "fvcore", RES_MACS + 2 * RES_NORMED + 2048 * 7 * 7),
        ("resnet50", "timm", RES_MACS + 2 * RES_NORMED + 2048 * 7 * 7),
        ("resnet50", "lecture", RES_MACS + 3 * 3 * 64 * 56 * 56 + 7 * 7 * 2048),
        (
            "resnet50",
            "full",
            2 * RES_MACS
            + 1000
            + 2 * RES_NORMED
            + RES_RELUS
            + RES_ADDED
            + (3 * 3 - 1) * 64 * 56 * 56
            + 2048 * 7 * 7,
        ),
    ],
)
def test_count(summary: Summary, network: str, count: str, expected: int) -> None:
    data = summary(network, "--count", count)
    assert (
        data["totals"]["counted"] == expected == sum(layer["counted"] for layer in data["layers"])
    )
    assert data["count"] == count


def test_count_names_the_column_once(run: Run) -> None:
    for count, title in {
        "full": "FLOPs",
        "macs": "MACs",
        "torch": "torch FLOPs",
        "fvcore": "fvcore flops",
        "timm": "timm GMACs",
        "lecture": "lecture FLOPs",
    }.items():
        head = (
            run("summary", "alexnet", "--count", count, columns=200).out.splitlines()[1].split("  ")
        )
        assert [cell.strip() for cell in head].count(title) == 1
        assert [cell.strip() for cell in head].count("FLOPs") == 1


PER_IMAGE = ("macs", "flops", "counted", "sum_outputs_bytes", "lecture_outputs_bytes")


def test_batch_multiplies_arithmetic_and_outputs_only(summary: Summary) -> None:
    one, eight = summary("googlenet"), summary("googlenet", "--batch", 8)
    for quantity, value in one["totals"].items():
        if quantity in PER_IMAGE:
            assert eight["totals"][quantity] == 8 * value, quantity
        elif quantity in (
            "params",
            "aux_params",
            "buffers",
            "weight_bytes",
            "depth",
            "receptive_field",
        ):
            assert eight["totals"][quantity] == value, quantity
    for a, b in zip(one["layers"], eight["layers"], strict=True):
        assert (b["params"], b["macs"], b["output_bytes"], b["output_shape"]) == (
            a["params"],
            8 * a["macs"],
            8 * a["output_bytes"],
            a["output_shape"],
        )


def test_dtype_halves_bytes(summary: Summary) -> None:
    full, half, double = (
        summary("alexnet", "--dtype", dtype)["totals"]
        for dtype in ("float32", "bfloat16", "float64")
    )
    assert summary("alexnet", "--dtype", "float16")["totals"] == half
    for quantity in ("weight_bytes", "sum_outputs_bytes", "bytes_moved"):
        assert (2 * half[quantity], double[quantity]) == (
            full[quantity],
            2 * full[quantity],
        ), quantity
    # not so the peak: at half the width it comes at pool1, relu1 with pool1 and its int64 indices,
    # instead of at relu1 with conv1
    assert (
        half["peak_inference_bytes"]
        == half["weight_bytes"]
        + 2 * (3 * 227 * 227 + 96 * 55 * 55 + 96 * 27 * 27)
        + 8 * 96 * 27 * 27
    )
    assert full["peak_inference_bytes"] == full["weight_bytes"] + 4 * (
        3 * 227 * 227 + 2 * 96 * 55 * 55
    )
    assert (half["params"], half["macs"]) == (full["params"], full["macs"])


@pytest.mark.parametrize(
    ("optimizer", "copies"), [("sgd", 0), ("momentum", 1), ("adam", 2), ("adamw", 2)]
)
@pytest.mark.parametrize("ema", [False, True])
def test_training_memory(summary: Summary, optimizer: str, copies: int, ema: bool) -> None:
    data = summary("alexnet", "--optimizer", optimizer, *["--ema"] * ema)
    totals = data["totals"]
    assert (
        totals["training_bytes"]
        == 4 * totals["params"] * (2 + copies + ema) + totals["saved_bytes"]
    )
    assert (data["optimizer"], data["ema"]) == (optimizer, ema)


RESNET18_STEP = 219_475_368  # bytes a real step of torch took: batch 4, momentum, on a CPU


def test_the_peak_of_a_step_where_training_is_asked_about(run: Run, summary: Summary) -> None:
    asked = summary("resnet18", "--batch", "4", "--optimizer", "momentum")
    assert asked["totals"]["training_peak_bytes"] == RESNET18_STEP
    text = run("summary", "resnet18", "--batch", "4", "--optimizer", "momentum").out
    assert "a step takes 209 MiB at its peak, in backward, layer3.0.conv1" in " ".join(text.split())


def test_fit_has_the_same_peak(run: Run, summary: Summary) -> None:
    asked = ("resnet18", "--batch", "3", "--optimizer", "adamw", "--freeze", "layer1.*")
    (found,) = json.loads(run("fit", *asked, "--train", "-f", "json").out)["answers"]
    assert summary(*asked)["totals"]["training_peak_bytes"] == found["peak"]["bytes"]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ((), False),
        (("--batch", "4"), False),
        (("--sort", "params"), False),
        (("--optimizer", "sgd"), True),
        (("--ema",), True),
        (("--freeze", "c1"), True),
        (("--columns", "layer,saved"), True),
        (("--sort", "saved"), True),
    ],
)
def test_who_asks_for_no_training_waits_for_none(
    summary: Summary, run: Run, options: tuple[str, ...], asked: bool
) -> None:
    peak = summary("lenet5", *options)["totals"]
    assert (peak["training_peak_bytes"] is not None) == asked


def test_set_makes_another_network_and_says_so(run: Run, summary: Summary) -> None:
    """ResNet-101 is ResNet-50 with 23 blocks in its third stage; ResNet-50's own totals no
    longer bind.
    """
    data = summary("resnet50", "--set", "depths=[3,4,23,3]")
    assert data["totals"] == summary("resnet101")["totals"]
    assert (data["overrides"], summary("resnet101")["overrides"]) == ({"depths": [3, 4, 23, 3]}, {})
    assert (
        "· depths=[3,4,23,3] ·"
        in run(
            "summary", "resnet50", "--set", "depths=[3, 4, 23, 3]", columns=200
        ).out.splitlines()[0]
    )


def test_set_can_be_repeated(summary: Summary, spec: Callable[..., Path]) -> None:
    path = spec("fc: {op: linear, out: $a * $b}", head="input: 10\nparams: {a: 1, b: 2}")
    data = summary(path, "--set", "a=3", "--set", "b=5")
    assert (data["overrides"], data["totals"]["macs"]) == ({"a": 3, "b": 5}, 10 * 3 * 5)


def test_input_replaces_the_specs(summary: Summary) -> None:
    """AlexNet states shapes at 227 pixels; at 259, (259 - 11)/4 + 1 = 63 hold as well, and fc6
    grows.
    """
    data = summary("alexnet", "--input", "3x259x259")
    assert data["input"] == [3, 259, 259]
    assert data["layers"][0]["output_shape"] == [96, 63, 63]
    assert data["totals"]["params"] == sum(ALEX_PARAMS) + (256 * 7 * 7 - 256 * 6 * 6) * 4096


def test_depth_sums_up_stages(run: Run) -> None:
    lines = run("summary", "resnet50", "--depth", 1).out.splitlines()
    assert [line.split()[0] for line in lines[3:14]] == [
        "conv1",
        "bn1",
        "relu",
        "maxpool",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
        "avgpool",
        "flatten",
        "fc",
    ]
    assert lines[7].split()[1:5] == ["32", "layers", "256x56x56", "215,808"]  # 75,008 + 2 * 70,400


def test_full_shows_every_layer(run: Run, summary: Summary) -> None:
    lines = run("summary", "resnet50", "--full").out.splitlines()
    assert [line.split()[0] for line in lines[3:-1]][: len(summary("resnet50")["layers"])] == [
        layer["path"] for layer in summary("resnet50")["layers"]
    ]


def rows(run: Run, *arguments: str) -> list[dict[str, str]]:
    """A summary's rows as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(run("summary", *arguments, "--format", "csv").out)))


def test_csv_is_numbers(run: Run) -> None:
    found = rows(run, "alexnet")
    assert [int(row["Params"]) for row in found if row["Params"] != "0"] == [
        *ALEX_PARAMS,
        sum(ALEX_PARAMS),
    ]
    assert int(found[-1]["MACs"]) == ALEX_MACS == sum(int(row["MACs"]) for row in found[:-1])
    assert sum(float(row["Share"] or 0) for row in found) == pytest.approx(1, abs=1e-5)
    assert int(found[0]["Outputs (bytes)"]) == 4 * 96 * 55 * 55


@pytest.mark.parametrize(
    ("sort", "column"),
    [
        ("params", "Params"),
        ("macs", "MACs"),
        ("flops", "FLOPs"),
        ("memory", "Outputs (bytes)"),
        ("saved", "Saved (bytes)"),
        ("moved", "Moved (bytes)"),
    ],
)
def test_sort(run: Run, sort: str, column: str) -> None:
    found = rows(run, "alexnet", "--sort", sort)
    values = [int(row[column]) for row in found[:-1]]
    assert values == sorted(values, reverse=True)
    assert found[-1]["Layer"] == "Total"
    assert sorted(row["Layer"] for row in found) == sorted(
        row["Layer"] for row in rows(run, "alexnet")
    )


def test_columns(run: Run) -> None:
    done = run(
        "summary",
        "alexnet",
        "--columns",
        "layer, weights,start,notes,source,least,percent,buffers",
        columns=200,
    )
    assert done.out.splitlines()[1].split() == [
        "Layer",
        "Weights",
        "Start",
        "Notes",
        "Source",
        "Least",
        "Share",
        "Buffers",
    ]


def test_columns_too_wide_for_the_terminal_lose_no_number(run: Run) -> None:
    every = "layer,op,output,params,macs,flops,weights,memory,saved,moved,intensity,field"
    narrow, wide = (
        run("summary", "alexnet", "--columns", every, columns=columns).out.splitlines()
        for columns in (60, 300)
    )
    # the title takes two lines where it is narrow
    for a, b in zip(narrow[4:10], wide[3:9], strict=True):
        assert a.split()[-10:] == b.split()[-10:]


# --- the JSON ---

CONTRACT = {"schema", "network", "input", "batch", "dtype", "layers", "totals"}
LAYER = {
    "path",
    "op",
    "inputs",
    "output_shape",
    "params",
    "buffers",
    "macs",
    "flops",
    "weight_bytes",
    "output_bytes",
    "receptive_field",
    "source",
}
TOTALS = {
    "params",
    "buffers",
    "macs",
    "flops",
    "weight_bytes",
    "sum_outputs_bytes",
    "peak_inference_bytes",
    "depth",
}


def test_json_keeps_its_contract(summary: Summary) -> None:
    data = summary("alexnet")
    assert data.keys() >= CONTRACT
    assert data["schema"] == 1
    assert data["totals"].keys() >= TOTALS
    for layer in data["layers"]:
        assert layer.keys() >= LAYER
        assert layer["source"].keys() == {"file", "line"}
        assert layer["receptive_field"].keys() >= {"size", "jump", "start"}
    assert (data["layers"][0]["inputs"], data["layers"][1]["inputs"]) == (["input"], ["conv1"])


def test_json_on_a_pipe_and_in_a_file_are_the_same(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "alexnet.json"
    assert run("summary", "alexnet", "-f", "json", "-o", path) == (0, "", "")
    assert path.read_text(encoding="utf-8") == run("summary", "alexnet", "--format", "json").out


def test_json_of_a_network_that_cannot_be_built(run: Run, spec: Callable[..., Path]) -> None:
    done = run("summary", spec("a: {op: conv2d, out: 4, kernel: 9}"), "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert "net.yaml:4:" in done.err


def test_json_where_a_stated_shape_does_not_hold(run: Run, spec: Callable[..., Path]) -> None:
    """The numbers are what they are; the exit code says that the spec claims others."""
    done = run(
        "summary", spec("a: {op: conv2d, out: 4, kernel: 3, shape: 4x8x8}"), "--format", "json"
    )
    assert done.code == 1
    assert json.loads(done.out)["layers"][0]["output_shape"] == [4, 6, 6]


@pytest.mark.parametrize(
    ("text", "fields"), [("10", [None]), ("4x6", [None])], ids=["vector", "tokens"]
)
def test_networks_without_an_image(
    run: Run, summary: Summary, spec: Callable[..., Path], text: str, fields: list[None]
) -> None:
    path = spec("fc: {op: linear, out: 3}", head=f"input: {text}")
    data = summary(path)
    assert [layer["receptive_field"] for layer in data["layers"]] == fields
    assert data["totals"]["receptive_field"] is None
    assert run("summary", path).code == 0
    assert run("explain", path, "fc").code == 0


def test_one_layer(run: Run, spec: Callable[..., Path]) -> None:
    lines = run("summary", spec("a: {op: relu}")).out.splitlines()
    assert [line.split()[:2] for line in (lines[1], lines[3])] == [["Layer", "Op"], ["a", "relu"]]
    assert "0 layers with weights" in "\n".join(lines)


def test_an_input_that_makes_another_network_is_reported(run: Run) -> None:
    """AlexNet's head follows from its input: 62.4 M at 227 pixels, 91.7 M at 300.

    ResNet's comes after a global pooling.
    """
    text = " ".join(run("summary", "alexnet", "--input", "3x300x300").out.split())
    assert (
        "resized at 3x300x300 fc6 has other weights than at 3x227x227: 62.4 M -> 91.7 M parameters;"
        " a torch module built for 3x227x227 would refuse this input" in text
    )
    assert "unchecked `shape:` and `expect:` of the spec, which are about 3x227x227" in text
    same = run("summary", "resnet50", "--input", "3x320x320").out
    assert "resized" not in same
    assert "unchecked" in same
    assert "unchecked" not in run("summary", "resnet50").out


def test_the_json_says_what_another_input_changed(run: Run) -> None:
    found = json.loads(run("summary", "alexnet", "--input", "3x300x300", "--format", "json").out)[
        "resized"
    ]
    assert found == {
        "own_input": [3, 227, 227],
        "input": [3, 300, 300],
        "own_params": 62_378_344,
        "params": 91_738_472,
        "layers": [{"path": "fc6", "own": 4096 * (256 * 36 + 1), "given": 4096 * (256 * 64 + 1)}],
        "unchecked": ["shape", "expect"],
    }
    assert json.loads(run("summary", "alexnet", "--format", "json").out)["resized"] is None
