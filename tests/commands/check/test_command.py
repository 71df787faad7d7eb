"""`archprof check` as a user meets it: paths, options, formats, exit codes, and files that mean
harm.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator

from archprof.commands.check.rules import RULES
from archprof.graph.graph import Graph
from archprof.language.shipped_folder import specs_folder
from tests.command_line import Run, interruptible
from tests.commands.check.checked import net, write
from tests.show.nasty import NASTY, harmless

Spec = Callable[..., Path]
WARNS = net("conv: {op: conv2d, out: 8, kernel: 3}", "norm: {op: batch_norm2d}")
FAILS = net("conv: {op: conv2d, out: 8, kernel: 3, shape: 8x32x32}")
FINE = net("relu: {op: relu}")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, away from this checkout's configuration, and on no CI server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


# --- what is printed ---


def test_one_line_says_it_all(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", WARNS)
    done = run("check", "a.yaml")
    assert (done.code, done.err) == (0, "1 file, 1 network, 1 problem (a warning)\n")
    assert (
        done.out
        == """\
a.yaml:4:3: warning: `conv` adds a bias, and `norm` (batch_norm2d) takes it away again: 8 \
parameters that do nothing [conv-bias]
      conv: {op: conv2d, out: 8, kernel: 3}
      ^
  hint: bias: false
"""
    )


def test_every_problem_of_every_file_sorted(run: Run, tmp_path: Path) -> None:
    for name, text in (
        ("b/c.yaml", FAILS),
        ("b/a.yaml", WARNS),
        ("d.yaml", net("x: {op: relo}", "y: {op: rule}")),
        ("fine.yaml", FINE),
    ):
        write(tmp_path, name, text)
    done = run("check", "d.yaml", "b", "*.yaml")
    assert done.code == 1
    assert re.findall(r"^(\S+): (error|warning): .*\[(.*)\]$", done.out, re.MULTILINE) == [
        ("b/a.yaml:4:3", "warning", "conv-bias"),
        ("b/c.yaml:4:48", "error", "shape-assertion"),
        ("d.yaml:4:11", "error", "unknown-op"),
        ("d.yaml:5:11", "error", "unknown-op"),
    ]
    assert (
        done.err
        == "4 files, 3 networks, 4 problems (1 warning); errors in 1 file kept its networks from"
        " being checked\n"
    )


def test_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(raw: bytes) -> object:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return run("check", "-")

    assert given(FINE.encode()) == (0, "", "1 file, 1 network, no problems\n")
    code, out, _ = given(FAILS.encode())  # type: ignore[misc]
    assert (code, out.startswith("<stdin>:4:48: error: ")) == (1, True)
    code, out, err = given(b"\xff")  # type: ignore[misc]
    assert (code, "not UTF-8" in out + err) == (1, True)
    code, out, err = given(b"")  # type: ignore[misc]
    assert (code, "the file is empty" in out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "there is nothing to check"),
        (("none.yaml",), "there is no such file"),
        (("*.toml",), "nothing matches this"),
        ((".",), "there is no spec in this folder"),
        (("a.yaml", "--select", "conv-bais"), "did you mean `conv-bias`?"),
        (("a.yaml", "--select", ","), "names no rule"),
        (("a.yaml", "--ignore", "yaml"), "cannot be left out"),
        (("a.yaml", "--at", "size=3"), "there is no condition `size`"),
        (("a.yaml", "--at", ""), "expected KEY=VALUE"),
        (("a.yaml", "--config", "none.toml"), "No such file"),
        (("a.yaml", "--jobs", "-1"), "-1 is not in the range"),
        (("a.yaml", "--format", "xml"), "junit"),
        (("--explain", "conv-bais"), "did you mean `conv-bias`?"),
        (("a.yaml", "--device", "tpu"), "`tpu` is not a device"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_misuse(run: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    if "a.yaml" in arguments:
        write(tmp_path, "a.yaml", net("relu: {op: relu}", tail="budget: {max_latency_ms: 1}"))
    done = run("check", *arguments)
    assert done.code == 2
    assert says in done.out + done.err
    assert "Traceback" not in done.err


def test_a_missing_file_keeps_no_other_from_being_checked(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", FAILS)
    done = run("check", "none.yaml", "a.yaml")
    assert (done.code, "[shape-assertion]" in done.out, "[file]" in done.out) == (2, True, True)


def test_a_broken_configuration_is_told_before_anything_else(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", FAILS)
    write(tmp_path, "archprof.toml", "stict = true\n[[budget]]\nmax_params = 'many'\n")
    done = run("check", "a.yaml")
    assert (done.code, done.out) == (2, "")
    assert re.findall(r"^archprof.toml:(\d+):\d+: error: ", done.err, re.MULTILINE) == ["1", "3"]


# --- options ---


def test_strict_select_and_ignore(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", WARNS)
    assert run("check", "a.yaml", "--strict").code == 1
    assert "a.yaml:4:3: error: " in run("check", "a.yaml", "--strict").out
    assert run("check", "a.yaml", "--strict", "--ignore", "conv-bias, remainder").code == 0
    assert run("check", "a.yaml", "--strict", "--select", "remainder").code == 0
    assert run("check", "a.yaml", "--strict", "--select", "conv-bias").code == 1


def test_configurations_hold_for_the_files_below_them(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "one/a.yaml", WARNS)
    write(tmp_path, "one/archprof.toml", "strict = true")
    write(tmp_path, "two/a.yaml", WARNS)
    write(
        tmp_path,
        "two/pyproject.toml",
        "[[tool.archprof.suppress]]\nrule = 'conv-bias'\nreason = 'as published'\n",
    )
    assert [run("check", folder).code for folder in ("one", "two", "one two")] == [1, 0, 2]
    done = run("check", "one", "two")
    assert (done.code, done.out.count("[conv-bias]")) == (1, 1)
    # its globs are of its own folder
    assert (
        run("check", "one", "two", "--config", "two/pyproject.toml").out.count("[conv-bias]") == 1
    )


def test_budgets_at_conditions(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", net("conv: {op: conv2d, out: 16, kernel: 3}"))
    write(tmp_path, "archprof.toml", "[[budget]]\nnetwork = 'n*'\nmax_macs = '0.4M'\n")
    assert run("check", "a.yaml").code == 0  # 388_800
    done = run("check", "a.yaml", "--at", "batch=2")
    assert done.code == 1
    assert "net has macs 777,600, its budget is 400,000: more by 377,600 [budget]" in done.out
    assert "hint: the budget stands in archprof.toml:3:1" in done.out


def test_jobs(run: Run, tmp_path: Path) -> None:
    for i in range(6):
        write(tmp_path, f"{i}.yaml", (WARNS, FAILS)[i % 2])
    one = run("check", ".")
    assert one.code == 1
    assert run("check", ".", "--jobs", "2") == one
    assert run("check", ".", "--jobs", "0") == one


def test_rules_are_listed_and_explained(run: Run) -> None:
    listed = run("check", "--rules", columns=80)
    assert listed.code == 0
    assert [
        line.split()[0] for line in listed.out.splitlines()[2:] if not line.startswith(" ")
    ] == list(RULES)
    assert max(map(len, listed.out.splitlines())) <= 80
    done = run("check", "--explain", "conv-bias")
    assert done.code == 0
    assert done.out.startswith(
        "conv-bias · warning\n\nA convolution's bias right before a batch norm does nothing.\n"
    )
    assert "FAIL:" in done.out


def test_shipped_specs_pass_strictly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reason that a warning is left out stands in the spec."""
    monkeypatch.chdir(specs_folder().parent)
    done = run("check", "specs", "--strict")
    assert (done.code, done.out) == (0, "")
    assert re.fullmatch(
        r"\d+ files, \d+ networks, \d+ spaces, no problems, \d+ YAML files passed over"
        r" as no specs\n",
        done.err,
    )


def test_what_a_folder_has_beside_specs_is_counted(run: Run, tmp_path: Path) -> None:
    """Each once, whatever walks come to it; what is named is a spec, and hidden files are
    nobody's.
    """
    for name, text in (
        ("a.yaml", FINE),
        ("b/ci.yaml", "on: push\n"),
        (".c.yaml", ""),
        (".d/e.yaml", ""),
        ("notes.txt", ""),
    ):
        write(tmp_path, name, text)
    assert (
        run("check", ".").err
        == "1 file, 1 network, no problems, 1 YAML file passed over as no spec\n"
    )
    for name, text in (
        ("empty.yaml", ""),
        ("b/binary.yml", "\0\1"),
        ("keys.yaml", FINE.replace("layers:", "layer:")),
        ("f.YAML", FINE),
    ):
        write(tmp_path, name, text)
    assert (
        run("check", ".", "../" + tmp_path.name).err
        == "1 file, 1 network, no problems, 5 YAML files passed over as no specs\n"
    )
    assert run("check", "a.yaml").err == "1 file, 1 network, no problems\n"


# --- latency ---


def test_latency_cannot_be_told_without_a_device(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", net("relu: {op: relu}", tail="budget: {max_latency_ms: 1}"))
    done = run("check", "a.yaml", "--strict")
    assert done.code == 0
    assert done.out.startswith(
        "a.yaml:5:26: note: net may take 1 ms: cannot tell, not measured [latency]\n"
    )
    assert "hint: --device cpu or cuda measures it" in done.out
    assert done.err == "1 file, 1 network, no problems, 1 note\n"


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_hint_names_the_device_the_budget_is_for(run: Run, tmp_path: Path, device: str) -> None:
    write(tmp_path, "a.yaml", FINE)
    write(tmp_path, "archprof.toml", f"[[budget]]\nmax_latency_ms = 1\ndevice = '{device}'\n")
    assert f"hint: --device {device} measures it" in run("check", "a.yaml").out


@pytest.mark.parametrize(
    ("times", "code", "out", "err"),
    [
        (
            [0.5] * 20,
            0,
            "",
            (
                "net may take 1 ms: pass, it takes 500 µs HERE, the median of 20 runs (95 % between"
                " 500 µs and 500 µs)\n"
            ),
        ),
        (
            [2.0] * 20,
            1,
            (
                "error: net may take 1 ms: fail, it takes 2.00 ms HERE, the median of 20 runs (95 %"
                " between 2.00 ms and 2.00 ms) [latency]"
            ),
            "",
        ),
        (
            [0.5, 2.0] * 10,
            0,
            "note: net may take 1 ms: cannot tell, it takes 1.25 ms HERE, the",
            "",
        ),
        (
            [0.5] * 3,
            0,
            (
                "note: net may take 1 ms: cannot tell, it takes 500 µs HERE, the median of 3 runs"
                " (too few for an interval)"
            ),
            "",
        ),
        (
            [0.4] * 10 + [0.7] * 10,
            0,
            (
                "note: net may take 1 ms: cannot tell, the times contradict each other: the earlier"
                " half of the runs took 400 µs, the later half 700 µs; end what else runs on this"
                " machine, and check again [latency]"
            ),
            "",
        ),
        (
            [],
            0,
            "note: net may take 1 ms: cannot tell, the device slowed itself down all along",
            "",
        ),
        (
            RuntimeError("out of memory\nmore"),
            0,
            "note: net may take 1 ms: cannot tell, out of memory [latency]",
            "",
        ),
    ],
    ids=["pass", "fail", "cannot tell", "too few", "contradiction", "throttled", "out of memory"],
)
def test_latency_answers(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: Any,
    code: int,
    out: str,
    err: str,
) -> None:
    """From times as a device might give them."""
    from archprof.commands.check.run_times import TimingDevice

    def measured(self: TimingDevice, graph: object, batch: int) -> list[float]:
        if isinstance(times, Exception):
            raise times
        return list(times)

    monkeypatch.setattr(TimingDevice, "milliseconds", measured)
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)
    out, err = (
        text.replace("HERE", "on cpu with 1 thread at batch 1 in float32") for text in (out, err)
    )
    write(tmp_path, "a.yaml", net("relu: {op: relu}", tail="budget: {max_latency_ms: 1}"))
    done = run("check", "a.yaml", "--device", "cpu")
    assert (done.code, out in done.out, err in done.err) == (code, True, True)


def test_latency_of_another_device(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", FINE)
    write(tmp_path, "archprof.toml", "[[budget]]\nmax_latency_ms = 1\ndevice = 'cuda'\n")
    done = run("check", "a.yaml", "--device", "cpu")
    assert (done.code, "cannot tell, the budget is for cuda and cpu was requested" in done.out) == (
        0,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "input_"),
    [((), (3, 32, 32)), (("--at", "input=3x64x48"), (3, 64, 48))],
    ids=["as stated", "as asked"],
)
def test_a_network_is_measured_once_at_the_input_asked_for(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    input_: tuple[int, ...],
) -> None:
    """For two budgets, one of which is for this kind of device."""
    from archprof.commands.check.run_times import TimingDevice

    measured: list[tuple[int, ...]] = []

    def milliseconds(self: TimingDevice, graph: Graph, batch: int) -> list[float]:
        measured.append(graph.input)
        return [0.5] * 20

    monkeypatch.setattr(TimingDevice, "milliseconds", milliseconds)
    write(tmp_path, "a.yaml", net("relu: {op: relu}", tail="budget: {max_latency_ms: 1}"))
    write(tmp_path, "archprof.toml", "[[budget]]\nmax_latency_ms = 2\ndevice = 'cpu'\n")
    done = run("check", "a.yaml", "--device", "cpu", *arguments)
    assert (done.code, measured) == (0, [input_])
    assert "net may take 1 ms: pass" in done.err
    assert "net may take 2 ms: pass" in done.err


def test_latency_is_really_measured(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour is enough for anything, a nanosecond for nothing."""
    from archprof.commands.check import run_times
    from archprof.commands.measure.judging import consistency

    monkeypatch.setattr(run_times, "LIMIT", 0.3)
    monkeypatch.setattr(consistency, "APART", 1e9)  # this machine may be busy
    write(
        tmp_path,
        "a.yaml",
        net(
            "conv: {op: conv2d, out: 8, kernel: 3}",
            tail=(
                "budget: {max_latency_ms: 3600000}\nvariants: {hasty: {budget: {max_latency_ms:"
                " 0.000001}}}"
            ),
        ),
    )
    done = run("check", "a.yaml", "--device", "cpu")
    assert done.code == 1
    assert "hasty may take 1/1000000 ms: fail, it takes " in done.out
    assert "net may take 3600000 ms: pass, it takes " in done.err


# --- formats ---


def test_github_is_chosen_by_itself(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.yaml", WARNS)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    done = run("check", "a.yaml")
    assert done.out.startswith(
        "::warning file=a.yaml,line=4,col=3,title=archprof conv-bias::`conv` adds a bias"
    )
    assert done.out.count("\n") == 1
    assert run("check", "a.yaml", "--format", "text").out.startswith("a.yaml:4:3: warning: ")
    run("check", "a.yaml", "-o", "out.txt")  # no runner reads a file
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").startswith("a.yaml:4:3: warning: ")


@pytest.mark.parametrize("style", ["text", "github", "json", "sarif", "junit"])
def test_a_file_holds_what_standard_output_would(run: Run, tmp_path: Path, style: str) -> None:
    write(tmp_path, "a.yaml", FAILS)
    shown = run("check", "a.yaml", "--format", style)
    written = run("check", "a.yaml", "--format", style, "-o", "out")
    assert (shown.code, written.code, written.out) == (1, 1, "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == shown.out
    assert run("check", "a.yaml", "--format", style, "-o", "none/out").code == 2


def test_an_old_report_stays_whole_where_the_disk_is_full(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.yaml", FAILS)
    write(tmp_path, "out", "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert run("check", "a.yaml", "-o", "out") == (
        2,
        "",
        "archprof: error: No space left on device: out\n",
    )
    assert (tmp_path / "out").read_text(encoding="utf-8") == "old"
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "out"]


def test_nothing_found_in_every_format(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", FINE)
    assert (
        run("check", "a.yaml", "-f", "text").out == run("check", "a.yaml", "-f", "github").out == ""
    )
    assert json.loads(run("check", "a.yaml", "-f", "json").out)["findings"] == []
    assert json.loads(run("check", "a.yaml", "-f", "sarif").out)["runs"][0]["results"] == []
    assert ElementTree.fromstring(run("check", "a.yaml", "-f", "junit").out).get("failures") == "0"


# --- harm ---


HOSTILE: list[dict[str, Any]] = [
    {"layers": {NASTY: {"op": "relu"}}},
    {"layers": {"a": {"op": NASTY}}},
    {"layers": {"a": {"block": NASTY}}},
    {"name": NASTY},
    {NASTY: 1},
    {"layers": {"a": {"op": "relu", "from": NASTY}}},
    {"variants": {NASTY: {}}},
    {"budget": {"max_params": NASTY}},
    {"budget": {NASTY: 1}},
    {"use": f"{NASTY}.yaml"},
]


@pytest.mark.parametrize("style", ["text", "github", "json", "sarif", "junit"])
@pytest.mark.parametrize("keys", HOSTILE, ids=lambda keys: next(iter(keys))[:8].strip(":"))
def test_words_of_a_spec_command_nothing(
    run: Run, tmp_path: Path, keys: dict[str, Any], style: str
) -> None:
    """Newlines, `::`, escapes and markup in names, and in the file's own name."""
    folder = tmp_path / "::error file=x::<b>%0A,\x1b[31m"
    words = json.dumps({"name": "net", "input": "3x8x8", "layers": {"a": {"op": "relu"}}} | keys)
    write(
        folder,
        "##[group]\n::error::[a](b).yaml",
        words.replace("\\ud800", "").replace("\\ufffe", ""),
    )
    done = run("check", folder.name, "--format", style)
    assert done.code == 1
    assert harmless(done.out + done.err)
    assert not re.search(r"##\w*\[", done.out)
    commands = [line for line in done.out.splitlines() if line.lstrip().startswith("::")]
    assert [
        bool(re.match(r"::error file=[^:,]*,?[^:]*title=archprof [a-z-]+::", line))
        for line in commands
    ] == [True] * len(commands)
    assert bool(commands) == (style == "github")
    if style == "json":
        assert json.loads(done.out)["errors"]
    elif style == "sarif":
        standard = json.loads(
            (Path(__file__).parents[2] / "data" / "sarif-schema-2.1.0.json").read_text(
                encoding="utf-8"
            )
        )
        Draft4Validator(standard, format_checker=Draft4Validator.FORMAT_CHECKER).validate(
            json.loads(done.out)
        )
        assert "](" not in json.loads(done.out)["runs"][0]["results"][0]["message"]["text"]
    elif style == "junit":
        tags = {element.tag for element in ElementTree.fromstring(done.out).iter()}
        assert tags == {"testsuites", "testsuite", "testcase", "failure"}


@pytest.mark.parametrize("style", ["text", "github", "json", "sarif", "junit"])
def test_a_file_name_that_is_no_utf_8(run: Run, tmp_path: Path, style: str) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.yaml")).write_text(FAILS, encoding="utf-8")
    done = run("check", ".", "--format", style)
    assert (done.code, "caf" in done.out, harmless(done.out)) == (1, True, True)


def test_a_key_that_begins_like_a_command(run: Run, tmp_path: Path) -> None:
    """Its line is quoted under the problem, and GitHub's runner trims lines before it looks at
    them.
    """
    write(tmp_path, "a.yaml", "name: net\ninput: 3x8x8\nlayers:\n  ::add-mask::a: {op: relu}\n")
    done = run("check", "a.yaml")
    assert done.code == 1
    assert not [line for line in done.out.splitlines() if line.lstrip().startswith("::")]
    assert "\\x3a:add-mask::a" in done.out


def test_hostile_files_stop_no_other(run: Run, tmp_path: Path) -> None:
    harm = {
        "bomb.yaml": "layers: &a [" + "x, " * 1000 + "]\nblocks: [" + "*a, " * 1000 + "]",
        "deep.yaml": "layers: " + "[" * 50_000,
        "empty.yaml": "layers:\n",
        "large.yaml": "layers: " + "x" * 1_000_001,
        "many.yaml": net(
            "a: {repeat: 999999, layers: {b: {repeat: 999999, layers: {c: {op: relu}}}}}"
        ),
        "cycle.yaml": (
            "name: a\ninput: 3x8x8\nblocks: {a: {layers: [{block: a}]}}\nlayers: [{block: a}]\n"
        ),
        "zero.yaml": "layers: \0",
    }
    for name, text in harm.items():
        write(tmp_path, name, text)
    write(tmp_path, "fine.yaml", FINE)
    write(tmp_path, "last.yaml", FAILS)
    start = time.monotonic()
    for jobs in ("1", "2"):
        done = run("check", ".", "--jobs", jobs)
        assert done.code == 1
        assert {
            line.split(".yaml")[0]
            for line in done.out.splitlines()
            if re.match(r"\w+\.yaml.*: error: ", line)
        } == {*(n[:-5] for n in harm), "last"}
        assert done.err.startswith("9 files, ")
    assert time.monotonic() - start < 30


def test_a_bug_in_one_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are reported, and the exit code says that it is the program's fault."""
    from archprof.commands.check import check_file

    real = check_file.networks
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(
        check_file, "networks", lambda document: 1 / 0 if document.name == "net" else real(document)
    )
    write(tmp_path, "a.yaml", FINE)
    write(tmp_path, "b.yaml", FAILS.replace("name: net", "name: other"))
    done = run("check", ".")
    assert done.code == 3
    assert "a.yaml: error: a bug in archprof: ZeroDivisionError: division by zero [bug]" in done.out
    assert "[shape-assertion]" in done.out
    found = re.search(
        r"archprof: a bug in archprof \(ZeroDivisionError: division by zero\); the traceback is in"
        r" (\S+)\n",
        done.err,
    )
    assert found
    assert "Traceback (most recent call last)" in Path(found[1]).read_text(encoding="utf-8")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c(tmp_path: Path, jobs: str) -> None:
    for i in range(4):
        write(
            tmp_path,
            f"{i}.yaml",
            net("a: {repeat: 1000, layers: {b: {repeat: 95, layers: {c: {op: relu}}}}}"),
        )
    process = subprocess.Popen(
        [sys.executable, "-m", "archprof", "check", ".", "--jobs", jobs],
        preexec_fn=interruptible,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of the group
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def test_the_reader_of_a_pipe_may_leave(tmp_path: Path) -> None:
    for i in range(200):
        write(tmp_path, f"{i}.yaml", WARNS)
    command = f"{sys.executable} -m archprof check . | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in done.stderr


def test_shipped_networks_by_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole file of a family; held to the configuration of the working directory."""
    monkeypatch.chdir(tmp_path)
    assert run("check", "alexnet") == (0, "", "1 file, 2 networks, no problems\n")
    (tmp_path / "archprof.toml").write_text("[[budget]]\nnetwork = 'alexnet'\nmax_params = '1M'\n")
    done = run("check", "alexnet")
    assert done.code == 1
    assert "specs/alexnet.yaml:" in done.out
    assert "its budget is 1,000,000" in done.out
    assert run("check", "alxnet").code == 2
