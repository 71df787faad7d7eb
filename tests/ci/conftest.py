"""A pull request in a clone, as a CI job sees it: the base fetched, the branch checked out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.history import ENVIRONMENT, SPECS, WIDER, History

ROOT = Path(__file__).parent.parent.parent
BLOCK = "specs/blocks/unit.yaml"


@pytest.fixture
def pull_request(tmp_path: Path) -> History:
    """A branch that widens a shared block, two commits on, in a clone that has `origin/main`."""
    origin = History(tmp_path / "origin", {**SPECS, "README.md": "A repository of networks.\n"})
    origin.git("checkout", "-q", "-b", "wider")
    origin.commit({"README.md": "A repository of wider networks.\n"})
    origin.commit({BLOCK: WIDER})
    origin.git("clone", "-q", "--branch", "wider", str(origin.root), str(tmp_path / "clone"))
    return History(tmp_path / "clone")


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Bash in a folder, with this Python's `archprof` on the PATH."""

    def call(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **ENVIRONMENT,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "100",
            "HOME": str(tmp_path),
        }
        environment = {
            key: value for key, value in environment.items() if key not in ("GITHUB_ACTIONS", "CI")
        } | variables
        return subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


def checkout(folder: Path) -> Path:
    """What of this repository an installation needs, as files without a history."""
    shutil.copytree(
        ROOT,
        folder,
        ignore=shutil.ignore_patterns(
            ".*", "__pycache__", "tests", "reports", "benchmarks", "build", "dist"
        ),
    )
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", folder)
    return folder
