"""Decided lectures as data for JSON: numbers as numbers, shapes as lists, each beside its text."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from archprof.commands.lecture.claims.document import Experiment, Part, Published, Stated
from archprof.commands.lecture.claims.quantities import QUANTITIES
from archprof.commands.lecture.deciding.deciding import DecidedLectures
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.joint import JointExplanation, JointFigure
from archprof.commands.lecture.deciding.values import (
    BlockByBlock,
    Deviation,
    HandCalculation,
    Instead,
    PublishedReport,
    Reported,
    ReportedValue,
    Result,
    WrongFormula,
)
from archprof.commands.lecture.deciding.verdicts import worst
from archprof.commands.lecture.writing.wording import decision_text
from archprof.language.kinds import parse_shape

SCHEMA = 2
Data = dict[str, Any]
Number = int | float | list[int] | None
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def lecture_data(outcome: DecidedLectures) -> Data:
    """Return the outcome as JSON data."""
    return {
        "schema": SCHEMA,
        "missing_witnesses": list(outcome.missing),
        "lectures": [
            {
                "lecture": lecture.id,
                "title": lecture.title,
                "source": lecture.source,
                "claims": [_claim_data(judged) for judged in claims],
            }
            for lecture, claims in outcome.lectures
        ],
        "contradictions": [
            {"claims": [pair.first[1].id, pair.second[1].id], "found": pair.found}
            for pair in outcome.contradictions
        ],
        "joint": [_joint_data(one) for one in outcome.joint],
    }


def _joint_data(one: JointExplanation) -> Data:
    return {
        "network": one.network,
        "slip": one.move.convention,
        "layers": list(one.move.names),
        "figures": [_figure_data(figure) for figure in one.figures],
        "following": [_figure_data(figure) for figure in one.following],
        "luck": float(one.luck),
    }


def _figure_data(figure: JointFigure) -> Data:
    return {
        "lecture": figure.lecture,
        "claim": figure.claim,
        "label": figure.label,
        "printed": figure.printed,
        "also": list(figure.also),
    }


def result_data(value: Result, unit: str = "") -> int | float | list[int]:
    """Return a number or a shape as JSON has it: whole where it is, a share in percent as such."""
    if isinstance(value, tuple):
        return list(value)
    value = Fraction(value)
    if unit == "%":
        value *= 100
    return int(value) if value.denominator == 1 else float(value)


def _claim_data(judged: JudgedClaim) -> Data:
    claim = judged.claim
    return {
        "id": claim.id,
        "slide": claim.slide,
        "says": claim.says,
        "line": claim.line,
        "note": claim.note,
        "verdict": worst(decision.verdict for decision in judged.decisions).word,
        "statements": [
            _statement_data(part, decision)
            for part, decision in zip(claim.parts, judged.decisions, strict=True)
        ],
        "also": [
            _statement_data(part, decision)
            for part, decision in zip(claim.also, judged.also, strict=True)
        ],
    }


def _statement_data(part: Part, decision: Decision) -> Data:
    text = decision_text(decision)
    return {
        "label": decision.label,
        "stated": _stated(part, decision.stated),
        "by_hand": _by_hand(decision.by_hand, text.by_hand),
        "analysis": _report(decision.analysis, text.analysis),
        "torch": _report(decision.torch, text.torch),
        "fvcore": _report(decision.fvcore, text.fvcore),
        "published": _published(decision.published),
        "verdict": decision.verdict.word,
        "error": _error(decision, text.fault),
        "likely": list(text.causes),
        "luck": _luck(decision),
        "beside": decision.verdict.others,
        "recorded": decision.recorded,
        "as_recorded": decision.as_recorded,
    }


def _luck(decision: Decision) -> float | None:
    """Return how likely what it holds as, or its likeliest cause, is a coincidence."""
    verdict = decision.verdict
    luck = verdict.luck
    if luck is None and verdict.causes:
        luck = verdict.causes[0].luck
    return None if luck is None else float(luck)


def _stated(part: Part, text: str) -> Data | None:
    """Return what is stated, as printed and as a value where it is one."""
    if not text:
        return None
    statement = part.statement
    value: Number = None
    unit = ""
    if isinstance(statement, Experiment):
        value = _of_words(text)
    elif isinstance(statement, (Stated, Published)) and statement.figure is not None:
        unit = statement.figure.unit
        value = result_data(statement.figure.value, unit)
    elif isinstance(statement, Stated) and statement.range is not None:
        unit = statement.range.unit
    elif isinstance(statement, Stated) and statement.shape is not None:
        value = list(statement.shape)
    return {"value": value, "unit": unit, "text": text, "reads": part.reads}


def _by_hand(calculation: HandCalculation | str, text: str) -> Data | None:
    """Return the lecture's own calculation, or the experiment that was run."""
    if not text:
        return None
    if isinstance(calculation, str):
        return {"formula": "", "numbers": {}, "value": None, "text": text}
    formula = calculation.formula
    return {
        "formula": formula.text,
        "numbers": dict(formula.numbers),
        "value": result_data(calculation.result),
        "text": text,
    }


def _report(reported: Reported, text: str) -> Data | None:
    """Return what the analysis or a witness reports."""
    if not text:
        return None
    value, unit, convention = _value(reported)
    blocks = []
    if isinstance(reported, BlockByBlock):
        blocks = [
            {"value": None if found is None else result_data(found), "count": count}
            for found, count in reported.counts
        ]
    return {
        "value": value,
        "unit": unit,
        "convention": convention,
        "blocks": blocks,
        "text": text,
    }


def _published(report: PublishedReport | None) -> Data | None:
    """Return what a source publishes."""
    if report is None:
        return None
    return {"values": list(report.values), "source": report.source}


def _value(reported: Reported) -> tuple[Number, str, str]:
    """Return the value, its unit, and the quantity that it counts instead of the requested one."""
    if isinstance(reported, ReportedValue):
        value = result_data(reported.result, reported.unit)
        return value, _unit(reported.unit, reported.convention), reported.convention
    if isinstance(reported, str):
        return _of_words(reported), "", ""
    return None, "", ""


def _unit(unit: str, convention: str) -> str:
    """Return the unit of a value, which is that of the quantity counted instead where there is."""
    return QUANTITIES[convention].unit if convention else unit


def _of_words(text: str) -> Number:
    """Return an experiment's result as a value where it is one: 1.7139, 7x7."""
    shape = parse_shape(text) if "x" in text else None
    if shape is not None:
        return list(shape)
    return result_data(Fraction(text)) if _NUMBER.fullmatch(text) else None


def _error(decision: Decision, text: str) -> Data | None:
    """Return why it does not hold: what comes out instead, and how much too high is stated."""
    fault = decision.verdict.fault
    value: Number = None
    unit, convention, share = "", "", None
    if isinstance(fault, Deviation):
        convention = fault.convention
        unit = _unit(_value(decision.analysis)[1], convention)
        value = result_data(fault.exact, unit)
        if fault.exact:
            share = float((fault.stated - fault.exact) / fault.exact)
    elif isinstance(fault, Instead):
        value, unit, convention = _value(fault.reported)
    elif isinstance(fault, WrongFormula):
        value = result_data(fault.result)
    if not text:
        return None
    return {
        "value": value,
        "unit": unit,
        "convention": convention,
        "share": share,
        "text": text,
    }
