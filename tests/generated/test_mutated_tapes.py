"""Tapes with something changed that fits the form but no network: every command ends, with a
result or a problem.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archprof.capturing.operators import OPERATORS
from archprof.capturing.tape import ITEMSIZES
from tests.command_line import Run
from tests.effort import TIMES
from tests.tapes import data, recorded_text

pytestmark = pytest.mark.filterwarnings("ignore")

SEEDS = range(40 * TIMES)
COMMANDS = [
    ("summary", "net.tape.json", "--format", "json"),
    ("summary", "net.tape.json", "--full", "--format", "md"),
    ("explain", "net.tape.json", "--format", "json"),
    ("explain", "net.tape.json", "conv"),
    ("compare", "net.tape.json", "base.tape.json"),
    ("diff", "base.tape.json", "net.tape.json"),
    ("check", "net.tape.json"),
    ("quiz", "net.tape.json"),
    ("solve", "net.tape.json", "1M"),
    ("capture", "net.tape.json"),
    ("export", "net.tape.json", "--to", "yaml"),
    ("export", "net.tape.json", "--to", "torch"),
    ("export", "net.tape.json", "--to", "dot"),
    ("export", "net.tape.json", "--to", "json"),
    ("verify", "net.tape.json"),
]
NAMES = [
    *("input", "weight", "bias", "self", "other", "tensors", "dim", "dims", "size", "stride"),
    *("padding", "kernel_size", "groups", "heads", "hx", "sections", "split_size", "chunks"),
    *("query", "key", "value", "attn_mask", "is_causal", "normalized_shape", "num_layers", "0"),
]


class Mutation:
    """One tape that has been changed in a few places, the same for the same seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.tape = data()
        self.changes: list[Callable[[], None]] = [
            self.argument,
            self.argument,
            self.argument,
            self.outputs,
            self.operator,
            self.tensor,
            self.tensor,
            self.module,
            self.order,
            self.ends,
        ]
        if self.random.random() < 0.5:
            self.tape["training"] = None
        for _ in range(self.random.choice([1, 1, 2, 3])):
            self.random.choice(self.changes)()

    def number(self) -> int:
        return self.random.randrange(len(self.tape["tensors"]))

    def operation(self) -> list[Any]:
        found: list[Any] = self.random.choice(self.tape["operations"])
        return found

    def value(self) -> Any:
        tensor = {"tensor": self.number()}
        plain = [None, True, 0, 1, -1, 2, -2, 7, 10**6, 10**12, 1.5, "", "same", "float32"]
        lists: list[Any] = [[], [0], [1, -1], [2, 2], [[1]], [tensor], [tensor, tensor], [None, 1]]
        return self.random.choice(
            [*plain, *lists, tensor, tensor, {"number": "nan"}, {"items": {}}]
        )

    def argument(self) -> None:
        arguments = self.operation()[1]
        name = self.random.choice([*arguments, *arguments, self.random.choice(NAMES)])
        if name in arguments and self.random.random() < 0.3:
            del arguments[name]
        else:
            arguments[name] = self.value()

    def outputs(self) -> None:
        self.operation()[2] = [self.number() for _ in range(self.random.randrange(4))]

    def operator(self) -> None:
        known = [f"aten.{name}.default" for name in OPERATORS]
        self.operation()[0] = self.random.choice([*known, "own.op.default", "aten", ".", ""])

    def tensor(self) -> None:
        rank = self.random.randrange(6)
        self.tape["tensors"][self.number()] = [
            [self.random.choice([0, 1, 2, 3, 8, 36, 2**31 - 1]) for _ in range(rank)],
            self.random.choice(sorted(ITEMSIZES)),
            [self.random.choice([0, 1, 8, 36, 10**9]) for _ in range(rank)],
            self.random.randrange(-1, 30),
        ]

    def module(self) -> None:
        self.operation()[3] = self.random.randrange(-1, len(self.tape["modules"]))

    def order(self) -> None:
        self.random.shuffle(self.tape["operations"])

    def ends(self) -> None:
        self.tape["outputs"] = [self.number() for _ in range(self.random.randrange(3))]
        self.tape["inputs"] = {name: self.number() for name in self.random.choice(["", "x", "xy"])}


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.tape.json").write_text(recorded_text(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("seed", SEEDS)
def test_commands_end_with_a_result_or_a_problem(run: Run, base: Path, seed: int) -> None:
    made = Mutation(seed)
    (base / "net.tape.json").write_text(json.dumps(made.tape), encoding="utf-8")
    for command in made.random.sample(COMMANDS, 3):
        done = run(*command)
        assert done.code in (0, 1, 2), (command, done.err)
        assert "Traceback" not in done.err
        assert done.out or done.err or done.code == 0
