"""The conventions of `--count` against records of the tools they are named after
(scripts/record_counts.py, scripts/record_timm.py).
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from archprof.analysis.analysis import analyze
from archprof.analysis.counting import CONVENTIONS, OPTIMIZERS, squeezes
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.override import override
from archprof.ops import OPS
from archprof.ops.elements import DTYPES
from tests.small import graph_of

COUNTS = Path(__file__).parents[1] / "data" / "counts"
TOOLS: dict[str, Any] = json.loads((COUNTS / "tools.json").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    with (COUNTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(graph: Graph, tools: dict[str, int | None]) -> dict[str, int | None]:
    """By tool what its convention counts, None where the tool itself failed."""
    return {
        tool: None if found is None else analyze(graph, count=tool).totals.counted
        for tool, found in tools.items()
    }


@pytest.mark.parametrize("network", TOOLS["networks"])
def test_every_tool_counts_the_network_so(network: str) -> None:
    recorded = TOOLS["networks"][network]
    assert counted(expand(find(network)), recorded) == recorded


PERMUTED = "op: permute, order: [1, 0]"
APART = {
    "op: attention, heads: 2, from: [p, p, p]": 6 * 3 * 2,  # two channels of 6*3 tokens
    "op: attention, heads: 1, from: [w, w, p]": 6 * 3 * 12,
}
"""Biases by the attention of permuted windows beside them: torch adds one to the product of tokens
that do not lie one after the other, and the counter of its operators counts the product alone.
"""


@pytest.mark.parametrize("case", TOOLS["ops"], ids=lambda case: f"{case['layers']} {case['input']}")
def test_every_tool_counts_the_op_so(case: dict[str, Any]) -> None:
    expected = dict(case["counts"])
    if case["layers"].get("p") == PERMUTED and "op: attention" in case["layers"]["x"]:
        # torch does not fuse attention of permuted tokens, here 6 of 8 channels: their products are
        # seen
        expected["ptflops_aten"] -= 2 * 6 * 6 * 8
    if case["layers"].get("p") == "op: permute, order: [1, 0, 2]":
        expected["ptflops_aten"] += APART.get(case["layers"]["x"], 0)
    assert counted(graph_of(case["layers"], tuple(case["input"])), case["counts"]) == expected


def test_what_the_records_hold() -> None:
    """Every tool's convention names the version that was recorded; only calflops failed, where
    it cannot count.
    """
    assert {tool: CONVENTIONS[tool].version for tool in TOOLS["versions"]} == TOOLS["versions"]
    assert set(TOOLS["versions"]) == {
        name for name, convention in CONVENTIONS.items() if convention.version
    } - {"timm"}
    everything = [*TOOLS["networks"].values(), *(case["counts"] for case in TOOLS["ops"])]
    assert all(set(counts) == set(TOOLS["versions"]) for counts in everything)
    assert {tool for counts in everything for tool, found in counts.items() if found is None} == {
        "calflops"
    }


@pytest.mark.parametrize(
    ("network", "tool", "figure"),
    [
        # printed by the tools for archprof's models of another day, in billions: an independent run
        ("resnet50", "ptflops", "4.1324"),
        ("resnet50", "ptflops_aten", "4.0892"),
        ("resnet50", "thop", "4.1337"),
        ("resnet18", "ptflops", "1.8253"),
        ("resnet18", "ptflops_aten", "1.8141"),
        ("resnet18", "thop", "1.8240"),
        ("mobilenet_v2_140", "ptflops", "0.6103"),
        ("mobilenet_v2_140", "ptflops_aten", "0.5822"),
        ("mobilenet_v2_140", "thop", "0.6206"),
        ("mobilenet_v3_large", "ptflops", "0.2319"),
        ("mobilenet_v3_large", "ptflops_aten", "0.2166"),
        ("mobilenet_v3_large", "thop", "0.2348"),
        ("densenet121", "ptflops", "2.8999"),
        ("densenet121", "ptflops_aten", "2.8342"),
        ("densenet121", "thop", "2.8971"),
        ("resnet50", "ptflops_modules", "4.1219"),  # 4.12 in the table of ptflops's README
    ],
)
def test_figures_known_before(network: str, tool: str, figure: str) -> None:
    assert f"{analyze(expand(find(network)), count=tool).totals.counted / 1e9:.4f}" == figure


def test_timms_result_files() -> None:
    """164 networks and resolutions, as all files print them but those of pt2.1.0, which leave
    attention's products out.
    """
    recorded = rows("timm_results.csv")
    differing = []
    for row in recorded:
        side = int(row["side"])
        graph = expand(override(find(row["network"]), {}, (3, side, side)))
        found = Decimal(analyze(graph, count="timm").totals.counted).scaleb(-9)
        if abs(found - Decimal(row["gmacs"])) > Decimal("0.005"):
            differing.append((row["network"], side, found, row["gmacs"]))
    assert (len(recorded), differing) == (164, [])
    attention = {row["network"]: (row["gmacs"], row["pt210"]) for row in recorded if row["pt210"]}
    assert attention["deit_tiny_patch16_224"] == ("1.26", "1.08")


ELSEWHERE = {
    "swin_t": 768 * 7 * 7,  # timm's head takes the mean of H×W×C
    # timm's has no pooling to 7x7, and one of 4096x1x1 behind the fully connected layers
    "vgg16_bn": 512 * 7 * 7 - 4096,
}
"""What timm's own code leaves out of a network that archprof ships as torchvision has it."""


@pytest.mark.parametrize("row", rows("timm_models.csv"), ids=lambda row: row["network"])
def test_timms_models(row: dict[str, str]) -> None:
    graph = expand(find(row["network"]))
    assert analyze(graph, count="timm").totals.counted - ELSEWHERE.get(row["network"], 0) == int(
        row["flops"]
    )
    assert CONVENTIONS["timm"].version == f"timm {row['version']}"


def test_a_squeeze_is_an_average_that_gates_its_own_input() -> None:
    gate = {
        "a": "op: relu",
        "p": "op: adaptive_avg_pool2d, size: 1",
        "s": "op: sigmoid",
        "x": "op: multiply, from: [a, s]",
    }
    assert squeezes(graph_of(gate, (4, 6, 8))) == {1}
    # a row for each column
    assert (
        squeezes(graph_of(gate | {"p": "op: adaptive_avg_pool2d, size: [1, 8]"}, (4, 6, 8)))
        == set()
    )
    # another tensor's average
    assert (
        squeezes(graph_of(gate | {"p": "op: adaptive_avg_pool2d, size: 1, from: input"}, (4, 6, 8)))
        == set()
    )
    assert analyze(graph_of(gate, (4, 6, 8)), batch=2, count="timm").totals.counted == 0
    assert (
        analyze(graph_of(gate, (4, 6, 8)), batch=2, count="fvcore").totals.counted == 2 * 4 * 6 * 8
    )


def test_the_batch_multiplies() -> None:
    graph = graph_of({"x": "op: batch_norm2d"}, (4, 6, 8))
    # 4 per element
    assert analyze(graph, batch=3, count="thop").totals.counted == 3 * 4 * (4 * 6 * 8)


def test_an_op_that_a_tool_does_not_name() -> None:
    """As in the tool, it counts nothing, whatever it costs."""
    assert CONVENTIONS["thop"].rule("table_conv2d") == CONVENTIONS["thop"].rule("no_such_op")
    assert (
        analyze(expand(find("lenet5")), count="thop").totals.counted
        < analyze(expand(find("lenet5")), count="macs").totals.counted
    )


def test_every_rule_has_its_words_and_its_number() -> None:
    rules = [rule for convention in CONVENTIONS.values() for rule in convention.rules.values()]
    assert all(isinstance(rule.words, str) and callable(rule.of) for rule in rules)


def test_every_rule_is_of_an_op() -> None:
    assert {op for convention in CONVENTIONS.values() for op in convention.rules} <= set(OPS)


@pytest.mark.parametrize(
    ("layer", "elements"),
    [
        ("op: conv2d, out: 5, kernel: 1", 5 * 6 * 8),
        ("op: conv_transpose2d, out: 5, kernel: 2, stride: 2", 5 * 12 * 16),
        ("op: linear, out: 3", 4 * 6 * 3),
        ("op: max_pool2d, kernel: 2", 4 * 3 * 4),
        ("op: avg_pool2d, kernel: 2", 4 * 3 * 4),
        ("op: adaptive_avg_pool2d, size: 1", 4),
        ("op: batch_norm2d", 0),
        ("op: relu", 0),
        ("op: flatten", 0),
        ("op: add, from: [input, input]", 0),
    ],
)
def test_a_lecture_adds_up_conv_pool_and_fc(layer: str, elements: int) -> None:
    assert analyze(graph_of({"x": layer}, (4, 6, 8))).totals.lecture_outputs_bytes == 4 * elements


def test_what_each_convention_counts_and_is_called() -> None:
    """Also by which versions of tools; `scripts/record_counts.py` records those."""
    assert {
        name: (convention.unit, convention.called, convention.version.partition(" ")[0])
        for name, convention in CONVENTIONS.items()
    } == {
        "full": ("FLOPs", "FLOPs of all arithmetic", ""),
        "macs": ("MACs", "MACs", ""),
        "torch": ("FLOPs", "2 per MAC", "torch"),
        "fvcore": ("fvcore flops", "fvcore's count", "fvcore"),
        "timm": ("timm GMACs", "timm's count", "timm"),
        "thop": ("thop MACs", "thop's count", "thop"),
        "ptflops": ("ptflops MACs", "ptflops's count", "ptflops"),
        "ptflops_modules": ("ptflops MACs", "ptflops's count (modules)", "ptflops"),
        "ptflops_aten": ("ptflops MACs", "ptflops's count (aten)", "ptflops"),
        "torchinfo": ("mult-adds", "torchinfo's mult-adds", "torchinfo"),
        "calflops": ("calflops FLOPs", "calflops's FLOPs", "calflops"),
        "deepspeed": ("DeepSpeed FLOPs", "DeepSpeed's FLOPs", "deepspeed"),
        "lecture": ("lecture FLOPs", "MACs and k*k per pooled output", ""),
    }


def test_every_rule_has_words_and_a_function() -> None:
    for convention in CONVENTIONS.values():
        for rule in (convention.otherwise, *convention.rules.values()):
            assert isinstance(rule.words, str)
            assert callable(rule.of)
        version = convention.version
        assert convention.described().endswith(f"; equals {version}" if version else "")
        assert convention.described().startswith(convention.meaning)


def test_sizes() -> None:
    assert DTYPES == {
        "float64": 64 // 8,
        "float32": 32 // 8,
        "float16": 16 // 8,
        "bfloat16": 16 // 8,
    }
    # the moments of Adam, two of them
    assert OPTIMIZERS == {"sgd": 0, "momentum": 1, "adam": 1 + 1, "adamw": 1 + 1}
