"""Where networks are measured: here on the CPU, on CUDA in a process of its own; here both with
the CPU.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

import archprof
from archprof.cli.options import graphs
from archprof.commands.measure.layers import of_case as case_layers
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.planning.progress import describe
from archprof.commands.measure.running import end_to_end, measuring
from archprof.commands.measure.running.batch_search import BatchTry
from archprof.commands.measure.running.end_to_end import Request
from archprof.commands.measure.running.measuring import Apart, Here, sent
from archprof.commands.measure.running.refusals import Refusal
from archprof.commands.measure.running.sampling import StopRule
from archprof.commands.measure.running.workload import Case, prepare
from archprof.model.compile import NODE
from archprof.worker import Worker, WorkerLost
from tests import tasks
from tests.command_line import Run, interruptible
from tests.test_worker import gone

LENET = "tests/data/lenet.yaml"
REQUEST = Request(
    torch.device("cpu"), Sensors(), rule=StopRule(samples=3, seconds=0.001, noise=100.0, limit=1.0)
)


def silent(cases: Sequence[Case], standings: Sequence[Any]) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def lenet() -> Case:
    return Case(archprof.load(LENET).graph, batch=2)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker("measuring") as worker:
        yield worker


@pytest.fixture
def apart(worker: Worker) -> Apart:
    return Apart(REQUEST, worker)


def test_a_process_of_its_own_only_for_cuda() -> None:
    with measuring.measuring(REQUEST) as where:
        assert isinstance(where, Here)
    with measuring.measuring(REQUEST._replace(device=torch.device("cuda", 0))) as where:
        assert isinstance(where, Apart)
        assert where.worker.process is None  # started when it is needed


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "swin_t", "vit_b_16", "googlenet_bn"])
def test_what_is_sent_is_the_same_network(name: str) -> None:
    """The same modules and keys, and the same numbers."""
    case = Case(archprof.load(name).graph)
    arrived = pickle.loads(pickle.dumps(sent(case)))
    ours, theirs = (prepare(one, "meta").module.state_dict() for one in (case, arrived))
    assert list(ours) == list(theirs)
    assert [t.shape for t in ours.values()] == [t.shape for t in theirs.values()]
    assert arrived.graph.network.name == case.graph.network.name
    assert end_to_end.row(arrived) == end_to_end.row(case)


def test_a_captured_network_is_built_again_where_it_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its target is sent, and not its module; layers keep the operators that they are."""
    monkeypatch.chdir(tmp_path)
    code = "from torch import nn\nnet = lambda: nn.Sequential(nn.Linear(4, 3), nn.Softplus())\n"
    (tmp_path / "sent.py").write_text(code, encoding="utf-8")
    case = Case(archprof.load("sent.py:net", input="4").graph)
    arrived = pickle.loads(pickle.dumps(sent(case)))
    assert arrived.graph.network.module is None
    ours, theirs = (prepare(one, "cpu").module for one in (case, arrived))
    assert list(ours.state_dict()) == list(theirs.state_dict()) == ["0.weight", "0.bias"]
    numbers = [[n.meta[NODE] for n in m.graph.nodes if NODE in n.meta] for m in (ours, theirs)]
    assert numbers == [[0, 1], [0, 1]]
    assert end_to_end.row(arrived) == end_to_end.row(case)


def test_a_worker_measures_what_this_process_measures(apart: Apart, lenet: Case) -> None:
    """Two networks in turns; the progress is that of the worker."""
    said: list[str] = []
    rows = apart.measure(
        [lenet, lenet], lambda cases, standings: said.append(describe(cases, standings))
    )
    (here,) = Here(REQUEST).measure([lenet], silent)
    for row in rows:
        assert (row.status, row.network, row.batch) == ("measured", "lenet", 2)
        assert row.latency_ms is not None
        assert row.peak_bytes == here.peak_bytes
        assert row.memory == here.memory
        assert row.interleaved_with == ("lenet",)
    assert said[0] == "lenet, lenet · batch 2 · float32 eager · warming up"
    assert "runs, noise" in said[-1]


def test_a_worker_times_layers(apart: Apart, lenet: Case) -> None:
    found = apart.layer_times(lenet)
    assert [layer.path for layer in found.times.layers] == [node.path for node in lenet.graph.nodes]


def aborts_at_3(cases: Sequence[Case], request: Request, tell: Any) -> Any:
    if any(case.batch == 3 for case in cases):
        tasks.abort(tell)
    return measuring_there(cases, request, tell)


def is_spoilt_at_3(cases: Sequence[Case], request: Request, tell: Any) -> Any:
    if any(case.batch == 3 for case in cases):
        return Refusal("failed", "cannot be captured", spoilt=True)
    return measuring_there(cases, request, tell)


def is_full_at_3(cases: Sequence[Case], request: Request, tell: Any) -> Any:
    if any(case.batch == 3 for case in cases):
        return Refusal("out_of_memory", "CUDA out of memory.")
    return measuring_there(cases, request, tell)


measuring_there = measuring.attempt_there


def test_a_crash_ends_one_row(apart: Apart, lenet: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others of its group are measured by themselves, in a fresh process."""
    monkeypatch.setattr(measuring, "attempt_there", aborts_at_3)
    rows = apart.measure([lenet, lenet._replace(batch=3), lenet], silent)
    assert [(row.status, row.message) for row in rows] == [
        ("measured", ""),
        ("failed", "the measuring process ended by signal 6 (SIGABRT)"),
        ("measured", ""),
    ]
    assert [row.interleaved_with for row in rows] == [()] * 3


@pytest.mark.parametrize(
    ("attempt", "replaced"), [(is_spoilt_at_3, True), (is_full_at_3, False)], ids=["spoilt", "full"]
)
def test_a_spoilt_process_is_replaced(
    apart: Apart, lenet: Case, monkeypatch: pytest.MonkeyPatch, attempt: Any, replaced: bool
) -> None:
    before = apart.worker.call(tasks.number, ())
    monkeypatch.setattr(measuring, "attempt_there", attempt)
    (row,) = apart.measure([lenet._replace(batch=3)], silent)
    assert row.status == attempt(([lenet._replace(batch=3)]), REQUEST, None).status
    assert (apart.worker.call(tasks.number, ()) != before) is replaced


def tries(case: Case, request: Request, tell: Any) -> BatchTry:
    """Batch 4 and more have no memory, of which 8 spoils its process; 100 aborts."""
    if case.batch >= 100:
        tasks.abort(tell)
    if case.batch >= 4:
        return BatchTry(case.batch, "out_of_memory", "no room", spoilt=case.batch == 8)
    return BatchTry(case.batch, "fits", str(os.getpid()), 100 * case.batch)


def starts_at_1(case: Case, request: Request, tell: Any) -> int:
    return 1


def starts_at_8(case: Case, request: Request, tell: Any) -> int:
    return 8


def starts_at_100(case: Case, request: Request, tell: Any) -> int:
    return 100


def aborts(case: Case, request: Request, tell: Any) -> int:
    tasks.abort(tell)


def cannot_start(case: Case, request: Request, tell: Any) -> int:
    raise RuntimeError("CUDA error: unspecified launch failure")


@pytest.mark.parametrize(
    ("start", "tried", "replaced"),
    [
        (starts_at_1, [1, 2, 4, 3], False),
        (starts_at_8, [8, 4, 2, 3], True),
        (cannot_start, [1, 2, 4, 3], True),
        (aborts, [1, 2, 4, 3], True),
    ],
)
def test_the_largest_batch_is_searched_in_the_worker(
    apart: Apart,
    lenet: Case,
    monkeypatch: pytest.MonkeyPatch,
    start: Any,
    tried: list[int],
    replaced: bool,
) -> None:
    """Lack of memory leaves its process as it was, where nothing else spoilt it; where the start
    is not told, or its process is lost, the search starts at 1.
    """
    before = apart.worker.call(tasks.number, ())
    monkeypatch.setattr(measuring, "start_there", start)
    monkeypatch.setattr(measuring, "try_there", tries)
    shown: list[int] = []
    found = apart.largest(lenet, lambda cases, standings: shown.append(cases[0].batch))
    assert [one.batch for one in found.tries] == shown == tried
    assert (found.largest, found.refused) == (3, 4)
    fitted = {one.message for one in found.tries if one.status == "fits"}
    assert len(fitted) == 1
    assert (fitted == {str(before)}) is not replaced


def test_a_try_in_the_worker_is_a_real_run(apart: Apart, lenet: Case) -> None:
    """What it takes is what a measurement here says."""
    (here,) = Here(REQUEST).measure([lenet], silent)
    assert apart._try(lenet) == BatchTry(2, "fits", peak_bytes=here.peak_bytes)
    # batch statistics of one image whose maps are 1x1 at the end: 32 pixels halved five times
    (graph,) = graphs("resnet18", "32")
    found = apart._try(Case(graph, train=True))
    assert (found.status, found.peak_bytes) == ("failed", None)
    assert found.message.startswith("Expected more than 1 value per channel when training")


def test_a_lost_process_is_a_failed_try(
    apart: Apart, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "start_there", starts_at_100)
    monkeypatch.setattr(measuring, "try_there", tries)
    found = apart.largest(lenet, silent)
    assert [one.batch for one in found.tries] == [100, 1, 2, 4, 3]
    one = found.tries[0]
    assert (one.batch, one.status) == (100, "failed")
    assert one.message == "the measuring process ended by signal 6 (SIGABRT)"


def test_layers_of_a_lost_process_are_refused(
    apart: Apart, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*arguments: Any, **options: Any) -> Any:
        raise WorkerLost("failed", "the measuring process ended by signal 11 (SIGSEGV)")

    monkeypatch.setattr(apart.worker, "call", lost)
    with pytest.raises(RuntimeError, match="SIGSEGV"):
        apart.layer_times(lenet)


def test_silence_is_measured_by_the_time_limit(
    apart: Apart, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten minutes, and twenty seconds for each of two networks with a limit of 1 s."""
    heard: list[float] = []

    def call(task: Any, arguments: Any, heard_by: Any, patience: float) -> Any:
        heard.append(patience)
        raise WorkerLost("failed", "it hung")

    monkeypatch.setattr(apart.worker, "call", call)
    apart.attempt([lenet, lenet], REQUEST, silent)
    assert heard == [640.0]
    # and twice the 60 s for which each runs back to back
    loaded = REQUEST._replace(rule=REQUEST.rule._replace(sustained=60.0))
    Apart(loaded, apart.worker).attempt([lenet, lenet], loaded, silent)
    assert heard[1:] == [880.0]


# --- the command ---


def test_the_run_goes_on_after_a_crash(
    run: Run, worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command measures the CPU in a worker, too, which aborts at batch 3."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(measuring, "Here", lambda request: Apart(request, worker))
    monkeypatch.setattr(measuring, "attempt_there", aborts_at_3)
    quick = ("--time-limit", "0.1", "--threads", "1", "--format", "json")
    done = run("bench", LENET, "--batch", "2,3,4", *quick)
    assert done.code == 1
    rows = json.loads(done.out)["measurements"]
    assert [(row["batch"], row["status"], row["message"]) for row in rows] == [
        (2, "measured", ""),
        (3, "failed", "the measuring process ended by signal 6 (SIGABRT)"),
        (4, "measured", ""),
    ]


PROGRAM = """
import sys
from archprof.cli.main import run
from archprof.commands.measure.running import measuring
from archprof.worker import Worker
from tests.commands.measure.running import test_measuring

def main():
    def measure(request):
        with Worker("measuring") as worker:
            yield measuring.Apart(request, worker)
    measuring.measuring = measuring.contextmanager(measure)
    measuring.attempt_there = test_measuring.hangs_at_3
    sys.argv = ["archprof", "bench", "tests/data/lenet.yaml", "--batch", "2,3,4"]
    sys.argv += ["--time-limit", "0.1", "--threads", "1", "-o", RUN]
    run()

if __name__ == "__main__":
    main()
"""


def hangs_at_3(cases: Sequence[Case], request: Request, tell: Any) -> Any:
    if cases[0].batch == 3:
        print(f"process {os.getpid()}", file=sys.stderr, flush=True)
        time.sleep(1000)
    return measuring_there(cases, request, tell)


def test_an_interruption_keeps_what_was_measured(tmp_path: Path) -> None:
    """Exit code 130, the first batch, and no process left."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace("RUN", repr(str(tmp_path / "run.json"))), encoding="utf-8")
    root = Path(__file__).parents[4]
    environment = {"PYTHONPATH": str(root), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with subprocess.Popen(
        [sys.executable, str(file)],
        cwd=root,
        env=os.environ | environment,
        preexec_fn=interruptible,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        child = int(process.stderr.readline().split()[1])
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert gone(child)
    assert process.returncode == 130
    assert err == "archprof: 1 of 3 measurements were finished and are kept\ninterrupted\n"
    assert "stopped interrupted" in " ".join(out.split())
    assert (tmp_path / "run.json").exists()


def raises_full(case: Case, request: Request) -> Any:
    raise torch.OutOfMemoryError("CUDA out of memory.")


def test_layers_without_room_are_refused_in_words_that_can_be_sent(
    lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_layers, "layer_times", raises_full)
    with pytest.raises(RuntimeError) as raised:
        measuring.layer_times_there(lenet, REQUEST, None)
    assert (type(raised.value), str(raised.value)) == (RuntimeError, "CUDA out of memory.")
