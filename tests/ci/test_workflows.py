"""The workflows of the project's own CI, as far as they can be checked without GitHub."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from archprof.cli.application import COMMANDS
from tests.ci.conftest import ROOT
from tests.ci.test_action import ACTION
from tests.ci.test_install import pins

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[str, Any]] = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
JOBS = [
    pytest.param(job, id=f"{file}-{name}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
]
PINNED = re.compile(r"uses: (actions/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+")
SETUP = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt "


def scripts() -> Iterator[str]:
    """Every script of every step."""
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            yield from (step["run"] for step in job["steps"] if "run" in step)


def commands() -> Iterator[list[str]]:
    """The words of every single command."""
    for script in scripts():
        for line in re.split(r"\n|&&|\|", script):
            if line.strip():
                yield line.split()


def printed(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_two() -> None:
    assert list(WORKFLOWS) == ["ci.yml", "nightly.yml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_permissions_are_least(path: Path) -> None:
    workflow, text = WORKFLOWS[path.name], path.read_text(encoding="utf-8")
    assert workflow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in workflow["jobs"].values())
    assert not re.search(r"\bsecrets\b|pull_request_target|workflow_run|self-hosted", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    lines = [line.strip("- ") for line in path.read_text(encoding="utf-8").splitlines()]
    used = [line for line in lines if line.startswith("uses:")]
    unpinned = {line for line in used if not PINNED.fullmatch(line)}
    assert unpinned <= {"uses: ./"}
    assert len(used) > len(unpinned)


def test_an_action_has_one_pin() -> None:
    found = {match for path in FILES for match in PINNED.findall(path.read_text(encoding="utf-8"))}
    assert len(found) == len({action for action, _ in found})


@pytest.mark.parametrize("job", JOBS)
def test_no_checkout_keeps_the_token(job: dict[str, Any]) -> None:
    first = job["steps"][0]
    assert first["uses"].startswith("actions/checkout@")
    assert first["with"] == {"persist-credentials": False}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_ends(job: dict[str, Any]) -> None:
    assert 5 <= job["timeout-minutes"] <= 300
    assert re.fullmatch(r"ubuntu-\d\d\.04", job["runs-on"])  # `latest` would be another one day


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_newer_run_ends_an_older_one(name: str) -> None:
    concurrency = WORKFLOWS[name]["concurrency"]
    assert concurrency["cancel-in-progress"] is True
    assert "github.ref" in concurrency["group"]


def test_what_starts_them() -> None:
    # YAML 1.1 takes the word `on` for true
    started = {name: set(workflow[True]) for name, workflow in WORKFLOWS.items()}
    assert started["ci.yml"] == {"push", "pull_request"}
    assert started["nightly.yml"] == {"schedule", "workflow_dispatch"}


def test_expressions_stand_in_environments_only() -> None:
    """In a script they would be code."""
    assert [script for script in scripts() if "${{" in script] == []


@pytest.mark.parametrize("script", sorted(set(scripts())))
def test_bash_can_read_it(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "command"), [("ci", ".ci/run tests"), ("nightly", ".ci/run")])
def test_the_tests_are_run_as_everywhere(name: str, command: str) -> None:
    """By `.ci/run`, which takes the command from the README."""
    steps = WORKFLOWS[f"{name}.yml"]["jobs"]["tests"]["steps"]
    assert steps[-1] == {"run": command}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("tests", "types", "arguments", "code"),
    [
        (0, 0, "", 0),
        (3, 0, "", 3),
        (0, 4, "", 4),
        (0, 4, "tests", 0),
        (3, 0, "tests", 3),
    ],
)
def test_ci_fails_where_the_tests_or_the_types_do(
    shell: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    tests: int,
    types: int,
    arguments: str,
    code: int,
) -> None:
    """In a folder whose README has a command that ends so, with a mypy that does."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "README.md").write_text(
        f"<!-- test -->\n```sh\nbash -c 'exit {tests}' && echo tested\n```\n<!-- end -->\n"
    )
    mypy = tmp_path / ".venv" / "bin" / "mypy"
    mypy.parent.mkdir(parents=True)
    mypy.write_text(f"#!/bin/sh\nexit {types}\n")
    mypy.chmod(0o755)
    assert shell(f".ci/run {arguments}", tmp_path).returncode == code


def test_everything_else_is_installed_alike() -> None:
    installing = [script for script in scripts() if "pip install" in script]
    others = {script for script in installing if not script.startswith(SETUP)}
    assert all(script.startswith("python3 -m venv new && new/bin/pip") for script in others)
    assert len(installing) > len(others)


def test_what_is_installed_is_in_pyproject_or_pinned() -> None:
    extras = set(PROJECT["optional-dependencies"])
    for script in scripts():
        for words in re.findall(r"pip install (?:-c constraints.txt )?(.*)", script):
            for word in words.replace("'", "").split():
                if match := re.fullmatch(r"\.\[([\w,]+)\]", word):
                    assert set(match[1].split(",")) <= extras
                else:
                    assert word in pins() or re.fullmatch(r"\w+==[\d.]+", word)


def test_the_pins_are_renewed_as_their_file_says() -> None:
    (script,) = [script for script in scripts() if "pip freeze" in script]
    recipe = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n#   ")[1]
    said = recipe.partition("\n")[0]
    assert script.strip().replace("\n", " && ") == f"{said} > constraints.txt"


def test_pythons_are_the_oldest_and_the_newest_that_pyproject_names() -> None:
    named = [row.rpartition(" ")[2] for row in PROJECT["classifiers"] if ":: 3." in row]
    ends = [min(named, key=Version), max(named, key=Version)]
    assert PROJECT["requires-python"] == f">={ends[0]}"
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            python = job.get("strategy", {}).get("matrix", {}).get("python")
            assert python in (None, ends)
            assert all(
                step["with"]["python-version"] in (ends[0], "${{ matrix.python }}")
                for step in job["steps"]
                if "setup-python" in step.get("uses", "")
            )


def test_torch_is_the_oldest_that_is_asked_for_and_the_pinned_one() -> None:
    job = WORKFLOWS["ci.yml"]["jobs"]["tests"]
    (bound,) = [
        requirement.specifier
        for requirement in map(Requirement, PROJECT["optional-dependencies"]["torch"])
        if requirement.name == "torch"
    ]
    oldest, pinned = job["strategy"]["matrix"]["torch"]
    assert Version(oldest) == Version(str(bound).removeprefix(">="))
    assert pinned == pins()["torch"]
    (step,) = [step for step in job["steps"] if "if" in step]
    assert step["if"] == f"matrix.torch != '{pinned}'"


def test_pinning_another_torch_changes_nothing_else(tmp_path: Path) -> None:
    """The step is run here on a copy; sympy is what torch itself asks for in one exact version."""
    (script,) = [script for script in scripts() if "TORCH" in script]
    before = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    (tmp_path / "constraints.txt").write_text(before, encoding="utf-8")
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env={"TORCH": "2.6.0"}, check=True)
    after = (tmp_path / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert set(after) - set(before.splitlines()) == {"torch==2.6.0"}
    gone = {row.split("==")[0] for row in set(before.splitlines()) - set(after)}
    assert gone == {"torch", "sympy"}


def test_files_and_commands_exist() -> None:
    for words in commands():
        for word in words:
            if re.fullmatch(r"(scripts|benchmarks|tests|docs|specs)(/[\w./]+)?", word):
                assert (ROOT / word).exists(), words
        if words[0] == ".venv/bin/archprof":
            assert words[1] in COMMANDS
        elif words[0].startswith(".venv/bin/"):
            tool = words[0].removeprefix(".venv/bin/")
            assert tool in {"pip", "python"} or canonicalize_name(tool) in pins(), words


def own_programs() -> Iterator[tuple[list[str], set[str]]]:
    """Each program of this repository that a command starts, and its options."""
    for words in commands():
        program = words[1:3] if words[1:2] == ["-m"] else words[1:2]
        if words[0] == ".venv/bin/python" and program[-1].startswith(("tests.", "benchmarks/")):
            yield program, {word for word in words if word.startswith("--")}


def test_options_of_our_own_programs_exist() -> None:
    found = list(own_programs())
    assert len(found) == 5
    for program, options in found:
        if options:  # the fuzzer has libFuzzer's, and needs atheris to start
            known = re.findall(r"--[\w-]+", printed(*program, "--help"))
            assert options <= set(known), program


def test_the_nightly_tests_look_longer_for_counterexamples() -> None:
    profile = WORKFLOWS["nightly.yml"]["jobs"]["tests"]["env"]["HYPOTHESIS_PROFILE"]
    usual = settings.get_profile("ci").max_examples
    assert settings.get_profile(profile).max_examples >= 10 * usual


def test_the_nightly_seed_is_another_each_night() -> None:
    assert WORKFLOWS["nightly.yml"]["env"]["SEED"] == "${{ github.run_number }}"
    seeded = [script for script in scripts() if "--seed" in script]
    assert len(seeded) == 3
    assert all('--seed "$SEED"' in script for script in seeded)


def test_the_action_is_used_as_it_is_declared() -> None:
    (step,) = [
        step for step in WORKFLOWS["ci.yml"]["jobs"]["specs"]["steps"] if step.get("uses") == "./"
    ]
    assert set(step["with"]) <= set(ACTION["inputs"])


def test_packages_are_built_as_the_release_checklist_says() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = text.partition("\n## Release\n")[2].partition("```sh\n")[2].partition("```")[0]
    said = [part.strip() for part in re.split(r"\n|&&", block) if part.strip()]
    steps = WORKFLOWS["ci.yml"]["jobs"]["packages"]["steps"]
    run = [part.strip() for step in steps if "run" in step for part in step["run"].split("&&")]
    assert said == run
