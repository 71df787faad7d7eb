"""What needs every layer's cost refuses a network where one is unknown, instead of a number that
is too small.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import archprof
from archprof.problem import ProblemError
from tests.command_line import Run
from tests.small import graph_of

pytestmark = pytest.mark.usefixtures("opaque")

KNOWN = """name: plain
input: 3x8x8
layers:
  conv: {op: conv2d, out: 4, kernel: 3}
  act: {op: relu}
"""
UNKNOWN = KNOWN.replace("op: relu", "op: opaque").replace("plain", "strange")
REFUSED = "the cost of layer `act`( \\(opaque\\))? is unknown"


@pytest.fixture
def specs(tmp_path: Path) -> tuple[Path, Path]:
    paths = (tmp_path / "plain.yaml", tmp_path / "strange.yaml")
    for path, text in zip(paths, (KNOWN, UNKNOWN), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_diff(specs: tuple[Path, Path]) -> None:
    known, unknown = specs
    for pair in (specs, (unknown, known), (unknown, unknown)):
        with pytest.raises(ProblemError, match=REFUSED):
            archprof.diff(*pair)
    assert archprof.diff(known, known).identical


@pytest.mark.parametrize("format", ["table", "json", "csv", "md"])
def test_the_command_diff_exits_with_the_layer_and_print_no_number(
    format: str, specs: tuple[Path, Path], run: Run
) -> None:
    done = run("diff", *map(str, specs), "--format", format)
    assert done.code
    assert not done.out
    assert "the cost of layer `act`" in done.err


@pytest.mark.parametrize("of", ["macs", "flops", "flops_torch", "saved_bytes", "training_bytes"])
def test_solve(of: str, specs: tuple[Path, Path]) -> None:
    with pytest.raises(ProblemError, match=r"of layer `act`( \(opaque\))? is unknown"):
        archprof.solve(specs[1], "7.8K", of=of)  # type: ignore[arg-type]


def test_quantities_of_a_quiz() -> None:
    from archprof.analysis.analysis import analyze
    from archprof.commands.quiz.making.quiz import quantity

    found = analyze(graph_of({"act": "op: opaque"}, (3, 8, 8)))
    for column in ("macs", "flops"):
        with pytest.raises(ProblemError, match=REFUSED):
            quantity(found.layers[0], found, column)
    assert quantity(found.layers[0], found, "params") == 0


def test_a_measurement_has_no_row_of_its_cost(specs: tuple[Path, Path]) -> None:
    from archprof.commands.measure.running.measurement import row
    from archprof.commands.measure.running.workload import Case

    with pytest.raises(ProblemError, match=REFUSED):
        row(Case(archprof.load(specs[1]).graph))
    assert row(Case(archprof.load(specs[0]).graph)).macs == 4 * 27 * 6 * 6


def test_no_review_takes_such_a_network(specs: tuple[Path, Path]) -> None:
    from archprof.commands.diff.review import whole

    with pytest.raises(ProblemError, match=REFUSED):
        whole(archprof.load(specs[1]).analyze())
    known = archprof.load(specs[0]).analyze()
    assert whole(known) is known
