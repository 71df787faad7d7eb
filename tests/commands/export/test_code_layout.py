"""What is laid out here is laid out as ruff does it."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest

from archprof.commands.export.code_layout import Document, Group, flat, line, prefixed, suffixed


def word(random: Random) -> str:
    return "w" * random.randint(1, 45)


def group(random: Random, depth: int) -> Group:
    """A call, a list or a comprehension, with others in it."""

    def items(fewest: int) -> tuple[Document, ...]:
        return tuple(
            group(random, depth - 1) if depth and random.random() < 0.3 else word(random)
            for _ in range(random.randint(fewest, 5))
        )

    match random.choice(("call", "list", "comprehension")):
        case "call":
            return Group(f"{word(random)}(", items(1), ")")
        case "list":
            return Group("[", items(2), "]", "display")
    over = prefixed("for i in ", Group("(", items(2), ")", "display"))
    return Group("[", (word(random), over), "]", "comprehension")


@pytest.mark.parametrize("seed", range(3))
def test_as_ruff(seed: int) -> None:
    """Many statements in one file, for starting ruff takes longer than what it does."""
    random = Random(seed)
    source = "def function():\n" + "".join(
        line(prefixed(f"{word(random)} = ", group(random, 3)), 4) + "\n" for _ in range(400)
    )
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == source
    assert source.count("\n") > 1200  # most of them are too long for a line


def test_a_call_keeps_its_arguments_in_one_line_where_they_fit() -> None:
    call = Group("call(", ("a" * 47, "b" * 47), ")")  # 4 + 47 + 2 + 47 = 100 characters
    assert line(call, 0) == f"call(\n    {'a' * 47}, {'b' * 47}\n)"
    longer = Group("call(", ("a" * 47, "b" * 48), ")")
    assert line(longer, 0) == f"call(\n    {'a' * 47},\n    {'b' * 48},\n)"


def test_text_before_and_behind() -> None:
    group = Group("(", ("a", "b"), ")")
    assert flat(suffixed(prefixed("x = f", group), "[0]")) == "x = f(a, b)[0]"
    assert flat(suffixed(prefixed("x = ", "y"), "[0]")) == "x = y[0]"
