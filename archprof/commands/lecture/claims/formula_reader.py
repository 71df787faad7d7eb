"""The hand calculations of a file of claims: formulas as slides write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.document import Formula
from archprof.commands.lecture.claims.figures import SUPERSCRIPTS
from archprof.language.expression import compile_expression
from archprof.language.functions import FUNCTIONS, ExpressionError
from archprof.language.text import within
from archprof.language.value import Value
from archprof.ops.base import shown

_PIECE = re.compile(
    r"(?P<times>(?<=[0-9)])x(?= ?[0-9(])|(?<=[0-9)] )x(?= ?[0-9(]))"  # 11x11x3
    r"|(?P<word>(?<![0-9A-Za-z_.])[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<power>[⁰¹²³⁴-⁹]+)|.",
    re.DOTALL,
)
_SIGNS = {"×": "*", "·": "*", "−": "-", "–": "-", "÷": "/", "^": "**"}
_UNSAID = re.compile(r"(?<=[0-9])(?=[A-Za-z(])|(?<=\))(?=[A-Za-z0-9(])")
KEYWORDS = ("and", "or", "not", "if", "else", "in")


def read_formula(
    pieces: ClaimPieces, value: Value | None, numbers: Value | None, letters: Iterable[str] = ()
) -> Formula | None:
    """Return a hand calculation as on the slide, None where there is none or it is at fault.

    Its letters need no `$`; each has a number in `numbers`, or is one of `letters`.
    """
    if value is None:
        if numbers is not None:
            pieces.complain(
                numbers.mark,
                "missing",
                "`with` has the numbers of a `formula`, and there is none",
                "formula: (W - F)/S + 1",
            )
        return None
    text = str(value.data) if type(value.data) in (int, float) else pieces.text(value, "`formula`")
    given = _numbers(pieces, numbers)
    if not text:
        return None
    spelled, places = spelled_out(text)
    try:
        expression = compile_expression(spelled)
    except ExpressionError as error:
        column = places[min(error.column, len(places) - 1)]
        pieces.complain(
            within(value.mark, text, column, pieces.text_lines),
            "expression",
            f"`{text}`: {error}",
            _formula_hint(text) or error.hint,
        )
        return None
    unknown = [name for name in expression.names if name not in given and name not in letters]
    for name in unknown:
        pieces.complain(
            value.mark,
            "unknown-name",
            f"`{text}`: the letter {name} has no number",
            f"with: {{{name}: 1}}",
        )
    return None if unknown else Formula(text, tuple(given.items()), expression, value.mark)


def _numbers(pieces: ClaimPieces, value: Value | None) -> dict[str, int | float]:
    """Return a formula's numbers by letter, 0 for what is not a number."""
    given: dict[str, int | float] = {}
    for name, item in pieces.mapping(value, "`with`").items():
        given[name] = 0
        if type(item.data) in (int, float):
            given[name] = item.data
        else:
            message = f"{name} is {shown(item.plain())}, expected a number"
            pieces.complain(item.mark, "kind", message)
    return given


def spelled_out(text: str) -> tuple[str, list[int]]:
    """Return the formula as an expression, and the place in the text of each of its characters.

    Its letters have a `$` before them, and what is written by hand, `×` and `3^2` or `3²`, becomes
    `*` and `**`.
    """
    spelled, places = "", list[int]()
    for found in _PIECE.finditer(text):
        piece = _spelled_piece(found)
        spelled += piece
        places += [found.start()] * len(piece)
    return spelled, [*places, len(text)]


def _spelled_piece(found: re.Match[str]) -> str:
    if found["times"]:
        return "*"
    if found["power"]:
        return f"**{found['power'].translate(SUPERSCRIPTS)}"
    if found["word"] and found[0] not in FUNCTIONS and found[0] not in KEYWORDS:
        return f"${found[0]}"
    return _SIGNS.get(found[0], found[0])


def _formula_hint(text: str) -> str:
    """Return how to write what slides write otherwise, "" where nothing is known."""
    if found := _UNSAID.search(text):
        return f"a `*` is missing before `{text[found.start() :][:10]}`"
    return ""
