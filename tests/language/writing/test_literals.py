"""Plain values as YAML: read again, each is what it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.language.source import parse
from archprof.language.writing.literals import expression, literal, number, quoted
from archprof.language.writing.write import written
from archprof.problem import Problems
from tests.language.writing.graphs import Step, made, op, read_again


def value(text: str) -> Any:
    problems = Problems()
    found = parse(f"a: {{b: {text}}}\n", "t", problems).plain()["a"]["b"]
    assert not problems, problems
    return found


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (1e-6, "1.0e-6"),
        (1.5e-7, "1.5e-7"),
        (0.1, "0.1"),
        (2.0, "2.0"),
        (1e16, "1.0e+16"),
        (True, "true"),
        (None, "null"),
        ([3, [1, 2]], "[3, [1, 2]]"),
        ({"normal": 0.02}, "{normal: 0.02}"),
        ("relu", "relu"),
        ("no", "'no'"),
        ("12", "'12'"),
        ("it's", "'it''s'"),
        ("a, b", "'a, b'"),
        ("a: b", "'a: b'"),
        ("- a", "'- a'"),
    ],
)
def test_literals(given: Any, text: str) -> None:
    assert literal(given) == text
    assert value(text) == given


@given(st.floats(-1e29, 1e29, allow_nan=False))
def test_every_float_comes_back(given: float) -> None:
    assert value(literal(given)) == given


@given(st.text(max_size=30))
def test_every_text_comes_back_in_one_line(text: str) -> None:
    """What a reader would not see comes back as its escape, which is visible."""
    written = quoted(text)
    assert "\n" not in written
    found = value(written) if written else ""
    visible = text.replace("\t", " ")
    if visible.isprintable():
        assert found == visible


def test_totals_are_written_in_threes() -> None:
    assert number(25_557_032) == "25_557_032"
    assert number(9_620) == "9620"


def test_expressions_with_brackets_need_quotes() -> None:
    assert expression("4 * $out") == "4 * $out"
    assert expression("$shape[-1]") == "'$shape[-1]'"
    assert expression("[1, 2][$index]") == "'[1, 2][$index]'"


def test_what_a_network_says_of_itself_stays_one_line() -> None:
    """A title cannot end its line and begin a key of its own."""
    graph = made((3, 8, 8), [Step("a", op("relu"))])
    title = "A title: of 'two'\nlayers: []\n# and\u202e more"
    vars(graph.network)["stated"] = {"title": title, "year": 2015, "source": 7}.get
    text = written(graph, {})
    assert text.startswith(
        "name: by_hand\n"
        "title: 'A title: of ''two''\\x0alayers: []\\x0a# and\\u202e more'\n"
        "year: 2015\n"
        "input: 3x8x8\n"
    )
    assert read_again(text).network.stated("year") == 2015


@pytest.mark.parametrize(
    ("name", "called"),
    [("net.py:Net", "net.py_Net"), ("-x", "x"), ("a b\nc", "a_b_c"), ("é", "network")],
)
def test_a_name_is_what_the_language_can_call_a_network(name: str, called: str) -> None:
    text = written(made((3, 8, 8), [Step("a", op("relu"))], name), {})
    assert text.startswith(f"name: {called}\n")
    assert read_again(text).network.name == called
