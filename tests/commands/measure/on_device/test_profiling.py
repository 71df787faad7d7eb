"""What the profiler saw: kernels given to the context they were launched in, memory as it was
handed out, and nothing written meanwhile.
"""

from __future__ import annotations

import json
import os

import pytest
import torch
from torch.autograd import DeviceType
from torch.autograd.profiler_util import FunctionEvent

from archprof.commands.measure.on_device import profiling


def event(
    name: str,
    kernels: dict[str, float] | None = None,
    children: tuple[FunctionEvent, ...] = (),
    device: DeviceType = DeviceType.CPU,
) -> FunctionEvent:
    """An event as torch's profiler gives it, with the microseconds of the kernels it launched
    itself.
    """
    found = FunctionEvent(
        id=0, name=name, thread=1, start_us=0, end_us=900, device_type=device, use_device="cuda"
    )
    for kernel, microseconds in (kernels or {}).items():
        found.append_kernel(kernel, 0, microseconds)
    for child in children:
        found.append_cpu_child(child)
    return found


def test_kernels_belong_to_the_context_they_were_launched_in() -> None:
    launch = event("cudaLaunchKernel", {"sgemm": 30.0})
    convolution = event("aten::conv2d", {"im2col": 5.0}, (event("aten::addmm", {}, (launch,)),))
    first = event("archprof node 0", {}, (convolution, event("aten::add_", {"add": 2.5})))
    second = event("archprof node 1", {}, (event("aten::relu", {"relu": 4.0}),))
    view = event("archprof node 2", {}, (event("aten::view"),))
    assert profiling.launched([first, second, view, convolution, launch]) == {
        "archprof node 0": [("im2col", 5e-6), ("sgemm", 30e-6), ("add", 2.5e-6)],
        "archprof node 1": [("relu", 4e-6)],
        "archprof node 2": [],
    }


def test_the_devices_own_span_of_a_context_is_no_kernel() -> None:
    """The span covers its kernels and the gaps between them; it comes once as an event of the
    device, and may hang on the context as a kernel.
    """
    context = event(
        "archprof node 0", {"archprof node 0": 100.0}, (event("aten::relu", {"relu": 4.0}),)
    )
    assert profiling.launched([context, event("archprof node 0", device=DeviceType.CUDA)]) == {
        "archprof node 0": [("relu", 4e-6)]
    }


def test_a_layer_that_runs_twice_has_both() -> None:
    times = [event("archprof node 3", {}, (event("aten::relu", {"relu": 4.0}),)) for _ in range(2)]
    assert profiling.launched(times) == {"archprof node 3": [("relu", 4e-6), ("relu", 4e-6)]}


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_a_real_profile_has_the_names() -> None:
    def run() -> None:
        with profiling.named(f"{profiling.NODE}7"):
            torch.relu(torch.ones(3))

    events, _ = profiling.kernels(run, lambda: None)
    # no device here, no kernels
    assert profiling.launched(events) == {"archprof node 7": []}
    (context,) = [found for found in events if found.name == "archprof node 7"]
    assert "aten::relu" in {child.name for child in context.cpu_children}


def test_memory_at_its_most() -> None:
    """4000 bytes, then 12000 beside them, then 8000 after the first are given back: at most
    16000, 64-byte rounding apart.
    """

    def run() -> torch.Tensor:
        first = torch.empty(1000)
        second = torch.empty(3000)
        del first
        return torch.cat([second[:1000], second[1000:2000]])

    assert profiling.allocated(run) == 12_000 + 8_000
    assert profiling.allocated(lambda: None) == 0


def test_scratch_of_a_kernel_is_seen() -> None:
    """Sorting gives values and indices, and takes scratch besides: more than 40,000 + 80,000
    bytes.
    """
    values = torch.rand(10_000)
    assert profiling.allocated(lambda: torch.sort(values)) > 120_000


def test_nothing_is_written_meanwhile(capfd: pytest.CaptureFixture[str]) -> None:
    profiling.allocated(lambda: torch.ones(3))
    assert capfd.readouterr() == ("", "")


def test_errors_come_through(capfd: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        profiling.allocated(fails)

    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


@pytest.mark.filterwarnings("ignore:CUDA is not available")
@pytest.mark.parametrize("before", [None, "1"])
def test_cupti_is_not_torn_down_beside_live_graphs(
    monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    """kineto reads both variables when a profile ends and the next begins."""
    names = ("TEARDOWN_CUPTI", "DISABLE_CUPTI_LAZY_REINIT")
    for name in names:
        if before is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, before)
    seen: list[str | None] = []
    profiling.kernels(lambda: seen.extend(map(os.environ.get, names)), lambda: None)
    assert seen == ["0", "1"]
    assert [os.environ.get(name) for name in names] == [before, before]


def test_why_no_kernels_were_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    activity = profiling.ProfilerActivity
    monkeypatch.setattr(profiling, "supported_activities", lambda: {activity.CPU})
    assert "without CUPTI" in profiling.why_unseen("")
    monkeypatch.setattr(profiling, "supported_activities", lambda: {activity.CPU, activity.CUDA})
    refused = (
        "WARNING:2026 CuptiActivity failed with error CUPTI_ERROR_INSUFFICIENT_PRIVILEGES (35)"
    )
    assert "NVreg_RestrictProfilingToAdminUsers=0" in profiling.why_unseen(refused)
    assert (
        profiling.why_unseen("x\nfailed with error CUPTI_ERROR_NOT_INITIALIZED (15)\n")
        == "CUPTI_ERROR_NOT_INITIALIZED"
    )
    assert (
        profiling.why_unseen(" CUPTI initialization failed - activities will be missing\n")
        == "CUPTI initialization failed - activities will be missing"
    )
    assert profiling.why_unseen("nothing about it\n") == ""


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_what_kineto_writes_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    found = profiling.kernels(lambda: os.write(2, b"CUPTI_ERROR_X said\n"), lambda: None)
    assert "CUPTI_ERROR_X said" in found.said


def test_a_chrome_trace_has_the_names() -> None:
    def run() -> None:
        with profiling.named("layer1.conv"):
            torch.relu(torch.ones(3))

    events = json.loads(profiling.chrome_trace(run, lambda: None, cuda=False))["traceEvents"]
    assert {"layer1.conv", "aten::relu"} <= {found.get("name") for found in events}
