"""Tables of networks in a text: a head with quantities, and a row for each network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.drafting.network_names import named_networks
from archprof.commands.lecture.drafting.pages import SlidePage
from archprof.commands.lecture.texts.finder import TextFigure, find_figures

COLUMNS = (
    (r"acc(?:uracy|\.)?|top[- ]?[15]|errors?|err\.|year|ratio|speed|latency|time|epochs?", ""),
    (r"mult(?:iply)?[- ]?adds?|macs?|madds?", "macs"),
    (r"#?flops?|operations", "flops"),
    (r"#?param(?:eter)?s?|weights", "params"),
    (r"#?layers|depth", "depth"),
)
"""What heads of columns say, and their quantities; "" for what no analysis knows."""
_HEAD = re.compile(
    "|".join(rf"(?P<c{i}>(?<![a-z]){words}(?![a-z]))" for i, (words, _) in enumerate(COLUMNS)),
    re.IGNORECASE,
)
_MILLION = re.compile(r"\b([mb])illions?\b", re.IGNORECASE)  # before the word: Million Parameters
_PREFIX = re.compile(r"\W*\(([KMGB])\)")  # behind it: Params (M)
_SIZE = re.compile(r"\A-\d+")  # of the input, behind the name: MobileNet-224


class NetworkRow(NamedTuple):
    """A row: what it is called, its network, and its cells by their quantity."""

    label: str
    network: str
    cells: dict[str, str]


class TableOfNetworks(NamedTuple):
    """A table's head as printed, its rows, and its place: the line of the head, from 1."""

    place: str
    line: int
    head: str
    rows: list[NetworkRow]
    lines: range


def tables(page: SlidePage, known: dict[str, str]) -> list[TableOfNetworks]:
    """Return the tables of a page: a line with quantities, then lines with a network each."""
    lines = page.text.split("\n")
    found, i = [], 0
    while i < len(lines):
        columns = _columns(lines[i])
        rows = list(_rows(lines[i + 1 :], columns, known)) if len(columns) > 1 else []
        if rows:
            taken = range(i + 1, i + 2 + len(rows))
            found.append(
                TableOfNetworks(page.place, i + 1, " ".join(lines[i].split()), rows, taken)
            )
        i += 1 + len(rows)
    return found


class _Column(NamedTuple):
    """A column's quantity, and the prefix that its head has for all its figures."""

    quantity: str
    prefix: str


def _columns(head: str) -> list[_Column]:
    """Return the columns of a head, none for a line that is none."""
    if find_figures(re.sub(r"(?i)top[- ]?[15]", "", head)):
        return []
    found, end = [], 0
    for match in _HEAD.finditer(head):
        quantity = COLUMNS[int((match.lastgroup or "c0")[1:])][1]
        million = _MILLION.search(head, end, match.start())
        behind = _PREFIX.match(head, match.end())
        prefix = behind[1] if behind else ""
        if million:
            prefix = "M" if million[1] in "mM" else "G"
        found.append(_Column(quantity, prefix))
        end = match.end()
    return found


def _rows(
    lines: Sequence[str], columns: list[_Column], known: dict[str, str]
) -> Iterator[NetworkRow]:
    """Yield the rows below a head, up to the first line that is none."""
    for line in lines:
        networks = named_networks(line, known)
        if len(networks) != 1:
            return
        end = networks[0].end
        size = _SIZE.match(line[end:])
        end += len(size[0]) if size else 0
        figures = find_figures(line[end:])
        if len(figures) != len(columns):
            return
        cells = {
            column.quantity: stated
            for column, figure in zip(columns, figures, strict=True)
            if column.quantity and (stated := _stated(figure, column.prefix))
        }
        if cells:
            yield NetworkRow(" ".join(line[:end].split()), networks[0].network, cells)


def _stated(figure: TextFigure, prefix: str) -> str:
    """Return a cell as a file of claims states it, "" where it is not a number."""
    if not isinstance(figure.value, PrintedFigure):
        return ""
    text = figure.text if figure.value.power or figure.value.unit else f"{figure.text}{prefix}"
    return text if parse_figure(text) else ""
