"""Budgets of a step of training: its memory and its arithmetic, and their conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archprof.commands.check.conditions import Conditions
from archprof.commands.check.config import BudgetTable, Config
from archprof.problem import Mark
from tests.command_line import Run
from tests.commands.check.checked import net, result, said, write

MARK = Mark("archprof.toml", 3, 1)
FC = "fc: {op: linear, out: 2}"
# Three samples of 4 features. At the peak, in the loss's backward: input 48 and targets 24, weights
# and bias 40, the scores' logarithms 24, the loss and its count 8, two gradients of 24.
PEAK = 48 + 24 + 40 + 24 + 8 + 2 * 24
# Forward 2*24 and 6 biases, backward 2*24, 6 and 4*6 for the loss, the update 2 for each of 10.
FLOPS = (48 + 6) + (48 + 6 + 24) + 20


def linear(tail: str = "") -> str:
    return net(FC, head="input: 4", tail=tail)


def configured(limit: str, value: int, *conditions: tuple[str, Any]) -> list[str]:
    """What a budget of a configuration finds, under conditions of its own."""
    table = BudgetTable("*", "*", "", "", ((limit, value, MARK),), conditions)
    found = result(linear(), Config(budgets=(table,))).findings
    return [finding.problem.message for finding in found if finding.problem.rule == "budget"]


@pytest.mark.parametrize(
    ("limit", "exact", "over"),
    [
        ("max_training_memory", PEAK, "training_peak_bytes 192, its budget is 191"),
        ("max_step_flops", FLOPS, "step_flops 152, its budget is 151"),
    ],
)
def test_exactly_the_budget_is_within_it(limit: str, exact: int, over: str) -> None:
    at = Conditions(batch=3)
    assert said(linear(f"budget: {{{limit}: {exact}}}"), "budget", at) == []
    assert said(linear(f"budget: {{{limit}: {exact - 1}}}"), "budget", at) == [
        (5, f"net has {over}: more by 1")
    ]


@pytest.mark.parametrize(
    ("conditions", "peak"),
    [
        ({}, PEAK),
        ({"accumulate": 7}, PEAK + 40),  # the gradients of earlier passes
        ({"optimizer": "momentum"}, PEAK + 40),
        ({"optimizer": "momentum", "freeze": ("fc",)}, 48 + 24 + 40 + 24 + 24 + 8),
        # all in half: but the targets, 24, and the loss's count
        ({"dtype": "float16"}, 24 + 24 + 20 + 12 + 4 + 2 * 12),
    ],
)
def test_conditions_of_the_command_line(conditions: dict[str, Any], peak: int) -> None:
    at = Conditions(batch=3, **conditions)
    assert said(linear(f"budget: {{max_training_memory: {peak}}}"), "budget", at) == []
    ((_, message),) = said(linear(f"budget: {{max_training_memory: {peak - 1}}}"), "budget", at)
    assert message.endswith("more by 1")


def test_a_budget_of_a_configuration_states_its_own() -> None:
    assert configured("max_training_memory", PEAK, ("batch", 3)) == []
    assert configured("max_training_memory", PEAK - 1, ("batch", 3)) == [
        "net (batch 3) has training_peak_bytes 192, its budget is 191: more by 1"
    ]
    assert configured("max_step_flops", 10, ("batch", 3), ("optimizer", "adamw,fused"))[
        0
    ].startswith("net (batch 3, optimizer adamw,fused) has step_flops ")
    # 3*4*2 of a batch of 3, whatever is trained
    assert configured("max_macs", 23, ("batch", 3)) == [
        "net (batch 3) has macs 24, its budget is 23: more by 1"
    ]


def test_a_budget_of_a_spec_states_its_own() -> None:
    """Of one image: 3*4*2 are its MACs in a batch of three."""
    tail = "budget: [{{max_macs: 8}}, {{max_training_memory: {}, max_macs: {}, batch: 3}}]"
    assert said(linear(tail.format(PEAK, 24)), "budget") == []
    assert said(linear(tail.format(PEAK - 1, 23)), "budget", Conditions(batch=7)) == [
        (5, "net has macs 56, its budget is 8: more by 48"),
        (5, "net (batch 3) has training_peak_bytes 192, its budget is 191: more by 1"),
        (5, "net (batch 3) has macs 24, its budget is 23: more by 1"),
    ]


def test_a_variants_limit_replaces_the_one_under_the_same_conditions() -> None:
    tail = (
        f"budget: {{max_training_memory: {PEAK - 1}, batch: 3}}\nvariants:\n"
        f"  more: {{budget: {{max_training_memory: {PEAK}, batch: 3}}}}\n"
        "  other: {budget: {max_training_memory: 1, batch: 1}}\n"
    )
    found = [message for _, message in said(linear(tail), "budget")]
    over = "(batch 3) has training_peak_bytes 192, its budget is 191: more by 1"
    assert [one for one in found if "batch 3" in one] == [f"net {over}", f"other {over}"]
    assert [one.partition(" has")[0] for one in found if "batch 1" in one] == ["other (batch 1)"]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (("freeze", ("conv*",)), "net (freeze conv*): `conv*` names no parameter of net"),
        (("checkpoint", "unit"), "net (checkpoint unit): net has no block and no path `unit`"),
    ],
)
def test_conditions_that_a_network_cannot_have(condition: tuple[str, Any], says: str) -> None:
    assert configured("max_training_memory", 10**9, condition) == [says]


def test_autocast_narrows_float32_alone() -> None:
    (found,) = configured("max_step_flops", 10**9, ("dtype", "float16"), ("amp", "float16"))
    assert found.startswith("net (dtype float16, amp float16): autocast narrows float32")


@pytest.mark.usefixtures("opaque")
@pytest.mark.parametrize(
    ("limit", "lacking"), [("max_training_memory", "saved memory"), ("max_step_flops", "cost")]
)
def test_a_lower_bound_within_a_budget_is_no_answer(limit: str, lacking: str) -> None:
    text = net("what: {op: opaque}", FC, head="input: 4", tail=f"budget: {{{limit}: 1M}}")
    if limit == "max_training_memory":
        text = text.replace("1M", "1MiB")
    ((_, message),) = said(text, "budget")
    assert " at least " in message
    assert message.endswith(f"cannot tell, the {lacking} of `what` is unknown")


# Four convolutions that each keep what the activation before made, 8x16x16 floats
MAP = 8 * 16 * 16 * 4
CONVOLUTIONS = [
    f"{name}{i}: {{op: {op}}}"
    for i in range(4)
    for name, op in (("c", "conv2d, out: 8, kernel: 3, padding: 1"), ("r", "sigmoid"))
]


def chain(limits: str, checkpoint: str) -> list[str]:
    """What is found of a chain of convolutions that is trained within limits."""
    text = net(*CONVOLUTIONS, head="input: 8x16x16", tail=f"budget: {{{limits}}}")
    found = said(text, "budget", Conditions(checkpoint=checkpoint))
    return [message for _, message in found]


def exact(quantity: str, message: str) -> int:
    """The number of a quantity that a message states."""
    number = message.partition(f"{quantity} ")[2].split()[0]
    return int(number.rstrip(",").replace(",", ""))


def test_checkpoints_that_keep_a_budget() -> None:
    """A limit that is short of the peak by less than what need not be kept holds with `auto`."""
    (over,) = chain("max_training_memory: 1", "")
    limit = exact("training_peak_bytes", over) - MAP
    assert len(chain(f"max_training_memory: {limit}", "")) == 1
    assert chain(f"max_training_memory: {limit}", "auto") == []
    # of the plan with the least peak, where none fits
    (least,) = chain("max_training_memory: 1", "auto")
    assert exact("training_peak_bytes", least) <= limit


def test_flops_of_checkpoints_that_keep_a_budget() -> None:
    """What runs again counts, as far as the memory beside makes it run again."""
    (over,) = chain("max_training_memory: 1", "")
    peak = exact("training_peak_bytes", over)
    (without,) = chain("max_step_flops: 1", "")
    (enough,) = chain(f"max_step_flops: 1, max_training_memory: {peak}", "auto")
    (short,) = chain(f"max_step_flops: 1, max_training_memory: {peak - MAP}", "auto")
    assert exact("step_flops", enough) == exact("step_flops", without)
    assert exact("step_flops", short) > exact("step_flops", without)


def test_the_least_of_several_memories_holds() -> None:
    """That of the configuration would need no checkpoints, that of the spec does."""
    (over,) = chain("max_training_memory: 1", "")
    peak = exact("training_peak_bytes", over)
    (without,) = chain("max_step_flops: 1", "")
    text = net(
        *CONVOLUTIONS,
        head="input: 8x16x16",
        tail=f"budget: {{max_step_flops: 1, max_training_memory: {peak - MAP}}}",
    )
    table = BudgetTable("*", "*", "", "", (("max_training_memory", peak, MARK),), ())
    found = result(text, Config(budgets=(table,)), at=Conditions(checkpoint="auto")).findings
    (message,) = [f.problem.message for f in found if "step_flops" in f.problem.message]
    assert exact("step_flops", message) > exact("step_flops", without)


def test_checkpoints_without_a_memory() -> None:
    (message,) = chain("max_step_flops: 1T", "auto")
    assert "`auto` looks for a plan that fits into a memory" in message


TOML = """
[[budget]]
network = "resnet18"
max_training_memory = {limit}
batch = 4
optimizer = "momentum"
device = "cpu"
"""


def test_the_memory_that_a_real_step_took(run: Run, tmp_path: Path) -> None:
    """219,475,368 bytes, ResNet-18 with momentum on a CPU, as torch counted them."""
    exact = write(tmp_path, "exact.toml", TOML.format(limit=219_475_368))
    less = write(tmp_path, "less.toml", TOML.format(limit=219_475_367))
    assert run("check", "resnet18", "--select", "budget", "--config", exact).code == 0
    over = run("check", "resnet18", "--select", "budget", "--config", less)
    assert over.code == 1
    assert "resnet18 (batch 4, optimizer momentum, device cpu) has training_peak_bytes" in over.out


def test_a_pattern_of_the_command_line_that_names_nothing(run: Run) -> None:
    refused = run("check", "resnet18", "--at", "freeze=nothing.*")
    assert refused.code == 1
    assert "--at: error: `nothing.*` names no parameter of resnet18" in refused.out
