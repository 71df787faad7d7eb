"""Numbers of a text that are not figures of a network: years, references, names, list markers."""

from __future__ import annotations

import re

_REFERENCE = (
    r"sections?|sec|fig(?:ure)?s?|tables?|chapters?|lectures?|lessons?|modules?|equations?|eqn?s?"
    r"|pages?|pp?|steps?|assignment|slides?|weeks?|homework|appendix|volume|vol|solutions?"
    r"|interpretations?|parts?"
)
RULES = {
    "addresses": (
        r"(?:https?://|www\.|arXiv:|doi:)[^\s)>\]]+|\]\([^)\s]{0,500}\)|\S{1,64}@\S{1,100}\.\w+"
    ),
    "dates and times": r"\b\d{4}-\d\d-\d\d\b|\b\d\d/\d\d(?:/\d{2,4})?\b|\b\d\d?(?::\d\d)? ?[ap]m\b",
    "years": (
        r"(?<![\d.,x×])(?:19\d\d|20[0-3]\d)s?\b(?![.,]\d| ?[KMG%x×])"
        r"(?! (?:channels|filters|features|neurons|pixels)\b)"
        r"|['’]\d\d\b"
    ),
    "references": (
        rf"\b(?i:{_REFERENCE})\.?[ ~]?\(?\d+(?:\.\d+)*\)?(?:[-–]\d+)?\b(?![x×%]|[.,]\d| ?[KMG]B?\b)"
    ),
    "citations": r"(?<=[a-z.)] )\[\d{1,2}(?:[,–-] ?\d{1,2})*\]",
    "courses and products": r"\b(?:CS|EECS|EE) ?\d{3}[-\w.]*(?: ?/ ?\d{3}[-\w.]*)?|\b[GR]TX ?\d+\b",
    "ranks": r"\b[Tt]op[- ]?\d\b|\b\d+(?:st|nd|rd|th)\b",
    "names": r"\b[A-Za-z]\w*(?:-[A-Za-z]*\d+[A-Za-z]?)+\b|\b[A-Za-z]+\d+(?:,\d+)+\b",
    "names of dimensions": r"\b\d-?D\b",
    "marks of threads": r"[@#]\d+",
    "numbers of list items": r"(?m:^[ \t]*(?:[-*•◆][ \t]*)?\(?\d{1,2}[.)](?=[ \t]))|\(\d{1,2}\): ",
    "numbers of headings": r"(?m:(?<=\n\n)\d+(?:\.\d+)* (?=[A-Z][^.\n]{2,80}\n\n))",
    "numbers of equations": r"\(\d{1,2}\)(?=[\s$]*(?:\n|$))",
    "indices": r"_\{[^{}]{0,100}\}|_\w|\^\{(?!-?\d+\})[^{}]{0,100}\}",
}
"""What is left out, and the pattern that finds it."""

_LEFT_OUT = re.compile("|".join(f"(?:{pattern})" for pattern in RULES.values()))
_BIBLIOGRAPHY = re.compile(r"(?mi)^\W{0,9}(?:references|bibliography)\W{0,9}$")


def left_out(text: str) -> list[tuple[int, int]]:
    """Return the places, as start and end, whose numbers are not figures; the bibliography whole.

    They are in order and do not overlap.
    """
    bibliography = _BIBLIOGRAPHY.search(text)
    end = bibliography.start() if bibliography else len(text)
    places = [found.span() for found in _LEFT_OUT.finditer(text, 0, end)]
    return [*places, (end, len(text))]
