"""No command runs anything of the repository it is used in: the recipes of the attacks over the
whole table of commands.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.cli.application import COMMANDS
from tests.command_line import Run
from tests.traps import Traps

NET, BLOCK = "specs/small.yaml", "specs/blocks/unit.yaml"
QUICK = ("--time-limit", "0.1", "--threads", "1")

CALLS: dict[str, list[tuple[str, ...]]] = {
    "summary": [(NET,), ("specs/family.yaml:tiny",)],
    # a module is captured where it is named, and only then; what is beside it does not run
    "capture": [(NET,), ("torch.nn:ReLU", "--input", "3x8x8", "-o", "relu.tape.json")],
    "explain": [(NET, "stem.conv")],
    "page": [(NET,), (NET, "specs/alone.yaml")],
    "compare": [(NET, "specs/alone.yaml"), (NET, "specs/alone.yaml", "--format", "html")],
    "diff": [
        ("--base", "origin/main"),
        ("--base", "origin/main", "specs"),
        ("--base", "HEAD", "--head", "origin/main", "specs"),
        ("origin/main:specs/small.yaml", NET),
        ("origin/main:./specs/family.yaml:tiny", "specs/family.yaml:tiny"),
        (NET, "specs/alone.yaml"),
        ("--base", "1" * 40, "specs"),
    ],
    "fit": [(NET, "--memory", "1GiB", "--train", "--devices", "2")],
    "bench": [
        (NET, *QUICK),
        (NET, *QUICK, "-o", "run.json"),
        (NET, *QUICK, "--keep-in", "kept.sqlite"),
        (NET, *QUICK, "--keep-in", NET),
    ],
    "history": [("--keep-in", "kept.sqlite"), (NET, "--keep-in", NET)],
    "sweep": [("space.yaml", "--workers", "1", "--check", "2"), ("space.yaml", "-o", "swept")],
    "search": [("space.yaml", "--trials", "4"), ("space.yaml", "--trials", "4", "-o", "found")],
    "latency": [("space.yaml", "--measure", "1", "--time-limit", "0.1", "-o", "times.json")],
    "lecture": [("claims.yaml", "--static")],
    "solve": [(NET, "--macs", "1G")],
    "quiz": [(NET,), (NET, "--students", "sheet.csv", "-o", "sheets", "--key", "key.csv")],
    "grade": [("sheet.csv",), (".", "--key", "sheet.csv", "--letters", "letters")],
    "verify": [("specs/alone.yaml",)],
    "check": [
        ("specs",),
        (NET,),
        ("specs/*.yaml",),
        ("specs", "--base", "origin/main"),
        ("specs", "--jobs", "2"),
        ("specs", "--config", "archprof.toml"),
    ],
    "fmt": [("--check", "specs"), ("specs",), ("--diff", NET)],
    "new": [("specs/other",), ("other", "--from", "lenet5")],
    "list": [("net",), (NET,)],
    "export": [
        (NET,),
        (NET, "-o", "written.yaml"),
        (NET, "--to", "json"),
        (NET, "--to", "model-explorer", "--latency", "run.json"),
    ],
    "plot": [
        (NET, "-o", "drawn.svg"),
        (NET, "--kind", "field", "--image", NET),
        (NET, "--kind", "latency", "--run", "run.json"),
        ("net", NET, "--kind", "scatter"),
    ],
}
"""Of each command that reads what the user names or writes beside it, every way in which it
does.
"""
SPACE = f"""name: some
network: {NET}
space: {{input: 8..9}}
front: [min macs, max params]
"""
# these take no path, read no repository and write by `-o` alone
APART = {"roadmap", "device", "ops", "conventions", "schema"}


@pytest.fixture
def traps(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Traps:
    """The clone is the working directory.

    It has a file of claims, a sheet to be graded and a configuration as well.
    """
    made = Traps(tmp_path)
    claims = (
        f"lecture: {{id: X, title: A lecture}}\nclaims:\n  - {{id: a, network: {NET}, params: 1}}\n"
    )
    made.history.write(
        {
            "claims.yaml": claims,
            "sheet.csv": f"# network={NET}\n",
            "space.yaml": SPACE,
            "archprof.toml": "",
        }
    )
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in (
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_SSH_COMMAND",
        "GIT_EDITOR",
        "PAGER",
        "EDITOR",
    ):
        monkeypatch.setenv(name, str(made.trap))
    return made


def test_every_command_is_tried() -> None:
    """A new one belongs into CALLS."""
    assert set(CALLS) | APART == set(COMMANDS)


@pytest.mark.parametrize(
    ("name", "inside"),
    [*((name, "specs") for name in CALLS), ("diff", "."), ("diff", "specs/blocks"), ("check", ".")],
)
def test_nothing_of_the_repository_runs(
    traps: Traps, run: Run, monkeypatch: pytest.MonkeyPatch, name: str, inside: str
) -> None:
    """In the folder that is a bare repository as well, where git would take that one.

    The traps in .git are armed, too.
    """
    if name == "diff":
        traps.lose("specs/small.yaml")
    traps.arm()
    monkeypatch.chdir(traps.root / inside)
    up = "../" * len(Path(inside).parts)
    for call in CALLS[name]:
        moved = [
            (
                up + argument
                if (traps.root / argument.partition(":")[0]).exists() or "*" in argument
                else argument
            )
            for argument in call
        ]
        done = run(name, *moved)
        assert traps.ran == "", call
        assert done.code in (0, 1, 2), done.err
        assert "Traceback" not in done.err


def test_a_bare_repository_in_the_folder_that_is_compared(traps: Traps, run: Run) -> None:
    """As it comes with a pull request, and nothing else wrong: the comparison is as it would be
    without it.
    """
    done = run("diff", "--base", "origin/main", "specs", "--fail-on", "macs>+5%")
    assert done.code == 1
    assert done.out.startswith("From origin/main to working tree: 3 networks changed\n")
    assert traps.ran == ""


def test_commit_and_changes_are_told_without_the_repositorys_programs(
    traps: Traps, run: Run
) -> None:
    """`bench` writes them beside its numbers."""
    traps.arm()
    commit = traps.history.git(
        "-c",
        "core.fsmonitor=false",
        "log",
        "--no-show-signature",
        "-1",
        "--format=%H",
        "--",
        "specs/alone.yaml",
    )
    traps.marker.unlink(missing_ok=True)
    (spec,) = json.loads(run("bench", "specs/alone.yaml", *QUICK, "--format", "json").out)[
        "manifest"
    ]["specs"].values()
    assert (spec["commit"], spec["modified"]) == (commit, True)
    assert traps.ran == ""
