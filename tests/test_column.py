"""A column computes in every row what a plain number does, to the last bit."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.column import (
    EXACT,
    MOST,
    Column,
    Differs,
    TooLarge,
    Unalike,
    by_group,
    finite,
    is_number,
    is_whole,
    least,
    merged,
    most,
    real,
    real_numbers,
    settled,
    single,
    taken,
)
from archprof.language.expression import Expression
from archprof.language.functions import ExpressionError

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in")  # as plain numbers overflow

WHOLE = st.integers(-(10**6), 10**6)
REAL = st.floats(-1e6, 1e6, allow_nan=False)
NUMBERS = st.lists(WHOLE, min_size=1, max_size=6) | st.lists(REAL, min_size=1, max_size=6)
OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
]
FAILURES = (ZeroDivisionError, OverflowError, ValueError, ExpressionError)


def column(*values: float) -> Column:
    return Column(np.array(values))


def in_rows(run: Callable[..., Any], *given: Any) -> list[Any]:
    """What a function gives in each row, in groups as its questions make them."""
    count = max(len(one.rows) for one in given if type(one) is Column)
    found: list[Any] = [None] * count

    def tried(values: Any) -> Any:
        try:
            return run(*(values[str(i)] for i in range(len(given))))
        except FAILURES as error:
            return type(error)

    values = {str(i): one for i, one in enumerate(given)}
    for rows, result in by_group(tried, values, np.arange(count)):
        for i, row in enumerate(rows.tolist()):
            found[row] = at(result, i)
    return found


def at(value: Any, row: int) -> Any:
    """A value in one row, as a plain one."""
    if type(value) is Column:
        return value.rows[row].item()
    return [at(item, row) for item in value] if type(value) is list else value


def plain(run: Callable[..., Any], *values: Any) -> Any:
    try:
        return run(*values)
    except FAILURES as error:
        return type(error)


def same(one: list[Any], other: list[Any]) -> bool:
    """Whether numbers are equal, and of one type."""
    return one == other and list(map(type, one)) == list(map(type, other))


@pytest.mark.parametrize("operate", OPERATORS, ids=lambda o: o.__name__)
@given(left=NUMBERS, right=WHOLE | REAL)
def test_operators(operate: Callable[..., Any], left: list[float], right: float) -> None:
    assert same(in_rows(operate, column(*left), right), [plain(operate, x, right) for x in left])
    assert same(in_rows(operate, right, column(*left)), [plain(operate, right, x) for x in left])


@given(pairs=st.lists(st.tuples(WHOLE, REAL), min_size=1, max_size=6))
def test_two_columns(pairs: list[tuple[int, float]]) -> None:
    left, right = column(*(a for a, _ in pairs)), column(*(b for _, b in pairs))
    for operate in OPERATORS:
        expected = [plain(operate, a, b) for a, b in pairs]
        assert same(in_rows(operate, left, right), expected), operate


@pytest.mark.parametrize("function", [math.floor, math.ceil, math.trunc, round, abs, int, float])
@given(values=NUMBERS)
def test_functions_of_one_number(function: Callable[..., Any], values: list[float]) -> None:
    assert same(in_rows(function, column(*values)), [function(x) for x in values])


EXPRESSIONS = [
    "make_divisible($a * $b)",
    "make_divisible($a, 8, 16)",
    "round($b * 3) + floor($b)",
    "max($a, $b, 3)",
    "min([$a, 7, $a + 1])",
    "sqrt(abs($b))",
    "log(abs($b) + 1) / log2(2 + abs($a))",
    "exp($b / 1e6) ** 2",
    "$a ** 2",
    "2 ** ($a % 5)",
    "sum(range(abs($a) % 7))",
    "[$a, $b, 1][abs($a) % 3]",
    "[$x * $a for x in range(3) if $x != $a]",
    "$a if $a > $b else $b",
    "sorted([$a, 5, $a - 1])",
    "$a // ($a - 1)",
    "sqrt($b)",
    "len([1, 2][:abs($a) % 2])",
    "$a in [1, 2, 3] or $a > 10 and not $b < 0",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
@given(pairs=st.lists(st.tuples(WHOLE, REAL), min_size=1, max_size=6))
def test_the_languages_expressions(text: str, pairs: list[tuple[int, float]]) -> None:
    expression = Expression(text)

    def run(a: Any, b: Any) -> Any:
        return expression({"a": a, "b": b})

    left, right = column(*(a for a, _ in pairs)), column(*(b for _, b in pairs))
    assert same(in_rows(run, left, right), [plain(run, a, b) for a, b in pairs])


def test_a_question_with_two_answers_names_the_rows_of_each() -> None:
    with pytest.raises(Differs) as caught:
        bool(column(1, 5, 3) > 2)
    assert caught.value.mask.tolist() == [False, True, True]
    assert column(3, 5, 4) > 2


def test_groups_are_as_few_as_the_questions() -> None:
    """One question with two answers: asked of all rows once, and once of either part."""
    runs = []

    def run(values: Any) -> Any:
        runs.append(len(values["a"].rows) if type(values["a"]) is Column else 1)
        return "wide" if values["a"] > 10 else "narrow"

    groups = by_group(run, {"a": column(1, 20, 3, 40)}, np.arange(4))
    assert {value: rows.tolist() for rows, value in groups} == {"wide": [1, 3], "narrow": [0, 2]}
    assert sorted(runs) == [2, 2, 4]


@pytest.mark.parametrize(
    "run",
    [
        lambda: column(2**40, 1) * column(2**30, 1),
        lambda: column(2**62, 1) + column(1, 1),
        lambda: column(-(2**62), 1) - 1,
        lambda: column(2**54, 1) / 3,
        lambda: column(2**54, 1) * 0.5,
        lambda: math.floor(column(1e19, 1.0)),
    ],
)
def test_what_an_int64_or_a_float_may_not_hold_is_refused(run: Callable[[], Any]) -> None:
    with pytest.raises(TooLarge):
        run()


def test_bounds_are_looked_at_again_before_anything_is_refused() -> None:
    """(2^40 - 2^40) * 2^40 is 0 though the bound of its parts is 2^81."""
    found = (column(2**40, 2**40) - 2**40) * column(2**40, 1)
    assert found.rows.tolist() == [0, 0]
    assert (column(EXACT, 3) // 2).rows.tolist() == [
        2**52,
        1,
    ]
    assert column(MOST - 1, 0).bound == MOST - 1


def test_where_only_some_rows_fail_the_others_go_on() -> None:
    assert in_rows(real(math.log), column(1.0, -1.0, math.e)) == [0.0, ValueError, 1.0]
    assert in_rows(lambda a: 6 / a, column(2, 0, 3)) == [3.0, ZeroDivisionError, 2.0]


def test_a_column_of_one_number_is_that_number() -> None:
    assert settled(column(4, 4)) == 4
    assert single(column(4, 4)) == 4
    assert single("text") == "text"
    assert taken([column(1, 2, 2), "a"], np.array([1, 2])) == [2, "a"]
    with pytest.raises(Differs):
        single(column(4, 5))


def test_extremes() -> None:
    assert most(column(1, 9), 5).rows.tolist() == [5, 9]
    assert least([column(1, 9), column(2, 3)]).rows.tolist() == [1, 3]
    assert most(3, 2.5) == 3
    assert least([4, 1]) == 1


def test_values_of_parts_become_one() -> None:
    first, second = np.array([0, 2]), np.array([1])
    both = merged([(first, [column(5, 6), 1]), (second, [7, 1])], 3)
    assert both[0].rows.tolist() == [5, 7, 6]
    assert both[1] == 1
    assert merged([(first, "a"), (second, "a")], 3) == "a"
    for one, other in (("a", "b"), ([1], [1, 2]), (1, 1.5), (1, "a"), ([1], 1)):
        with pytest.raises(Unalike):
            merged([(first, one), (second, other)], 3)


def test_kinds() -> None:
    assert is_number(column(1.5))
    assert is_whole(column(1))
    assert not is_whole(column(1.5))
    assert not is_number(True)
    assert not is_whole(True)
    assert real_numbers(column(1, 2)).rows.tolist() == [1.0, 2.0]
    assert finite(column(1.0))
    assert not finite(math.inf)
    assert f"{column(3, 4):,}" == "3"
