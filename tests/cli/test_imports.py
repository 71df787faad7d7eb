"""What commands import: each in a fresh interpreter, by the names of the modules that are there at
its end. A start is mostly imports, and time on a busy machine tells nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tapes import recorded_text

ROOT = Path(__file__).parent.parent.parent
COMPLETING = {
    "_ARCHPROF_COMPLETE": "complete_bash",
    "COMP_WORDS": "archprof\nsummary\nalexnet_t",
    "COMP_CWORD": "2",
}


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program where nothing is imported yet, not even what a site's .pth files ask for."""
    return subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
    )


def loaded(*arguments: str, **environment: str) -> set[str]:
    """The modules that a command has imported at its end."""
    program = f"""
from archprof.cli.main import _run
sys.argv = ["archprof", *{arguments!r}]
try:
    _run()
except SystemExit as end:  # as completion ends
    assert not end.code
print(*sys.modules, file=sys.stderr)
"""
    return set(run(program, **environment).stderr.split())


# taking long to import, and not needed to start
COSTLY = {"typer", "rich", "dataclasses", "inspect", "difflib", "subprocess", "json", "csv"}
COSTLY |= {"fractions", "decimal", "datetime", "tempfile", "traceback", "yaml.reader"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", "resnet152"],
        ["summary", "alexnet", "--batch", "8", "--set", "towers=1"],
        ["summary", "vgg16", "--count", "full", "--depth", "1"],
    ],
    ids=" ".join,
)
def test_a_summary(arguments: list[str]) -> None:
    modules = loaded(*arguments)
    assert "archprof.analysis.analysis" in modules
    assert "yaml._yaml" in modules
    assert not modules & COSTLY


def test_a_summary_imports_the_ops_of_its_network() -> None:
    ops = {name for name in loaded("summary", "alexnet") if name.startswith("archprof.ops.")}
    assert "archprof.ops.convolution" in ops
    assert not ops & {
        f"archprof.ops.{file}"
        for file in ("attention", "multihead_attention", "pad", "shuffle", "token_windows")
    }


HEAVY = {"torch", "numpy", "onnx", "pydantic", "tabulate", "rich", "multiprocessing"}


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tapes") / "net.tape.json"
    path.write_text(recorded_text(), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["summary", "explain", "capture", "check"])
def test_a_tape_is_read_without_torch(tape: Path, command: str) -> None:
    modules = loaded(command, str(tape))
    assert "archprof.capturing.tape_reader" in modules
    assert not modules & HEAVY
    assert not [name for name in modules if name.startswith("archprof.model")]


def test_a_spec_needs_nothing_of_capture() -> None:
    modules = {
        name for name in loaded("summary", "alexnet") if name.startswith("archprof.capturing")
    }
    assert modules <= {"archprof.capturing", "archprof.capturing.targets"}


def test_the_version() -> None:
    modules = loaded("--version")
    assert not modules & (COSTLY | {"yaml"})
    rooms = {name.split(".")[1] for name in modules if name.startswith("archprof.")}
    assert rooms <= {"cli", "show", "language"}
    assert "archprof.cli.application" not in modules


def test_the_list_comes_from_the_index() -> None:
    modules = loaded("list")
    assert "archprof.language.shipped_index" in modules
    assert not modules & {"typer", "yaml", "archprof.language.expand", "archprof.graph.graph"}


def test_so_do_names_that_are_completed() -> None:
    modules = loaded(**COMPLETING)
    assert {"typer", "archprof.language.shipped_index"} <= modules
    assert not modules & {"yaml", "archprof.language.expand", "archprof.graph.graph"}


def test_typer_is_there_for_help_and_faults() -> None:
    assert "typer" in loaded("summary", "--help")
    program = """
sys.argv = ["archprof", "summary", "alexnet", "--batch", "0"]
from archprof.cli.main import _run
assert _run() == 2
assert "typer" in sys.modules
"""
    run(program)
