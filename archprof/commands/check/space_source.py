"""Spaces among the files to check: they have no layers, and are read alone."""

from __future__ import annotations

from pathlib import Path

from archprof.language.files import Source
from archprof.language.recognition import looks_like_space
from archprof.language.text import decode, read
from archprof.sweeping.space.reader import parse_space
from archprof.sweeping.space.space import Space


def is_space(source: Source) -> bool:
    """Whether a file is a space. Raises ProblemError for what cannot be read."""
    return looks_like_space(_text(source))


def read_space(source: Source) -> Space:
    """Return the space of a file. Raises ProblemError with everything that is wrong with it."""
    return parse_space(_text(source), (source.path or Path(source.name)).absolute(), source.name)


def _text(source: Source) -> str:
    if source.path:
        return read(source.path.absolute(), source.name)[0]
    return decode(source.content, source.name)
