"""The networks that claims are about: a lecture's own, shipped ones, and those of files beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archprof.commands.lecture.claims.document import Subject
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.subjects import KnownNetworks, Subjects
from archprof.problem import Mark, ProblemError

CLAIMS = """lecture: T
networks:
  written: {spec: {input: 3x8x8, layers: {conv: {op: conv2d, out: 4, kernel: 3}}}}
  larger: {network: lenet5_full, input: 1x40x40}
  deeper: {network: resnet18, set: {depths: [1, 1, 1, 1]}}
  typo: {network: lenet5_ful}
claims:
  A: {of: {network: written, quantity: params}, stated: 112}
"""
LAYERS = "input: 3x8x8\nlayers: {conv: {op: conv2d, out: 4, kernel: 1}}\n"
FILES = {
    "one.yaml": f"name: one\n{LAYERS}",
    "family.yaml": f"name: family\n{LAYERS}variants: {{wide: {{input: 3x9x9}}}}\n",
    "blocks.yaml": "name: blocks\nblocks: {unit: {layers: [{op: relu}]}}\n",
}


@pytest.fixture
def subjects(tmp_path: Path) -> Subjects:
    for name, text in {"claims.yaml": CLAIMS, **FILES}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Subjects(load_lecture(tmp_path / "claims.yaml", "claims.yaml"))


def of(name: str, **conditions: Any) -> Subject:
    return Subject(name, Mark("claims.yaml", 8, 3), **conditions)


@pytest.mark.parametrize(
    ("name", "network", "size"),
    [
        ("written", "written", (3, 8, 8)),
        ("larger", "lenet5_full", (1, 40, 40)),
        ("lenet5_full", "lenet5_full", (1, 32, 32)),
        ("one.yaml", "one", (3, 8, 8)),
        ("one.yaml:one", "one", (3, 8, 8)),
        ("family.yaml", "family", (3, 8, 8)),
        ("family.yaml:wide", "wide", (3, 9, 9)),
        ("./one.yaml", "one", (3, 8, 8)),
    ],
)
def test_where_a_network_is_found(
    subjects: Subjects, name: str, network: str, size: tuple[int, ...]
) -> None:
    found = subjects.analysis(of(name)).graph
    assert (found.network.name, found.input) == (network, size)


def test_settings_of_a_lectures_own_network(subjects: Subjects) -> None:
    """Four blocks with two convolutions of 3x3 each instead of eight, a stem and a last layer."""
    assert subjects.analysis(of("deeper")).totals.depth == 2 + 4 * 2


def test_conditions(subjects: Subjects) -> None:
    """What a subject states goes before what the lecture states of its network."""
    found = subjects.analysis(of("larger", input=(1, 48, 48), batch=3, dtype="float16"))
    assert (found.graph.input, found.batch, found.dtype) == ((1, 48, 48), 3, "float16")
    shallow = subjects.analysis(of("resnet18", values=(("depths", (1, 1, 1, 1)),)))
    assert shallow.totals.depth == 10
    assert subjects.analysis(of("written", optimizer="adam")).optimizer == "adam"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("writen", "there is no network called `writen`", "did you mean `written`?"),
        ("lenet5_ful", "there is no network called `lenet5_ful`", "did you mean `lenet5_full`?"),
        ("typo", "there is no network called `lenet5_ful`", "did you mean `lenet5_full`?"),
        ("nowhere.yaml", "there is no file `nowhere.yaml` beside the claims", ""),
        ("family.yaml:wid", "family.yaml has no network `wid`", "did you mean `wide`?"),
        ("blocks.yaml", "blocks.yaml has no network, blocks only", ""),
        ("blocks.yaml:x", "blocks.yaml has no network `x`", ""),
    ],
)
def test_what_is_not_there(subjects: Subjects, name: str, message: str, hint: str) -> None:
    with pytest.raises(ProblemError) as error:
        subjects.analysis(of(name))
    (problem,) = error.value.problems
    assert problem.message == message
    assert problem.hint == hint
    line = 6 if name == "typo" else 8
    assert (problem.mark.file, problem.mark.line) == ("claims.yaml", line)


def test_equal_subjects_are_analysed_once(subjects: Subjects) -> None:
    """For several lectures too; under other conditions they are others."""
    shared = KnownNetworks()
    first, second = (Subjects(subjects.lecture, shared=shared) for _ in range(2))
    one = first.analysis(of("lenet5_full"))
    assert first.analysis(of("lenet5_full")._replace(mark=Mark("other", 1, 1))) is one
    assert second.analysis(of("lenet5_full")) is one
    assert second.analysis(of("lenet5_full", batch=2)) is not one
    assert second.analysis(of("lenet5_full", dtype="float16")) is not one
    assert second.analysis(of("lenet5_full", optimizer="adam")) is not one
    assert second.analysis(of("lenet5_full", freeze=("f6",))) is not one
    assert second.analysis(of("larger")) is not one
    assert len(shared.analyses) == 6


def test_a_network_is_built_once_for_all_conditions(subjects: Subjects) -> None:
    one, four, half = (
        subjects.analysis(of("lenet5_full", **conditions))
        for conditions in ({}, {"batch": 4}, {"dtype": "float16"})
    )
    assert one.graph is four.graph is half.graph
    assert [a.totals.macs for a in (four, half)] == [4 * one.totals.macs, one.totals.macs]
    assert subjects.analysis(of("lenet5_full", input=(1, 40, 40))).graph is not one.graph
