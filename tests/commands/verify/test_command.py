"""`archprof verify`: totals, every layer, JSON, and what happens when a witness differs or is
missing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archprof.commands.verify.verification import Verification
from archprof.graph.graph import Graph
from tests.command_line import Run

Spec = Callable[..., Path]


@pytest.fixture
def tiny(spec: Spec) -> Path:
    return spec(
        "conv: {op: conv2d, out: 4, kernel: 3}",
        "bn: {op: batch_norm2d}",
        "relu: {op: relu}",
        "fl: {op: flatten}",
        "fc: {op: linear, out: 2}",
    )


def verdicts(text: str) -> dict[tuple[str, ...], str]:
    """The last word of each row of a table, by its first words up to the first number."""
    rows = [line.split() for line in text.splitlines() if line.endswith(("agrees", "DIFFERS"))]
    return {tuple(word for word in row[:-1] if not word[0].isdigit()): row[-1] for row in rows}


def test_totals(run: Run, tiny: Path) -> None:
    """(3*3*3 + 1)*4 parameters of the convolution, 2*4 of the norm, (4*6*6 + 1)*2 of the linear
    layer.
    """
    done = run("verify", tiny)
    assert (done.code, done.err) == (0, "")
    params = str(112 + 8 + 290)
    assert [line.split()[1:] for line in done.out.splitlines() if line.startswith("params")] == [
        ["torch", params, params, "5/5", "agrees"]
    ]
    assert "none differing" in done.out.splitlines()[0]
    assert set(verdicts(done.out).values()) == {"agrees"}
    assert max(map(len, done.out.splitlines())) <= 80


def test_full_shows_every_layer(run: Run, tiny: Path) -> None:
    done = run("verify", tiny, "--full")
    assert done.code == 0
    assert {"conv", "bn", "relu", "fl", "fc", "Total"} <= {
        line.split()[0] for line in done.out.splitlines() if line
    }


def test_json(run: Run, tiny: Path) -> None:
    data = json.loads(run("verify", tiny, "--format", "json").out)
    assert (data["network"], data["holds"]) == ("net", True)
    assert {"torch", "FlopCounterMode", "fvcore", "autograd", "unit by unit", "gradient"} == {
        check["witness"] for check in data["checks"]
    }
    assert all(check["holds"] and check["archprof"] == check["says"] for check in data["checks"])
    totals = {
        (check["witness"], check["quantity"]): check["says"]
        for check in data["checks"]
        if check["layer"] is None
    }
    assert totals["torch", "params"] == 410


@pytest.mark.parametrize("output_format", ["csv", "md", "latex"])
def test_formats(run: Run, tiny: Path, output_format: str) -> None:
    done = run("verify", tiny, "--format", output_format)
    assert done.code == 0
    assert "410" in done.out


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> None:
    """fvcore counts one more for the convolution, and so in total."""
    from archprof.commands.verify import oracle

    honest = oracle.verify

    def verify(graph: Graph, progress: Callable[[str], None] | None = None) -> Verification:
        found = honest(graph, progress)
        checks = [
            (
                replace(c, theirs=c.theirs + 1)
                if c.witness == "fvcore" and c.path in ("conv", "") and isinstance(c.theirs, int)
                else c
            )
            for c in found.checks
        ]
        return Verification(tuple(checks), found.notes)

    monkeypatch.setattr(oracle, "verify", verify)


@pytest.mark.usefixtures("lying")
def test_witness_that_differs(run: Run, tiny: Path) -> None:
    """The layer is named, with both numbers."""
    done = run("verify", tiny)
    assert (done.code, done.err) == (1, "")
    macs = 3 * 3 * 3 * 4 * 6 * 6
    rows = [line.split() for line in done.out.splitlines()]
    assert ["conv", "fvcore", "flops", "fvcore", f"{macs:,}", f"{macs + 1:,}", "DIFFERS"] in rows
    assert "2 differing" in done.out
    assert [row[-1] for row in rows if row[:2] == ["fvcore", "flops"]] == ["DIFFERS"]
    assert ["params", "torch", "410", "410", "5/5", "agrees"] in rows
    assert json.loads(run("verify", tiny, "-f", "json").out)["holds"] is False
    assert run("verify", tiny, "-f", "json").code == 1


@pytest.mark.parametrize("missing", ["torch", "fvcore"])
def test_missing_library(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['archprof', 'verify',"
        " 'alexnet']; from archprof.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"verify: error: {missing} is not installed, and it is a witness here [torch]\n  hint:"
        ' pip install "archprof[torch]"\n'
    )


def test_network_that_cannot_be_built(run: Run, spec: Spec) -> None:
    done = run("verify", spec("a: {op: conv2d, out: 4, kernel: 9}"))
    assert (done.code, done.out) == (2, "")


def test_an_input_that_makes_another_network_is_reported(run: Run) -> None:
    """lenet's fc3 has 120 (16 * 25 + 1) parameters at 32 pixels, at 48 its 16 maps are 9x9."""
    done = run("verify", "tests/data/lenet.yaml", "--input", "1x48x48")
    assert done.code == 0
    assert (
        "resized at 1x48x48 fc3 has other weights than at 1x32x32: 61.7 K -> 169 K parameters"
        in " ".join(done.out.split())
    )
    found = json.loads(
        run("verify", "tests/data/lenet.yaml", "--input", "1x48x48", "--format", "json").out
    )
    assert found["resized"]["layers"] == [{"path": "fc3", "own": 48_120, "given": 155_640}]
