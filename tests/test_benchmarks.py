"""The benchmarks' one table: its figures, its exit code, and the page that names every script."""

from __future__ import annotations

import importlib
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
PAGE = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
FILES = {path.name for path in BENCHMARKS.glob("*.*") if path.name != "README.md"}
SCRIPTS = {
    path.name
    for path in BENCHMARKS.glob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
}
FIGURES = """\
import sys
from measuring import fewer, holds
kept = [holds("blocks", {found}, 12), holds("speed", fewer(9), 2.5, " MB", least=True)]
sys.exit(0 if all(kept) else 1)
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delenv("ARCHPROF_BENCHMARK_SHORT", raising=False)
    return importlib.import_module("run")


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Scripts that measure nothing: one keeps its bounds, one does not, one does not end well."""
    monkeypatch.setenv("PYTHONPATH", str(BENCHMARKS))
    for name, text in {
        "keeps": FIGURES.format(found=11.504),
        "breaks": FIGURES.format(found=12.01),
        "falls": FIGURES.format(found=1).replace("sys.exit", "raise RuntimeError"),
        "says_nothing": "",
    }.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_figures_beside_their_bounds(run: ModuleType, scripts: Path) -> None:
    """A short run has a third of the rounds: 9/3 = 3."""
    rows = run.measured("keeps", full=False, folder=scripts)
    assert rows == [
        ("keeps", "blocks", "11.50x", "at most 12x", True),
        ("keeps", "speed", "3.00 MB", "at least 2.5 MB", True),
    ]
    assert run.measured("keeps", full=True, folder=scripts)[1].figure == "9.00 MB"


def test_a_broken_bound(run: ModuleType, scripts: Path) -> None:
    rows = run.measured("breaks", full=False, folder=scripts)
    assert [row.kept for row in rows] == [False, True]
    first = run.table(rows).splitlines()[2]
    assert " ".join(first.split()) == "breaks blocks 12.01x at most 12x NO"


def test_a_script_that_does_not_come_to_its_end(
    run: ModuleType, scripts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = run.measured("falls", full=False, folder=scripts)
    assert rows[-1] == ("falls", "comes to its end", "exit code 1", "-", False)
    assert "RuntimeError: 0" in capsys.readouterr().err
    (row,) = run.measured("says_nothing", full=False, folder=scripts)
    assert row == ("says_nothing", "comes to its end", "exit code 0", "-", False)


@pytest.mark.parametrize(("names", "code"), [(["keeps"], 0), (["keeps", "breaks"], 1)])
def test_the_exit_code(
    run: ModuleType,
    scripts: Path,
    names: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    measured = run.measured
    monkeypatch.setattr(run, "SCRIPTS", names)
    monkeypatch.setattr(run, "measured", lambda name, full: measured(name, full, scripts))
    assert run.main([]) == code
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].split() == ["Benchmark", "What", "Figure", "Bound", "Kept"]
    assert len(printed.out.splitlines()) == 2 + 2 * len(names)
    assert [line.partition(":")[0] for line in printed.err.splitlines()] == names


def test_one_alone_and_what_there_is(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.parsed(["--only", "forward"]).only == ["forward"]
    with pytest.raises(SystemExit, match="2"):
        run.parsed(["--only", "backward"])
    assert run.main(["--list"]) == 0
    printed = capsys.readouterr().out
    assert [name for name in run.SCRIPTS if not re.search(rf"^{name} +\S", printed, re.M)] == []


def test_the_table_has_every_script_that_measures_without_a_gpu(run: ModuleType) -> None:
    others = {"run.py", "mutation.py", "on_cuda.py", "gpu_report.py", "model_coverage.py"}
    others |= {"solver_luck.py", "found_again.py"}  # they count, and measure nothing
    others |= {"sweep_search.py"}  # it has no bound: it says which of two ways fits when
    assert {f"{name}.py" for name in run.SCRIPTS} == SCRIPTS - others


def test_a_short_run_measures_at_least_once(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring = importlib.import_module("measuring")
    assert measuring.fewer(2) == 2
    monkeypatch.setenv(measuring.SHORT, "1")
    assert [measuring.fewer(rounds) for rounds in (1, 2, 3, 25)] == [1, 1, 1, 8]


def test_the_page_has_a_paragraph_for_every_script() -> None:
    assert set(re.findall(r"^\*\*(\w+\.py)\*\*: ", PAGE, re.MULTILINE)) == SCRIPTS


def test_the_page_names_every_module_and_none_that_is_not_there() -> None:
    named = set(re.findall(r"\w+\.(?:py|toml|sh)\b", PAGE))
    assert named <= FILES
    prefixed = {name for name in FILES if name.startswith(("cuda_", "gpu_"))}
    assert FILES - prefixed <= named


def test_no_script_has_the_name_of_a_library() -> None:
    """A script's folder is the first place that Python imports from: coverage.py there would stand
    in the way of coverage, which mutation.py asks for.
    """
    elsewhere = [place for place in sys.path if Path(place).resolve() != BENCHMARKS]
    names = {path.stem for path in BENCHMARKS.glob("*.py")}
    assert not {name for name in names if PathFinder.find_spec(name, elsewhere) is not None}
    assert not names & {"cuda", "coverage"}
