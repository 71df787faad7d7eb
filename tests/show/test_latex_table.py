"""Tables as LaTeX documents: what stands in them, and that they compile and fit their pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.show.latex_table import latex_table, latex_tables
from archprof.show.table import AnswerLine, Table, TableColumn
from tests.tex import compile_document, pages

LEFT, RIGHT = TableColumn("Name", right=False), TableColumn("Count")
TEXT = TableColumn("Text", right=False, wraps=True)


def test_a_table() -> None:
    cell = r"{[}x] 50\% a\_b \& \{c\} $\sim$\textasciicircum{}\textbackslash{} $\times$2"
    table = Table(
        [LEFT, RIGHT],
        [["[x] 50% a_b & {c} ~^\\ ×2", "9.3%"], ["all", "1"]],
        "A title",
        [("note", "1 < 2")],
        totals=1,
    )
    lines = latex_table(table).splitlines()
    assert lines[0] == r"{\bfseries A title\par}"
    assert lines[3:] == [
        r"\toprule \bfseries Name & \bfseries Count \\ \midrule \endhead",
        r"\bottomrule \endfoot",
        rf"{cell} & 9.3\% \\",
        r"\midrule all & 1 \\",
        r"\end{longtable}",
        "}",
        r"{\small note: 1 \textless{} 2\par}",
    ]
    assert r"\raggedright\arraybackslash" in lines[2]
    assert r"\raggedleft\arraybackslash" in lines[2]


def test_only_what_is_wide_lies_on_its_side() -> None:
    narrow = Table([LEFT, RIGHT], [["a", "1"]])
    wide = Table([LEFT, TEXT], [["a", "word " * 40]])  # 200 letters of half an em: no page has them
    assert "landscape]" not in latex_tables([narrow])
    assert "landscape]" in latex_tables([narrow, wide])


def test_a_place_to_write_in_is_a_line() -> None:
    """Five and a half em: 19 mm at 10 points, 55 * 0.3515 mm, for seven digits by hand."""
    text = latex_table(Table([LEFT], [[AnswerLine("____")]]))
    assert r"\rule[-0.4ex]{5.5em}{0.4pt}" in text
    assert r"\_" not in text
    assert r"\renewcommand{\arraystretch}{1.6}" in text
    assert "arraystretch" not in latex_table(Table([LEFT], [["____"]]))


WIDE = Table([LEFT, *[RIGHT] * 14], [["a.long.path.of.a.layer.conv1", *["123,456,789"] * 14]] * 3)
LONG = Table([LEFT, TEXT, RIGHT], [[f"row {i}", "a text of words " * 15, "1"] for i in range(90)])
ONE_WORD = Table([LEFT, TEXT, TEXT], [["W" * 300, "x" * 500, "Kh*Kw*Cin/" * 40]])
NOTES = Table([LEFT], [["a"]], "t", [("a long note", "with/a/path/" * 30), ("b", "word " * 90)])
EMPTY = Table([], [], "only a title")


@pytest.mark.parametrize(
    "table", [WIDE, LONG, ONE_WORD, NOTES, EMPTY], ids=["wide", "long", "word", "notes", "empty"]
)
def test_it_fits_its_page(table: Table, tmp_path: Path) -> None:
    compile_document(latex_tables([table]), tmp_path)


def test_a_long_table_goes_on_over_pages(tmp_path: Path) -> None:
    """90 rows of two lines at least: A4 on its side has 178 mm, 48 lines of 3.7 mm."""
    assert pages(compile_document(latex_tables([LONG]), tmp_path)) >= 3
