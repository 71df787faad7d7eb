"""What a figure counts, by its unit and the words beside it."""

from __future__ import annotations

import re

from archprof.commands.lecture.claims.figures import PrintedFigure

UNITS = {
    "FLOP": "flops",
    "FLOPs": "flops",
    "FLO": "flops",
    "MAC": "macs",
    "MACs": "macs",
    "params": "params",
    "parameters": "params",
    "layers": "depth",
    "neurons": "out",
}
"""The quantity that a unit names, neurons of a layer; bytes are of weights or of outputs."""
WORDS = (
    (r"mult(?:iply)?[- ]?(?:add|accumulate)\w*|\bMACs?\b|\bMAdds?\b", "macs"),
    (r"\bFLOP[sS]?\b|\boperations\b|\bfloating[- ]point\b", "flops"),
    (r"#?\bparam\w*|\bweights\b", "params"),
)
BYTES = (
    (r"\bparam\w*|\bweights?\b|\bmodel\b", "weight_bytes"),
    (r"\bactivation\w*|\boutputs?\b|\bfeature\w*|\bforward\b|\bmemory\b", "output_bytes"),
)
FEWER = re.compile(r"\b(?:fewer|less|smaller|cheaper|lighter|reduc\w+)\b", re.IGNORECASE)


def quantity_of(figure: PrintedFigure, before: str, after: str) -> str:
    """Return the quantity that a figure is of, "" where it is not clear.

    The words `after` it, up to the next figure, come first, then those `before` it.
    """
    if figure.unit in UNITS:
        return UNITS[figure.unit]
    table = BYTES if figure.unit in ("B", "bytes") else WORDS
    return _first(after, table) or _last(before, table)


def label_quantity(sentence: str) -> str:
    """Return the quantity of a sentence that begins with it and a colon: Parameters: …; or ""."""
    label, colon, _ = sentence.partition(":")
    return _last(label, WORDS) if colon else ""


def _first(text: str, table: tuple[tuple[str, str], ...]) -> str:
    """Return the quantity that the first word of the table in a text means."""
    found = [(m.start(), name) for words, name in table if (m := _search(words, text))]
    return min(found)[1] if found else ""


def _last(text: str, table: tuple[tuple[str, str], ...]) -> str:
    """Return the quantity that the last word of the table in a text means."""
    found = [
        (match.start(), name)
        for words, name in table
        for match in re.finditer(words, text, re.IGNORECASE)
    ]
    return max(found)[1] if found else ""


def _search(words: str, text: str) -> re.Match[str] | None:
    return re.search(words, text, re.IGNORECASE)
