"""Pairs of claims that cannot both be true, within one file and between two."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Lecture
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding import contradictions as module
from archprof.commands.lecture.deciding.contradictions import contradictions
from archprof.problem import ProblemError

OWN = "networks:\n  own: {network: alexnet, input: 3x224x224}\n"


def lecture(folder: Path, name: str, *claims: str, head: str = "") -> Lecture:
    path = folder / f"{name}.yaml"
    path.write_text(
        "\n".join(
            [f"lecture: {name}\ntitle: test\n{head}claims:", *(f"  {claim}" for claim in claims)]
        )
        + "\n",
        encoding="utf-8",
    )
    return load_lecture(path, f"{name}.yaml")


def params(network: str, stated: str) -> str:
    return f"{{of: {{network: {network}, quantity: params}}, stated: {stated}}}"


def pairs(*lectures: Lecture) -> list[tuple[str, str, bool]]:
    return [
        (f"{one[0].id}.{one[1].id}", f"{two[0].id}.{two[1].id}", found)
        for one, two, found, _ in contradictions(lectures)
    ]


def test_between_two_files(tmp_path: Path) -> None:
    first = lecture(
        tmp_path,
        "L",
        f"A: {params('vgg16', '138M')}",
        f"B: {params('vgg16', '138.2M')}",
        f"C: {params('vgg19', '139M')}",
    )
    second = lecture(tmp_path, "M", f"D: {params('vgg16', '139M')}")
    # 139 - 138 is no more than half of 1 + 1, and 139 - 138.2 more than half of 1 + 0.1
    assert pairs(first, second) == [("L.B", "M.D", True)]
    assert pairs(second, first) == [("M.D", "L.B", True)]


def test_a_name_of_a_files_own_means_nothing_in_another(tmp_path: Path) -> None:
    first = lecture(
        tmp_path, "L", f"A: {params('own', '1M')}", f"B: {params('own', '9M')}", head=OWN
    )
    second = lecture(tmp_path, "M", f"C: {params('own', '5M')}", head=OWN)
    assert pairs(first, second) == []


def test_shapes(tmp_path: Path) -> None:
    of = "of: {network: alexnet, quantity: input}"
    one = lecture(
        tmp_path,
        "L",
        f"A: {{{of}, stated: 3x227x227}}",
        f"B: {{{of}, stated: 3x224x224}}",
        f"C: {{{of}, stated: 3x227x227}}",
    )
    assert pairs(one) == [("L.A", "L.B", True), ("L.B", "L.C", True)]


def test_parts_of_one_claim_are_no_pair(tmp_path: Path) -> None:
    """A table that states two figures of one thing is judged part by part."""
    one = lecture(
        tmp_path, "L", f"A: {{parts: {{a: {params('vgg16', '138M')}, b: {params('vgg16', '1M')}}}}}"
    )
    assert pairs(one) == []


def test_said_by_a_claim_and_found(tmp_path: Path) -> None:
    """A pair that a claim names is one pair, its own word."""
    one = lecture(
        tmp_path,
        "L",
        f"A: {params('vgg16', '138M')}",
        f"B: {params('vgg16', '1M')[:-1]}, contradicts: A}}",
    )
    assert pairs(one) == [("L.B", "L.A", False)]


@pytest.mark.parametrize("most", [3, 2, 1])
def test_more_pairs_than_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Three figures of one thing are three pairs: two of the first claim, one of the second.

    They are counted from claim to claim.
    """
    one = lecture(
        tmp_path,
        "L",
        *(
            f"{name}: {params('vgg16', stated)}"
            for name, stated in (("A", "1M"), ("B", "20M"), ("C", "300M"))
        ),
    )
    monkeypatch.setattr(module, "MOST_PAIRS", most)
    if most == 3:
        assert len(pairs(one)) == 3
        return
    with pytest.raises(ProblemError) as raised:
        contradictions([one])
    line = {2: 6, 1: 5}[most]
    assert (
        str(raised.value)
        == f"L.yaml:{line}:3: error: more than {most} pairs of claims contradict each other"
        " [limit]\n"
        "  hint: fewer figures of one thing in a file"
    )
