"""What a name on the command line means: everything, a lecture, a claim, or a file of claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.library import choose
from archprof.problem import ProblemError

CLAIMS = """lecture: Mine
title: two claims
claims:
  first: {undecidable: taste}
  second: {undecidable: taste}
"""


def chosen(target: str | None, only: str | None = None) -> list[tuple[str, list[str]]]:
    return [
        (lecture.id, [claim.id for claim in claims]) for lecture, claims in choose(target, only)
    ]


def refused(target: str | None, only: str | None = None) -> str:
    with pytest.raises(ProblemError) as raised:
        choose(target, only)
    return str(raised.value)


@pytest.fixture(params=["claims.yaml", "claims.yml", "claims"])
def file(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Whatever it is called: a path with a slash is a file."""
    path = tmp_path / request.param
    path.write_text(CLAIMS, encoding="utf-8")
    return str(path)


def test_a_file_of_claims(file: str) -> None:
    assert chosen(file) == [("Mine", ["first", "second"])]
    assert chosen(file, "second") == [("Mine", ["second"])]
    assert (
        refused(file, "secnd")
        == f"{file}: error: there is no claim called `secnd` [claim]\n  hint: did you mean"
        " `second`?"
    )


def test_a_file_beside(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(file)
    monkeypatch.chdir(path.parent)
    if path.suffix:
        assert chosen(path.name, "first") == [("Mine", ["first"])]
    else:
        assert refused(path.name).startswith(
            "claims: error: there is no lecture and no claim called `claims` [claim]\n"
        )


def test_shipped_lectures_and_their_claims_in_any_case() -> None:
    everything = chosen(None)
    files = [lecture.path.name for lecture, _ in choose(None)]
    assert files == sorted(files)
    lecture, claims = everything[-1]
    assert len(claims) > 1
    assert chosen(lecture.lower()) == [(lecture, claims)]
    assert chosen(claims[1].swapcase()) == [(lecture, [claims[1]])]


def test_a_claim_goes_by_itself_unless_a_file_is_named() -> None:
    assert (
        refused("L8", "L8.1")
        == "L8.1: error: a claim's id goes by itself unless a file of claims is named before it"
        " [claim]\n  hint: archprof lecture L8.1"
    )


def test_what_is_not_there() -> None:
    error, hint = refused("zzzz").splitlines()
    assert error == "zzzz: error: there is no lecture and no claim called `zzzz` [claim]"
    assert hint.startswith("  hint: lectures and papers: CS231N, ")
    assert hint.endswith("; or give a file's path")
    assert refused("").startswith(
        "lecture: error: there is no lecture and no claim called `` [claim]\n"
    )
