"""What the answers have in common that a notebook shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archprof.draw.shapes import Picture
from archprof.draw.svg import standalone
from archprof.show.frames import frame
from archprof.show.html import html_table
from archprof.show.table import Table

WIDTH = 160  # columns of a table


class Shown:
    """An answer as tables, pictures and rows; `_repr_html_` is what a notebook asks for."""

    __slots__ = ()

    def tables(self) -> Iterable[Table]:
        """Return the tables that a command prints of it."""
        return ()

    def pictures(self) -> Iterable[Picture]:
        """Return the pictures that belong to it."""
        return ()

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows of its data frame."""
        return ()

    def _repr_html_(self) -> str:
        """Return its tables and pictures as HTML. Every text of them is escaped."""
        return html(self.tables(), self.pictures())

    def to_frame(self, library: str | None = None) -> Any:
        """Return its rows as a frame of pandas or, `library` "polars" or pandas missing, polars.

        What is unknown is missing there. Raises ModuleNotFoundError where neither is installed.
        """
        return frame(self.rows(), library)


def html(tables: Iterable[Table], pictures: Iterable[Picture]) -> str:
    """Return tables and pictures one below the other, pictures light or dark as the reader's
    system is.
    """
    drawn = []
    for picture in pictures:
        # several outputs are one document, where every identity must differ
        name = hashlib.sha256(repr(picture).encode()).hexdigest()[:10]
        drawn.append(f"<div>{standalone(picture, 'auto', f'a{name}')}</div>")
    return "".join([*drawn, *map(html_table, tables)])
