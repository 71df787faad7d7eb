"""A file of slides to a file of claims."""

from __future__ import annotations

from pathlib import Path

from archprof.commands.lecture.drafting.draft_text import draft_text
from archprof.commands.lecture.drafting.pages import read_pages
from archprof.commands.lecture.drafting.proposals import proposals
from archprof.problem import Mark, ProblemError


def draft(slides: Path, claims: Path | None) -> str:
    """Return the text of a file of claims that the figures of slides may be.

    Raises ProblemError where they cannot be read or have no such figure, and where there is a file
    of claims already.
    """
    if claims is not None and claims.exists():
        message, hint = "there is such a file, and a draft would replace it", "name another"
        raise ProblemError.of(Mark(str(claims)), "file", message, hint)
    found = list(proposals(read_pages(slides)))
    if not found:
        message = "there is no figure in it that a network has: parameters, FLOPs, shapes, layers"
        hint = "the guide, specs/lectures/README.md, shows how a claim is written by hand"
        raise ProblemError.of(Mark(str(slides)), "draft", message, hint)
    return draft_text(slides.name, found)
