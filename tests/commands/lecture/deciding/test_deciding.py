"""Lectures decided from Python, without the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Claim
from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.deciding.decision import Witnesses
from archprof.commands.lecture.deciding.evaluate import WitnessValues
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import ReportedValue
from archprof.commands.lecture.deciding.verdicts import DIFFERS, HOLDS
from archprof.problem import ProblemError

CLAIMS = """lecture: T
networks:
  small: {spec: {input: 3x8x8, layers: {conv: {op: conv2d, out: 4, kernel: 3}}}}
claims:
  A: {of: {network: small, quantity: params}, stated: 112}
  B: {of: {network: small, quantity: params}, stated: 111}
"""


@pytest.fixture
def claims(tmp_path: Path) -> str:
    path = tmp_path / "claims.yaml"
    path.write_text(CLAIMS, encoding="utf-8")
    return str(path)


def test_the_analysis_decides_alone(claims: str) -> None:
    """The convolution has 3*3*3*4 + 4 = 112 parameters."""
    outcome = decide(claims)
    assert outcome.missing == ("torch", "fvcore")
    found = [judged.decisions[0] for _, judged in outcome.judged]
    assert [decision.verdict.kind for decision in found] == [HOLDS, DIFFERS]
    assert [decision.analysis for decision in found] == [ReportedValue(112, "params")] * 2
    assert [decision.torch for decision in found] == ["", ""]
    [(lecture, judged)] = outcome.lectures
    assert (lecture.id, len(judged)) == ("T", 2)


def test_one_claim_of_a_file(claims: str) -> None:
    outcome = decide(claims, "B")
    assert [judged.claim.id for _, judged in outcome.judged] == ["B"]
    with pytest.raises(ProblemError, match="there is no claim called `C`"):
        decide(claims, "C")


def test_a_witness_is_consulted_for_each_lecture(claims: str) -> None:
    seen = []

    def consult(subjects: Subjects, wanted: Iterable[Claim]) -> Witnesses:
        seen.append([claim.id for claim in wanted])
        [subject] = {claim.parts[0].statement.of.subject for claim in wanted}  # type: ignore[union-attr]
        return Witnesses({subject: WitnessValues({("params", "conv"): 110})}, missing=("fvcore",))

    outcome = decide(claims, "A", consult)
    assert seen == [["A"]]
    assert outcome.missing == ("fvcore",)
