"""A pull request made to run something: nothing of it does, in the action's steps, in its
script, in the hooks and under pytest.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.ci.conftest import ROOT
from tests.ci.test_action import steps
from tests.history import History
from tests.traps import Traps

Shell = Callable[..., subprocess.CompletedProcess[str]]
WORKFLOW = {"PYTHONPATH": ".", "PYTHONSTARTUP": "venv.py", "PYTHONINSPECT": ""}
"""What workflows set for their own tests: with it Python would import from the checkout even
where it is started elsewhere.
"""


@pytest.fixture
def traps(tmp_path: Path) -> Traps:
    return Traps(tmp_path)


@pytest.fixture
def github(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "temp").mkdir()
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_BASE_REF": "main",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """This Python, but that its pip says its version instead of installing, which would need the
    network.
    """
    place = tmp_path / "python"
    place.write_text(
        f"""#!/bin/sh
case "$*" in
  "-I -m pip "*) echo "$@" > {tmp_path}/installed; exec {sys.executable} -I -m pip --version ;;
  *"-m pip "*) exec {sys.executable} -m pip --version ;;
esac
exec {sys.executable} "$@"
""",
        encoding="utf-8",
    )
    place.chmod(0o755)
    return place


def test_the_modules_are_traps(traps: Traps, shell: Shell) -> None:
    """Python without -I imports them."""
    for module in ("venv", "pip"):
        shell(f"{sys.executable} -m {module} --help", traps.root)
        assert traps.ran
        traps.marker.unlink()
    shell(f"cd / && {sys.executable} -c 'import json'", traps.root, PYTHONPATH=str(traps.root))
    assert "sitecustomize" in traps.ran


def test_the_actions_steps_run_nothing_of_the_checkout(
    traps: Traps, shell: Shell, github: dict[str, str], python: Path, tmp_path: Path
) -> None:
    traps.arm()
    (install, first), (compare, second) = steps({"fail-on": "macs>+5%", "python": str(python)})
    done = shell(install, traps.root, **WORKFLOW, **github, **first)
    assert (done.returncode, traps.ran) == (0, ""), done.stderr
    assert (
        tmp_path / "installed"
    ).read_text() == f"-I -m pip --python {tmp_path}/temp/archprof install --quiet {ROOT}\n"
    done = shell(compare, traps.root, **WORKFLOW, **github, **second)
    assert traps.ran == ""
    assert done.returncode == 1, done.stderr
    assert "tiny: macs 221 K -> 442 K" in done.stderr
    assert "### archprof: 3 networks changed, 1 with the same numbers, from `origin/main`" in (
        tmp_path / "summary.md"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("paths", ["specs", "specs/*.yaml", "specs/small.yaml"])
@pytest.mark.parametrize("base", ["", "origin/main", "sha"])
def test_the_script_runs_nothing_of_the_checkout(
    traps: Traps, shell: Shell, github: dict[str, str], paths: str, base: str
) -> None:
    """Neither where the base is there nor where it has to be fetched, which runs hooks."""
    revision = traps.history.git("rev-parse", "origin/main") if base == "sha" else base
    if not base:
        traps.history.git("update-ref", "-d", "refs/remotes/origin/main")
    traps.arm()
    done = shell(
        str(ROOT / "scripts/pull_request.sh"),
        traps.root,
        **WORKFLOW,
        **github,
        ARCHPROF_PATHS=paths,
        ARCHPROF_BASE=revision,
    )
    assert traps.ran == ""
    assert done.returncode in (0, 2), done.stderr  # 2 for the glob, which `diff` does not take
    assert "Traceback" not in done.stderr


def test_the_script_fetches_over_usual_transports_only(
    traps: Traps, shell: Shell, github: dict[str, str]
) -> None:
    traps.history.git("update-ref", "-d", "refs/remotes/origin/main")
    traps.history.git("config", "remote.origin.url", f"ext::{traps.trap} ext")
    traps.history.git("config", "protocol.ext.allow", "always")
    done = shell(str(ROOT / "scripts/pull_request.sh"), traps.root, **github)
    assert done.returncode
    assert traps.ran == ""


def test_an_empty_configuration_does_not_turn_a_failure_around(
    traps: Traps, shell: Shell, github: dict[str, str]
) -> None:
    """A budget of the base's archprof.toml, and a pull request that puts an empty one nearer by."""
    origin = traps.root.parent / "origin"
    base = "[[budget]]\nnetwork = 'alone'\nmax_params = 1_000\n"  # it has (3*32*32 + 1)*10 = 30,730
    subprocess.run(["git", "-C", str(origin), "checkout", "-q", "main"], check=True)
    History(origin).commit({"archprof.toml": base})
    traps.history.git("fetch", "-q")
    traps.history.write({"archprof.toml": base, "specs/archprof.toml": ""})
    plain = shell("archprof check specs", traps.root)
    assert plain.returncode == 0  # what it would be
    done = shell(str(ROOT / "scripts/pull_request.sh"), traps.root, **github)
    assert done.returncode == 1
    assert (
        "::notice file=specs/archprof.toml,title=archprof suppression::this configuration is not at"
        " origin/main" in done.stdout
    )
    assert "alone has params 30,730, its budget is 1,000" in done.stdout


def test_the_hooks_run_nothing_of_the_checkout(traps: Traps, shell: Shell) -> None:
    """Their entries as pre-commit starts them."""
    traps.arm()
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        files = "specs/small.yaml" if hook.get("pass_filenames", True) else ""
        done = shell(f"{hook['entry']} {' '.join(hook.get('args', []))} {files}", traps.root)
        assert done.returncode == 0, done.stderr
    assert traps.ran == ""


def test_pytest_runs_nothing_of_the_checkout(traps: Traps, shell: Shell) -> None:
    """With a rootdir and no conftest.py of its own, which pytest would run."""
    traps.arm()
    command = (
        f"{sys.executable} -I -m pytest -q -p archprof.pytest_plugin -p no:cacheprovider --archprof"
        " specs"
    )
    done = shell(command, traps.root, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert traps.ran == ""


def test_every_python_is_isolated() -> None:
    """In the action and its scripts: -I, or the same by its variables."""
    text = "\n".join(step for step, _ in steps({}))
    assert text.count('"$ARCHPROF_PYTHON" -I -m ') == text.count('"$ARCHPROF_PYTHON"') == 2
    for script in (ROOT / "scripts").glob("*.sh"):
        code = script.read_text(encoding="utf-8")
        assert "PYTHONSAFEPATH=1 PYTHONNOUSERSITE=1" in code
        assert "python" not in code
