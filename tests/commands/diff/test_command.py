"""`archprof diff`: two networks, a repository and its past, conditions, and what is said of
faults.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run
from tests.history import ALONE, SMALL, SPECS, UNIT, WIDER, History

BLOCK = "specs/blocks/unit.yaml"
WIDER_MACS = {"tiny": (9 * 3 * 8 * 1024, 9 * 3 * 16 * 1024)}  # one convolution on 32x32


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    """A repository on a branch that is about to become a pull request."""
    made = History(tmp_path / "repo", SPECS)
    made.git("checkout", "-q", "-b", "side")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def data(run: Run) -> Callable[..., dict[str, Any]]:
    def call(*arguments: object, code: int = 0) -> dict[str, Any]:
        done = run("diff", *arguments, "--format", "json")
        assert done.code == code, done.err
        found: dict[str, Any] = json.loads(done.out)
        return found

    return call


def states(found: dict[str, Any]) -> dict[str, str]:
    return {one["network"]: one["state"] for one in found["networks"]}


# --- two networks ---


def test_two_networks(data: Callable[..., dict[str, Any]]) -> None:
    found = data("resnet50", "resnet101")
    (one,) = found["networks"]
    assert (found["old"], found["new"], one["state"]) == ("resnet50", "resnet101", "changed")
    assert one["totals"]["params"] == {"old": 25_557_032, "new": 44_549_160}  # torchvision's
    assert one["totals"]["depth"] == {"old": 50, "new": 101}
    assert one["parameters"] == [{"name": "depths", "old": [3, 4, 6, 3], "new": [3, 4, 23, 3]}]
    added = [c for c in one["changes"] if c["state"] == "added"]
    assert len(added) == 17 * 10
    assert sum(c["change"]["params"] for c in one["changes"]) == 44_549_160 - 25_557_032
    assert {c["new"]["source"]["file"] for c in added} == {"specs/resnet.yaml"}
    assert all(c["old"] is None for c in added)


def test_identical_networks_say_so(run: Run) -> None:
    assert run("diff", "resnet18", "resnet18") == (
        0,
        "resnet18 and resnet18 are the same: 69 layers, and no number differs\n",
        "",
    )
    assert "1 network with the same numbers" in run("diff", "resnet18", "resnet18", "-f", "md").out


def test_two_files_of_one_network(run: Run, spec: Callable[..., Path]) -> None:
    first, second = spec("a: {op: relu}", name="one"), spec("a: {op: relu}", name="two")
    second.write_text(first.read_text())
    assert (
        run("diff", first, second, columns=500).out
        == f"{first} and {second} are the same: 1 layer, and no number differs\n"
    )


def test_conditions_apply_to_both(data: Callable[..., dict[str, Any]]) -> None:
    (one,) = data("resnet18", "resnet34", "--batch", 8, "--dtype", "float16", "--input", "3x64x64")[
        "networks"
    ]
    (plain,) = data("resnet18", "resnet34", "--input", "3x64x64")["networks"]
    assert one["totals"]["macs"]["old"] == 8 * plain["totals"]["macs"]["old"]
    # integer counters stay 8 bytes
    assert 2 * one["totals"]["weights"]["new"] < plain["totals"]["weights"]["new"] + 8 * 100


def test_set_applies_to_both(data: Callable[..., dict[str, Any]]) -> None:
    assert states(data("resnet50", "resnet101", "--set", "depths=[1,1,1,1]")) == {
        "resnet101": "same"
    }


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ((), "found 0 networks, expected OLD and NEW"),
        (("resnet18",), "found 1 network, expected OLD and NEW"),
        (("net.yaml",), "to compare it with a git revision: archprof diff --base HEAD net.yaml"),
        (("resnet18", "resnet34", "resnet50"), "archprof compare takes more"),
        (("resnet18", "resnet35"), "there is no network called `resnet35`"),
        (("resnet18", "resnet34", "--set", "widht=3"), "resnet18 has no parameter `widht`"),
        (
            ("resnet18", "resnet34", "--fail-on", "macs"),
            "--fail-on: error: 'macs' has no comparison",
        ),
        (("--head", "main"), "--head goes with --base"),
    ],
)
def test_wrong_use(run: Run, targets: tuple[str, ...], said: str) -> None:
    done = run("diff", *targets)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_faults_of_one_side_stand_in_their_place(run: Run, spec: Callable[..., Path]) -> None:
    good, bad = (
        spec("a: {op: relu}", name="good"),
        spec("a: {op: conv2d, out: 8, kernel: 9}", name="bad"),
    )
    for targets in ((good, bad), (bad, good)):
        done = run("diff", *targets)
        assert (done.code, done.out) == (2, "")
        assert f"{bad}:4:3: error: `a` (conv2d) cannot take 3x8x8" in done.err


def test_what_a_spec_states_does_not_hinder(run: Run, spec: Callable[..., Path]) -> None:
    """`shape:` and `expect:` are for `check`."""
    stated = spec("a: {op: conv2d, out: 8, kernel: 1, shape: 4x8x8}", tail="expect: {params: 1}")
    done = run("diff", "resnet18", stated)
    assert (done.code, done.err) == (0, "")


# --- a repository ---


def test_a_shared_block_lists_every_network_it_touches(
    history: History, data: Callable[..., dict[str, Any]]
) -> None:
    history.commit({BLOCK: WIDER})
    found = data("--base", "main")
    assert states(found) == {"tiny": "changed", "large": "changed", "small": "changed"}
    assert all(one["files"] == [BLOCK] for one in found["networks"])
    tiny = found["networks"][0]
    assert tiny["totals"]["macs"] == dict(zip(("old", "new"), WIDER_MACS["tiny"], strict=True))
    assert {(c["state"], c["new"]["path"]) for c in tiny["changes"]} == {
        ("changed", "body.0.conv"),
        ("affected", "body.0.bn"),
        ("affected", "body.0.relu"),
    }
    conv = tiny["changes"][0]
    assert conv["settings"] == [{"name": "out", "old": "8", "new": "16"}]
    assert conv["old"]["source"]["file"] == f"main:{BLOCK}"
    assert conv["new"]["source"] == {"file": BLOCK, "line": 6, "column": 7}


def test_one_spec_at_two_revisions(history: History, data: Callable[..., dict[str, Any]]) -> None:
    history.commit({BLOCK: WIDER})
    history.write({BLOCK: "broken"})
    for arguments in (
        ("--base", "main", "--head", "side", "specs/family.yaml:tiny"),
        ("main:specs/family.yaml:tiny", "side:specs/family.yaml:tiny"),
    ):
        (one,) = data(*arguments)["networks"]
        assert (one["network"], one["state"]) == ("tiny", "changed")
        assert tuple(one["totals"]["macs"].values()) == WIDER_MACS["tiny"]


def test_a_revision_against_a_file(
    history: History, data: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    history.write({"specs/small.yaml": SMALL.replace("width: 16", "width: 24")})
    monkeypatch.chdir("specs")
    for old in ("main:specs/small.yaml", "HEAD:./small.yaml"):
        found = data(old, "small.yaml")
        assert (found["old"], found["new"], states(found)) == (
            old,
            "small.yaml",
            {"small": "changed"},
        )


def test_added_and_deleted_specs_are_rows(
    history: History, data: Callable[..., dict[str, Any]], run: Run
) -> None:
    history.commit({"specs/alone.yaml": None, "specs/new.yaml": ALONE.replace("alone", "new")})
    found = data("--base", "main")
    assert states(found) == {"new": "added", "alone": "removed"}
    assert [one["totals"]["params"] for one in found["networks"]] == [
        {"old": None, "new": 30_730},
        {"old": 30_730, "new": None},
    ]
    text = run("diff", "--base", "main").out
    # whole, where a narrow column would break them
    through = [line for line in text.splitlines() if line.startswith("through ")]
    assert sorted(through) == ["through specs/alone.yaml: alone", "through specs/new.yaml: new"]
    assert text.startswith("From main to working tree: 1 network added, 1 removed\n")


def test_a_network_that_moved_to_another_file(
    history: History, data: Callable[..., dict[str, Any]]
) -> None:
    history.commit(
        {"specs/alone.yaml": None, "nets/alone.yaml": ALONE.replace("out: 10", "out: 20")}
    )
    found = data("--base", "main")
    assert states(found) == {"alone": "changed"}


def test_a_variant_that_is_new(history: History, data: Callable[..., dict[str, Any]]) -> None:
    history.write({"specs/family.yaml": SPECS["specs/family.yaml"] + "  huge: {times: 8}\n"})
    assert states(data("--base", "main")) == {"tiny": "same", "large": "same", "huge": "added"}


def test_a_comment_changes_no_number(history: History, run: Run) -> None:
    history.write({BLOCK: UNIT + "# a comment\n"})
    done = run("diff", "--base", "main", "--fail-on", "macs!=+0")
    assert done.code == 0
    assert done.out.startswith(
        "From main to working tree: 3 networks with the same numbers: tiny, large, small\n"
    )


def test_nothing_changed(history: History, run: Run) -> None:
    assert run("diff", "--base", "main") == (
        0,
        "From main to working tree: no network touched\n",
        "",
    )
    assert json.loads(run("diff", "--base", "main", "-f", "json").out)["networks"] == []
    assert run("diff", "--base", "main", "-f", "csv").out.count("\n") == 1
    assert "no network touched" in run("diff", "--base", "main", "-f", "md").out


def test_what_the_base_did_meanwhile_is_not_laid_to_the_branch(
    history: History, data: Callable[..., dict[str, Any]], run: Run
) -> None:
    left = history.git("rev-parse", "main")
    history.commit({"specs/small.yaml": SMALL.replace("width: 16", "width: 24")})
    history.git("checkout", "-q", "main")
    history.commit({"specs/alone.yaml": ALONE.replace("out: 10", "out: 99")})
    history.git("checkout", "-q", "side")
    found = data("--base", "main")
    assert states(found) == {"small": "changed"}
    assert found["old"] == left[:10]
    assert (
        run("diff", "--base", "main").err
        == f"main and HEAD part at {left[:10]}: compared with that\n"
    )


def test_a_shallow_clone_is_compared_with_the_base_itself(
    history: History,
    data: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """As a CI job has it: two commits without a common past."""
    history.commit({BLOCK: WIDER})
    clone = tmp_path / "clone"
    history.git("clone", "-q", "--depth=1", "--branch=side", f"file://{history.root}", str(clone))
    history.git(
        "-C", str(clone), "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main"
    )
    monkeypatch.chdir(clone)
    found = data("--base", "origin/main")
    assert (found["old"], set(states(found).values())) == ("origin/main", {"changed"})


def test_from_a_folder_inside(
    history: History, data: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit({BLOCK: WIDER, "specs/alone.yaml": ALONE.replace("10", "11")})
    monkeypatch.chdir("specs/blocks")
    # the whole repository, as git has it
    assert set(states(data("--base", "main"))) == {"tiny", "large", "small", "alone"}
    assert set(states(data("--base", "main", "."))) == {"tiny", "large", "small"}
    (one,) = data("--base", "main", "../alone.yaml")["networks"]
    assert one["changes"][0]["new"]["source"]["file"] == "../alone.yaml"


def test_from_outside_a_repository(
    history: History, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repository is that of the working directory, never one that a path leads into: it
    could have come with a pull request.
    """
    monkeypatch.chdir(history.root.parent)
    done = run("diff", "--base", "main", "repo/specs")
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"{history.root.parent}: error: not a git repository [git]\n  hint: run it inside the"
        " repository that has the specs\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "mian"), "did you mean `main`?"),
        (("--base", "main", "--head", "nope"), "--head: error: there is no revision `nope`"),
        (
            ("--base", "main", "specs/nope.yaml"),
            "specs/nope.yaml: error: there is no spec here, now or at main",
        ),
        (("--base", "main", "specs", ".."), "..: error: it is not in the repository"),
        (
            ("main:specs/nope.yaml", "specs/small.yaml"),
            "main:specs/nope.yaml: error: there is no such file at main",
        ),
        (("nope:specs/small.yaml", "specs/small.yaml"), "there is no revision `nope`"),
        (("main:specs/family.yaml", "specs/small.yaml"), "this is a family"),
        (("main:specs/family.yaml:tny", "specs/small.yaml"), "did you mean `tiny`?"),
        (
            ("--base", "main", "specs/family.yaml:tny"),
            "there is no variant `tny` here, now or before",
        ),
    ],
)
def test_wrong_use_of_revisions(
    history: History, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    history.write({BLOCK: WIDER})
    done = run("diff", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_before_the_first_commit_every_network_is_new(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The linear layer has 3*32*32*10 + 10 = 30,730 parameters."""
    repository = History(tmp_path)
    repository.write({"specs/alone.yaml": ALONE})
    monkeypatch.chdir(repository.root)
    done = run("diff", "--base", "HEAD", "--fail-on", "params>+1%", "--format", "json")
    assert (done.code, done.err) == (0, "")
    (one,) = json.loads(done.out)["networks"]
    assert (one["network"], one["state"]) == ("alone", "added")
    allowed, refused = (
        run("diff", "--base", "HEAD", "--fail-on", f"params>{most}") for most in (30_730, 30_729)
    )
    assert (allowed.code, refused.code) == (0, 1)
    done = run("diff", "--base", "HEAD", "specs/nope.yaml")
    assert (done.code, done.out) == (2, "")
    assert "there is no spec here, now or at HEAD" in done.err


def test_several_variants_of_one_file(
    history: History, data: Callable[..., dict[str, Any]]
) -> None:
    history.write({BLOCK: WIDER, "specs/alone.yaml": ALONE.replace("10", "11")})
    assert set(
        states(data("--base", "main", "specs/family.yaml:tiny", "specs/family.yaml:large", "specs"))
    ) == {"tiny", "large", "small", "alone"}
    assert set(states(data("--base", "main", "specs/family.yaml:tiny"))) == {"tiny"}


# --- faults ---


def test_a_fault_of_the_pull_request(
    history: History, run: Run, data: Callable[..., dict[str, Any]]
) -> None:
    """Told with its place, the networks that stand on it named, the others compared all the
    same.
    """
    history.commit(
        {BLOCK: UNIT.replace("op: relu", "op: rleu"), "specs/alone.yaml": ALONE.replace("10", "11")}
    )
    done = run("diff", "--base", "main")
    assert done.code == 2
    assert f"{BLOCK}:8:18: error: there is no op `rleu` [unknown-op]" in done.err
    assert done.err.count("rleu") == 2  # once, with its line
    assert states(data("--base", "main", code=2)) == {
        "alone": "changed",
        "tiny": "broken",
        "large": "broken",
        "small": "broken",
    }


def test_a_fault_that_the_pull_request_mends(
    history: History, run: Run, data: Callable[..., dict[str, Any]]
) -> None:
    """It is told, and is not a reason to fail."""
    history.git("checkout", "-q", "main")
    history.commit({BLOCK: UNIT.replace("op: relu", "op: rleu")})
    history.git("checkout", "-q", "-b", "mending")
    history.commit({BLOCK: UNIT})
    done = run("diff", "--base", "main")
    assert done.code == 0
    assert f"main:{BLOCK}:8:18: error: there is no op `rleu` [unknown-op]" in done.err
    assert set(states(data("--base", "main")).values()) == {"mended"}


def test_a_network_that_no_longer_fits(
    history: History, run: Run, data: Callable[..., dict[str, Any]]
) -> None:
    history.write({BLOCK: UNIT.replace("kernel: 3", "kernel: 99")})
    done = run("diff", "--base", "main")
    assert done.code == 2
    assert f"{BLOCK}:6:7: error: `stem.conv` (conv2d) cannot take 3x32x32" in done.err
    assert set(states(data("--base", "main", code=2)).values()) == {"broken"}


# --- conditions ---


def test_a_heavier_network_fails_on_its_line(
    history: History, run: Run, data: Callable[..., dict[str, Any]]
) -> None:
    history.commit({BLOCK: WIDER})
    done = run(
        "diff",
        "--base",
        "main",
        "--fail-on",
        "macs>+5%",
        "--fail-on",
        "field<-1",
        "--fail-on",
        "params>1G",
    )
    assert done.code == 1
    assert done.err.splitlines()[:3] == [
        (
            f"{BLOCK}:6:31: error: large: macs 115 M -> 457 M (+296.9%) meets `macs>+5%`, most by"
            " changed `body.1.conv` [fail-on]"
        ),
        "          conv: {op: conv2d, out: $width * 2, kernel: 3, padding: 1, bias: false}",
        "                                  ^",
    ]
    assert done.err.count("[fail-on]") == 3  # of each network, and of no other condition
    failed = data("--base", "main", "--fail-on", "macs>+5%", code=1)["failed"]
    assert [(f["condition"], f["network"], f["source"]) for f in failed] == [
        ("macs>+5%", name, {"file": BLOCK, "line": 6, "column": 31})
        for name in ("tiny", "large", "small")
    ]


def test_a_lighter_network_does_not(history: History, run: Run) -> None:
    history.commit({BLOCK: UNIT.replace("out: $width,", "out: $width // 2,")})
    assert run("diff", "--base", "main", "--fail-on", "macs>+5%").code == 0
    assert run("diff", "--base", "main", "--fail-on", "macs<-5%").code == 1


def test_a_new_network_has_not_grown_but_may_be_too_large(history: History, run: Run) -> None:
    history.commit({"specs/new.yaml": ALONE.replace("alone", "new")})
    assert run("diff", "--base", "main", "--fail-on", "params>+5%").code == 0
    done = run("diff", "--base", "main", "--fail-on", "params>30K")
    assert done.code == 1
    assert done.err.startswith(
        "specs/new.yaml:1:1: error: new: params 30.7 K meets `params>30K` [fail-on]"
    )


def test_two_networks_and_a_condition(run: Run) -> None:
    assert run("diff", "resnet50", "resnet101", "--fail-on", "params>+100%").code == 0
    assert run("diff", "resnet50", "resnet101", "--fail-on", "params>+50%").code == 1


# --- how it is written ---


def test_csv_has_every_row_and_their_sum(history: History, run: Run) -> None:
    history.commit({BLOCK: WIDER})
    table = list(csv.DictReader(run("diff", "--base", "main", "-f", "csv").out.splitlines()))
    assert {row["Network"] for row in table} == {"tiny", "large", "small"}
    for name in ("tiny", "large", "small"):
        rows = [row for row in table if row["Network"] == name]
        for column in ("Params", "MACs", "Peak (bytes)"):
            assert sum(int(row[column]) for row in rows[:-1]) == int(rows[-1][column])
    assert next(row for row in table if row["Network"] == "tiny" and row["Change"] == "Total")[
        "MACs"
    ] == str(WIDER_MACS["tiny"][1] - WIDER_MACS["tiny"][0])


@pytest.mark.parametrize("style", ["table", "json", "csv", "md"])
def test_into_a_file(history: History, run: Run, style: str) -> None:
    history.commit({BLOCK: WIDER})
    done = run("diff", "--base", "main", "-f", style, "-o", "out.txt", "--fail-on", "macs>+5%")
    assert (done.code, done.out) == (1, "")
    (history.root / "out.txt").rename(history.root.parent / "out.txt")
    assert (history.root.parent / "out.txt").read_text() == run(
        "diff", "--base", "main", "-f", style, "--fail-on", "macs>+5%"
    ).out


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_fits_the_terminal(history: History, run: Run, columns: int) -> None:
    history.commit({BLOCK: WIDER, "specs/new.yaml": ALONE.replace("alone", "new")})
    for arguments in (
        ("--base", "main"),
        ("resnet50", "wide_resnet50_2"),
        ("vgg16", "vgg16_bn", "--full"),
    ):
        done = run("diff", *arguments, columns=columns)
        assert max(map(len, done.out.splitlines())) <= columns


def test_full_shows_every_layer(run: Run) -> None:
    folded, full = (run("diff", "resnet18", "resnet34", *more).out for more in ((), ("--full",)))
    assert "layer3.2-5 ×4" in folded
    assert "layer3.4.bn2" not in folded
    assert "layer3.4.bn2" in full


def test_hostile_names_stay_text(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of files and branches, as far as git takes them."""
    made = History(tmp_path / "repo", {"a.yaml": ALONE})
    monkeypatch.chdir(made.root)
    made.git("checkout", "-q", "-b", "<img>`@x`|&amp;\u202e")
    odd = "specs/\x1b[31m\n::error::|`<b>@all.yaml"
    made.commit({odd: ALONE.replace("alone", "odd")})
    for style in ("table", "json", "csv", "md"):
        done = run(
            "diff",
            "--base",
            "main",
            "--head",
            "<img>`@x`|&amp;\u202e",
            "-f",
            style,
            "--fail-on",
            "params>1",
        )
        assert done.code == 1
        for text in (done.out, done.err):
            assert not {"\x1b", "\u202e"} & set(text)
            assert not [line for line in text.splitlines() if line.startswith("::")]


def test_a_folder_that_is_no_repository(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        run("diff", "--base", "main").err
        == f"{tmp_path}: error: not a git repository [git]\n  hint: run it inside the repository"
        " that has the specs\n"
    )


def test_a_thousand_specs_of_one_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """A fifth of that here; the rest is only more of the same."""
    made = History(
        tmp_path / "repo",
        {
            BLOCK: UNIT,
            **{f"specs/n{i}.yaml": SMALL.replace("name: small", f"name: n{i}") for i in range(200)},
        },
    )
    monkeypatch.chdir(made.root)
    made.write({BLOCK: WIDER})
    done = run("diff", "--base", "main")
    assert done.out.startswith("From main to working tree: 200 networks changed\n")
    assert "195 more networks change: --full shows their layers" in " ".join(done.out.split())
    comment = run("diff", "--base", "main", "-f", "md").out
    assert len(comment) < 65_536  # GitHub's limit
    assert "more networks are left out" in comment


def test_a_network_that_takes_too_long_does_not_stop_the_others(
    history: History, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", "seconds=0.5")
    history.write(
        {
            "specs/huge.yaml": (
                "name: huge\ninput: 4x8x8\nlayers:\n  a: {repeat: 110000, layers: [{op: relu}]}\n"
            ),
            "specs/alone.yaml": ALONE.replace("10", "11"),
        }
    )
    done = run("diff", "--base", "main")
    assert done.code == 2
    assert done.out.startswith("From main to working tree: 1 network changed, 1 broken\n")
    assert re.match(
        r"specs/huge.yaml:\d+:\d+: error: not done after 0.5 seconds of the processor \[limit\]\n",
        done.err,
    )


def test_annotations_on_github(history: History, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    history.commit({BLOCK: WIDER})
    done = run("diff", "--base", "main", "--fail-on", "macs>+5%", "specs/family.yaml:tiny")
    assert (
        done.err
        == f"::error file={BLOCK},line=6,col=31,title=archprof fail-on::tiny: macs 221 K -> 442 K"
        " (+100.0%25) meets `macs>+5%25`, most by changed `body.0.conv`\n"
    )


@pytest.mark.parametrize("name", ["::error::x.yaml", "##[error]x.yaml", " ::warning ::x.yaml"])
def test_names_are_no_commands_to_a_runner(
    history: History, run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    history.write({name: ALONE.replace("alone", "odd"), f"specs/{name}": "layers: ["})
    for style in ("table", "md", "csv"):
        done = run("diff", "--base", "main", "-f", style, "--fail-on", "params>1", columns=200)
        assert done.code == 2
        for line in (done.out + done.err).splitlines():
            # a command of our own, read as one whatever stands in it
            if not line.startswith("::error file="):
                assert not line.lstrip().startswith("::")
                assert "##[" not in line


def test_interrupted(history: History) -> None:
    """The child process of git does not outlive it, and no traceback is shown."""
    history.commit({BLOCK: WIDER})
    program = """
import sys
from archprof.cli.main import _run
from archprof.commands.diff import review
def stop(*_):
    raise KeyboardInterrupt
review.difference = stop
sys.argv = ['archprof', 'diff', '--base', 'main']
sys.exit(_run())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "80"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


# --- conditions and networks that are renamed ---

# 4*(3 + 1) = 16 parameters, 3*4*64 = 768 MACs
WIDE = "name: net\ninput: 3x8x8\nlayers: [{op: conv2d, out: 4, kernel: 1}]\n"


@pytest.mark.parametrize("path", ["specs/net.yaml", "specs/other.yaml"])
def test_a_renamed_network_is_held_against_the_one_it_replaces(
    history: History, run: Run, path: str
) -> None:
    """400 channels in place of 4, in a file of the same name or of another: 1,600 parameters and
    76,800 MACs.
    """
    history.commit({"specs/net.yaml": WIDE})
    history.write(
        {"specs/net.yaml": None, path: WIDE.replace("net", "net2").replace("out: 4,", "out: 400,")}
    )
    done = run("diff", "--base", "HEAD", "--fail-on", "macs>+5%")
    assert done.code == 1
    assert done.err.startswith(
        f"{path}:1:1: error: net2 in the place of net: macs 768 -> 76.8 K (+9,900%) meets"
        " `macs>+5%` [fail-on]\n"
    )
    assert "where it is none, remove and add in two changes" in done.err
    assert run("diff", "--base", "HEAD", "--fail-on", "macs>+10000%").code == 0
    assert run("diff", "--base", "HEAD", "--fail-on", "macs<-5%").code == 0


def test_it_does_not_hide_behind_a_larger_one_that_goes_too(history: History, run: Run) -> None:
    history.commit(
        {
            "specs/net.yaml": WIDE,
            "specs/big.yaml": WIDE.replace("net", "big").replace("out: 4,", "out: 500,"),
        }
    )
    history.write(
        {
            "specs/net.yaml": None,
            "specs/big.yaml": None,
            "specs/net2.yaml": WIDE.replace("net", "net2").replace("out: 4,", "out: 400,"),
        }
    )
    done = run("diff", "--base", "HEAD", "--fail-on", "macs>+5%")
    assert done.code == 1
    assert "net2 in the place of net: macs 768 -> 76.8 K" in done.err


def test_networks_that_are_only_renamed_are_held_against_themselves(
    history: History, run: Run
) -> None:
    """All of a family, one 89 times the other: neither is taken for the other's successor."""
    family = SPECS["specs/family.yaml"]
    history.write(
        {"specs/family.yaml": family.replace("tiny:", "small_one:").replace("large:", "big_one:")}
    )
    assert run("diff", "--base", "main", "--fail-on", "macs>+0", "--fail-on", "macs<+0").code == 0
    history.write(
        {
            "specs/family.yaml": (
                family.replace("tiny:", "small_one:")
                .replace("large:", "big_one:")
                .replace("times: 1", "times: 2")
            )
        }
    )
    done = run("diff", "--base", "main", "--fail-on", "macs>+5%")
    assert done.err.count("[fail-on]") == 1
    assert "small_one in the place of tiny: macs 221 K -> " in done.err


def test_a_removed_network_has_one_successor_of_its_numbers(history: History, run: Run) -> None:
    """Beside it another one is only added."""
    history.commit({"specs/net.yaml": WIDE})
    wider = WIDE.replace("net", "net2").replace("4,", "400,")
    history.write(
        {
            "specs/net.yaml": None,
            "specs/same.yaml": WIDE.replace("net", "same"),
            "specs/net2.yaml": wider,
        }
    )
    assert run("diff", "--base", "HEAD", "--fail-on", "macs>+5%").code == 0


def test_a_network_that_is_only_added_has_nothing_to_be_held_against(
    history: History, run: Run
) -> None:
    history.write({"specs/net2.yaml": WIDE})
    assert run("diff", "--base", "main", "--fail-on", "macs>+5%").code == 0
    assert run("diff", "--base", "main", "--fail-on", "macs>700").code == 1


def test_a_shipped_network_is_no_spec_of_another_repository(history: History, run: Run) -> None:
    done = run("diff", "--base", "main", "alexnet")
    assert done.code == 2
    assert "specs/alexnet.yaml: error: it is not in the repository" in done.err


def test_an_input_that_makes_another_network_is_reported(run: Run) -> None:
    """On both sides where they are alike, and where no number differs too."""
    same = " ".join(run("diff", "alexnet", "alexnet", "--input", "3x300x300").out.split())
    assert (
        "no number differs resized alexnet: at 3x300x300 fc6 has other weights than at 3x227x227:"
        " 62.4 M -> 91.7 M parameters" in same
    )
    other = " ".join(run("diff", "alexnet", "vgg16", "--input", "3x300x300").out.split())
    assert "resized alexnet: at 3x300x300 fc6" in other
    assert "resized vgg16" not in other  # its head comes after an adaptive pooling
    (network,) = json.loads(
        run("diff", "alexnet", "vgg16", "--input", "3x300x300", "-f", "json").out
    )["networks"]
    assert [
        [layer["path"] for layer in network["resized"][side]["layers"]] for side in ("old", "new")
    ] == [["fc6"], []]
    assert "resized" not in run("diff", "resnet18", "resnet34", "--input", "3x320x320").out
