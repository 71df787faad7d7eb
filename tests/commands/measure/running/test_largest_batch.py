"""The largest batch that fits, by runs on a device of paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

import archprof
from archprof.commands.measure.contract import bench_faults
from archprof.commands.measure.on_device import workspaces
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.planning.measurement_plan import Plan
from archprof.commands.measure.planning.run_plan import carry_out
from archprof.commands.measure.running import end_to_end, measurement, measuring
from archprof.commands.measure.running.end_to_end import Request
from archprof.commands.measure.running.largest_batch import measure_largest, start_here, try_here
from archprof.commands.measure.running.measuring import Here
from archprof.commands.measure.running.sampling import StopRule
from archprof.commands.measure.running.workload import Case, Workload
from archprof.commands.measure.writing.bench_tables import bench_table
from tests.commands.measure.fake_cuda import FakeCuda
from tests.commands.measure.runs import row, run

MIB = 2**20
CUDA = torch.device("cuda", 0)
WEIGHTS = 1  # MiB


class Paper:
    """Networks that hold 1 MiB of weights and 1 MiB an image, on a device of `memory` MiB; from
    the batch `failing` on they fail for another reason.
    """

    def __init__(self, cuda: FakeCuda, memory: int, failing: int | None = None) -> None:
        self.cuda, self.memory, self.failing = cuda, memory, failing
        self.runs: list[int] = []

    def prepare(self, case: Case, device: torch.device) -> Workload:
        self.cuda.free(self.cuda.requested)  # of the network before
        self.allocate(WEIGHTS * MIB)
        kernel = self.cuda.kernel(case.batch * 10e-6)

        def forward() -> None:
            if self.failing is not None and case.batch >= self.failing:
                raise RuntimeError("canUse32BitIndexMath INTERNAL ASSERT FAILED")
            self.allocate(case.batch * MIB)
            kernel()
            self.cuda.free(case.batch * MIB)
            self.runs.append(case.batch)

        module = archprof.load("tests/data/lenet.yaml").build()
        return Workload((("forward", forward),), module, torch.empty(0))

    def allocate(self, size: int) -> None:
        if self.cuda.held + size > self.memory * MIB:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        self.cuda.allocate(size)


Make = Callable[..., tuple[Request, Paper]]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    def made(memory: int, total: int, failing: int | None = None) -> tuple[Request, Paper]:
        """A device that holds `memory` MiB, and says that it has `total` bytes."""
        cuda = FakeCuda(total=total)
        paper = Paper(cuda, memory, failing)
        monkeypatch.setattr(end_to_end, "prepare", paper.prepare)
        monkeypatch.setattr(workspaces, "multiply", lambda device, train: None)
        monkeypatch.setattr(
            measurement.kept_peaks,
            "identity",
            lambda device, speaker: {"device": "paper", "type": "cuda"},
        )
        rule = StopRule(samples=3, seconds=0.001, noise=100.0, limit=1.0)
        return Request(CUDA, Sensors(), rule=rule, cuda=cuda, now=cuda.perf_counter), paper

    return made


@pytest.fixture(autouse=True)
def no_record(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def lenet() -> Case:
    return Case(archprof.load("tests/data/lenet.yaml").graph)


def silent(cases: Any, standings: Any) -> None:
    """Show nothing."""


def predicted(case: Case, batch: int) -> int:
    totals = archprof.load("tests/data/lenet.yaml").analyze(batch).totals
    return totals.training_bytes if case.train else totals.peak_inference_bytes


@pytest.mark.parametrize("train", [False, True])
def test_the_start_is_what_the_analysis_predicts_to_fit(
    make: Make, lenet: Case, train: bool
) -> None:
    """As many bytes as 37 images need hold 37, and one less 36."""
    case = lenet._replace(train=train)
    exactly = predicted(case, 37)
    assert start_here(case, make(1, exactly)[0]) == 37
    assert start_here(case, make(1, exactly - 1)[0]) == 36
    assert start_here(case, make(1, 0)[0]) == 1
    # what the allocator keeps of networks before is given back first
    request, _ = make(1, exactly)
    request.cuda.reserved = exactly
    assert start_here(case, request) == 37


@pytest.mark.parametrize("start", [20, 41, 90])
def test_a_prediction_is_where_the_search_starts(make: Make, lenet: Case, start: int) -> None:
    """1 MiB of weights and 40 of images fit into 41, whether the start is too low or too high."""
    request, paper = make(41, predicted(lenet, start))
    case, found = measure_largest(lenet, Here(request), silent)
    assert found.searched is not None
    assert found.searched.tries[0].batch == start
    assert (found.searched.largest, found.searched.refused) == (40, 41)
    assert (case.batch, found.batch, found.status) == (40, 40, "measured")
    assert found.latency_ms == pytest.approx(0.4)  # 10 µs an image
    assert found.images_per_s == pytest.approx(1e5)
    fitted = [one for one in found.searched.tries if one.status == "fits"]
    weights = found.peak_bytes - 40 * MIB  # type: ignore[operator]
    assert [one.peak_bytes for one in fitted] == [weights + one.batch * MIB for one in fitted]
    refused = [one for one in found.searched.tries if one.status == "out_of_memory"]
    assert all(one.message.startswith("CUDA out of memory. (predicted ") for one in refused)
    assert max(paper.runs) == 40


def test_a_try_runs_twice_besides_following_its_memory(make: Make, lenet: Case) -> None:
    """What only a second run needs shows in a try, and not first in the measurement."""
    request, paper = make(41, 2**40)
    end_to_end.ready(lenet, request)
    followed = len(paper.runs)
    waited = request.cuda.synchronisations
    assert try_here(lenet, request).status == "fits"
    assert len(paper.runs) == 2 * followed + 2
    assert request.cuda.synchronisations > waited
    assert not request.cuda.queue


def test_what_networks_before_left_is_free_to_a_try(make: Make, lenet: Case) -> None:
    request, _ = make(41, 2**40)
    request.cuda.reserved = 2**39
    refused = try_here(lenet._replace(batch=41), request)
    assert refused.message.endswith(" 1.00 TiB of 1.00 TiB were free)")


def test_where_nothing_fits_the_row_says_so(make: Make, lenet: Case) -> None:
    request, _ = make(1, predicted(lenet, 3))
    case, found = measure_largest(lenet, Here(request), silent)
    assert (case.batch, found.batch, found.status, found.latency_ms) == (
        1,
        1,
        "out_of_memory",
        None,
    )
    assert found.message.startswith("CUDA out of memory.")
    assert found.searched is not None
    assert (found.searched.largest, found.searched.refused) == (None, 1)


def test_another_failure_ends_the_search_with_its_words(make: Make, lenet: Case) -> None:
    request, _ = make(1000, predicted(lenet, 32), failing=100)
    _, found = measure_largest(lenet, Here(request), silent)
    assert found.searched is not None
    assert (found.status, found.batch, found.searched.refused) == ("measured", 64, None)
    last = found.searched.tries[-1]
    assert (last.batch, last.status) == (128, "failed")
    assert last.message == "canUse32BitIndexMath INTERNAL ASSERT FAILED"


def test_a_run_has_the_found_batches(
    make: Make, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the rows, in memory, in the plan that layers are timed by, and in a note."""
    request, _ = make(41, predicted(lenet, 20))

    @contextmanager
    def here(request: Request) -> Iterator[Here]:
        yield Here(request)

    monkeypatch.setattr(measuring, "measuring", here)
    plan = Plan([[lenet], [lenet._replace(dtype="float16")]], request, {}, largest=True)
    kept: list[int] = []
    done = carry_out(plan, lambda run: kept.append(len(run["measurements"])))
    assert kept == [1, 2]
    assert [[case.batch for case in group] for group in plan.groups] == [[40], [40]]
    assert [row["batch"] for row in done["measurements"]] == [40, 40]
    assert [row["batch"] for row in done["memory"]] == [40, 40]
    paper = run(*done["measurements"])
    assert bench_faults(paper) == []
    texts = [text for label, text in bench_table(paper).notes if label == "largest"]
    assert [text.partition(" out of")[0] for text in texts] == [
        "lenet float32: batch 40 fits, 41 does not: CUDA",
        "lenet float16: batch 40 fits, 41 does not: CUDA",
    ]
    assert [label for label, _ in bench_table(run(row())).notes if label == "largest"] == []
