"""The words of a file of claims, for its reader and its schema alike."""

from __future__ import annotations

from archprof.commands.lecture.claims.quantities import QUANTITIES

TOP = ("lecture", "title", "source", "text", "shapes", "networks", "claims", "not_claims")
NOT_CLAIM = ("quote", "why")
NAMED = ("network", "input", "set", "spec")
SUBJECT = ("network", "input", "set", "batch", "dtype", "optimizer", "freeze")
SELECTION = ("layers", "first", "last", "op", "where", "block", "aux")
ABOUT = (
    *("slide", "says", "note", "verdict", "likely", "instead", "contradicts", "shapes", "aside"),
    "also",
)
SHAPES = ("CxHxW", "HxWxC")
MAX_BATCH = 1_000_000

KINDS = {
    "of": ("of", "stated", "reads", "formula", "with"),
    "table": ("table",),
    "order": ("order",),
    "every": ("every",),
    "modules": ("modules",),
    "law": ("law",),
    "series": ("series",),
    "experiment": ("experiment", "stated", "reads"),
    "published": ("published", "stated", "reads"),
    "parts": ("parts",),
    "undecidable": ("undecidable",),
    "not_modelled": ("not_modelled",),
}
"""The kinds of claims by the word each is known by, and the words each takes."""

BODIES = {
    "table": ("rows", *SUBJECT),
    "order": ("relation", "sides"),
    "every": ("is", "followed_by", *SUBJECT, *SELECTION),
    "modules": ("under", "are", *SUBJECT, *SELECTION),
    "law": ("formula", "with", "names", "gives", *SUBJECT, *SELECTION),
    "series": ("quantity", "is", *SUBJECT, *SELECTION),
}
"""The words inside a kind that is a mapping."""

PUBLISHED = ("value", "values", "relation", "source")
CELL = ("table", "row", "column", "unit")
"""The words that choose a cell of a table of published figures."""
QUANTITY = ("quantity", "each", *SUBJECT, *SELECTION)
CELLS = (*(name for name in QUANTITIES if name not in (*SUBJECT, *SELECTION)), "type")
"""What a table's row may state: the quantities, but there `layers` and `input` say what the row is
about; and what its layer is.
"""
ROW = (*CELLS, *SELECTION, *SUBJECT, "label", "verdict", "verdicts")
SHAPED = ("shape", "input", "input_shape", "filter")
"""Quantities that are shapes, not numbers."""
