"""The version is written in archprof/__init__.py alone, and whatever states it agrees.

That the built packages do is in `tests/ci/test_packages.py`, that runs do in
`tests/commands/measure/planning/test_manifest.py`.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.version import Version

import archprof

ROOT = Path(__file__).parent.parent
PYTHON = ("archprof", "tests", "scripts", "benchmarks")
NEWEST = re.compile(r"^## \[(?!Unreleased\])(.+?)\] - (unreleased|\d{4}-\d\d-\d\d)$", re.MULTILINE)


def printed(*words: str) -> str:
    """What a command prints, messages left out."""
    command = [sys.executable, "-m", "archprof", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout


def test_it_is_one_as_packages_have() -> None:
    assert str(Version(archprof.__version__)) == archprof.__version__


def test_it_is_read_from_where_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "archprof/__init__.py"}


def test_the_command_line_prints_it() -> None:
    assert printed("--version") == f"archprof {archprof.__version__}\n"


def test_sarif_states_it() -> None:
    report = json.loads(printed("check", "specs/alexnet.yaml", "--format", "sarif"))
    driver = report["runs"][0]["tool"]["driver"]
    assert (driver["version"], driver["semanticVersion"]) == 2 * (archprof.__version__,)


def test_the_changelog_begins_with_it() -> None:
    """After what is not in any version yet."""
    newest = NEWEST.search((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert newest
    assert newest[1] == archprof.__version__


def test_no_other_code_has_it_as_a_text() -> None:
    written = [
        str(path.relative_to(ROOT))
        for folder in PYTHON
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and is_stated(node.value)
    ]
    assert written == ["archprof/__init__.py"]


def is_stated(value: object) -> bool:
    """Whether a text of the code is the version, alone or behind the program's name."""
    pattern = rf"(archprof )?{re.escape(archprof.__version__)}\s*"
    return isinstance(value, str) and any(re.fullmatch(pattern, row) for row in value.split("\n"))
