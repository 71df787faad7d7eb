"""Tapes that are none: refused where it stands, whatever is in them, and soon."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archprof.capturing import tape_reader
from archprof.capturing.tape_reader import MAX_DEPTH, MAX_NESTED, MAX_RANK, read_tape, tape_of
from archprof.problem import ProblemError
from tests.tapes import data, recorded

NAN = float("nan")


def refused(content: bytes | str | dict[str, Any]) -> str:
    """Why bytes, a text or data are not a tape."""
    if isinstance(content, dict):
        content = json.dumps(content)
    with pytest.raises(ProblemError) as error:
        tape_of(content.encode() if isinstance(content, str) else content, "net.tape.json")
    (problem,) = error.value.problems
    assert problem.mark.file == "net.tape.json"
    assert problem.hint
    return problem.message


Change = Callable[[dict[str, Any]], Any]


def put(*place: str | int, value: Any) -> Change:
    def change(tape: dict[str, Any]) -> None:
        found: Any = tape
        for key in place[:-1]:
            found = found[key]
        found[place[-1]] = value

    return change


def add(name: str, *entries: Any) -> Change:
    return lambda tape: tape[name].extend(entries)


BROKEN: dict[str, tuple[Change, str]] = {
    # every list, and what stands in it
    "tensors a mapping": (put("tensors", value={}), "tensors: "),
    "modules a text": (put("modules", value="x"), "modules: "),
    "operations none": (put("operations", value=None), "operations: "),
    "weights a number": (put("weights", value=1), "weights: "),
    "outputs a number": (put("outputs", value=1), "outputs: "),
    "inputs a list": (put("inputs", value=[]), "inputs: "),
    "arguments a list": (put("arguments", value=[]), "arguments: "),
    "files none": (put("files", value=None), "files: "),
    "no files": (put("files", value=[]), "operations[0]: "),
    "a file that is a number": (put("files", value=[1]), "files: 1"),
    "name a list": (put("name", value=[]), "name: []"),
    "name that is long": (put("name", value="x" * 1001), "a text of at most 1000 characters"),
    "heading none": (put("heading", value=None), "heading: "),
    "made by a number": (put("made_by", value=1), "made_by: 1"),
    "training a text": (put("training", value="x"), "`training`"),
    "training that is none": (put("training", value={}), "tensors: "),
    "training of other tensors": (put("training", "outputs", value=[10**6]), "outputs: 1000000"),
    # tensors
    "a tensor of three": (put("tensors", 0, value=[[1], "float32", [1]]), "tensors[0]: "),
    "a tensor that is a text": (put("tensors", 2, value="abcd"), "tensors[2]: 'abcd'"),
    "a negative size": (put("tensors", 0, 0, 0, value=-8), "tensors[0]: -8"),
    "a size with a point": (put("tensors", 0, 0, 0, value=8.0), "tensors[0]: 8.0"),
    "a size that is true": (put("tensors", 0, 0, 0, value=True), "tensors[0]: true"),
    "a size that is nan": (put("tensors", 0, 0, 0, value=NAN), "tensors[0]: nan"),
    "a size too large": (put("tensors", 0, 0, 0, value=2**31), "to 2147483647"),
    "a size of many digits": (put("tensors", 0, 0, 0, value=10**400), "tensors[0]: 1000"),
    "a dtype of nobody": (put("tensors", 1, 1, value="float31"), "tensors[1]: 'float31'"),
    "a dtype that is a list": (put("tensors", 1, 1, value=[]), "tensors[1]: []"),
    "a stride too few": (put("tensors", 0, 2, value=[1]), "a stride for each dimension"),
    "too many dimensions": (
        put("tensors", 0, value=[[1] * 17, "bool", [1] * 17, 0]),
        f"at most {MAX_RANK} whole numbers",
    ),
    "a storage below none": (put("tensors", 0, 3, value=-2), "tensors[0]: -2"),
    # module calls
    "a call in itself": (put("modules", 0, 2, value=0), "modules[0]: 0"),
    "a circle of calls": (put("modules", 0, 2, value=1), "modules[0]: 1"),
    "a call in no call": (put("modules", 0, 2, value=-2), "modules[0]: -2"),
    "a path that is none": (put("modules", 0, 0, value=None), "modules[0]: "),
    "calls in each other": (
        put("modules", value=[["a", "A", i - 1] for i in range(MAX_NESTED + 2)]),
        f"modules[{MAX_NESTED + 1}]: ",
    ),
    # operations
    "an operation of five": (put("operations", 0, value=["a", {}, [], -1, 0]), "operations[0]: "),
    "an operator that is none": (put("operations", 0, 0, value=None), "operations[0]: "),
    "arguments that are a list": (put("operations", 0, 1, value=[]), "operations[0]: "),
    "outputs that are a number": (put("operations", 0, 2, value=1), "operations[0]: "),
    "a tensor that is not there": (put("operations", 0, 2, value=[10**4]), "operations[0]: 10000"),
    "a tensor before the first": (put("operations", 0, 2, value=[-1]), "operations[0]: -1"),
    "an argument not there": (
        put("operations", 3, 1, "x", value={"tensor": 10**4}),
        "operations[3]: 10000",
    ),
    "an argument of no kind": (put("operations", 3, 1, "x", value={"text": 1}), "operations[3]: "),
    "an argument that is infinite": (
        put("operations", 3, 1, "x", value={"number": "1e999"}),
        "inf, -inf or nan",
    ),
    "items that are a list": (put("operations", 3, 1, "x", value={"items": []}), "operations[3]: "),
    "an argument of lists": (
        put("operations", 3, 1, "x", value=json.loads("[" * 99 + "]" * 99)),
        f"at most {MAX_DEPTH} lists in each other",
    ),
    "an argument of mappings": (
        put("operations", 3, 1, "x", value=json.loads('{"items": {"a": ' * 99 + "1" + "}}" * 99)),
        f"at most {MAX_DEPTH} lists in each other",
    ),
    "a call that is not there": (put("operations", 0, 3, value=10**4), "operations[0]: 10000"),
    "a file that is not there": (put("operations", 0, 4, value=99), "operations[0]: 99"),
    "a line before the first": (put("operations", 0, 5, value=-1), "operations[0]: -1"),
    # weights
    "a weight of two": (put("weights", 0, value=["a", 0]), "weights[0]: "),
    "a weight that is not a tensor": (put("weights", 0, 1, value=10**4), "weights[0]: 10000"),
    "trainable a number": (put("weights", 0, 2, value=1), "weights[0]: 1"),
    "a name twice": (put("weights", 1, 0, value="conv.weight"), "weights[1]: 'conv.weight'"),
    "the same as nothing": (put("weights", 0, 5, value="x"), "weight conv.weight: 'x'"),
    "the same as itself": (put("weights", 0, 5, value="conv.weight"), "weight conv.weight: "),
    "the same as another": (put("weights", 0, 5, value="conv.bias"), "weight conv.weight: "),
    # where it stops
    "stopped a text": (put("stopped", value="here"), "stopped: 'here'"),
    "stopped at a line before": (put("stopped", value=["f", -1, "r"]), "stopped: -1"),
    "inputs of no tensor": (put("inputs", value={"x": None}), "inputs: "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_has_its_place(name: str) -> None:
    change, message = BROKEN[name]
    tape = data()
    change(tape)
    assert message in refused(tape)


def test_a_network_that_stopped_says_behind_which_tensor() -> None:
    tape = data()
    tape.update(stopped=["model.py", 3, "because"], outputs=[])
    assert "stopped: " in refused(tape)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00{", "not JSON"),
        (b"\x80abc", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"a": ' * 100_000, "not JSON"),
        (b'{"archprof_tape": 1, "name": ' + b"9" * 100_000 + b"}", "not JSON"),
        (b"[]", "no `archprof_tape`"),
        (b"null", "no `archprof_tape`"),
        (b'"archprof_tape"', "no `archprof_tape`"),
        (b'{"name": 1}', "no `archprof_tape`"),
        (b'{"archprof_tape": 2}', "version 2, expected 1"),
        (b'{"archprof_tape": true}', "version true, expected 1"),
        (b'{"archprof_tape": 1.0}', "version 1.0, expected 1"),
        (b'{"archprof_tape": NaN}', "version nan, expected 1"),
        (b'{"archprof_tape": [[]]}', "expected 1"),
        (b'{"archprof_tape": 1}', "tensors: "),
        (b'{"archprof_tape": 1, "archprof_tape": 3}', "version 3, expected 1"),
    ],
)
def test_bytes_that_are_no_tape(content: bytes, message: str) -> None:
    assert message in refused(content)


def test_what_is_cut_off_says_where() -> None:
    content = '{"archprof_tape": 1,\n"name": "ne'
    with pytest.raises(ProblemError, match="Unterminated string") as error:
        tape_of(content.encode(), "net.tape.json")
    # the text that does not end begins at the ninth character of the second line
    assert str(error.value).startswith("net.tape.json:2:9: ")


def test_what_a_tape_has_beside_is_left_alone() -> None:
    """A later archprof may write more."""
    tape = data()
    tape["more"] = {"x": [1]}
    assert tape_of(json.dumps(tape).encode(), "f") == recorded()


def test_a_hundred_thousand_tensors_are_read() -> None:
    tape = data()
    tape["training"] = None
    tape["tensors"] += [[[1], "bool", [1], i] for i in range(10**5)]
    content = json.dumps(tape).encode()
    assert len(tape_of(content, "f").tensors) == len(recorded().tensors) + 10**5


# --- files ---


def test_files_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a.tape.json"
    folder.mkdir()
    with pytest.raises(ProblemError):
        read_tape(folder)
    with pytest.raises(ProblemError, match="there is no such file"):
        read_tape(tmp_path / "none.tape.json")
    with pytest.raises(ProblemError):
        read_tape(tmp_path / "a\0.tape.json")
    monkeypatch.setattr(tape_reader, "MAX_BYTES", 10)
    (tmp_path / "b.tape.json").write_text(" " * 11, encoding="utf-8")
    with pytest.raises(ProblemError, match="larger than 10 bytes"):
        read_tape(tmp_path / "b.tape.json")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_files_that_never_end(tmp_path: Path) -> None:
    pipe, endless = tmp_path / "p.tape.json", tmp_path / "z.tape.json"
    os.mkfifo(pipe)
    endless.symlink_to("/dev/zero")
    for path in (pipe, endless):
        with pytest.raises(ProblemError):
            read_tape(path)
