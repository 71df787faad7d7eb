"""The text of spec files: lines, places in them, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

from archprof.language.text import lines, neighbour, read, with_lines, within
from archprof.problem import Mark, Problem


def test_a_column_within_a_scalar() -> None:
    rows = lines("a: $x + $y\nb: '$x + $y'\nc: 'l{$x + $y}'\nd: \"$x \\u002b $y\"\n")
    assert within(Mark("f", 1, 4), "$x + $y", 5, rows) == Mark("f", 1, 9)
    assert within(Mark("f", 2, 4), "$x + $y", 5, rows) == Mark("f", 2, 10)
    assert within(Mark("f", 3, 4), "$x + $y", 5, rows) == Mark("f", 3, 12)
    assert within(Mark("f", 4, 4), "$x + $y", 5, rows) == Mark("f", 4, 4)
    assert within(Mark("f", 9, 1), "$x", 0, rows) == Mark("f", 9, 1)


def test_lines_as_yaml_counts_them() -> None:
    assert lines("a\nb\r\nc\rd\u2028e\x85f") == ["a", "b", "c", "d", "e", "f"]


def test_read_names_the_file_as_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: net\n")
    assert read(path, "net.yaml") == ("name: net\n", "net.yaml")
    assert read(path) == ("name: net\n", str(path))
    assert neighbour(tmp_path / "nett.yaml") == f"did you mean `{path}`?"
    assert neighbour(tmp_path / "vgg.yaml") == ""
    assert neighbour(tmp_path / "nowhere" / "net.yaml") == ""


def test_lines_are_added_where_the_text_is_known() -> None:
    here, there, whole = (
        Problem(Mark("f", 2, 1), "r", "m"),
        Problem(Mark("g", 1, 1), "r", "m"),
        Problem(Mark("f"), "r", "m"),
    )
    assert [
        p.source_line
        for p in with_lines([here, there, whole, Problem(Mark("f", 9, 1), "r", "m")], {"f": "a\nb"})
    ] == ["b", "", "", ""]
