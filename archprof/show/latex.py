"""Text for LaTeX, in the letters of the fonts that every TeX has: nothing of it is a command."""

from __future__ import annotations

import re
import unicodedata

_TEXT = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"$\sim$",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",  # the straight one, which these fonts print as a closing one
    "…": r"\ldots{}",
    "[": "{[}",
    "*": "{*}",  # at the start of a row \\ takes them for its own
    "“": "``",
    "”": "''",
    "„": ",,",
    "‘": "`",
    "’": "'",
    "–": "--",
    "—": "---",
    "\N{NO-BREAK SPACE}": "~",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "¡": "!`",
    "¿": "?`",
    "§": r"\S{}",
    "¶": r"\P{}",
    "©": r"\copyright{}",
    "£": r"\pounds{}",
    **dict.fromkeys("█▉▊▋▌▍▎▏", ""),  # TeX's fonts have no bars
}


def _greek(letter: str) -> str:
    """Return TeX's name of a Greek letter, which is Unicode's but for lambda."""
    name = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")
    return f"\\{name.capitalize() if letter.isupper() else name.lower()}"


_MATH = {
    **{letter: _greek(letter) for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"},
    "ς": r"\varsigma",
    "ο": "o",
    "×": r"\times",
    "·": r"\cdot",
    "⋅": r"\cdot",
    "÷": r"\div",
    "±": r"\pm",
    "−": "-",
    "→": r"\to",
    "←": r"\leftarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "↔": r"\leftrightarrow",
    "⇒": r"\Rightarrow",
    "≥": r"\geq",
    "≤": r"\leq",
    "≈": r"\approx",
    "≠": r"\neq",
    "≡": r"\equiv",
    "∈": r"\in",
    "∞": r"\infty",
    "∑": r"\sum",
    "∏": r"\prod",
    "∂": r"\partial",
    "∇": r"\nabla",
    "√": r"\surd",
    "∘": r"\circ",
    "⊙": r"\odot",
    "⊗": r"\otimes",
    "⊕": r"\oplus",
    "‖": r"\|",
    "⌈": r"\lceil",
    "⌉": r"\rceil",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "°": r"^\circ",
    "²": "^2",
    "³": "^3",
    "¹": "^1",
    "ᵀ": "^T",
    "µ": r"\mu",
    "⁄": "/",
    "½": r"\frac12",
    "¼": r"\frac14",
    "¾": r"\frac34",
    "•": r"\bullet",
    "✓": r"\surd",
}
_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING MACRON}": "=",
    "\N{COMBINING BREVE}": "u",
    "\N{COMBINING DOT ABOVE}": ".",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING RING ABOVE}": "r",
    "\N{COMBINING DOUBLE ACUTE ACCENT}": "H",
    "\N{COMBINING CARON}": "v",
    "\N{COMBINING CEDILLA}": "c",
}
_PIECES = re.compile(r"-+|'+|`+|,+|[?!]`|.", re.DOTALL)


def latex(text: str) -> str:
    """Return a text that LaTeX prints as it stands; what its fonts lack is a question mark."""
    return "".join(map(_piece, _PIECES.findall(text)))


def _piece(piece: str) -> str:
    """Return a character, or several that TeX would join: -- to a dash, '' to a quotation mark."""
    return "{}".join(map(_character, piece))


def _character(character: str) -> str:
    if character in _TEXT:
        return _TEXT[character]
    if character in _MATH:
        return f"${_MATH[character]}$"
    if character.isascii():
        return character if character.isprintable() or character == "\n" else "?"
    parts = unicodedata.normalize("NFKD", character)
    letter, rest = parts[0], parts[1:]
    if letter == character and not rest:
        return "?"
    if rest in _ACCENTS and letter.isascii() and letter.isalpha():
        return rf"\{_ACCENTS[rest[0]]}{{{letter}}}"
    return latex(letter + "".join(mark for mark in rest if not unicodedata.combining(mark)))
