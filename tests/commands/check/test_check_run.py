"""Many files: what they come to together, in one process and in several."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from archprof.commands.check import check_file, parallel
from archprof.commands.check.base import Finding
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import Outcome, Work, outcome, run
from archprof.commands.check.config import Config, LowerLimits
from archprof.commands.check.config_files import Configs
from archprof.commands.check.file_report import FileReport
from archprof.language.files import Source, find
from archprof.problem import Mark, Problem, Severity
from tests.commands.check.checked import net, write

CONV = "{op: conv2d, out: 8, kernel: 3}"


def work(folder: Path, configs: Configs | None = None) -> list[Work]:
    known = configs or Configs()
    return [
        (source._replace(name=os.path.relpath(source.name, folder)), known.of(source.folder))
        for source in find([str(folder)], [])
    ]


def ran(items: Sequence[Work], options: Options = Options(), jobs: int = 1) -> Outcome:  # noqa: B008 - immutable
    return outcome(items, run(items, options, jobs), options)


def told(found: Outcome) -> list[tuple[str, str]]:
    return [(str(finding.problem.mark), finding.problem.rule) for finding in found.findings]


BLOCKS = (
    "name: shared\nblocks:\n  unit:\n    layers:\n      conv: {op: conv2d, out: 8, kernel: 3}%s\n  "
    "    norm: {op: batch_norm2d}\n"
)
USER = "name: %s\ninput: 3x32x32\nuse: shared.yaml\nlayers: [{block: unit}]\n"


def shared(folder: Path, comment: str = "") -> None:
    write(folder, "shared.yaml", BLOCKS % comment)
    for name in ("a", "b"):
        write(folder, f"{name}.yaml", USER % name)


def test_a_shared_block_is_told_once(tmp_path: Path) -> None:
    shared(tmp_path)
    found = ran(work(tmp_path))
    assert told(found) == [("shared.yaml:5:7", "conv-bias")]
    assert found.files == {"a.yaml": ("a",), "b.yaml": ("b",), "shared.yaml": ()}


def test_sorted_by_place(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", net("x: {op: relo}", "y: {op: relo}"))
    write(tmp_path, "a.yaml", net("x: {op: relo}"))
    items = work(tmp_path)
    missing = [Problem(Mark("0.yaml"), "file", "there is no such file")]
    found = outcome(items, run(items, Options()), Options(), missing)
    assert [place for place, _ in told(found)] == [
        "0.yaml",
        "a.yaml:4:11",
        "b.yaml:4:11",
        "b.yaml:5:11",
    ]
    assert (found.count(Severity.error), found.count(Severity.warning)) == (4, 0)


# --- suppressions over several files ---


def test_a_suppression_in_a_file_of_blocks_is_needed_by_those_that_use_it(tmp_path: Path) -> None:
    shared(tmp_path, "  # archprof: ignore[conv-bias] why")
    assert told(ran(work(tmp_path))) == []


def test_and_is_told_where_none_of_them_needs_it(tmp_path: Path) -> None:
    shared(tmp_path, "  # archprof: ignore[remainder] why")
    assert told(ran(work(tmp_path))) == [
        ("shared.yaml:5:7", "conv-bias"),
        ("shared.yaml:5:46", "unused-suppression"),
    ]
    only = [item for item in work(tmp_path) if item[0].name == "shared.yaml"]
    assert told(ran(only)) == []  # alone it cannot be told
    write(tmp_path, "b.yaml", USER % "b" + "expect: {params: x}\n")
    # a file that cannot be read is not a user
    assert ("shared.yaml:5:46", "unused-suppression") in told(ran(work(tmp_path)))
    write(tmp_path, "b.yaml", USER % "b" + "variants: {c: {input: 3x1x1}}\n")
    # one that could not be looked at whole might need it
    assert ("shared.yaml:5:46", "unused-suppression") not in told(ran(work(tmp_path)))


CONFIG = "[[suppress]]\nrule = ['conv-bias', 'remainder']\nreason = 'why'\nfiles = '%s'\n"


def test_a_suppression_in_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a.yaml", net(f"conv: {CONV}", "norm: {op: batch_norm2d}"))
    write(tmp_path, "archprof.toml", CONFIG % "a.yaml")
    assert told(ran(work(tmp_path))) == [("archprof.toml:1:1", "unused-suppression")]
    (finding,) = ran(work(tmp_path)).findings
    assert (finding.problem.message, finding.problem.source_line) == (
        "`remainder` has nothing to suppress here",
        "[[suppress]]",
    )
    write(tmp_path, "archprof.toml", CONFIG % "b.yaml")
    assert told(ran(work(tmp_path))) == [("a.yaml:4:3", "conv-bias")]  # b.yaml is not of this run


# --- several processes ---


def files(folder: Path, count: int) -> list[Work]:
    for i in range(count):
        write(
            folder,
            f"{i:02}.yaml",
            net(f"conv: {CONV}" if i % 3 else "conv: {op: relo}", "norm: {op: batch_norm2d}"),
        )
    return work(folder)


def test_the_same_from_any_number_of_processes(tmp_path: Path) -> None:
    items = files(tmp_path, 12)
    one, several = run(items, Options()), run(items, Options(), 3)
    assert one == several
    assert told(outcome(items, several, Options())) == told(ran(items))


def _die(source: Source, config: Config, options: Options) -> check_file.FileReport:
    if source.name in ("04.yaml", "05.yaml"):
        os._exit(9)
    return check_file.check(source, config, options)


def _fail(source: Source, config: Config, options: Options) -> check_file.FileReport:
    raise KeyboardInterrupt


@pytest.mark.skipif(os.name != "posix", reason="processes here begin as copies")
def test_one_process_is_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting another costs more than the work on a few files; a single file needs none either."""
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path, name, net(f"a: {CONV}"))
    asked: list[int] = []

    def processes(items: Sequence[Work], options: Options, jobs: int) -> list[FileReport]:
        asked.append(jobs)
        return []

    monkeypatch.setattr(parallel, "in_processes", processes)
    items = work(tmp_path)
    assert len(run(items, Options(), 1)) == 2
    assert len(run(items[:1], Options(), 8)) == 1
    assert asked == []
    run(items, Options(), 8)
    assert asked == [2]


def test_a_file_that_takes_its_process_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system's killer does when memory runs out."""
    from archprof.commands.check import parallel

    monkeypatch.setattr(parallel, "check", _die)
    items = files(tmp_path, 12)
    reports = parallel.in_processes(items, Options(), 2)
    assert [report.name for report in reports] == [source.name for source, _ in items]
    killed = [
        report.name
        for report in reports
        if any(
            f.problem.message == "the process that checked it was killed" for f in report.findings
        )
    ]
    assert killed == ["04.yaml", "05.yaml"]
    expected = {report.name: report for report in run(items, Options())}
    assert all(report == expected[report.name] for report in reports if report.name not in killed)


def test_ctrl_c_leaves_no_process_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the pool's thread, which would race with Python's own exit."""
    import multiprocessing
    import threading

    threads = set(threading.enumerate())
    from archprof.commands.check import parallel

    monkeypatch.setattr(parallel, "check", _fail)
    with pytest.raises(KeyboardInterrupt):
        parallel.in_processes(files(tmp_path, 4), Options(), 2)
    assert multiprocessing.active_children() == []
    assert set(threading.enumerate()) <= threads


def test_limits_hold_in_every_process(tmp_path: Path) -> None:
    write(
        tmp_path,
        "slow.yaml",
        net("a: {repeat: 1000, layers: {b: {repeat: 90, layers: {c: {op: relu}}}}}"),
    )
    write(tmp_path, "fine.yaml", net("a: {op: relu}"))
    items = [(source, Config(limits=LowerLimits(seconds=0.1))) for source, _ in work(tmp_path)]
    assert [(f.problem.mark.file, f.problem.message) for f in ran(items, jobs=2).findings] == [
        ("slow.yaml", "not done after 0.1 seconds of the processor")
    ]


def test_findings_are_equal_whatever_line_they_quote() -> None:
    one = Finding(Problem(Mark("a", 1, 1), "kind", "x", source_line="x"), Severity.error)
    assert one == Finding(Problem(Mark("a", 1, 1), "kind", "x"), Severity.error)
