"""Time of each layer: it is its own and nobody else's, it grows with work, and the sum leads to
the whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import fx

from archprof.commands.measure import layers as timing
from archprof.commands.measure.clock import CpuClock, CudaClock
from archprof.commands.measure.layers import LayerTimes, stamping, time_layers
from archprof.graph.graph import Graph
from archprof.model.compile import build
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
    found = time_layers(module, graph, image, CudaClock(cuda), passes=3, seconds=0)
    assert (found.total, found.whole, found.rest) == pytest.approx((0.75, 2.25, 1.5))
    fused = time_layers(
        module, graph, image, CudaClock(cuda), whole=cuda.kernel(0.5), passes=3, seconds=0
    )
    assert (fused.total, fused.whole, fused.rest) == pytest.approx((0.75, 0.5, -0.25))


@quiet
def test_medians_shrug_off_one_slow_pass() -> None:
    cuda = FakeCuda()
    module, graph, image = network()
    costs = iter([0.1, 0.1] * 6 + [9.0, 9.0] + [0.1, 0.1] * 20)
    after(module, "a", lambda: cuda.launch(next(costs)))
    found = time_layers(module, graph, image, CudaClock(cuda), passes=7, seconds=0)
    assert seconds(found)["a"] == pytest.approx(0.1)
    assert found.whole == pytest.approx(0.1)


def test_without_synchronising_there_is_no_time() -> None:
    class Unsynchronised(CudaClock):
        def synchronize(self) -> None:
            pass

    cuda = FakeCuda()
    module, graph, image = launching(cuda, {"a": 0.25})
    with pytest.raises(RuntimeError, match="not ready"):
        time_layers(module, graph, image, Unsynchronised(cuda), passes=2, seconds=0)


def test_kernels_where_the_profiler_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def profiled(run: Callable[[], object], synchronize: Callable[[], object]) -> list[Any]:
        seen.append(run())
        return []

    monkeypatch.setattr(timing.profiling, "kernels", profiled)
    monkeypatch.setattr(
        timing.profiling,
        "kernel_seconds",
        lambda events: {"archprof node 0": 0.2, "archprof node 2": 0.4},
    )
    cuda = FakeCuda()
    found = time_layers(
        *launching(cuda, {"a": 0.25, "r": 0.1, "b": 0.5}), CudaClock(cuda), passes=3, seconds=0
    )
    assert {layer.path: (layer.kernel_seconds, layer.busy) for layer in found.layers} == {
        "a": (0.2, 0.2),
        "r": (0.0, 0.0),
        "b": (0.4, 0.4),
        "x": (0.0, 0.0),
        "f": (0.0, 0.0),
    }
    assert len(seen) == timing.PROFILED
    # without the right to use CUPTI every kernel takes nothing, which is not what it takes
    monkeypatch.setattr(timing.profiling, "kernel_seconds", lambda events: {"archprof node 0": 0.0})
    found = time_layers(*launching(cuda, {"a": 0.25}), CudaClock(cuda), passes=3, seconds=0)
    assert all(layer.kernel_seconds is None for layer in found.layers)
