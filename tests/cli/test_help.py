"""`--help` of every command, and the example it gives."""

from __future__ import annotations

import inspect
import itertools
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from archprof.cli.application import COMMANDS
from archprof.commands.measure.device import peak_consistency, probes
from archprof.commands.measure.judging import consistency
from archprof.language.shipped_folder import specs_folder
from tests.command_line import Run
from tests.effort import NIGHTLY


def example(name: str) -> str:
    command = getattr(import_module(f"archprof.commands.{COMMANDS[name]}"), name)
    found = re.search(r"^Example: archprof (.+)$", inspect.getdoc(command) or "", re.MULTILINE)
    assert found, f"{name} has no example"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_help(run: Run, name: str) -> None:
    for flag in ("--help", "-h"):
        done = run(name, flag)
        assert (done.code, done.err) == (0, "")
        assert f"Usage: archprof {name}" in re.sub(r"\s+", " ", done.out)
        assert f"Example: archprof {example(name)}" in re.sub(r"\s+", " ", done.out)
        assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in ("verify", "device") else name
        for name in COMMANDS
    ],
)
def test_example_runs(run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with the specs, as the examples assume."""
    (tmp_path / "specs").symlink_to(specs_folder())
    monkeypatch.setenv("ARCHPROF_ALLOW_OUTSIDE", str(specs_folder()))  # where that link leads
    monkeypatch.chdir(tmp_path)
    # what `device` measures here is nobody's record
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    # this machine may be busy, which is what these are about
    monkeypatch.setattr(consistency, "MEASUREMENT_RULES", ())
    monkeypatch.setattr(consistency, "LAYER_RULES", ())
    monkeypatch.setattr(peak_consistency, "PEAK_RULES", ())
    if not NIGHTLY:  # what `device` tries takes twenty seconds of the processor
        monkeypatch.setattr(probes, "EDGES", {"cpu": (64,)})
        monkeypatch.setattr(probes, "TRANSFERS", {"cpu": range(12, 14)})
    done = run(*shlex.split(example(name)))
    assert done.code == 0
    assert "error" not in done.err


def test_every_command_is_listed(run: Run) -> None:
    text = run("--help").out
    assert tuple(
        line.split()[1] for line in text.splitlines() if re.match(r"│ [a-z]", line)
    ) == tuple(COMMANDS)


def test_a_paragraph_is_wrapped_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line but a paragraph's last is full: the next word would not have fit on it."""
    monkeypatch.setenv("COLUMNS", "80")
    texts = [run(name, "--help").out for name in COMMANDS]
    for text in texts:
        lines = text.partition("╭")[0].splitlines()
        for line, following in itertools.pairwise(lines):
            if line.strip() and following.strip():
                assert len(line.rstrip()) + len(f" {following.split()[0]}") > 79, line
    listed = [line.strip("│ \n") for line in run("--help").out.splitlines()]
    assert "receptive field, and the network's totals." in listed
