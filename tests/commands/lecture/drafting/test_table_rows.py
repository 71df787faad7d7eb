"""The heads of tables of networks: each column's quantity, and the prefix of its figures."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.drafting.table_rows import _columns


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        ("Million Parameters", [("params", "M")]),
        ("Million Parameters  Billion Mult-Adds", [("params", "M"), ("macs", "G")]),
        ("Params (M)  Mult-Adds", [("params", "M"), ("macs", "")]),
        ("Top-1  Params", [("", ""), ("params", "")]),  # no analysis knows an accuracy
        ("Params 25M", []),  # a line with a figure is not a head
        ("Networks compared", []),
    ],
)
def test_columns(head: str, columns: list[tuple[str, str]]) -> None:
    assert [(one.quantity, one.prefix) for one in _columns(head)] == columns
