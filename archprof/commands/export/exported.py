"""What a format gives: a text or bytes, and what must be said of it."""

from __future__ import annotations

from typing import NamedTuple


class Exported(NamedTuple):
    """The content of a file, and remarks on what is not in it as one might expect."""

    content: str | bytes
    notes: tuple[str, ...] = ()
