"""The counting conventions as tables."""

from __future__ import annotations

from typing import Any

from archprof.analysis.counting import CONVENTIONS
from archprof.analysis.tool_rules import Rules
from archprof.autograd.rates import BACKWARD
from archprof.ops.rates import FORMULAS, RATES
from archprof.show.table import Table, TableColumn
from archprof.training.update_rates import UPDATE

PRODUCTS_BACKWARD = [
    ["convolution, linear, matmul", "2 per MAC of the forward pass for each gradient; bias 1"],
    ["fused attention", "5 per MAC of the forward pass"],
]
"""Costs of the backward pass that are not a rate per element."""

MODEL = [
    (
        "model",
        (
            "archprof's own in torch; in other code the same network can count otherwise: x.mean()"
            " is not pooling to most tools, and torchvision's ViT does not call its output"
            " projections as modules, so that torchinfo prints 173 M for ViT-B/16, not 180 M"
        ),
    )
]
"""Of which model the tools' figures are."""


def conventions_data() -> dict[str, Any]:
    """Return the conventions as data: presets, FLOPs per output element, and costs by formula."""
    presets = {
        name: {
            "unit": c.unit,
            "meaning": c.meaning,
            "equals": c.version or None,
            "rules": {op: rule.words for op, rule in c.rules.items()},
            "otherwise": c.otherwise.words,
        }
        for name, c in CONVENTIONS.items()
    }
    return {
        "presets": presets,
        "flops_per_output_element": RATES,
        "formulas": FORMULAS,
        "backward_flops_per_element": BACKWARD,
        "update_flops_per_parameter": UPDATE,
    }


def conventions_tables() -> list[Table]:
    """Return the presets of `--count`, what each tool counts, and the FLOPs of each op."""
    presets = [[name, c.unit, c.described()] for name, c in CONVENTIONS.items()]
    rates = _by_rate(RATES, "per output element")
    backward = [*PRODUCTS_BACKWARD, *_by_rate(BACKWARD, "per element of the gradient")]
    left = [
        TableColumn("--count", right=False),
        TableColumn("Unit", right=False),
        TableColumn("What it counts", right=False, wraps=True),
    ]
    right = [
        TableColumn("Op", right=False, wraps=True),
        TableColumn("FLOPs in evaluation", right=False, wraps=True),
    ]
    tools = [
        [name, ", ".join(ops), words]
        for name, c in CONVENTIONS.items()
        for words, ops in _by_rule(c.rules).items()
    ]
    named = [
        TableColumn("--count", right=False),
        TableColumn("Op", right=False, wraps=True),
        TableColumn("What one layer counts", right=False, wraps=True),
    ]
    return [
        Table(left, presets, "Whose arithmetic: summary --count"),
        Table(named, tools, "What each tool counts; ops that it does not name count 0", MODEL),
        Table(right, [*map(list, FORMULAS.items()), *rates], "What each op costs: --count full"),
        Table(
            [
                TableColumn("Kernel", right=False, wraps=True),
                TableColumn("FLOPs backwards", right=False),
            ],
            backward,
            "What a backward pass costs: fit --train",
        ),
        Table(
            [TableColumn("Optimizer", right=False), TableColumn("FLOPs of an update", right=False)],
            _by_rate(UPDATE, "per parameter"),
            "What an update costs: fit --train --optimizer",
        ),
    ]


def _by_rate(rates: dict[str, int], unit: str) -> list[list[str]]:
    """Return what costs the same in one row, the cheapest first."""
    found: dict[int, list[str]] = {}
    for name, rate in rates.items():
        found.setdefault(rate, []).append(name)
    return [[", ".join(found[rate]), f"{rate} {unit}"] for rate in sorted(found)]


def _by_rule(rules: Rules) -> dict[str, list[str]]:
    """Return the ops of each rule, by the words of the rule."""
    found: dict[str, list[str]] = {}
    for op, rule in rules.items():
        found.setdefault(rule.words, []).append(op)
    return found
