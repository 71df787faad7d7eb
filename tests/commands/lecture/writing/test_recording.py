"""Verdicts written into a file: where they go, and that all else stays as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.reader import read_lecture
from archprof.commands.lecture.deciding.decision import Witnesses
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.writing.recording import recorded_text
from archprof.language.shipped_folder import specs_folder
from archprof.problem import ProblemError
from tests.command_line import Run

# AlexNet's conv1: (11*11*3 + 1)*96 = 34,944 parameters and 96x55x55; conv2 614,656
BEFORE = """\
lecture: T  # mine
claims:
  # the first slide
  A: {of: {network: vgg16, quantity: params}, stated: 138M}  # 1
  B:
    of: {network: alexnet, layers: conv1, quantity: params}
    stated: "34,944"  # exactly
    note: >-
      Read it
      # twice.

  C:
    parts:
      one: {of: {network: alexnet, layers: conv1, quantity: shape}, stated: 96x55x55}
      two:
        of: {network: alexnet, layers: conv1, quantity: shape}
        stated: 96x54x54
      three: {of: {network: alexnet, layers: conv1, quantity: kernel}, stated: 11}
  D:
    table:
      network: alexnet
      rows:
      - {layers: conv1, params: 35K, shape: 96x55x55}
      - {layers: conv2, params: 615K}
      - {layers: conv2, params: 7M, width: 27, verdicts: {params: holds}}
      - layers: conv1
        shape: 1x1x1  # not so
    verdict: holds rounded
  E: {undecidable: taste, verdict: undecidable, note: kept}
# the end
"""
AFTER = """\
lecture: T  # mine
claims:
  # the first slide
  A: {of: {network: vgg16, quantity: params}, stated: 138M, verdict: holds rounded}  # 1
  B:
    of: {network: alexnet, layers: conv1, quantity: params}
    stated: "34,944"  # exactly
    verdict: holds
    note: >-
      Read it
      # twice.

  C:
    parts:
      one: {of: {network: alexnet, layers: conv1, quantity: shape}, stated: 96x55x55}
      two:
        of: {network: alexnet, layers: conv1, quantity: shape}
        stated: 96x54x54
        verdict: differs
      three: {of: {network: alexnet, layers: conv1, quantity: kernel}, stated: 11}
    verdict: holds
    likely: at an input of 224x224
  D:
    table:
      network: alexnet
      rows:
      - {layers: conv1, params: 35K, shape: 96x55x55, verdicts: {shape: holds}}
      - {layers: conv2, params: 615K}
      - {layers: conv2, params: 7M, width: 27, verdicts: {params: differs}, verdict: holds}
      - layers: conv1
        shape: 1x1x1  # not so
        verdict: differs
    verdict: holds rounded
  E: {undecidable: taste, verdict: undecidable, note: kept}
# the end
"""
HEAD = "lecture: T\nclaims:\n"
CLAIM = f"{HEAD}  A:\n    of: {{network: vgg16, quantity: depth}}\n    stated: 16\n"
ALIASED = "  A: &a {of: {network: vgg16, quantity: depth}, stated: 16}\n  B: *a\n"


def recorded(text: str, only: str = "") -> str:
    lecture = read_lecture(text, Path("claims.yaml"), "claims.yaml")
    subjects = Subjects(lecture)
    claims = [claim for claim in lecture.claims.values() if claim.id == only or not only]
    return recorded_text(lecture, [judge(lecture, one, subjects, Witnesses()) for one in claims])


def test_verdicts_go_where_they_belong_and_nothing_else_changes() -> None:
    assert recorded(BEFORE) == AFTER
    assert recorded(AFTER) == AFTER


def test_one_claim_alone() -> None:
    assert recorded(BEFORE, "A") == BEFORE.replace(
        "stated: 138M}", "stated: 138M, verdict: holds rounded}"
    )


def test_another_verdict_is_replaced() -> None:
    text = f"{HEAD}  A: {{verdict: differs, of: {{network: vgg16, quantity: depth}}, stated: 16}}\n"
    assert recorded(text) == text.replace("differs", "holds")
    block = f"{CLAIM}    verdict: differs  # why\n"
    assert recorded(block) == block.replace("differs", "holds")


def test_a_verdict_with_a_comma_is_quoted() -> None:
    """ResNet-34's 3,644,493,824 MACs of option A are 3.6 G."""
    text = (
        "lecture: T\nclaims:\n  A: {{of: {{network: resnet34, quantity: flops}}, stated: 3.6G{}}}\n"
    )
    assert recorded(text.format("")) == text.format(", verdict: 'holds as for resnet34_a, MACs'")


def test_what_was_not_run_keeps_what_is_recorded() -> None:
    text = (
        "lecture: T\nclaims:\n  A:\n    parts:\n"
        "      a: {{experiment: {{run: gain, op: relu}}, stated: 1.71{}}}\n"
        "      b: {{of: {{network: vgg16, quantity: depth}}, stated: 16{}}}\n"
        "      c: {{experiment: {{run: gain, op: relu}}, stated: 1.71}}\n"
    )
    recorded_before = text.format(", verdict: holds rounded", "")
    assert recorded(recorded_before) == text.format(", verdict: holds rounded", ", verdict: holds")


def test_checks_of_archprofs_own() -> None:
    depth = "{of: {network: vgg16, quantity: depth}, stated: "
    checks = f"    also:\n      right: {depth}16}}\n      wrong: {depth}15}}\n"
    after = checks.replace("stated: 15", "stated: 15, verdict: differs")
    assert recorded(CLAIM + checks) == f"{CLAIM}    verdict: holds\n{after}"


def test_line_ends_of_windows() -> None:
    text = CLAIM.rstrip("\n")
    after = f"{text}\n    verdict: holds"
    assert recorded(text) == after  # nor does it need a last line end
    assert recorded(text.replace("\n", "\r\n")) == after.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "claims",
    [
        ALIASED,
        "  A:\n    parts:\n      a: &a {undecidable: taste}\n      b: *a\n",
    ],
)
def test_an_alias_has_no_place_for_a_verdict(claims: str) -> None:
    with pytest.raises(ProblemError, match=r"no place for .*\n  hint: write `verdict:` by hand"):
        recorded(HEAD + claims)


def test_an_alias_of_another_verdict_has_no_place_for_it() -> None:
    """VGG-16 has 16 layers with weights and AlexNet 8, and both statements are one place."""
    statement = "&depth {of: {quantity: depth}, stated: 16}"
    text = (
        f"{HEAD}  A: {{network: vgg16, parts: {{a: {statement}}}}}\n"
        "  B:\n    network: alexnet\n    parts:\n      a: *depth\n"
        "      one: {of: {quantity: layers, op: linear}, stated: 3}\n"
        "      two: {of: {quantity: layers, op: conv2d}, stated: 5}\n"
    )
    with pytest.raises(ProblemError, match="error: claim `A` has no place for its verdict"):
        recorded(text)


@pytest.mark.parametrize("name", ["eecs498.yaml", "cs231n.yaml"])
def test_a_file_without_verdicts_gets_those_that_it_had(name: str) -> None:
    text = (specs_folder() / "lectures" / name).read_text(encoding="utf-8")
    path = specs_folder() / "lectures" / name
    verdict = r"verdicts?: (\{[^}]*\}|\"[^\"]*\"|holds[^,}\n]*|differs|undecidable)"
    bare = re.sub(rf"(, {verdict}|^ +{verdict}\n)", "", text, flags=re.MULTILINE)
    bare = re.sub(r",\n +" + verdict, "", bare)
    lecture = read_lecture(bare, path, name)
    assert not any(part.recorded for claim in lecture.claims.values() for part in claim.parts)
    subjects = Subjects(lecture)
    judged = [judge(lecture, one, subjects, Witnesses()) for one in lecture.claims.values()]
    again = read_lecture(recorded_text(lecture, judged), path, name)
    expected = read_lecture(text, path, name)
    for claim in expected.claims.values():
        assert [part.recorded for part in again.claims[claim.id].parts] == [
            part.recorded for part in claim.parts
        ]


def test_the_command(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(BEFORE, encoding="utf-8")
    assert run("lecture", path, "--static").code == 1  # one that holds, it says, and does not
    done = run("lecture", path, "--static", "--record")
    # A and B, three of C; of D, whose cells all have a verdict, 96x55x55, 7M, 27 and 1x1x1
    assert done.err.endswith("claims.yaml: 5 new verdicts, 4 in place of another\n")
    assert done.code == 0
    assert path.read_text(encoding="utf-8") == AFTER
    assert run("lecture", path, "--static").code == 0


@pytest.mark.parametrize("target", [[], ["L8"], ["L8-07"]])
def test_only_a_file_can_record(run: Run, target: list[str]) -> None:
    done = run("lecture", *target, "--record")
    assert done.code == 2
    assert "verdicts are recorded in a file of claims, and none is named" in done.err


def test_a_file_that_cannot_take_them_is_left_as_it_was(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(HEAD + ALIASED, encoding="utf-8")
    assert run("lecture", path, "--static", "--record").code == 2
    assert path.read_text(encoding="utf-8") == HEAD + ALIASED
