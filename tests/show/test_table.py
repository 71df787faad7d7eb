"""Tables as lines, CSV, Markdown and LaTeX: aligned, never a number cut, foreign text inert."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof import units
from archprof.show.table import Table, TableColumn, hanging, lines, render

LEFT, RIGHT = TableColumn("Name", right=False), TableColumn("Count")


def text(table: Table, width: int) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in lines(table, width)]


def test_whole() -> None:
    table = Table(
        [LEFT, TableColumn("Op", right=False), RIGHT],
        [["conv1", "conv2d", "34,944"], ["fc", "linear", "7"], ["Total", "", "34,951"]],
        "A table",
        [("note", "of some words"), ("n", "x")],
        totals=1,
    )
    assert text(table, 80) == [
        "A table",
        "Name   Op       Count",
        "─────────────────────",
        "conv1  conv2d  34,944",
        "fc     linear       7",
        "─────────────────────",
        "Total          34,951",
        "note of some words",
        "n    x",
    ]
    assert text(table, 20)[1:4] == [
        "Name  Op      Count",
        "───────────────────",
        "conv1 conv2d 34,944",
    ]


def test_empty() -> None:
    assert text(Table([LEFT, RIGHT], []), 80) == ["Name  Count", "───────────"]
    assert text(Table([LEFT, RIGHT], [["Total", "0"]], totals=1), 80) == [
        "Name   Count",
        "────────────",
        "Total      0",
    ]


def test_names_are_cut_at_the_front_and_texts_at_the_end() -> None:
    table = Table(
        [LEFT, TableColumn("Op", right=False), RIGHT],
        [["features.denseblock1.denselayer12.conv1", "local_response_norm", "123,456,789"]],
    )
    assert text(table, 60)[2] == "features.denseblock1.denselayer12.conv1 local_r… 123,456,789"
    assert text(table, 50)[2] == "…enselayer12.conv1 local_response_norm 123,456,789"
    assert text(table, 40)[2] == "…ayer12.conv1 local_respons… 123,456,789"
    # rather too long than a number cut
    assert text(table, 20)[2] == "…yer12.conv1 local_r… 123,456,789"


def test_columns_that_may_go_do_before_names_are_cut() -> None:
    table = Table(
        [LEFT, TableColumn("Year", drop=1), TableColumn("Input", drop=2), RIGHT],
        [["a_name_of_some_length", "2012", "3x224x224", "61,100,840"]],
    )
    assert text(table, 48)[0].split() == ["Name", "Year", "Input", "Count"]
    assert text(table, 45)[0].split() == ["Name", "Year", "Count"]
    assert text(table, 35)[0].split() == ["Name", "Count"]
    assert text(table, 25)[2] == "…f_some_length 61,100,840"


def test_wrapping() -> None:
    table = Table(
        [TableColumn("Op", right=False, wraps=True), TableColumn("What", right=False, wraps=True)],
        [["conv2d, linear, attention", "two per multiply-accumulate"], ["", "nothing"]],
    )
    assert text(table, 40) == [
        "Op                  What",
        "────────────────────────────────────────",
        "conv2d, linear,     two per",
        "attention           multiply-accumulate",
        "                    nothing",
    ]


CELLS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=30)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS, st.integers(0, 10**12)), min_size=1, max_size=5),
    st.integers(60, 120),
    st.integers(0, 1),
)
def test_numbers_are_whole_and_columns_aligned(
    rows: list[tuple[str, str, str, int]], width: int, totals: int
) -> None:
    """Whatever the texts and the width: every line ends with its number, right where the others
    end.
    """
    table = Table(
        [
            LEFT,
            TableColumn("Op", right=False),
            TableColumn("Words", right=False, wraps=True),
            RIGHT,
        ],
        [[a, b, c, units.exact(n)] for a, b, c, n in rows],
        totals=totals,
    )
    found = text(table, width)
    rule = next(i for i, line in enumerate(found) if line and set(line) == {"─"})
    assert len(found[rule]) <= width
    assert len(found[0]) == len(found[rule])
    ends = [
        line for line in found[rule + 1 :] if len(line) == len(found[rule]) and set(line) != {"─"}
    ]
    assert [line.split()[-1] for line in ends] == [units.exact(n) for *_, n in rows]


def test_styles_stand_apart_from_text() -> None:
    table = Table(
        [LEFT, TableColumn("Count", style="red")],
        [["a", "1"], ["b", "2"], ["Total", "3"]],
        totals=1,
        quiet=frozenset({1}),
    )
    styles = [[style for part, style in line if part.strip()] for line in lines(table, 80)]
    assert styles == [
        ["bold cyan", "bold cyan"],
        [""],
        ["", "red"],
        ["dim", "red dim"],
        [""],
        ["bold", "red bold"],
    ]


# --- documents ---


def test_csv_has_bare_numbers() -> None:
    table = Table(
        [LEFT, TableColumn("Memory", unit="bytes"), RIGHT],
        [
            ["a, b", units.size(2048), units.exact(1_234_567)],
            ['say "x"', "-", units.Figure("-", 0)],
        ],
        "left out",
        [("so", "is this")],
    )
    assert (
        render(table, "csv") == 'Name,Memory (bytes),Count\n"a, b",2048,1234567\n"say ""x""",,0\n'
    )


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("+1", "+1"),
        ("-16", "-16"),
        ("-", ""),
        ("+", "'+"),
        ("", ""),
        (" =1", "' =1"),
        ("a=1", "a=1"),
        ("\t=1", "' =1"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+1+1+cmd|x", "'+1+1+cmd|x"),
        ("-1.5e-3", "-1.5e-3"),
        ("+5.0%", "'+5.0%"),
        ("-١", "'-١"),
        ("１", "１"),
        ("−1", "'−1"),
        ("＝1+1", "'＝1+1"),
        ("a;=1", "a;'=1"),
        ("a; -2", "a; '-2"),
        ("a;-", "a;'-"),
        ("a\nb", r"a\x0ab"),
    ],
)
def test_csv_computes_nothing(cell: str, read: str) -> None:
    assert list(csv.reader(io.StringIO(render(Table([LEFT, RIGHT], [[cell, "1"]]), "csv"))))[1] == [
        read,
        "1",
    ]


def test_markdown() -> None:
    table = Table(
        [LEFT, RIGHT],
        [["a|b_c*d`e<f>&g", "1"], ["by @team www.x.y", "2"]],
        "A [title]",
        [("note", "1 # 2"), ("last", "$x$")],
    )
    assert (
        render(table, "md") == "**A \\[title\\]**\n\n"
        "| Name                       |   Count |\n"
        "|:---------------------------|--------:|\n"
        "| a\\|b\\_c\\*d\\`e&lt;f\\>&amp;g |       1 |\n"
        "| by `@team` `www.x.y`       |       2 |\n"
        "\nnote: 1 \\# 2  \nlast: \\$x\\$\n"
    )


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Kh*Kw*(Cin/g)*Cout*Hout*Wout", ["Kh*Kw*(Cin/g)*Cout*", "Hout*Wout"]),
        ("adaptive_average_pool2d", ["adaptive_average_", "pool2d"]),
        # no sign to break behind, and none of the spaces between parts is seen
        ("a" * 25 + "*b", ["a" * 20, "a" * 5 + "*b"]),
    ],
)
def test_a_word_wider_than_its_column_breaks_behind_a_sign(word: str, parts: list[str]) -> None:
    found = ["".join(part for part, _ in line) for line in hanging("", word, 20)]
    assert found == parts
