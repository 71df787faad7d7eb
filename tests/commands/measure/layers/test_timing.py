"""Time of each layer: it is its own and nobody else's, it grows with work, and the sum leads to
the whole.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest
import torch
from torch import fx

from archprof.commands.measure.layers import kernels as layer_kernels
from archprof.commands.measure.layers import timing
from archprof.commands.measure.layers.times import LayerTimes
from archprof.commands.measure.layers.timing import stamping, time_layers
from archprof.commands.measure.on_device import profiling
from archprof.commands.measure.on_device.clock import CpuClock, CudaClock
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, build
from tests.commands.measure.fake_cuda import FakeCuda
from tests.small import graph_of

CHAIN = {
    "a": "op: conv2d, out: 4, kernel: 1",
    "r": "op: relu",
    "b": "op: conv2d, out: 4, kernel: 1",
    "x": "op: add, from: [b, r]",
    "f": "op: flatten",
}
SIZE = (4, 6, 8)


def network(
    layers: dict[str, str] = CHAIN, size: tuple[int, ...] = SIZE
) -> tuple[fx.GraphModule, Graph, torch.Tensor]:
    graph = graph_of(layers, size)
    return build(graph).eval().requires_grad_(False), graph, torch.rand(1, *size)


def after(module: fx.GraphModule, path: str, does: Callable[[], object]) -> None:
    module.get_submodule(path).register_forward_hook(lambda *_: does() and None)


def seconds(times: LayerTimes) -> dict[str, float]:
    return {layer.path: layer.seconds for layer in times.layers}


# --- on the processor ---


@pytest.mark.parametrize("slow", ["a", "r", "b"])
def test_a_sleep_shows_up_in_its_layer_and_nowhere_else(slow: str) -> None:
    module, graph, image = network()
    after(module, slow, lambda: time.sleep(0.02))
    found = time_layers(module, graph, image, CpuClock(), passes=5, seconds=0)
    taken = seconds(found)
    assert list(taken) == ["a", "r", "b", "x", "f"]
    assert taken.pop(slow) >= 0.02
    assert max(taken.values()) < 0.02 / 2  # the others compute a 4x6x8 map: microseconds
    assert found.whole >= 0.02


def test_a_sleep_outside_the_layers_is_a_gap() -> None:
    module, graph, image = network()
    module.register_forward_hook(lambda *_: time.sleep(0.02))
    found = time_layers(module, graph, image, CpuClock(), passes=5, seconds=0)
    assert found.rest >= 0.02 - found.total
    assert max(seconds(found).values()) < 0.01


def test_time_grows_with_work() -> None:
    """A matrix product of 64 times the arithmetic beside the small one, in one run."""
    layers = {
        "small": "op: linear, out: 128",
        "back": "op: linear, out: 128",
        "up": "op: linear, out: 2048",
        "large": "op: linear, out: 2048",
    }
    module, graph, image = network(layers, (256, 128))
    taken = seconds(time_layers(module, graph, image, CpuClock(), passes=10, seconds=0))
    assert taken["large"] > taken["up"] > taken["small"]  # 2*256 times 2048*2048, 128*2048, 128*128


def test_the_sum_and_the_whole() -> None:
    module, graph, image = network()
    found = time_layers(module, graph, image, CpuClock(), passes=20, seconds=0)
    assert found.whole == pytest.approx(found.total - found.stamping + found.rest)
    assert found.passes == 20
    assert found.stamping > 0
    assert all(
        layer.kernel_seconds is None and layer.busy == layer.seconds > 0 for layer in found.layers
    )


def test_stamps_around_nothing_take_little() -> None:
    assert 0 < stamping(CpuClock(), torch.zeros(1)) < 1e-3


def test_heads_that_inference_leaves_out_are_not_timed() -> None:
    layers = {"a": "op: conv2d, out: 4, kernel: 1", "h": "op: flatten, aux: true", "b": "op: relu"}
    module, graph, image = network(layers)
    assert list(seconds(time_layers(module, graph, image, CpuClock(), passes=2, seconds=0))) == [
        "a",
        "b",
    ]


def test_a_limit_ends_it() -> None:
    module, graph, image = network()
    after(module, "a", lambda: time.sleep(0.01))
    assert (
        time_layers(module, graph, image, CpuClock(), passes=1000, seconds=100, limit=0.05).passes
        < 20
    )


# --- on a CUDA device (whose profiler finds none here, and says so) ---

quiet = pytest.mark.filterwarnings("ignore:CUDA is not available")


def launching(
    cuda: FakeCuda, costs: dict[str, float]
) -> tuple[fx.GraphModule, Graph, torch.Tensor]:
    """A network whose layers launch one kernel each on the device."""
    module, graph, image = network()
    for path, cost in costs.items():
        after(module, path, lambda cost=cost: cuda.launch(cost))  # type: ignore[misc]
    return module, graph, image


@quiet
def test_layers_have_the_devices_time() -> None:
    cuda = FakeCuda()
    found = time_layers(
        *launching(cuda, {"a": 0.25, "r": 0.5, "b": 2.0}), CudaClock(cuda), passes=3, seconds=0
    )
    assert seconds(found) == pytest.approx({"a": 0.25, "r": 0.5, "b": 2.0, "x": 0.0, "f": 0.0})
    assert (found.total, found.whole, found.stamping, found.rest) == pytest.approx(
        (2.75, 2.75, 0.0, 0.0)
    )


@quiet
def test_what_a_pass_takes_beyond_its_layers_is_said() -> None:
    cuda = FakeCuda()
    module, graph, image = launching(cuda, {"a": 0.25, "b": 0.5})
    module.register_forward_hook(lambda *_: cuda.launch(1.5))
    found = time_layers(
        module, graph, image, CudaClock(cuda), whole=lambda: module(image), passes=3, seconds=0
    )
    assert (found.total, found.whole, found.rest) == pytest.approx((0.75, 2.25, 1.5))
    fused = time_layers(
        module, graph, image, CudaClock(cuda), whole=cuda.kernel(0.5), passes=3, seconds=0
    )
    assert (fused.total, fused.whole, fused.rest) == pytest.approx((0.75, 0.5, -0.25))


@quiet
def test_medians_shrug_off_one_slow_pass() -> None:
    cuda = FakeCuda()
    module, graph, image = network()
    # of each turn three passes, as run, held and stamped, after six under the profiler and others
    costs = itertools.chain([0.1] * 18, [9.0] * 3, itertools.repeat(0.1))
    after(module, "a", lambda: cuda.launch(next(costs)))
    found = time_layers(module, graph, image, CudaClock(cuda), passes=7, seconds=0)
    assert seconds(found)["a"] == pytest.approx(0.1)
    assert found.whole == pytest.approx(0.1)
    assert found.unheld == pytest.approx(0.1)


def test_without_synchronising_there_is_no_time() -> None:
    class Unsynchronised(CudaClock):
        def synchronize(self) -> None:
            pass

    cuda = FakeCuda()
    module, graph, image = launching(cuda, {"a": 0.25})
    with pytest.raises(RuntimeError, match="not ready"):
        time_layers(module, graph, image, Unsynchronised(cuda), passes=2, seconds=0)


def profiled(
    monkeypatch: pytest.MonkeyPatch, kernels: dict[int, list[tuple[str, float]]], said: str = ""
) -> list[object]:
    """Let the profiler see these kernels of each node in each of its passes; return its starts."""
    starts: list[object] = []

    def seen(run: Callable[[], object], synchronize: Callable[[], object]) -> profiling.Profile:
        starts.append(run())
        return profiling.Profile([], said)

    by_name = {
        f"archprof node {node} pass {number}": [profiling.Kernel(*kernel) for kernel in launched]
        for node, launched in kernels.items()
        for number in range(layer_kernels.PROFILED)
    }
    monkeypatch.setattr(profiling, "kernels", seen)
    monkeypatch.setattr(profiling, "launched", lambda events: by_name)
    return starts


def test_kernels_where_the_profiler_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = profiled(monkeypatch, {0: [("gemm", 0.15), ("add", 0.05)], 2: [("gemm", 0.2)] * 2})
    cuda = FakeCuda()
    found = time_layers(
        *launching(cuda, {"a": 0.25, "r": 0.1, "b": 0.5}), CudaClock(cuda), passes=3, seconds=0
    )
    assert {layer.path: layer.busy for layer in found.layers} == pytest.approx(
        {"a": 0.2, "r": 0.0, "b": 0.4, "x": 0.0, "f": 0.0}
    )
    assert [layer.kernels for layer in found.layers[:3]] == [
        (("gemm", 1, 0.15), ("add", 1, 0.05)),
        (),
        (("gemm", 2, 0.4),),
    ]
    assert found.kernels == pytest.approx(0.6)
    assert len(starts) == 1
    assert found.unseen == ""


def test_kernels_that_are_not_seen_are_unknown_and_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the right to use CUPTI every kernel takes nothing, which is not what it takes."""
    both = {profiling.ProfilerActivity.CPU, profiling.ProfilerActivity.CUDA}
    monkeypatch.setattr(profiling, "supported_activities", lambda: both)
    profiled(monkeypatch, {0: []}, "failed with error CUPTI_ERROR_NOT_COMPATIBLE (4)")
    cuda = FakeCuda()
    found = time_layers(*launching(cuda, {"a": 0.25}), CudaClock(cuda), passes=3, seconds=0)
    assert all(layer.kernel_seconds is None for layer in found.layers)
    assert (found.kernels, found.unseen) == (None, "CUPTI_ERROR_NOT_COMPATIBLE")
    profiled(monkeypatch, {0: []})
    silent = time_layers(*launching(cuda, {"a": 0.25}), CudaClock(cuda), passes=3, seconds=0)
    assert silent.unseen == layer_kernels.UNSAID


# --- on a device whose host takes time: 6 us to launch, 3 us to record an event, of which the
# device takes 0.6 us. Not held, a window of a kernel of 5 us has 3 + 6 us of the host and more ---


def hosted(**given: float) -> FakeCuda:
    return FakeCuda(
        **{
            "launch_seconds": 6e-6,
            "record_seconds": 3e-6,
            "wait_seconds": 5e-6,
            "event_seconds": 0.6e-6,
        }
        | given
    )


def chain(
    cuda: FakeCuda, seconds: Sequence[float]
) -> tuple[fx.GraphModule, SimpleNamespace, torch.Tensor]:
    """A network of one kernel a layer; a graph of paths alone."""
    graph = fx.Graph()
    last = graph.placeholder("input")
    for number, cost in enumerate(seconds):

        def layer(value: torch.Tensor, cost: float = cost) -> torch.Tensor:
            cuda.launch(cost)
            return value

        last = graph.call_function(layer, (last,))
        last.meta[NODE] = number
    graph.output(last)
    paths = [SimpleNamespace(path=f"l{number}") for number in range(len(seconds))]
    return fx.GraphModule(torch.nn.Module(), graph), SimpleNamespace(nodes=paths), torch.ones(1)


@quiet
@pytest.mark.parametrize("microseconds", [5, 150])
def test_windows_are_the_devices_time_where_the_host_takes_longer(microseconds: float) -> None:
    """176 kernels: each window its kernel and the event of 0.6 us that ends it, the whole all
    kernels and one event for each of two chunks, 90 layers of 10 launches in the first.
    """
    cuda = hosted()
    kernels = 176 * microseconds * 1e-6
    found = time_layers(
        *chain(cuda, [microseconds * 1e-6] * 176), CudaClock(cuda), passes=3, seconds=0
    )
    assert found.held is True
    assert found.total == pytest.approx(kernels + 176 * 0.6e-6)
    assert found.stamping == pytest.approx(176 * 0.6e-6)
    assert found.whole == pytest.approx(kernels + 2 * 0.6e-6)
    assert found.rest == pytest.approx(2 * 0.6e-6)  # and not 0.42 ms
    shares = (found.total - found.stamping) / found.whole
    assert shares == pytest.approx(1, abs=0.002)  # and not 1.82


@quiet
def test_what_the_host_costs_stands_beside_the_device() -> None:
    """176 kernels of 5 us that the host launches every 6 us: 176 * 6 + 5 us to the last one's end,
    and the event of 0.6 us.
    """
    cuda = hosted()
    found = time_layers(*chain(cuda, [5e-6] * 176), CudaClock(cuda), passes=3, seconds=0)
    assert found.unheld == pytest.approx(176 * 6e-6 + 5e-6, abs=2e-6)
    assert found.whole == pytest.approx(176 * 5e-6, abs=2e-6)


@quiet
def test_a_graph_is_compared_by_its_devices_time() -> None:
    """A replay of the same kernels takes what they take: no rest of minus a millisecond."""
    cuda = hosted()
    module, graph, image = chain(cuda, [5e-6] * 176)
    captured = cuda.CUDAGraph()
    captured.work = [5e-6] * 176
    found = time_layers(
        module, graph, image, CudaClock(cuda), whole=captured.replay, passes=3, seconds=0
    )
    assert found.whole == pytest.approx(176 * 5e-6 + 0.6e-6)
    assert found.rest == pytest.approx(0.6e-6)


@quiet
def test_never_more_is_pending_than_the_queue_takes() -> None:
    """2000 layers in chunks of 90, ten of the eight kernels assumed and two stamps; where one
    kernel each is known, of 300: 900 launches, the hold and its end, and the stamps of the chunk.
    """
    assumed = hosted()
    found = time_layers(*chain(assumed, [5e-6] * 2000), CudaClock(assumed), passes=2, seconds=0)
    assert found.held is True
    assert found.total == pytest.approx(2000 * 5.6e-6)
    known = hosted()
    module, _, image = chain(known, [5e-6] * 2000)
    stamped = timing._Stamping(module, CudaClock(known), dict.fromkeys(range(2000), 1))
    assert sum(stamped.seconds(image).values()) == pytest.approx(2000 * 5.6e-6)
    assert known.longest == 900 + 4


@quiet
def test_a_pass_that_waits_for_the_device_cannot_be_held_and_that_is_told() -> None:
    """A copy from the host in one layer waits for the hold to end, however long it is."""
    cuda = hosted()
    module, graph, image = chain(cuda, [5e-6] * 3)
    whole = module.forward

    def waits(value: torch.Tensor) -> object:
        cuda.synchronize()
        return whole(value)

    found = time_layers(
        module, graph, image, CudaClock(cuda), whole=lambda: waits(image), passes=3, seconds=0
    )
    assert found.held is False


@quiet
def test_what_another_library_runs_is_not_held() -> None:
    """A run that is not on this stream, of which the host waits for the end: 50 us."""
    cuda = hosted()
    module, graph, image = chain(cuda, [5e-6] * 3)

    def elsewhere() -> None:
        cuda.host += 50e-6

    found = time_layers(
        module, graph, image, CudaClock(cuda), whole=elsewhere, queued=False, passes=3, seconds=0
    )
    assert found.whole == pytest.approx(50e-6 + 3e-6, abs=1e-6)  # the stamp that ends it: 3 us
    assert found.unheld is None
    assert found.held is True
    assert found.total == pytest.approx(3 * 5.6e-6)
