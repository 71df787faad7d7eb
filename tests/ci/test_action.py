"""The GitHub Action: its steps run as the runner would, in a clone with a pull request."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.conftest import BLOCK, ROOT, checkout
from tests.history import UNIT, History

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
Shell = Callable[..., subprocess.CompletedProcess[str]]


def steps(inputs: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The script of each step and its environment, inputs put in."""
    given = {name: value.get("default", "") for name, value in ACTION["inputs"].items()} | inputs

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ *inputs\.([\w-]+) *\}\}", lambda m: given[m[1]], text)

    return [
        (step["run"], {key: filled(value) for key, value in step.get("env", {}).items()})
        for step in ACTION["runs"]["steps"]
    ]


@pytest.fixture
def runner(shell: Shell, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The action's last step in a clone, as on a runner; the others install."""
    (tmp_path / "temp").mkdir()

    def call(
        clone: Path, inputs: dict[str, str] | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        script, environment = steps(inputs or {})[-1]
        github = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_BASE_REF": "main",
            "RUNNER_TEMP": str(tmp_path / "temp"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
        }
        return shell(script, clone, **{**github, **environment, **variables})

    return call


def annotations(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub's runner reads in the log: the command, its properties, its message."""
    found = []
    for line in text.splitlines():
        if parts := re.fullmatch(r"::(\w+) (.*?)::(.*)", line):
            found.append(
                (parts[1], dict(item.split("=", 1) for item in parts[2].split(",")), parts[3])
            )
    return found


def test_a_pull_request_that_widens_a_shared_block(
    runner: Any, pull_request: History, tmp_path: Path
) -> None:
    """Annotated at the line it changed, compared in the summary, and failed."""
    done = runner(pull_request.root, {"fail-on": "macs>+5%\n  field<-1 \n"})
    assert done.returncode == 1
    told = [
        a for a in annotations(done.stdout + done.stderr) if a[1]["title"] == "archprof fail-on"
    ]
    assert [(command, p["file"], p["line"], p["col"]) for command, p, _ in told] == [
        ("error", BLOCK, "6", "31")
    ] * 3
    assert [message.partition(":")[0] for _, _, message in told] == ["large", "small", "tiny"]
    assert told[2][2].startswith("tiny: macs 221 K -> 442 K (+100.0%25) meets `macs>+5%25`")
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith(
        "<!-- archprof diff -->\n### archprof: 3 networks changed, from `origin/main` to `working"
        " tree`\n"
    )
    assert f"- `{BLOCK}` touches `tiny`, `large`, `small`" in summary
    assert summary.count("<details>") == 3
    comment = (tmp_path / "output").read_text(encoding="utf-8").strip().removeprefix("comment=")
    assert Path(comment).read_text(encoding="utf-8") == summary


def test_a_pull_request_that_costs_nothing(
    runner: Any, pull_request: History, tmp_path: Path
) -> None:
    pull_request.commit({BLOCK: UNIT})
    done = runner(pull_request.root, {"fail-on": "macs!=+0"})
    assert (done.returncode, annotations(done.stdout + done.stderr)) == (0, [])
    assert "no network touched" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_without_conditions_nothing_fails(runner: Any, pull_request: History) -> None:
    assert runner(pull_request.root).returncode == 0


def test_a_broken_spec_is_annotated_once(runner: Any, pull_request: History) -> None:
    pull_request.commit({BLOCK: UNIT.replace("op: relu", "op: rleu")})
    done = runner(pull_request.root)
    assert done.returncode == 2
    told = annotations(done.stdout + done.stderr)
    assert [(command, p["file"], p["line"], p["title"]) for command, p, _ in told] == [
        ("error", BLOCK, "8", "archprof unknown-op")
    ]


def test_a_checkout_without_the_base(runner: Any, pull_request: History, tmp_path: Path) -> None:
    """actions/checkout fetches one commit; the script fetches the other."""
    shallow = tmp_path / "shallow"
    pull_request.git(
        "clone",
        "-q",
        "--depth=1",
        "--branch=wider",
        "--single-branch",
        f"file://{tmp_path / 'origin'}",
        str(shallow),
    )
    done = runner(shallow, {"fail-on": "macs>+5%"})
    assert done.returncode == 1, done.stderr
    assert "from `origin/main`" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_full_clone_stays_full(runner: Any, pull_request: History) -> None:
    runner(pull_request.root)
    assert pull_request.git("rev-parse", "--is-shallow-repository") == "false"


def test_a_push_is_checked_and_not_compared(
    runner: Any, pull_request: History, tmp_path: Path
) -> None:
    done = runner(pull_request.root, {"fail-on": "macs>+5%"}, GITHUB_BASE_REF="")
    assert (done.returncode, (tmp_path / "summary.md").exists()) == (0, False)


def test_a_base_of_ones_own(runner: Any, pull_request: History, tmp_path: Path) -> None:
    assert (
        runner(
            pull_request.root, {"base": "HEAD~1", "fail-on": "macs>+5%"}, GITHUB_BASE_REF=""
        ).returncode
        == 1
    )
    assert "from `HEAD~1`" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_wrong_inputs_are_told(runner: Any, pull_request: History) -> None:
    for inputs, said in (
        ({"fail-on": "macs"}, "has no comparison"),
        ({"paths": "nowhere"}, "nowhere"),
        ({"base": "nope"}, "there is no revision `nope`"),
    ):
        done = runner(pull_request.root, inputs)
        assert done.returncode == 2
        assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "$(touch ran)",
        "`touch ran`",
        "; touch ran",
        "' ; touch ran ; '",
        '" ; touch ran ; "',
        "--output=ran",
        "-oran",
    ],
)
def test_inputs_are_no_code(runner: Any, pull_request: History, text: str) -> None:
    for name in ("paths", "base", "fail-on"):
        assert runner(pull_request.root, {name: text}).returncode == 2
    assert not (pull_request.root / "ran").exists()


def test_expressions_stand_in_environments_only() -> None:
    """In a script they would be code."""
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])
    assert set(ACTION["outputs"]["comment"]["value"].strip("${} ").split(".")) >= {
        "steps",
        "compare",
        "outputs",
        "comment",
    }


def test_several_paths(runner: Any, pull_request: History, tmp_path: Path) -> None:
    runner(pull_request.root, {"paths": "specs/alone.yaml\nspecs/small.yaml\n"})
    assert "1 network changed" in (tmp_path / "summary.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_steps(shell: Shell, pull_request: History, tmp_path: Path) -> None:
    """The installation too, from a checkout of the action: what the summary needs and no more."""
    (tmp_path / "temp").mkdir()
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(checkout(tmp_path / "action")),
        "GITHUB_BASE_REF": "main",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    (install, first), (compare, second) = steps({"fail-on": "macs>+5%"})
    done = shell(install, pull_request.root, **github, **first)
    assert done.returncode == 0, done.stderr
    done = shell(compare, pull_request.root, **github, **second)
    assert done.returncode == 1, done.stderr
    assert len(annotations(done.stderr)) == 3
    assert "3 networks changed" in (tmp_path / "summary.md").read_text(encoding="utf-8")
