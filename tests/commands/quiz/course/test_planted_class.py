"""A class of thirty whose mistakes are known: all of them are named, and nothing else is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.planted_class import MISTAKES, STUDENTS, hand_in
from tests.command_line import Run


@pytest.mark.parametrize("lenient", [(), ("--lenient",)])
def test_every_planted_mistake_is_named(run: Run, tmp_path: Path, lenient: tuple[str, ...]) -> None:
    planted = hand_in(tmp_path, run)
    assert len(planted) == 2 * STUDENTS
    assert {one.named for one in planted} == {mistake.named for mistake in MISTAKES}
    done = run("grade", tmp_path / "sheets", "--key", tmp_path / "key.csv", "-f", "json", *lenient)
    assert (done.code, done.err) == (1, "")
    data = json.loads(done.out)
    wrong = {
        (student["student"], mark["layer"], mark["column"]): mark
        for student in data["students"]
        for mark in student["marks"]["marks"]
        if mark["mark"] not in ("right", "carried over")
    }
    assert {*wrong} == {(one.student, one.layer, one.column) for one in planted}
    for one in planted:
        assert one.named in wrong[one.student, one.layer, one.column]["slip"], one
    carried = sum(student["marks"]["carried_over"] for student in data["students"])
    assert carried >= 10
    common = {slip for mistake in data["mistakes"] for slip in mistake["slip"].split(" or ")}
    assert {mistake.named for mistake in MISTAKES} <= common
