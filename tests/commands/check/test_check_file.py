"""One file: every problem in one run, its limits, and that nothing in it stops the program."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from archprof.commands.check import check_file
from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.conditions import Conditions
from archprof.commands.check.config import Config, LowerLimits
from archprof.language.files import Source
from archprof.problem import Severity
from tests.commands.check.checked import net, report, result, write


def rules(text: str, config: Config | None = None, **options: object) -> list[tuple[str, int]]:
    return [
        (f.problem.rule, f.problem.mark.line)
        for f in result(text, config or Config(), **options).findings
    ]


def test_every_kind_of_problem_in_one_run() -> None:
    """A stated shape, a stated total, a budget, an unused parameter, and rules on layers; sorted
    by place.
    """
    text = """name: net
input: 3x32x32
params: {width: 8}
layers:
  conv: {op: conv2d, out: 12, kernel: 3, shape: 12x32x32}
  norm: {op: batch_norm2d}
  pool: {op: max_pool2d, kernel: 4, stride: 4}
  last: {op: conv2d, out: 8, kernel: 1}
expect: {params: 1}
budget: {max_depth: 1}
"""
    assert rules(text) == [
        ("unused-parameter", 3),
        ("conv-bias", 5),
        ("tensor-cores", 5),
        ("shape-assertion", 5),
        ("remainder", 7),
        ("expect", 9),
        ("budget", 10),
    ]


def test_variants_are_checked_apart() -> None:
    text = net(
        "conv: {op: conv2d, out: 8, kernel: $kernel}",
        head="input: 3x8x8\nparams: {kernel: 3}",
        tail="variants:\n  large: {kernel: 9}\n  fine: {kernel: 5, expect: {params: 1}}",
    )
    found = report(text)
    assert found.networks == ("net", "large", "fine")
    assert [(f.problem.rule, f.network) for f in found.findings] == [
        ("shape", "large"),
        ("expect", "fine"),
    ]


def test_what_differs_by_variant_says_of_which() -> None:
    text = net(
        "conv: {op: conv2d, out: $out, kernel: 3, shape: 8x6x6}",
        "more: {op: conv2d, out: 4, kernel: $kernel, shape: 4x2x2}",
        head="input: 3x8x8\nparams: {out: 8, kernel: 3}",
        tail="variants:\n  small: {out: 4}\n  tiny: {out: 4}\n  large: {kernel: 9}",
    )
    assert [
        (f.problem.message.split(" gives ")[0].split(" cannot ")[0], f.network)
        for f in result(text, ignore=frozenset({"tensor-cores"})).findings
    ] == [
        # by the hint
        ("small, tiny: `conv`", "small"),
        ("large: `more` (conv2d)", "large"),
        ("net: `more`", "net"),
        ("small, tiny: `more`", "small"),
    ]
    everywhere = result(
        text.replace("out: 4}", "out: 8}")
        .replace("shape: 4x2x2", "shape: 1x1x1")
        .replace("kernel: 9", "kernel: 3")
    )
    assert [
        f.problem.message[:6] for f in everywhere.findings if f.problem.rule == "shape-assertion"
    ] == ["`more`"]


def test_what_a_shipped_network_does_is_its_own() -> None:
    """VGG's biases stand in its own file; whoever puts it into a network is not told of them."""
    assert rules(net("backbone: {network: vgg11_bn}", head="input: 3x224x224")) == []


def test_what_a_shipped_block_does_under_its_own_suppressions() -> None:
    text = net(
        "one: {block: factorized, with: {out: 8}}",
        head="input: 8x32x32\nuse: blocks/searched_cells.yaml",
    )
    assert rules(text) == []


# --- conditions ---


def test_stated_totals_hold_as_the_spec_has_it_and_rules_under_the_conditions() -> None:
    text = net(
        "conv: {op: conv2d, out: 8, kernel: 2, stride: 2, shape: 8x16x16}",
        tail="expect: {params: 104, macs: 24_576}\nbudget: {max_macs: 25K}",
    )
    assert rules(text) == []
    assert rules(text, at=Conditions(None, 2)) == [("budget", 6)]
    assert rules(text, at=Conditions((3, 33, 33))) == [("remainder", 4)]
    assert rules(text.replace("24_576", "1"), at=Conditions((3, 8, 8))) == [("expect", 5)]


def test_a_network_that_cannot_take_the_input_says_at_which() -> None:
    text = net("conv: {op: conv2d, out: 8, kernel: 5}")
    (finding,) = result(text, at=Conditions((3, 4, 4))).findings
    assert finding.problem.message.endswith("(at 3x4x4)")
    assert finding.problem.source_line


# --- rules asked for ---


def test_selected_and_ignored() -> None:
    text = net(
        "conv: {op: conv2d, out: 12, kernel: 3}",
        "norm: {op: batch_norm2d}",
        "last: {op: conv2d, out: 8, kernel: 99}",
    )
    fine = text.replace("99", "1")
    assert rules(fine) == [("conv-bias", 4), ("tensor-cores", 4)]
    assert rules(fine, select=frozenset({"conv-bias"})) == [("conv-bias", 4)]
    assert rules(fine, ignore=frozenset({"conv-bias"})) == [("tensor-cores", 4)]
    assert rules(fine, Config(select=("tensor-cores",))) == [("tensor-cores", 4)]
    # the command line says it last
    assert rules(fine, Config(select=("tensor-cores",)), select=frozenset({"conv-bias"})) == [
        ("conv-bias", 4)
    ]
    # what keeps a network from being built is always told
    assert rules(text, select=frozenset({"conv-bias"})) == [("shape", 6)]


def test_strict() -> None:
    text = net(
        "conv: {op: conv2d, out: 8, kernel: 3}",
        "norm: {op: batch_norm2d}",
        tail="budget: {max_latency_ms: 1}",
    )
    weights = [
        [f.severity for f in result(text, config, **options).findings]
        for config, options in [
            (Config(), {}),
            (Config(), {"strict": True}),
            (Config(strict=True), {}),
        ]
    ]
    assert weights == [
        [Severity.warning, Severity.note],
        [Severity.error, Severity.note],
        [Severity.error, Severity.note],
    ]


# --- limits ---


def test_layers() -> None:
    text = net("relu: {op: relu, repeat: 110}")
    assert rules(text, Config(limits=LowerLimits(layers=100))) == [("limit", 4)]
    assert rules(text, Config(limits=LowerLimits(layers=110))) == []


def test_the_usual_limit_of_layers_comes_before_memory_does() -> None:
    assert rules(net("a: {repeat: 1000, layers: {b: {repeat: 900, layers: {c: {op: relu}}}}}")) == [
        ("limit", 4)
    ]


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="no timer here")
def test_time() -> None:
    start = time.monotonic()
    text = net("a: {repeat: 1000, layers: {b: {repeat: 90, layers: {c: {op: relu}}}}}")
    (finding,) = report(text, Config(limits=LowerLimits(seconds=0.1))).findings
    assert (finding.problem.rule, finding.problem.message) == (
        "limit",
        "not done after 0.1 seconds of the processor",
    )
    assert time.monotonic() - start < 5
    # the clock is off again
    assert rules(net("a: {op: relu}"), Config(limits=LowerLimits(seconds=0.5))) == []
    time.sleep(0.6)


def test_a_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = check(
        Source(tmp_path / "pipe", "pipe"), Config(limits=LowerLimits(seconds=0.1)), Options()
    )
    assert [f.problem.message for f in found.findings] == [
        "cannot be read: it is a pipe, expected a regular file"
    ]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "yaml"),
        (b"\x00", "yaml"),
        (b"\xff\xfe", "file"),
        (b"a" * 1_000_001, "file"),
        (b"[" * 100_000, "limit"),
        (b"- " * 50_000, "limit"),
        (b"{a: &a [*a]}", "yaml"),
        (b"layers:\n\t- x", "yaml"),
    ],
)
def test_hostile_files(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    found = check(Source(path, "a.yaml"), Config(), Options())
    assert [f.problem.rule for f in found.findings] == [rule]
    assert (found.complete, found.bug) == (False, "")


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (MemoryError(), "limit"),
        (RecursionError(), "limit"),
        (ZeroDivisionError("division by zero"), "bug"),
    ],
)
def test_faults_of_the_program_stop_at_the_file(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, rule: str
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(check_file, "networks", fail)
    found = report(net("a: {op: relu}"))
    assert [(f.problem.rule, f.severity) for f in found.findings] == [(rule, Severity.error)]
    assert ("ZeroDivisionError: division by zero" in found.bug) == (rule == "bug")


def test_ctrl_c_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_file, "networks", interrupt)
    with pytest.raises(KeyboardInterrupt):
        report(net("a: {op: relu}"))


# --- the shipped specs ---


def test_two_files_of_one_name_in_messages(tmp_path: Path) -> None:
    path = write(tmp_path, "deep/a.yaml", net("a: {op: rule}"))
    (finding,) = check(Source(path, "deep/a.yaml"), Config(), Options()).findings
    assert str(finding).startswith(
        "deep/a.yaml:4:11: error: there is no op `rule` [unknown-op]\n      a: {op: rule}\n        "
        "      ^"
    )
