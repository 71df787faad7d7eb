"""The page about sweeps: its spaces are read, and what its tables say is so."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from archprof.problem import ProblemError
from archprof.sweeping.space.library import read_space, shipped_spaces
from archprof.sweeping.space.reader import parse_space
from archprof.sweeping.space.sample import MOST_POINTS, USUAL
from archprof.sweeping.space.space import Space
from archprof.sweeping.space.words import PARAMETER, SAMPLE, TOP

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
SECTION = TEXT[TEXT.index("## The space\n") :].split("\n## ")[0]
EXAMPLES = re.findall(r"```yaml\n(name: .*?)```", SECTION, re.DOTALL)


def space(text: str) -> Space:
    return parse_space(text, ROOT / "docs" / "example.yaml", "example.yaml")


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_examples_are_spaces(text: str) -> None:
    found = space(text)
    assert any(batch.variants for batch in found.variants(np.arange(50)))


def entry(number: int) -> str:
    """What the first column of the table of ranges has in a row."""
    rows = re.findall(r"^\| `(.+?)`[^|]*\|.*\|$", SECTION, re.MULTILINE)
    return rows[number].replace("{…, ", "{choice: [3, 5], ")


@pytest.mark.parametrize(
    ("number", "values"),
    [
        (0, [1, 2, 3, 4, 5, 6, 7, 8]),
        (1, [16, 32, 48, 64, 80, 96, 112, 128]),
        (2, [*(float(f"0.{n}") for n in range(25, 100, 5)), *(1 + n / 20 for n in range(21))]),
        (5, [3, 5, 7]),
    ],
)
def test_ranges_have_the_numbers_that_are_stated(number: int, values: list[float]) -> None:
    """1.05, 1.1, ... are 1 + n / 20 to the last bit, as numerator and denominator are exact."""
    found = space(
        f"name: s\nnetwork: resnet50\nspace: {{x: {entry(number)}}}\nlet: {{y: $x}}\n"
        "set: {base_width: round($y) + 1}\n"
    )
    [batch] = found.variants(np.arange(found.count))
    assert batch.columns["x"].tolist() == values


@pytest.mark.parametrize("number", range(9))
def test_every_form_is_read(number: int) -> None:
    """Of a parameter of the space's own, which a condition uses."""
    text = "name: s\nnetwork: resnet50\nspace: {block: {choice: [bottleneck]}, x: "
    text += entry(number).replace("'", "") if number < 8 else entry(number)
    found = space(text + "}\nwhere: $x != 99\n")
    assert found.axes


def test_every_word_is_on_the_page() -> None:
    words = [*TOP, *PARAMETER, *SAMPLE]
    assert [word for word in words if not re.search(rf"\b{word}\b", SECTION)] == []


def test_limits_are_those_of_the_program() -> None:
    assert MOST_POINTS == 2**63
    assert f"{USUAL:,} random points" in SECTION


def test_a_random_sample_of_the_whole_grid_is_the_grid_and_more_is_refused() -> None:
    text = "name: s\nnetwork: resnet50\nspace: {groups: 1..20}\nsample: {random: 20}\n"
    [batch] = space(text).variants(np.arange(20))
    groups = batch.columns["groups"].tolist()
    assert groups != sorted(groups) == list(range(1, 21))
    with pytest.raises(ProblemError, match="has 20 points"):
        space(text.replace("random: 20", "random: 21"))


def test_shipped_spaces_are_listed_with_their_titles() -> None:
    text = (ROOT / "specs" / "spaces" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(.+)\]\((.+)\.yaml\) \| (.+) \|$", text, re.MULTILINE)
    assert listed == [(name, name, read_space(name).title) for name in shipped_spaces()]
