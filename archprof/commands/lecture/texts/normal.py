"""A text as quotations are compared: without case, spaces, markup and most punctuation."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_COMMANDS = {
    "times": "x",
    "cdot": "",
    "approx": "~",
    "sim": "~",
    "geq": ">=",
    "leq": "<=",
    "rightarrow": "->",
    "leftarrow": "<-",
}
"""LaTeX commands for what is typed otherwise."""
_MARKUP = re.compile(
    r"math(?:bf|rm|bb|cal)|text(?:bf)?|left|right|d?frac|(?:wide)?hat|tilde|bar|quad|displaystyle"
    r"|begin|end|aligned|bmatrix|cases"
)
"""LaTeX commands that say no more than their argument."""
_CHARACTERS = {
    "×": "x",
    "≈": "~",
    "−": "-",
    "–": "-",
    "—": "-",
    "→": "->",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "λ": "lambda",
    "μ": "mu",
    "σ": "sigma",
    "θ": "theta",
    "π": "pi",
}
_KEPT = frozenset("+-/=<>%~.")
_PIECE = re.compile(
    r"(?m:^[ \t]*(?:[-*•◆>|][ \t]+|#+[ \t]*)+)"  # the marks before an item or a heading
    r"|\]\([^)\s]{0,500}\)"  # the address of a link
    r"|\\(?P<command>[A-Za-z]+)"
    r"|(?P<over>\}[ ]?\{)"
    r"|(?P<character>.)",
    re.DOTALL,
)


class NormalText(NamedTuple):
    """A normalised text, and for each of its characters the place in the text as it was."""

    text: str
    places: tuple[int, ...]


def normalise(text: str) -> NormalText:
    """Return a text in lower case without spaces, quotes, brackets and markup.

    LaTeX is written as in plain text: `\\frac{1}{p}` and 1/p are the same, `W_1` and W1 too.
    """
    kept, places = list[str](), list[int]()
    for piece in _PIECE.finditer(text):
        for character in _plain(piece, text):
            kept.append(character)
            places.append(piece.start())
    return NormalText("".join(kept), tuple(places))


def _plain(piece: re.Match[str], text: str) -> str:
    """Return what is compared of a piece of text."""
    if piece["command"]:
        command = piece["command"]
        return "" if _MARKUP.fullmatch(command) else _COMMANDS.get(command, command.casefold())
    if piece["over"]:
        return "/"
    character = piece["character"] or ""
    if character == ".":  # of a number, not of a sentence
        return "." if text[piece.end() : piece.end() + 1].isdigit() else ""
    if character in _KEPT:
        return character
    plain = _CHARACTERS.get(character) or unicodedata.normalize("NFKC", character).casefold()
    return plain if character in _CHARACTERS or plain.isalnum() else ""
