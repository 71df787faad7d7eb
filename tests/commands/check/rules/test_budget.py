"""Budgets of networks, variants and blocks, at their edges."""

from __future__ import annotations

import pytest

from archprof.commands.check.conditions import Conditions
from archprof.commands.check.config import BudgetTable, Config, known
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.problem import Mark, Severity
from tests.commands.check.checked import net, result, said

CONV = "conv: {op: conv2d, out: 16, kernel: 3}"
# 3x32x32 in: (27 + 1)*16 = 448 parameters; 27*16*30*30 = 388_800 MACs; depth 1;
# weights 1_792 + input 12_288 + output 57_600 = 71_680 bytes


@pytest.mark.parametrize(
    ("limit", "exact", "over"),
    [
        ("max_params", 448, "params 448, its budget is 447"),
        ("max_macs", 388_800, "macs 388,800, its budget is 388,799"),
        ("max_depth", 1, "depth 1, its budget is 0"),
        (
            "max_peak_memory",
            71_680,
            "peak_inference_bytes 71,680 (70.0 KiB), its budget is 71,679 (70.0 KiB)",
        ),
    ],
)
def test_exactly_the_budget_is_within_it(limit: str, exact: int, over: str) -> None:
    assert said(net(CONV, tail=f"budget: {{{limit}: {exact}}}"), "budget") == []
    assert said(net(CONV, tail=f"budget: {{{limit}: {exact - 1}}}"), "budget") == [
        (5, f"net has {over}: more by 1")
    ]


@pytest.mark.parametrize(
    ("limit", "text"), [(1025, "1,025 (1.00 KiB)"), (1024, "1,024 (1.00 KiB)"), (1023, "1,023")]
)
def test_bytes_are_also_told_in_units_of_1024(limit: int, text: str) -> None:
    """8*4*4 outputs of an input of as many: 2 * 512 bytes; and as many more for the second."""
    ((_, message),) = said(
        net(
            "a: {op: tanh}",
            "b: {op: add, from: [a, input]}",
            head="input: 8x4x4",
            tail=f"budget: {{max_peak_memory: {limit}}}",
        ),
        "budget",
    )
    assert f"1,536 (1.50 KiB), its budget is {text}: more by {1536 - limit}" in message


def test_conditions_multiply_what_they_multiply() -> None:
    """Eight images: 8*388_800 MACs, no more parameters; half precision halves bytes."""
    text = net(CONV, tail="budget: {max_params: 448, max_macs: 388_800, max_peak_memory: 71_680}")
    at = Conditions(None, 8, "float32")
    assert [message.split()[2] for _, message in said(text, "budget", at)] == [
        "macs",
        "peak_inference_bytes",
    ]
    assert said(text, "budget", Conditions(None, 1, "float16")) == []
    assert [message.split()[2] for _, message in said(text, "budget", Conditions((3, 64, 64)))] == [
        "macs",
        "peak_inference_bytes",
    ]


def test_a_variant_changes_one_limit_and_keeps_the_others() -> None:
    text = net(
        "conv: {op: conv2d, out: $width, kernel: 3}",
        head="input: 3x32x32\nparams: {width: 16}",
        tail=(
            "budget: {max_params: 500, max_depth: 1}\nvariants:\n  wide: {width: 32, budget:"
            " {max_params: 900}}\n  wider: {width: 64}"
        ),
    )
    # 28*32 = 896, 28*64 = 1_792
    assert [(line, message.split()[0]) for line, message in said(text, "budget")] == [(6, "wider")]


BLOCKS = """name: net
input: 16x8x8
blocks:
  unit:
    params: {kernel: 3}
    budget: {%s}
    layers:
      a: {op: conv2d, out: 16, kernel: $kernel, padding: $kernel // 2, bias: false}
      relu: {op: relu}
      b: {op: conv2d, out: 16, kernel: $kernel, padding: $kernel // 2, bias: false}
      add: {op: add, from: [b, input]}
layers:
  one: {block: unit}
  pool: {op: max_pool2d, kernel: 2}
  two: {block: unit, with: {kernel: 5}}
  three: {block: unit, with: {kernel: 1}}
"""


@pytest.mark.parametrize(
    ("limit", "exact", "path"),
    [
        ("max_params", 2 * 16 * 16 * 25, "two"),
        ("max_macs", 2 * 16 * 16 * 9 * 64, "one"),  # at 8x8; `two` has 25 at 4x4
        ("max_depth", 2, "one"),
        # all weights; the input, a, and relu or b, each 16x8x8
        ("max_peak_memory", 4 * (2 * 16 * 16 * (9 + 25 + 1) + 3 * 16 * 64), "one"),
    ],
)
def test_each_use_of_a_block(limit: str, exact: int, path: str) -> None:
    assert said(BLOCKS % f"{limit}: {exact}", "budget") == []
    ((line, message),) = said(BLOCKS % f"{limit}: {exact - 1}", "budget")
    assert line == 6
    assert message.startswith(f"`{path}` (unit) of net has ")
    # all are as deep
    assert message.endswith(
        ": more by 1, and 2 more of its uses" if limit == "max_depth" else ": more by 1"
    )


def test_the_depth_of_a_block_is_that_of_its_longest_way() -> None:
    """Through two layers of weights, beside one: depth 2; a block without any has depth 0."""
    text = """name: net
input: 4
blocks:
  ways:
    budget: {max_depth: 1}
    layers:
      short: {op: linear, out: 4}
      long: {op: linear, out: 4, from: input}
      longer: {op: linear, out: 4}
      add: {op: add, from: [longer, short]}
      act: {op: relu}
  none: {budget: {max_depth: 0}, layers: [{op: relu}]}
layers: {a: {block: ways}, b: {block: none}}
"""
    assert [message for _, message in said(text, "budget")] == [
        "`a` (ways) of net has depth 2, its budget is 1: more by 1"
    ]
    assert said(text.replace("max_depth: 1", "max_depth: 2"), "budget") == []


def test_the_work_of_a_block_is_of_all_images() -> None:
    ((_, message),) = said(
        BLOCKS % f"max_macs: {3 * 2 * 16 * 16 * 9 * 64 - 1}",
        "budget",
        Conditions(None, 3, "float32"),
    )
    # 3*294,912
    assert message == "`one` (unit) of net has macs 884,736, its budget is 884,735: more by 1"


def test_the_use_that_is_furthest_over_and_how_many_others() -> None:
    ((_, message),) = said(BLOCKS % "max_params: 1_000", "budget")  # 4_608, 12_800 and 512
    assert (
        message
        == "`two` (unit) of net has params 12,800, its budget is 1,000: more by 11,800, and 1 more"
        " of its uses"
    )


def test_a_configurations_budget_is_told_at_the_network_and_says_where_it_stands() -> None:
    mark = Mark("archprof.toml", 3, 1)
    budgets = (
        BudgetTable("n*", "*", "", "", (("max_params", 100, mark),)),
        BudgetTable("other", "*", "", "", (("max_params", 1, mark),)),
        BudgetTable("*", "*", "un?t", "", (("max_params", 600, mark),)),
    )
    found = [finding.problem for finding in result(BLOCKS % "", Config(budgets=budgets)).findings]
    assert [(p.rule, p.mark.line, p.hint) for p in found] == [
        ("budget", 1, "the budget stands in archprof.toml:3:1"),
        ("budget", 15, "the budget stands in archprof.toml:3:1"),
    ]


def test_families_match_by_family_and_by_file() -> None:
    document = load_text(
        "name: mine\nfamily: ResNet\ninput: 3x8x8\nlayers: [{op: relu}]\nvariants: {small:"
        " {aliases: tiny}}"
    )
    small = list(networks(document))[1]
    assert [
        BudgetTable(network, family, "", "", ()).holds_for(known(small))
        for network, family in [
            ("small", "*"),
            ("tiny", "*"),
            ("mine", "*"),
            ("*", "resnet"),
            ("*", "min*"),
            ("*", "vgg"),
        ]
    ] == [True, True, False, True, True, False]


UNKNOWN = "what: {op: opaque}"


@pytest.mark.usefixtures("opaque")
@pytest.mark.parametrize(
    ("limit", "message", "severity"),
    [
        (
            388_799,
            "macs at least 388,800, its budget is 388,799: more by at least 1",
            Severity.error,
        ),
        (
            388_800,
            "macs at least 388,800, its budget is 388,800: cannot tell, the cost of `what` is"
            " unknown",
            Severity.error,
        ),
        (
            10**9,
            "macs at least 388,800, its budget is 1,000,000,000: cannot tell, the cost of `what`"
            " is unknown",
            Severity.error,
        ),
    ],
)
def test_a_lower_bound_exceeds_a_budget_or_nobody_can_tell(
    limit: int, message: str, severity: Severity
) -> None:
    outcome = result(net(CONV, UNKNOWN, tail=f"budget: {{max_macs: {limit}}}"))
    (found,) = [f for f in outcome.findings if f.problem.rule == "budget"]
    assert found.problem.message == f"net has {message}"
    assert found.severity is severity


@pytest.mark.usefixtures("opaque")
def test_a_budget_of_what_is_known_is_answered_beside_unknown_costs() -> None:
    tail = "budget: {max_params: 448, max_depth: 1}"
    assert said(net(CONV, UNKNOWN, tail=tail), "budget") == []


@pytest.mark.usefixtures("opaque")
@pytest.mark.parametrize(
    ("limit", "message", "severity"),
    [
        (
            388_799,
            "macs at least 388,800, its budget is 388,799: more by at least 1",
            Severity.error,
        ),
        (
            388_800,
            "macs at least 388,800, its budget is 388,800: cannot tell, the cost of `one.what` and"
            " 1 more layer are unknown",
            Severity.error,
        ),
    ],
)
def test_a_use_of_a_block_whose_cost_is_unknown(
    limit: int, message: str, severity: Severity
) -> None:
    text = net(
        "one: {block: unit}",
        head=(
            "input: 3x32x32\nblocks:\n  unit:\n"
            f"    budget: {{max_macs: {limit}}}\n    layers:\n      {CONV}\n"
            "      what: {op: opaque}\n      more: {op: opaque}"
        ),
    )
    (found,) = [f for f in result(text).findings if f.problem.rule == "budget"]
    assert found.problem.message == f"`one` (unit) of net has {message}"
    assert found.severity is severity
