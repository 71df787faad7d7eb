"""`archprof ops`: all ops, one op, and what is none."""

from __future__ import annotations

import csv
import io
import json

import pytest

from archprof.commands.reference.ops_command import complete_op
from archprof.ops import OPS
from tests.command_line import Run
from tests.contracts import contract, keeps, printed


def test_the_list_has_every_op(run: Run) -> None:
    entries = json.loads(run("ops", "--format", "json").out)
    assert sorted(entry["name"] for entry in entries) == sorted(OPS)
    lines = run("ops", columns=200).out.splitlines()
    rows = [line for line in lines[2:-1] if not line.startswith(" ")]  # what runs on is indented
    assert sorted(row.split()[0] for row in rows) == sorted(OPS)
    assert lines[-1] == f"{len(OPS)} ops; `archprof ops OP` shows one's settings and formulas"


def test_json_is_as_published(run: Run) -> None:
    schema = contract(run, "ops")
    keeps(schema, printed(run, "ops"))
    for name in OPS:
        keeps(schema, printed(run, "ops", name))


def test_an_op_as_data(run: Run) -> None:
    page = json.loads(run("ops", "linear", "--format", "json").out)
    assert page["settings"][1] == {
        "name": "bias",
        "default": "true",
        "takes": "true or false",
        "about": "Whether each output feature has a learned bias.",
    }
    (layer,) = page["layers"]
    assert (layer["path"], layer["inputs"], layer["output"]) == ("fc", ["128"], "10")
    assert layer["working"][1] == {
        "quantity": "params",
        "formula": "(In + 1)*Out",
        "numbers": "(128 + 1)*10",
        "result": "1,290",
    }
    assert layer["weights"] == {"weight": "10x128", "bias": "10"}
    assert layer["kept"] == ["its input, where `weight` needs a gradient"]


def test_an_op_in_every_format(run: Run) -> None:
    assert run("ops", "conv2d").out.startswith("conv2d · convolution · inputs: 1\n")
    assert run("ops", "conv2d", "-f", "md").out.startswith("# conv2d\n\nFamily: convolution.")
    rows = list(csv.reader(io.StringIO(run("ops", "conv2d", "-f", "csv").out)))
    assert rows[0] == ["Setting", "Default", "Takes", "Meaning"]
    assert rows[1][:2] == ["out", "must be given"]
    assert "\\begin{longtable}" in run("ops", "conv2d", "-f", "latex").out


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("conv", "it is called `conv2d` here"),
        ("nn.Conv2d", "did you mean `conv2d`?"),
        ("BatchNormalization", "it is called `batch_norm2d` here"),
        ("hardshrink", "the activations here: relu, gelu"),
        ("DCNv2", "it is called `deform_conv2d` here"),
        ("max_pol2d", "did you mean `max_pool2d`?"),
        ("xyzzy", "not in the language: `archprof ops` lists the operations"),
    ],
)
def test_what_is_no_op_gets_a_way_out(run: Run, word: str, hint: str) -> None:
    done = run("ops", word)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"ops: error: there is no op `{word}` [unknown-op]\n  hint: {hint}")


def test_names_complete() -> None:
    assert complete_op("batch") == ["batch_norm1d", "batch_norm2d", "batch_norm3d"]
    assert complete_op("") == list(OPS)
