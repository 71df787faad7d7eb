"""Text for LaTeX."""

from __future__ import annotations

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "→": r"$\to$",
    "≥": r"$\geq$",
    "…": r"\ldots{}",
    "[": "{[}",
    "*": "{*}",  # at the start of a row \\ takes them for its own
    **dict.fromkeys("█▉▊▋▌▍▎▏", ""),
}  # TeX's fonts have no bars


def latex(text: str) -> str:
    """Return a text that LaTeX prints as it stands."""
    return "".join(_LATEX.get(c, c) for c in text)
