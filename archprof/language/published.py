"""The tables of published figures that come with archprof."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from archprof.language.shipped_folder import specs_folder


def published_tables() -> list[str]:
    """Return the names of the tables."""
    return sorted(path.stem for path in _folder().glob("*.csv"))


@cache
def published_rows(table: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the tables, each by the names of its columns."""
    with (_folder() / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _folder() -> Path:
    return specs_folder() / "published"
