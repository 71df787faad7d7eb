"""`archprof capture`: the operators, the tape, and what users' code does meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.capturing.tape_reader import read_tape
from tests.command_line import Run
from tests.contracts import contract, keeps, printed
from tests.tapes import data
from tests.user_code import line

pytestmark = [pytest.mark.usefixtures("code"), pytest.mark.filterwarnings("ignore")]

SMALL = ("model.py:Small", "--input", "3x8x8")
STEM, BODY, HEAD = 3 * 9 * 8 * 64, 8 * 8 * 64, 8 * 10
"""MACs: a 3x3 window over 3 channels for 8 on 8x8 places; 8 to 8 on each; 8 to 10."""
PARAMS = (3 * 9 * 8 + 8) + 2 * (8 * 8 + 8) + (8 * 10 + 10)


def test_the_operators_and_what_they_cost(run: Run) -> None:
    done = run("capture", *SMALL)
    assert done.code == 0
    title, _, _, *rows = [line for line in done.out.splitlines() if line.strip()]
    assert title == "model.py:Small · Small, built without weights"
    cells = [row.split() for row in rows]
    assert cells[0][0] == "conv2d"
    assert cells[-2][:2] == ["Total", "4"] or "Total" in done.out
    assert f"{PARAMS:,}" in done.out
    assert "images 1x3x8x8" in done.out


def test_json_is_pure_and_as_published(run: Run) -> None:
    """The constructor prints, and none of it is on standard output."""
    published = contract(run, "capture")
    found = printed(run, "capture", *SMALL)
    keeps(published, found)
    assert found["macs"] == STEM + 2 * BODY + HEAD
    assert (found["params"], found["buffers"]) == (PARAMS, 0)
    assert found["inputs"] == {"images": [1, 3, 8, 8]}
    assert (found["lower_bound"], found["stopped"]) == (False, None)
    conv = found["operators"][0]
    assert (conv["name"], conv["known"], conv["layers"]) == ("conv2d", "archprof's op", 3)
    assert conv["macs"] == STEM + 2 * BODY


def test_what_stops_is_a_lower_bound(run: Run) -> None:
    published = contract(run, "capture")
    given = ("model.py:Branches", "--input", "4")
    found = printed(run, "capture", *given)
    keeps(published, found)
    assert found["lower_bound"]
    assert (found["stopped"]["file"], found["stopped"]["line"]) == ("model.py", line("LINE"))
    assert found["macs"] == 4 * 4
    assert found["params"] == 2 * (4 * 4 + 4)
    assert {"name": "stopped", "known": "unknown", "macs": None}.items() <= next(
        one for one in found["operators"] if one["name"] == "stopped"
    ).items()
    done = run("capture", *given)
    assert done.code == 0
    assert f"model.py:{line('LINE')}: warning: model.py:Branches stops here: " in done.err
    assert "--submodule" in done.err
    strict = run("capture", *given, "--strict")
    assert strict.code == 1
    assert "the cost of layer `stopped` (stopped) is unknown" in strict.err


def test_every_sum_says_so(run: Run, code: Path) -> None:
    run("capture", "model.py:Branches", "--input", "4", "-o", "net.tape.json")
    for command in ("summary", "capture"):
        assert "≥" in run(command, "net.tape.json").out
    found = printed(run, "summary", "net.tape.json")
    assert found["totals"]["unknown"]["cost"] == ["stopped"]
    assert run("summary", "net.tape.json", "--strict").code == 1
    assert run("summary", "net.tape.json").code == 0
    done = run("diff", "net.tape.json", "net.tape.json")  # which says nothing of what is not known
    assert (done.code, done.out) == (1, "")
    assert "the cost of layer `stopped` is unknown" in done.err
    alone = run("compare", "net.tape.json")
    assert alone.code == 2
    assert "archprof summary net.tape.json shows one by itself" in alone.err


def test_a_tape_says_what_the_module_does(run: Run, code: Path) -> None:
    made = printed(run, "capture", *SMALL, "--set", "depth=3", "-o", "net.tape.json")
    tape = read_tape(code / "net.tape.json")
    assert tape.arguments == {"depth": 3}
    assert printed(run, "capture", "net.tape.json") == made
    summaries = [
        run("summary", name, *more, "--format", "json").out
        for name, more in (
            ("net.tape.json", ()),
            ("model.py:Small", ("--input", "3x8x8", "--set", "depth=3")),
        )
    ]
    assert summaries[0] == summaries[1]
    same = run("diff", "net.tape.json", *("model.py:Small", "--input", "3x8x8", "--set", "depth=3"))
    assert same.code in (0, 2)


def test_a_tape_is_whole_or_not_there(run: Run, code: Path) -> None:
    assert run("capture", "model.py:raises", "--input", "3x8x8", "-o", "a.tape.json").code == 2
    assert not (code / "a.tape.json").exists()
    done = run("capture", *SMALL, "-o", "net.json")
    assert done.code == 2
    assert "-o net.tape.json" in done.err
    assert not (code / "net.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("resnet18",), "resnet18 is a spec, which needs no capture"),
        (("model.py:Small",), "its forward takes images"),
        (("model.py:Small", "--input", "3x8x8", "--set", "dept=1"), "did you mean `depth`?"),
        (("model.py:Small", "--input", "image=3x8x8"), "did you mean `images`?"),
        (("model.py:Several", "--input", "image=3x2x2"), "is not given `ids`"),
        (("model.py:Small", "--input", "3x8x8", "--submodule", "bdy"), "did you mean `body`?"),
        (("model.py",), "model.py:NAME"),
        (("resnet18", "--submodule", "x"), "is not a module that has submodules"),
        (("net.pt2",), "net.pt2"),
    ],
)
def test_what_cannot_be(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("capture", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_part_is_given_what_arrives_at_it(run: Run) -> None:
    found = printed(
        run, "capture", "model.py:Configured", "--submodule", "conv", "--set", "width=5"
    )
    assert found["inputs"] == {"input": [1, 3, 8, 8]}
    assert found["macs"] == 3 * 9 * 5 * 6 * 6


def test_an_operator_of_nobody(run: Run, code: Path) -> None:
    tape = data()
    for operation in tape["operations"]:
        if operation[0] == "aten.cumprod.default":
            operation[0] = "own.scan.default"
    (code / "net.tape.json").write_text(json.dumps(tape), encoding="utf-8")
    found = printed(run, "capture", "net.tape.json")
    assert found["lower_bound"]
    assert found["operators"][0] == {
        "name": "own.scan.default",
        "known": "unknown",
        "layers": 1,
        "params": 0,
        "macs": None,
        "counted_as": "",
    }
