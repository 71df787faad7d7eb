"""The style of specs: what it changes and what it leaves, whatever the file was like."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archprof.commands.edit.formatting import formatted
from archprof.language.shipped_folder import specs_folder
from archprof.language.source import parse
from archprof.problem import ProblemError, Problems
from tests.generated.networks import specs, text_of

SHIPPED = sorted([*specs_folder().glob("*.yaml"), *specs_folder().glob("blocks/*.yaml")])

CASES = {
    # `c:1` is a text
    "spaces": (
        "a:   1\nb: {c:1 ,d: 2 , e: [ 1,2 ,3 ] , }  \n",
        "a: 1\nb: {c:1, d: 2, e: [1, 2, 3]}\n",
    ),
    "values left out": (
        "params: {out:  , kernel: ,stride: 1 }\nlet:\n",
        "params: {out: , kernel: , stride: 1}\nlet:\n",
    ),
    "indentation": (
        "a:\n    b:\n        - {op: relu}\n        -   c: 1\n            d: 2\n",
        "a:\n  b:\n  - {op: relu}\n  - c: 1\n    d: 2\n",
    ),
    "lists in lists": ("- - 1\n  -   - 2\n-\n    - 3\n", "- - 1\n  - - 2\n-\n  - 3\n"),
    "blank lines": ("\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
    "no line end": ("a: 1", "a: 1\n"),
    "line ends of Windows": (
        "\ufeffa: 1\r\nb:\r\n    c: 2 # x\r\n",
        "a: 1\r\nb:\r\n  c: 2  # x\r\n",
    ),
    "quotes": (
        'a: "x, y"\nb: "it\'s"\nc: "tab\\t"\nd: \'x\'\n"e": ""\n',
        "a: 'x, y'\nb: \"it's\"\nc: \"tab\\t\"\nd: 'x'\n'e': ''\n",
    ),
    "numbers": (
        "a: 1_000\nb: 1.0e-6\nc: .5\nd: +1\ne: 0.10\nf: ~\n",
        "a: 1_000\nb: 1.0e-6\nc: .5\nd: +1\ne: 0.10\nf: ~\n",
    ),
    "comments": (
        "# top\n\na:    1 # one\nb:   #two\n    # before\n    c: 1\n    # last of b\n# end",
        "# top\n\na: 1  # one\nb:  #two\n  # before\n  c: 1\n  # last of b\n# end\n",
    ),
    "a layer commented out": (
        "layers:\n    a: {op: relu}\n    # b: {op: tanh}\n\nexpect: {params: 0}\n",
        "layers:\n  a: {op: relu}\n  # b: {op: tanh}\n\nexpect: {params: 0}\n",
    ),
    "brackets over lines": (
        "a: [\n    {op: relu},  # one\n# two\n  {op: conv2d,\n out: 3},\n]\n",
        "a: [\n  {op: relu},  # one\n  # two\n  {op: conv2d,\n    out: 3},\n  ]\n",
    ),
    "blocks of text": (
        "a:\n    b: |\n        one\n          two\n\n        three\n    c: >-\n        four\n",
        "a:\n  b: |\n      one\n        two\n\n      three\n  c: >-\n      four\n",
    ),
    "blank lines that are text": ("a: |+\n  one\n\n\nb: 1\n", "a: |+\n  one\n\n\nb: 1\n"),
    "texts over lines": (
        "a: one\n    two\nb: 'three\n\n four'\n",
        "a: one\n  two\nb: 'three\n\n  four'\n",
    ),
    "anchors": (
        "a:   &x   [1]\nb:  *x\nc: [*x ,*x]\n&y d:  1\n",
        "a: &x [1]\nb: *x\nc: [*x, *x]\n&y d: 1\n",
    ),
    "keys of their own": ("?   a\n:   1\n", "? a\n: 1\n"),
    "one document": ("---\na:  1\n...\n", "---\na: 1\n...\n"),
    "one line": ("{name: x,layers: [{op: relu}]}", "{name: x, layers: [{op: relu}]}\n"),
    "tabs": ("a:\t1\nb: [1,\t2]\n", "a: 1\nb: [1, 2]\n"),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_style(text: str, expected: str) -> None:
    assert formatted(text) == expected
    assert formatted(expected) == expected


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_shipped_specs_are_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text


def plain(text: str) -> Any:
    return repr(parse(text, "net.yaml", Problems()).plain())


def comments(text: str) -> list[str]:
    return re.findall("#[^\n]*", text)


def disordered(text: str, seed: int) -> str:
    """The same file by another hand: deeper indentation, spaces and blank lines where they mean
    nothing, a comment now and then.
    """
    hand = random.Random(seed)
    tokens = [token for token in yaml.scan(text) if token.start_mark.index < token.end_mark.index]
    gaps = {
        after.start_mark.index
        for before, after in pairwise(tokens)
        if text[before.end_mark.index : after.start_mark.index] == " "
        and not isinstance(before, yaml.BlockEntryToken)
    }
    brackets = {
        token.end_mark.index
        for token in tokens
        if isinstance(token, (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken))
    }
    spaced = "".join(
        " " * hand.choice([0, 0, 1, 3]) * (i in gaps or i in brackets) + character
        for i, character in enumerate(text)
    )
    deeper = hand.choice([1, 2, 3])
    rows = []
    for number, row in enumerate(spaced.split("\n")):
        body = row.lstrip(" ")
        dashes = re.match("(?:- )*", body)[0]  # type: ignore[index]
        rows += [" " * hand.choice([0, 3])] * hand.choice([0, 2]) if not row else []
        if body and "#" not in body and not hand.randrange(9):
            body += f"{' ' * hand.choice([1, 2, 5])}# note {number}{' ' * hand.choice([0, 2])}"
        rows.append(
            " " * deeper * (len(row) - len(row.lstrip(" ")))
            + dashes.replace("- ", "-" + " " * (2 * deeper - 1))
            + body[len(dashes) :]
        )
    return "\n".join(rows)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_another_hand_changes_nothing(path: Path) -> None:
    """Comments apart, which the other hand has added, the text comes out as it was."""
    text = path.read_text(encoding="utf-8")
    for seed in range(3):
        changed = disordered(text, seed)
        result = formatted(changed)
        assert plain(changed) == plain(text)
        assert [c.rstrip() for c in comments(changed)] == comments(result)
        assert re.sub(r"  # note \d+", "", result) == text


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    spec=specs(),
    style=st.sampled_from([None, True, False]),
    indent=st.integers(2, 6),
    width=st.sampled_from([20, 60, 1000]),
)
def test_any_spec_keeps_its_meaning(
    spec: dict[str, Any], style: bool | None, indent: int, width: int
) -> None:
    text = yaml.safe_dump(
        spec, default_flow_style=style, indent=indent, width=width, sort_keys=False
    )
    result = formatted(text)
    assert plain(result) == plain(text)
    assert formatted(result) == result
    assert not re.search(r"[ \t]$", result, re.MULTILINE)


@settings(max_examples=200)
@given(text=st.text(alphabet="ab:-?[]{},'\"# \n|>&*!\t$1", max_size=40))
def test_any_text_is_formatted_or_refused(text: str) -> None:
    try:
        result = formatted(text)
    except ProblemError:
        return
    assert plain(result) == plain(text)
    assert formatted(result) == result


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(spec=specs())
def test_what_is_in_style_stays(spec: dict[str, Any]) -> None:
    text = formatted(text_of(spec))
    assert formatted(text) == text


def test_what_is_no_yaml_is_said() -> None:
    for text in (
        "a: [\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n--- ]\n",
        "a: !!str 1\n",
        "a: b: c\n",
        "\x00",
        "",
    ):
        with pytest.raises(ProblemError, match=r"net.yaml:?.*: error: .* \[yaml\]"):
            formatted(text, "net.yaml")


def test_traps_and_duplicates_are_no_matter_of_style() -> None:
    """They are for `check` to tell."""
    assert formatted("a:  yes\na:  010\n") == "a: yes\na: 010\n"
