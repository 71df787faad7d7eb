"""Values and decisions as text for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from archprof import units
from archprof.commands.lecture.claims.figures import volume_text
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.decision import Decision
from archprof.commands.lecture.deciding.values import (
    BlockByBlock,
    Deviation,
    Fault,
    HandCalculation,
    Instead,
    PublishedReport,
    Reported,
    Result,
    WrongFormula,
)
from archprof.commands.lecture.deciding.verdicts import HOLDS_AS

SELDOM, RARE = 20, 1000
"""Luck is hardly so where it is once in as many times, and not at all where it is so rare."""

# --- values ---


def result_text(value: Result, unit: str = "", channels_last: bool = False) -> str:
    """Return a number or a shape as text: exact where it is whole, four digits where it is not."""
    if isinstance(value, tuple):
        return volume_text(value, channels_last)
    value = Fraction(value)
    if unit == "%":
        return f"{float(value):.2%}"
    text = _number_text(value)
    return f"{text}x" if unit == "x" else text


def _number_text(value: Fraction) -> str:
    if value.denominator == 1:
        return units.exact(int(value))
    if abs(value) < 10**4:
        return f"{float(value):.4g}"
    return f"{float(value):,.0f}"


def reported_text(reported: Reported, channels_last: bool = False) -> str:
    """Return what the analysis or a witness reports, "" where it reports nothing."""
    if isinstance(reported, str):
        return reported
    if isinstance(reported, BlockByBlock):
        return _block_by_block(reported)
    text = result_text(reported.result, reported.unit, channels_last)
    return f"{text} {ARITHMETIC[reported.convention]}" if reported.convention else text


def _block_by_block(reported: BlockByBlock) -> str:
    counts: dict[str, int] = {}
    for value, count in reported.counts:
        text = "nothing" if value is None else result_text(value)
        counts[text] = counts.get(text, 0) + count
    if not reported.per_block:
        return ", ".join(counts)
    blocks = sum(counts.values())
    return ", ".join(f"{text} in {count} of {blocks} blocks" for text, count in counts.items())


def put_in(formula: str, numbers: Mapping[str, int | float]) -> str:
    """Return a formula with its numbers in place of its letters."""
    return re.sub(r"[A-Za-z]\w*", lambda letter: str(numbers.get(letter[0], letter[0])), formula)


def worked_text(formula: str, numbers: Mapping[str, int | float], result: Fraction) -> str:
    """Return a formula, with its numbers, and its result: (W - F)/S + 1 = (227 - 11)/4 + 1 = 55."""
    steps = [formula]
    with_numbers = put_in(formula, numbers)
    if with_numbers != formula:
        steps.append(with_numbers)
    return " = ".join([*steps, result_text(result)])


def off_by(stated: Fraction, exact: Fraction) -> str:
    """Return how far a stated figure is from the exact one."""
    if not exact:
        return f"stated {units.fraction(stated)}, exactly 0"
    share = float((stated - exact) / exact)
    if abs(share) < 10:
        direction = "high" if share > 0 else "low"
        return f"stated {abs(share):.1%} too {direction}"
    times = float(stated / exact)
    shown = f"{times:,.0f}" if abs(share) < 10**6 else f"{times:.1e}"
    return f"stated {shown} times too high"


def fault_text(fault: Fault, channels_last: bool = False) -> str:
    """Return why a verdict is not "holds", "" where there is no fault."""
    if isinstance(fault, str):
        return fault
    if isinstance(fault, Instead):
        return f"it is {reported_text(fault.reported, channels_last)}"
    if isinstance(fault, WrongFormula):
        return f"its own formula gives {result_text(fault.result)}"
    if isinstance(fault, PublishedReport):
        return f"published is {published_text(fault)}"
    return _deviation_text(fault)


def published_text(published: PublishedReport) -> str:
    """Return published values with their source: 80.64 then 79.92 (Liu et al. 2022, table 10)."""
    return f"{' then '.join(published.values)} ({published.source})"


def _deviation_text(deviation: Deviation) -> str:
    text = off_by(deviation.stated, deviation.exact)
    if not deviation.convention:
        return text
    return f"{text} for {result_text(deviation.exact)} {ARITHMETIC[deviation.convention]}"


# --- decisions ---


class DecisionText(NamedTuple):
    """A decision's parts as text; what does not apply is ""."""

    stated: str
    by_hand: str
    analysis: str
    torch: str
    fvcore: str
    published: str
    fault: str
    causes: tuple[str, ...]


def decision_text(decision: Decision) -> DecisionText:
    """Return a decision's parts as text."""
    last = decision.channels_last
    by_hand = decision.by_hand
    if isinstance(by_hand, HandCalculation):
        formula = by_hand.formula
        by_hand = worked_text(formula.text, dict(formula.numbers), by_hand.result)
    return DecisionText(
        f"{decision.stated} (“{decision.reads}”)" if decision.reads else decision.stated,
        by_hand,
        reported_text(decision.analysis, last),
        reported_text(decision.torch, last),
        reported_text(decision.fvcore, last),
        published_text(decision.published) if decision.published else "",
        fault_text(decision.verdict.fault, last),
        tuple(map(str, decision.verdict.causes)),
    )


def luck_text(luck: Fraction | None) -> str:
    """Return how often what is likely is a coincidence, in words and as a number."""
    if luck is None:
        return ""
    times = int(1 / luck)
    if times >= RARE:
        return f"no luck, less than 1 in {RARE:,}"
    words = "hardly luck" if times >= SELDOM else "perhaps luck"
    return f"{words}, 1 in {times}"


def reason_text(decision: Decision) -> str:
    """Return how far off a statement is, what is likely behind it, and what its table's others are.

    What is likely is followed by how often it is a coincidence.
    """
    verdict = decision.verdict
    causes = verdict.causes[:3]
    likely = " or ".join(map(str, causes))
    if verdict.kind == HOLDS_AS:
        doubtful = verdict.luck is not None and verdict.luck * SELDOM > 1
        parts = [luck_text(verdict.luck if doubtful else None), likely and f"also {likely}"]
    else:
        luck = luck_text(causes[0].luck if causes else None)
        parts = [
            fault_text(verdict.fault, decision.channels_last),
            likely and f"likely {likely}" + (luck and f" ({luck})"),
        ]
    if verdict.others:
        parts.append(f"the figures beside it are {verdict.others}")
    return "; ".join(filter(None, parts))
