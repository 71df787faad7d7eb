"""Budgets as a spec writes them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from archprof.language.budget import LIMITS, parse_limit
from archprof.language.document import stated_limits
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.problem import ProblemError

HEAD = "name: net\ninput: 3x8x8\nlayers: [{op: relu}]\n"


@pytest.mark.parametrize(
    ("name", "value", "means"),
    [
        ("max_params", 25_600_000, 25_600_000),
        ("max_params", "25.6M", 25_600_000),
        ("max_params", "25.6 M", 25_600_000),
        ("max_params", "1_000", 1000),
        ("max_macs", "4.089184256G", 4_089_184_256),
        ("max_macs", 0, 0),
        ("max_peak_memory", "120 MiB", 120 * 2**20),
        ("max_peak_memory", "1.5 kB", 1500),
        ("max_peak_memory", "0.5KiB", 512),
        ("max_peak_memory", "7B", 7),
        ("max_peak_memory", "24G", 24 * 10**9),
        ("max_peak_memory", "24gb", 24 * 10**9),
        ("max_peak_memory", "24gib", 24 * 2**30),
        ("max_peak_memory", "24Gi", 24 * 2**30),
        ("max_training_memory", "24 GiB", 24 * 2**30),
        ("max_step_flops", "1.5T", 15 * 10**11),
        ("max_depth", 50, 50),
        ("max_depth", "50", 50),
        ("min_receptive_field", 427, 427),
        ("max_latency_ms", 2.5, Fraction(5, 2)),
        ("max_latency_ms", 1, 1),
    ],
)
def test_means(name: str, value: Any, means: object) -> None:
    assert parse_limit(name, value) == means


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_params", -1),
        ("max_params", "1.5"),
        ("max_params", "0.0001K"),
        ("max_params", "25.6 MiB"),
        ("max_params", True),
        ("max_params", None),
        ("max_params", 1.5),
        ("max_params", "1e6"),
        ("max_params", "M"),
        ("max_params", " 1"),
        ("max_params", "9" * 30),
        ("max_params", "1\n"),
        ("max_params", [1]),
        ("max_params", 10**19),
        ("max_depth", "5K"),
        ("min_receptive_field", "3x3"),
        ("max_peak_memory", "1.5 B"),
        ("max_peak_memory", "1 bit"),
        ("max_params", "25m"),
        ("max_latency_ms", 0),
        ("max_latency_ms", "2"),
        ("max_latency_ms", 1e10),
        ("max_latency_ms", True),
        ("max_params", "١"),
    ],
)
def test_means_nothing(name: str, value: Any) -> None:
    assert parse_limit(name, value) is None


def test_where_a_spec_has_them() -> None:
    document = load_text(
        HEAD
        + "budget: {max_params: 1K}\nblocks: {b: {budget: {max_depth: 1}, layers: [{op: relu}]}}\n"
        "variants: {v: {budget: {max_macs: 2}}}\n"
    )
    (own,) = document.about["budget"].data
    assert {name: limit.data for name, limit in own.limits.items()} == {"max_params": 1000}
    assert own.conditions == ()
    assert {
        name: (limit.data, limit.mark.line) for name, limit in document.blocks["b"].budget.items()
    } == {"max_depth": (1, 5)}
    _, variant = networks(document)
    assert variant.variant
    assert list(stated_limits(variant.variant.about["budget"].data)) == [("max_macs", ())]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "budget: {max_parms: 1}",
            "4:10: error: unknown key `max_parms` in `budget` [unknown-key]",
        ),
        (
            "budget: {training_memory: 24 GiB}",
            (
                "unknown key `training_memory` in `budget` [unknown-key]\n    budget:"
                " {training_memory: 24 GiB}\n             ^\n  hint: it is called"
                " `max_training_memory` here"
            ),
        ),
        (
            "budget: {max_params: lots}",
            (
                "4:22: error: the budget `max_params` is 'lots', expected a whole number, or one"
                " such as 25.6M [kind]"
            ),
        ),
        (
            "budget: {max_params: }",
            "error: the budget `max_params` is nothing, expected a whole number",
        ),
        ("budget: 1", "4:9: error: `budget` is 1, expected a mapping [kind]"),
        ("budget: [1]", "4:10: error: `budget` is 1, expected a mapping [kind]"),
        ("budget: {batch: 4}", "4:9: error: this budget limits nothing [kind]"),
        (
            "budget: {max_macs: 1, amp: float16}",
            "4:23: error: `amp` is of a step of training, which this budget does not limit [kind]",
        ),
        (
            "budget: {max_macs: 1, device: cpu}",
            "4:23: error: `device` is of a step of training, which this budget does not limit",
        ),
        (
            "budget: {max_latency_ms: 1, batch: 4}",
            "4:10: error: `max_latency_ms` is measured under the conditions of --at",
        ),
        (
            "budget: {max_macs: 1, batch: 0}",
            "4:30: error: `batch` of a budget is 0, expected a whole number from 1 to 1,000,000",
        ),
        (
            "budget: {max_step_flops: 1, optimizer: [adamw, fusedd]}",
            "4:40: error: `optimizer` of a budget is ['adamw', 'fusedd'], there is no `fusedd`",
        ),
        (
            "budget: {max_step_flops: 1, freeze: []}",
            "`freeze` of a budget is [], expected a pattern of parameters' names",
        ),
        (
            "budget: {max_step_flops: 1, batch_size: 4}",
            "unknown key `batch_size` in `budget`",
        ),
        (
            "blocks: {b: {budget: {max_macs: 1, batch: 4}, layers: [{op: relu}]}}",
            "unknown key `batch` in `budget`",
        ),
        ("budget: {max_latency_ms: slow}", "expected milliseconds, a number above 0"),
        (
            "blocks: {b: {budget: {max_latency_ms: 1}, layers: [{op: relu}]}}",
            "unknown key `max_latency_ms` in `budget`",
        ),
        (
            "blocks: {b: {budget: {max_training_memory: 1}, layers: [{op: relu}]}}",
            "unknown key `max_training_memory` in `budget`",
        ),
        ("params: {budget: 3}", "`budget` is a word of the language"),
    ],
)
def test_mistakes(text: str, says: str) -> None:
    with pytest.raises(ProblemError) as raised:
        load_text(HEAD + text + "\n", "net.yaml")
    assert says in str(raised.value)


def test_a_list_has_conditions_of_each() -> None:
    text = """budget:
  - {max_params: 5K}
  - {max_training_memory: 1 MiB, max_step_flops: 1M, batch: 64, optimizer: [adamw, fused],
     amp: bfloat16, freeze: 'fc*', checkpoint: auto, accumulate: 4, dtype: float32, device: cpu}
"""
    plain, step = load_text(HEAD + text, "net.yaml").about["budget"].data
    assert {name: limit.data for name, limit in plain.limits.items()} == {"max_params": 5000}
    assert plain.conditions == ()
    assert {name: limit.data for name, limit in step.limits.items()} == {
        "max_training_memory": 2**20,
        "max_step_flops": 10**6,
    }
    assert dict(step.conditions) == {
        "batch": 64,
        "dtype": "float32",
        "optimizer": "adamw,fused",
        "amp": "bfloat16",
        "freeze": ("fc*",),
        "checkpoint": "auto",
        "accumulate": 4,
        "device": "cpu",
    }


def test_every_limit_says_what_it_expects() -> None:
    for limit in LIMITS.values():
        assert limit.expected
