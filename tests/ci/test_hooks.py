"""The pre-commit hooks, run by pre-commit itself: from this repository as users name it, and
without the network as local hooks.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.conftest import BLOCK, ROOT, checkout
from tests.history import ALONE, UNIT, WIDER, History

pytest.importorskip("pre_commit", reason="pre-commit is a development requirement")

Shell = Callable[..., subprocess.CompletedProcess[str]]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


@pytest.fixture
def commit(
    shell: Shell, pull_request: History, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`git commit` with the hooks in place, as local ones, which install nothing; `args` by the
    hook's name.
    """
    subprocess.run(
        ["git", "-C", str(pull_request.root), "config", "user.email", "a@example.com"], check=True
    )

    def call(files: dict[str, str | None], **args: list[str]) -> subprocess.CompletedProcess[str]:
        hooks = [
            {
                **hook,
                "language": "system",
                **(
                    {"args": args[name]}
                    if (name := hook["id"].removeprefix("archprof-")) in args
                    else {}
                ),
            }
            for hook in HOOKS.values()
        ]
        pull_request.write(
            {
                ".pre-commit-config.yaml": yaml.safe_dump(
                    {"repos": [{"repo": "local", "hooks": hooks}]}
                ),
                **files,
            }
        )
        return shell(
            "python -m pre_commit install >/dev/null && git add -A && git commit -m change",
            pull_request.root,
            PRE_COMMIT_HOME=str(tmp_path / "home"),
        )

    return call


def test_the_manifest_is_one(shell: Shell) -> None:
    done = shell("python -m pre_commit validate-manifest .pre-commit-hooks.yaml", ROOT)
    assert (done.returncode, done.stdout) == (0, "")
    assert list(HOOKS) == ["archprof-check", "archprof-diff"]


def test_a_commit_that_costs_nothing_goes_through(commit: Any, pull_request: History) -> None:
    before = pull_request.git("rev-parse", "HEAD")
    done = commit(
        {BLOCK: WIDER + "# a comment\n"}, diff=["--base", "HEAD", "--fail-on", "macs!=+0"]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 networks with the same numbers" in done.stdout + done.stderr  # shown though it passed
    assert pull_request.git("rev-parse", "HEAD~1") == before


def test_a_commit_that_makes_networks_heavier_does_not(commit: Any, pull_request: History) -> None:
    before = pull_request.git("rev-parse", "HEAD")
    done = commit(
        {BLOCK: WIDER.replace("* 2", "* 4")}, diff=["--base", "HEAD", "--fail-on", "macs>+5%"]
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert f"{BLOCK}:6:31: error: tiny: macs 442 K -> 885 K (+100.0%) meets `macs>+5%`" in said
    assert pull_request.git("rev-parse", "HEAD") == before


def test_the_hook_keeps_its_base_beside_other_arguments(commit: Any, pull_request: History) -> None:
    before = pull_request.git("rev-parse", "HEAD")
    done = commit({BLOCK: WIDER.replace("* 2", "* 4")}, diff=["--fail-on", "macs>+5%"])
    assert done.returncode == 1
    assert "macs 442 K -> 885 K (+100.0%) meets `macs>+5%`" in done.stdout + done.stderr
    assert pull_request.git("rev-parse", "HEAD") == before


def test_a_commit_that_breaks_a_spec_does_not(commit: Any, pull_request: History) -> None:
    done = commit({BLOCK: UNIT.replace("op: relu", "op: rleu")})
    assert done.returncode == 1
    assert f"{BLOCK}:8:18: error: there is no op `rleu`" in done.stdout + done.stderr


def test_only_what_is_about_to_be_committed_counts(
    commit: Any, pull_request: History, shell: Shell, tmp_path: Path
) -> None:
    """pre-commit puts the rest of the working tree away meanwhile."""
    commit({"README.md": "no spec\n"})
    pull_request.write({"specs/alone.yaml": ALONE + "# a comment\n"})
    pull_request.git("add", "specs/alone.yaml")
    pull_request.write({BLOCK: UNIT.replace("op: relu", "op: rleu")})
    done = shell("git commit -m change", pull_request.root, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_other_yaml_is_not_looked_at(commit: Any) -> None:
    done = commit({".github/workflows/ci.yaml": "on: [push\n", "README.md": "x\n"})
    assert done.returncode == 0
    assert (done.stdout + done.stderr).count("(no files to check)Skipped") == 2


def test_the_pull_request_as_ci_runs_it(
    shell: Shell, pull_request: History, tmp_path: Path
) -> None:
    """`pre-commit run --from-ref origin/main --to-ref HEAD`."""
    hooks = [{**hook, "language": "system"} for hook in HOOKS.values()]
    hooks[1]["args"] = ["--base", "origin/main", "--fail-on", "macs>+5%"]
    pull_request.write(
        {".pre-commit-config.yaml": yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})}
    )
    done = shell(
        "python -m pre_commit run --from-ref origin/main --to-ref HEAD",
        pull_request.root,
        PRE_COMMIT_HOME=str(tmp_path / "home"),
    )
    assert done.returncode == 1
    assert "archprof check" in done.stdout
    assert done.stdout.count("meets `macs>+5%`") == 3
    assert f"{BLOCK}:6:31" in done.stdout


@pytest.mark.slow
def test_hooks_of_a_repository(shell: Shell, pull_request: History, tmp_path: Path) -> None:
    """As users have them: pre-commit clones the repository and installs it.

    Torch does not come along, and it is small.
    """
    hooks = History(tmp_path / "hooks")
    checkout(tmp_path / "files")
    shell(f"cp -r {tmp_path}/files/. {hooks.root}", tmp_path)
    revision = hooks.commit({})
    config = {
        "repos": [
            {
                "repo": str(hooks.root),
                "rev": revision,
                "hooks": [
                    {"id": "archprof-check"},
                    {
                        "id": "archprof-diff",
                        "args": ["--base", "origin/main", "--fail-on", "macs>+5%"],
                    },
                ],
            }
        ]
    }
    pull_request.write({".pre-commit-config.yaml": yaml.safe_dump(config)})
    done = shell(
        "python -m pre_commit run --all-files",
        pull_request.root,
        PRE_COMMIT_HOME=str(tmp_path / "home"),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert (
        "archprof check...........................................................Passed"
        in done.stdout
    )
    assert done.stdout.count("meets `macs>+5%`") == 3
