"""scripts/smoke.py: the installed wheel does what it must, and what does not is found."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.ci.conftest import ROOT, checkout

SCRIPT = ROOT / "scripts" / "smoke.py"


@pytest.fixture
def smoke(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    return import_module("smoke")


@pytest.mark.slow
def test_installed_without_torch(tmp_path: Path) -> None:
    """From a checkout, as a hook or the action installs it."""
    command = [sys.executable, str(SCRIPT), str(checkout(tmp_path / "source"))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("summary", "list", "explain", "check", "diff", "schema", "quiz", "grade"):
        assert f"ok  archprof {name}" in done.stdout


def test_a_program_that_prints_nothing_is_found(smoke: ModuleType, tmp_path: Path) -> None:
    silent = (sys.executable, "-c", "pass")
    found = smoke.tried(silent, tmp_path)
    assert len(found) == len(smoke.TRIALS)
    assert "does not print `archprof `" in found[0]
    assert "exit code 0, not 2" in found[-1]


def test_a_program_that_fails_is_found(smoke: ModuleType, tmp_path: Path) -> None:
    failing = (sys.executable, "-c", "import sys; sys.exit(f'{sys.argv} archprof 47,206')")
    found = smoke.tried(failing, tmp_path)
    assert len(found) == len(smoke.TRIALS)
    assert all("exit code 1, not" in text for text in found)


def test_heavy_packages_and_too_many_bytes_are_found(
    smoke: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "lib" / "python3" / "site-packages" / "numpy"
    package.mkdir(parents=True)
    (package / "data").write_bytes(bytes(100))
    assert smoke.contents(tmp_path) == ["numpy was installed, which nobody needs here"]
    (package / "data").unlink()
    package.rename(package.parent / "small")
    assert smoke.contents(tmp_path) == []
    monkeypatch.setattr(smoke, "MOST_BYTES", 9)
    (package.parent / "data").write_bytes(bytes(10))
    assert smoke.contents(tmp_path) == ["10 bytes are more than 9"]


def test_an_installation_takes_no_more_than_60_megabytes(smoke: ModuleType) -> None:
    assert smoke.MOST_BYTES == 60 * 10**6


@pytest.mark.parametrize("words", [[], ["nowhere.whl"], ["a", "b"]])
def test_wrong_use(smoke: ModuleType, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke.main(words) == 2
    assert "usage: python scripts/smoke.py" in capsys.readouterr().err
