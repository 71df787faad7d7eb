"""Conditions over columns, against Python on each row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.problem import ProblemError
from archprof.sweeping.answering import filters
from archprof.sweeping.answering.filters import condition

COLUMNS = {
    "params": np.array([25_600_000, 40_000_000, 40_000_001, 11_000_000]),
    "weight_bytes": np.array([1 << 20, 120 << 20, (120 << 20) + 1, 5]),
    "depths.0": np.array([1, 2, 3, 4]),
    "depths.1": np.array([1, 1, 9, 1]),
    "width": np.array([0.5, 1.0, 1.5, 2.0]),
    "sees": np.array(["local", "all", "local", "all"], object),
    "se": np.array([True, False, True, False]),
    "set.depth": np.array([7, 8, 9, 10]),
}


def rows(text: str) -> list[int]:
    found = condition(text, COLUMNS).kept(COLUMNS, 4)
    return np.flatnonzero(found).tolist()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("params <= 40M", [0, 1, 3]),
        ("params<=40_000K", [0, 1, 3]),
        ("$params <= 0.04G", [0, 1, 3]),
        ("weight_bytes <= 120 MiB", [0, 1, 3]),
        ("weight_bytes < 1.5 mb", [0, 3]),  # 1,500,000 bytes; 1 MiB is 1,048,576
        ("depths.0 > 2 and params > 40M", [2]),
        ("depths.0 > 3 or depths.1 > 3", [2, 3]),
        ("not depths.0 > 3", [0, 1, 2]),
        ("depths[1] == 9", [2]),
        ("max(depths) >= 3", [2, 3]),
        ("len(depths) == 2 and depths.0 in [1, 4]", [0, 3]),
        ("1 < width <= 1.5", [2]),
        ("sees == 'all'", [1, 3]),
        ("sees != 'all' and se", [0, 2]),
        ("se == false", [1, 3]),
        ("set.depth >= 9", [2, 3]),
        ("width > 1 if se else depths.0 > 3", [2, 3]),
        ("sees == 'width <= 40M'", []),  # a text is left as it is
        ("(params < 1M)or (len([$d for d in depths if $d > 2]) == 2)", [2]),
        ("true", [0, 1, 2, 3]),
    ],
)
def test_rows_that_meet_it(text: str, kept: list[int]) -> None:
    assert rows(text) == kept


def test_only_what_it_reads_is_read() -> None:
    assert condition("params < 1M and max(depths) > 2", COLUMNS).names == (
        "params",
        "depths.0",
        "depths.1",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parms <= 40M", "there is no column 'parms' [condition]\n  hint: did you mean `params`?"),
        ("depth.0 <= 4", "there is no column 'depth.0'"),
        (
            "params <= 40Q",
            "there is no unit 'Q' [condition]\n  hint: of counts K, M, G, T;",
        ),
        ("params <= 40m", "there is no unit 'm'"),
        ("params <=", "not an expression"),
        ("params = 4", "equality is =="),
        ("params.__class__ == 1", "there is no column 'params.__class__'"),
        ("__import__('os')", "cannot read `__import__`"),
        ("_params < 4", "there is no column '_params'"),
        ("foo(params) < 4", "`foo` is not a function of the language"),
        ("params > 40 and", "not an expression"),
        ("params", "is neither true nor false"),
        ("sees < 4", "cannot compare"),
        ("x" * 600, "there is no column"),
        ("params < " + "1 + " * 200 + "1", "more than 500 characters"),
    ],
)
def test_what_is_none(text: str, said: str) -> None:
    with pytest.raises(ProblemError) as error:
        rows(text)
    assert said in str(error.value), str(error.value)


def test_many_texts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MOST_TEXTS", 3)
    texts = {"name": np.array(list("abcd"), object)}
    with pytest.raises(ProblemError, match="more than 3 different texts"):
        condition("name == 'a'", texts).kept(texts, 4)


numbers = st.integers(0, 5)


@given(st.lists(st.tuples(numbers, numbers), max_size=30), numbers, numbers)
def test_each_row_is_answered_as_python_does(
    table: list[tuple[int, int]], first: int, second: int
) -> None:
    values: dict[str, Any] = {
        "a": np.array([a for a, _ in table], np.int64),
        "b": np.array([b for _, b in table], np.int64),
    }
    text = f"a < {first} and b != {second} or not a <= b"
    found = condition(text, values).kept(values, len(table))
    assert found.tolist() == [(a < first and b != second) or not a <= b for a, b in table]
