"""Constant tensors: what counts, and every way to write one that is refused."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.problem import Problem, ProblemError
from tests.small import graph_of, whatever

TOKENS = (6, 8)


def test_buffers_are_no_parameters() -> None:
    layers = {
        "table": "op: buffer, size: [6, 8], values: 1",
        "places": "op: buffer, size: [6], rule: arange, dtype: int64, persistent: false",
        "add": "op: add, from: [input, table]",
    }
    totals = analyze(graph_of(layers, TOKENS, "[add, places]")).totals
    assert (totals.params, totals.buffers) == (0, 6 * 8 + 6)
    assert totals.weight_bytes == 6 * 8 * 4 + 6 * 8  # float32 and int64


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ("values: [[1, 2, 3], [4, 5, 6]]", (2, 3)),
        ("values: [1, 2]", (2,)),
        ("values: [1, 2, 3, 4], size: [2, 2]", (2, 2)),
        ("values: 0, size: [2, 1, 2]", (2, 1, 2)),
        ("values: 0, size: []", ()),
        ("rule: sincos_2d, size: [2, 3, 8]", (2, 3, 8)),
    ],
)
def test_sizes(settings: str, shape: tuple[int, ...]) -> None:
    graph = graph_of({"x": f"op: buffer, {settings}"}, TOKENS, "[input, x]")
    assert graph.nodes[0].output == shape


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ("size: [3]", "a buffer has neither `values` nor `rule`", "values: 0, or rule: arange"),
        ("size: [3], values: 0, rule: ones", "a buffer has both `values` and `rule`", ""),
        ("values: 0", "a buffer states no `size`", "one number fills a buffer of any size"),
        ("rule: ones", "a buffer states no `size`", "as many values as it has elements"),
        ("size: [2, 0], values: 0", "size 2*0: every dimension is at least 1", ""),
        ("size: [2, 2], values: [1, 2, 3]", "its values are 3, its size is 2*2", "one list of 4"),
        ("size: [4], values: [[1, 2], [3, 4]]", "its values are 2*2, its size is 4", ""),
        ("values: [[1, 2], [3]]", "lists of numbers in lists of equal length", ""),
        ("values: [a]", "lists of numbers in lists of equal length", ""),
        ("values: [[[[[1]]]]]", "lists of numbers in lists of equal length", ""),
        ("values: [0.5], dtype: int64", "not all of its values are whole numbers", "`dtype`"),
        ("size: [2, 8], rule: sincos, dtype: int64", "sincos gives no whole numbers", "`dtype`"),
        ("values: [1], start: 2", "`start` is an argument of a rule", "leave it out"),
        ("size: [3], rule: arange, stop: 2", "no argument `stop`", "it takes start, step"),
        ("size: [3], rule: ones, step: 2", "no argument `step`", "it takes none"),
        ("size: [3, 3], rule: arange", "size 3*3 by the rule arange, expected [n]", ""),
        ("size: [3, 2], rule: binomial", "expected […, n, n]", ""),
        ("size: [14, 15, 2], rule: relative_coordinates", "expected [2*w - 1, 2*w - 1, 2]", ""),
        ("size: [1, 1, 2], rule: relative_coordinates", "windows of 2 tokens at least", ""),
        ("size: [4, 7], rule: sincos", "[tokens, C] with an even C", ""),
        ("size: [4, 4, 6], rule: sincos_2d", "C a multiple of 4", ""),
        ("size: [6, 4, 4], rule: fourier_2d", "C a multiple of 4", ""),
        ("size: [3], rule: gaussian", "expected one of zeros, ones, arange", ""),
    ],
)
def test_refusals(settings: str, message: str, hint: str) -> None:
    problem = complaint(settings)
    assert message in problem.message
    assert hint in problem.hint


def complaint(settings: str) -> Problem:
    """The first thing that is wrong with a buffer."""
    try:
        return whatever({"x": f"op: buffer, {settings}"}, TOKENS, "[input, x]").problems[0]
    except ProblemError as error:
        return error.problems[0]


def test_no_more_values_than_a_spec_should_hold() -> None:
    most = f"op: buffer, values: {[[0] * 64] * 64}"
    assert graph_of({"x": most}, TOKENS, "[input, x]").nodes[0].output == (64, 64)
    assert "4096 numbers at most" in complaint(f"values: {[0] * 4097}").message


@pytest.mark.parametrize(
    ("settings", "rows", "message"),
    [
        ("rule: arange", 6, ""),
        ("rule: arange", 5, "has 5 rows, and `x` gives numbers below 6"),
        ("rule: arange, start: 1, step: 2", 11, "has 11 rows, and `x` gives numbers below 12"),
        ("rule: ones", 1, "has 1 rows, and `x` gives numbers below 2"),
        ("rule: zeros", 1, ""),
        ("values: [0, 3, 1, 2, 5, 4]", 5, "has 5 rows, and `x` gives numbers below 6"),
        ("values: 3", 3, "has 3 rows, and `x` gives numbers below 4"),
    ],
)
def test_whole_numbers_are_looked_up(settings: str, rows: int, message: str) -> None:
    layers = {
        "x": f"op: buffer, size: [6], {settings}, dtype: int64",
        "rows": f"op: embedding, num: {rows}, dim: 8",
        "add": "op: add, from: [input, rows]",
    }
    problems = whatever(layers, TOKENS).problems
    assert [message in problem.message for problem in problems] == [True] * bool(message)


def test_what_computes_reads_no_whole_numbers() -> None:
    layers = {"x": "op: buffer, size: [6, 8], values: 1, dtype: int64", "y": "op: linear, out: 2"}
    (problem,) = whatever(layers, TOKENS, "[input, y]").problems
    assert "`x` gives whole numbers (int64)" in problem.message
