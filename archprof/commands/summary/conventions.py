"""The counting conventions as tables."""

from __future__ import annotations

from typing import Any

from archprof.analysis.counting import CONVENTIONS
from archprof.analysis.tool_rules import Rules
from archprof.ops.rates import FORMULAS, RATES
from archprof.show.table import Column, Table

MODEL = [
    (
        "model",
        (
            "archprof's own in torch; in other code the same network can count otherwise: x.mean()"
            " is no pooling to most tools, and torchvision's ViT calls its output projections as no"
            " modules, so that torchinfo prints 173 M for ViT-B/16, not 180 M"
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
    return {"presets": presets, "flops_per_output_element": RATES, "formulas": FORMULAS}


def conventions_tables() -> list[Table]:
    """Return the presets of `--count`, what each tool counts, and the FLOPs of each op."""
    presets = [[name, c.unit, c.described()] for name, c in CONVENTIONS.items()]
    by_rate: dict[int, list[str]] = {}
    for op, rate in RATES.items():
        by_rate.setdefault(rate, []).append(op)
    rates = [[", ".join(by_rate[rate]), f"{rate} per output element"] for rate in sorted(by_rate)]
    left = [
        Column("--count", right=False),
        Column("Unit", right=False),
        Column("What it counts", right=False, wraps=True),
    ]
    right = [
        Column("Op", right=False, wraps=True),
        Column("FLOPs in evaluation", right=False, wraps=True),
    ]
    tools = [
        [name, ", ".join(ops), words]
        for name, c in CONVENTIONS.items()
        for words, ops in _by_rule(c.rules).items()
    ]
    named = [
        Column("--count", right=False),
        Column("Op", right=False, wraps=True),
        Column("What one layer counts", right=False, wraps=True),
    ]
    return [
        Table(left, presets, "Whose arithmetic: summary --count"),
        Table(named, tools, "What each tool counts; ops that it does not name count 0", MODEL),
        Table(right, [*map(list, FORMULAS.items()), *rates], "What each op costs: --count full"),
    ]


def _by_rule(rules: Rules) -> dict[str, list[str]]:
    """Return the ops of each rule, by the words of the rule."""
    found: dict[str, list[str]] = {}
    for op, rule in rules.items():
        found.setdefault(rule.words, []).append(op)
    return found
