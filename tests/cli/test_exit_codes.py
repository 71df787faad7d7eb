"""Every exit code, and what is said on which stream."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archprof.cli import main
from tests.command_line import Run, interruptible

Spec = Callable[..., Path]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["summary", "alxnet"], "did you mean `alexnet`?"),
        (["summary", "resnet"], "it is a family: resnet18"),
        (["summary", ""], "there is no network called ``"),
        (["summary", "alexnet:two"], "`alexnet` is not the path of a spec file"),
        (["summary", "no/such.yaml"], "no/such.yaml: error: there is no such file"),
        (["summry", "alexnet"], "Did you mean 'summary'?"),
        (["summary"], "Missing argument"),
        (["summary", "alexnet", "--colums", "op"], "--columns"),
        (["summary", "alexnet", "--batch", "0"], "0 is not in the range"),
        (["summary", "alexnet", "--batch", "many"], "'many'"),
        (["summary", "alexnet", "--dtype", "float8"], "bfloat16"),
        (["summary", "alexnet", "--count", "papers"], "lecture"),
        (["summary", "alexnet", "--format", "xml"], "latex"),
        (["summary", "alexnet", "--set", "towers"], "expected NAME=VALUE"),
        (["summary", "alexnet", "--set", "tower=2"], "did you mean `towers`?"),
        (["summary", "alexnet", "--set", "towers=two"], "expected the kind of its present value 1"),
        (["summary", "alexnet", "--set", "towers=[1"], "--set towers"),
        (["summary", "alexnet", "--input", "big"], "expected a shape such as 3x224x224"),
        (["summary", "alexnet", "--input", "3x0x224"], "expected a shape"),
        (["summary", "alexnet", "--columns", "layer,parms"], "there is no column `parms`"),
        (["summary", "alexnet", "--sort", "parms"], "did you mean `params`?"),
        (["explain", "alexnet", "conv9"], "alexnet has no layer `conv9`"),
        (["explain", "resnet50", "conv2"], "name one: layer1.0.conv2"),
        (["list", "alexnt"], "did you mean `alexnet`?"),
        (["list", "--family", "Ressnet"], "did you mean `resnet`?"),
        (["list", "--sort", "size"], "cannot sort by `size`"),
        (["check", "no/such.yaml"], "0 networks"),
        (["schema", "specs"], "'summary'"),
        (["conventions", "now"], "now"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_misuse(run: Run, arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert says in done.err.replace("no networks", "0 networks")
    assert "Traceback" not in done.err
    if arguments[0] != "check":
        assert done.out == ""


@pytest.mark.parametrize(
    "line",
    ["expect: {params: 113}", "expect: {macs: 1}", "expect: {depth: 2}", "expect: {output: 4x6x7}"],
)
def test_stated_total_that_does_not_hold(run: Run, spec: Spec, line: str) -> None:
    """(3*3*3 + 1)*4 = 112 parameters."""
    done = run("summary", spec("a: {op: conv2d, out: 4, kernel: 3}", tail=line))
    assert done.code == 1
    assert re.search(r"^Total +4x6x6 +112 ", done.out, re.MULTILINE)
    assert re.match(r"\S+net\.yaml:5:\d+: error: .*\[expect\]", done.err)


@pytest.mark.parametrize("command", ["summary", "explain"])
def test_stated_shape_that_does_not_hold(run: Run, spec: Spec, command: str) -> None:
    """The table is printed all the same: it shows what the shape is."""
    path = spec("a: {op: conv2d, out: 4, kernel: 3, shape: 4x8x8}", "b: {op: relu}")
    done = run(command, path, *["a"] * (command == "explain"))
    assert done.code == 1
    assert "4x6x6" in done.out
    assert "`a` gives 4x6x6, the spec says 4x8x8 [shape-assertion]" in done.err
    assert "hint: from 3x8x8: " in done.err


@pytest.mark.parametrize(
    "override", [("--input", "3x9x9"), ("--set", "out=5")], ids=lambda value: value[0]
)
def test_overrides_drop_what_the_spec_states(
    run: Run, spec: Spec, override: tuple[str, str]
) -> None:
    path = spec(
        "a: {op: conv2d, out: $out, kernel: 3, shape: 4x6x6}",
        head="input: 3x8x8\nparams: {out: 4}",
        tail="expect: {params: 112}",
    )
    assert run("summary", path).code == 0
    done = run("summary", path, *override)
    assert (done.code, done.err) == (0, "")


def test_layers_up_to_the_failing_one_are_shown(run: Run, spec: Spec) -> None:
    path = spec(
        "good: {op: conv2d, out: 4, kernel: 3}",
        "bad: {op: conv2d, out: 4, kernel: 9}",
        "after: {op: relu}",
    )
    done = run("summary", path)
    assert done.code == 2
    shown = [line.split()[0] for line in done.out.splitlines()]
    assert "good" in shown
    assert not {"bad", "after"} & set(shown)
    assert "net.yaml:5:3: error: `bad` (conv2d) cannot take 4x6x6" in done.err


def test_explain_works_up_to_the_failing_layer(run: Run, spec: Spec) -> None:
    path = spec("good: {op: conv2d, out: 4, kernel: 3}", "bad: {op: conv2d, out: 4, kernel: 9}")
    good, bad = run("explain", path, "good"), run("explain", path, "bad")
    assert (good.code, bad.code, bad.out) == (2, 2, "")
    assert "(3*3*3 + 1)*4 = 112" in good.out
    assert good.err == bad.err != ""


def test_spec_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: [\n", encoding="utf-8")
    done = run("summary", path)
    assert (done.code, done.out) == (2, "")
    assert re.match(r"\S+bad\.yaml:\d+:\d+: error: ", done.err)


def test_bug(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A short message; the traceback is in a file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("archprof.commands.summary.catalogue.catalogue", lambda *_: 1 / 0)
    done = run("list")
    assert (done.code, done.out) == (3, "")
    found = re.fullmatch(
        r"archprof: a bug in archprof \(ZeroDivisionError: division by zero\); the traceback is in"
        r" (\S+)\n",
        done.err,
    )
    assert found
    text = Path(found[1]).read_text(encoding="utf-8")
    assert text.startswith("archprof ")
    assert "\narchprof list\n" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_bug_where_nothing_can_be_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr("archprof.commands.summary.catalogue.catalogue", lambda *_: 1 / 0)
    done = run("list")
    assert done.code == 3
    assert done.err.endswith("ZeroDivisionError: division by zero\n")


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("archprof.commands.summary.catalogue.catalogue", interrupt)
    assert run("list") == (130, "", "interrupted\n")


def test_signal() -> None:
    """Ctrl-C while `list` is at work."""
    program = """
import sys, time
from archprof.cli.main import run
from archprof.commands.summary import catalogue
def slow(*_):
    print("at work", file=sys.stderr, flush=True)
    time.sleep(60)
catalogue.catalogue = slow
sys.argv = ["archprof", "list"]
run()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        preexec_fn=interruptible,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "at work\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "interrupted\n")
    assert process.returncode == 130


def test_memory_and_recursion_are_bugs_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def deep(*_: object) -> None:
        deep()

    monkeypatch.setattr("archprof.commands.summary.catalogue.catalogue", deep)
    assert run("list").code == 3


def test_codes_are_named() -> None:
    assert (main.OK, main.DIFFERS, main.MISUSED, main.BUG, main.INTERRUPTED) == (0, 1, 2, 3, 130)


# --- check ---


def test_check_says_every_problem_of_every_file(run: Run, spec: Spec, tmp_path: Path) -> None:
    spec("a: {op: relu}", name="fine")
    spec("a: {op: conv2d, out: 4, kernel: 3, shape: 4x8x8}", name="shape")
    spec("a: {op: rule}", "b: {op: conv2d, out: x}", name="words")
    done = run("check", tmp_path)
    assert (done.code, done.err) == (
        1,
        "3 files, 2 networks, 4 problems; errors in 1 file kept its networks from being checked\n",
    )
    assert len(re.findall(r"^\S+\.yaml:\d+:\d+: error: ", done.out, re.MULTILINE)) == 4
    assert run("check", tmp_path / "fine.yaml", tmp_path / "fine.yaml").code == 0


def test_check_of_a_path_that_is_not_there(run: Run, spec: Spec, tmp_path: Path) -> None:
    done = run("check", tmp_path / "none.yaml", spec("a: {op: relo}"))
    assert done.code == 2
    assert "none.yaml: error: there is no such file" in done.out
    assert "did you mean `relu`?" in done.out
