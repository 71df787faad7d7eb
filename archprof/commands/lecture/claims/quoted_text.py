"""The text that a file of claims names: its claims quote it, and their places are in it."""

from __future__ import annotations

from pathlib import Path

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.document import Claim
from archprof.commands.lecture.claims.quotation import OUT
from archprof.commands.lecture.texts.coverage import unquoted
from archprof.commands.lecture.texts.quotes import (
    LectureText,
    nearest_sentence,
    quotations,
    read_text,
)
from archprof.language.confined import within
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import ProblemError


def with_places(
    pieces: ClaimPieces, value: Value, path: Path, claims: dict[str, Claim]
) -> dict[str, Claim]:
    """Return the claims with the line of each quotation and, where it says none, its heading.

    Records quotations that the text, a file beside that of the claims, does not have.
    """
    name = pieces.text(value, "`text`")
    if not name:
        return claims
    beside = path.parent / name
    if not within(beside, path):
        pieces.complain(value.mark, "file", f"`text` is `{name}`, which leads out of the project")
        return claims
    try:
        text = read_text(beside, name)
    except ProblemError as error:
        for problem in error.problems:
            pieces.complain(value.mark, "file", f"`{name}`: {problem.message}", problem.hint)
        return claims
    return {key: _placed(pieces, text, claim) for key, claim in claims.items()}


def _placed(pieces: ClaimPieces, text: LectureText, claim: Claim) -> Claim:
    """Return a claim with the place of its quotation in the text."""
    found = quotations(text, claim.says)
    for quotation in found:
        if not quotation.spans:
            near = nearest_sentence(text, quotation.words)
            hint = f"line {near.line} has “{near.text}”" if near else ""
            message = f"{text.name} does not have “{quotation.words}”"
            pieces.complain(claim.mark, "quote", message, hint)
    for stated, part in unquoted(text, claim, found):
        message = f"{shown(stated)} is stated, and not quoted"
        pieces.complain(part.mark, "quote", message, f"quote all of the passage that has it; {OUT}")
    starts = [start for quotation in found for start, _ in quotation.spans]
    if not starts:
        return claim
    slide = claim.slide or text.heading(starts[0])
    return claim.replaced(line=text.line(starts[0]), slide=slide)
