"""What torch and fvcore report of the networks that claims are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding import witnesses
from archprof.commands.lecture.deciding.subjects import KnownNetworks, Subjects
from archprof.graph.graph import Graph

CLAIMS = """lecture: T
claims:
  A: {of: {network: lenet5, quantity: params}, stated: 60K}
  B: {of: {network: lenet5, quantity: buffers}, stated: 0}
"""


def test_a_network_of_several_lectures_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def asking(graph: Graph) -> dict[tuple[str, str], int]:
        asked.append(graph.network.name)
        return {}

    monkeypatch.setattr(witnesses, "_torch", asking)
    (tmp_path / "claims.yaml").write_text(CLAIMS, encoding="utf-8")
    lecture = load_lecture(tmp_path / "claims.yaml", "claims.yaml")
    shared = KnownNetworks()
    for _ in range(2):
        subjects = Subjects(lecture, shared=shared)
        found = witnesses.witnesses(subjects, lecture.claims.values())
        assert [subject.network for subject in found.torch] == ["lenet5"]
    assert asked == ["lenet5"]
    witnesses.witnesses(Subjects(lecture), lecture.claims.values())
    assert asked == ["lenet5", "lenet5"]
