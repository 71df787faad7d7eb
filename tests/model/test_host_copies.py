"""Nothing is copied from the host, or read back to it, in a forward pass: on a GPU each such copy
waits for all that is queued, and a CUDA graph cannot be captured.

A CPU shows it: the calls that would copy are refused, whatever the device.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import archprof
from archprof.graph.graph import Graph
from archprof.language.find import shipped
from archprof.model import functions, modules
from archprof.model.compile import assemble
from archprof.model.inputs import zeros
from archprof.model.namespace import _Layers
from archprof.ops import OPS
from tests.effort import NIGHTLY
from tests.ops.cases import networks
from tests.small import graph_of

HOST = {
    *("tensor", "as_tensor", "asarray", "from_numpy", "frombuffer", "scalar_tensor", "new_tensor"),
    *("item", "tolist", "numpy", "cpu", "nonzero", "argwhere", "masked_select", "unique"),
    *("__bool__", "__int__", "__float__", "__index__", "__array__", "__contains__"),
}
"""What makes a tensor of host values, or host values of a tensor, by torch's names."""

COPIES = {"lift_fresh", "_local_scalar_dense", "nonzero", "masked_select", "_unique2"}
"""The same below, where torch's own modules and functions call it."""


class HostCopy(Exception):
    """A forward pass that would copy between the host and a device."""


class _Called(TorchFunctionMode):
    """Refuses the functions, and an index that is a list or an array."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in HOST:
            raise HostCopy(name)
        if name in ("__getitem__", "__setitem__"):
            index = args[1] if isinstance(args[1], tuple) else (args[1],)
            for entry in index:
                if isinstance(entry, Tensor) and entry.dtype == torch.bool:
                    raise HostCopy("an index of booleans")  # which are counted on the host
                if not isinstance(entry, int | slice | Tensor | None | type(...)):
                    raise HostCopy(f"an index of {type(entry).__name__}")
        return func(*args, **(kwargs or {}))


class _Dispatched(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses what torch's dispatcher is asked for: such a copy, or a tensor on another device."""

    def __init__(self, device: str):
        super().__init__()  # type: ignore[no-untyped-call]
        self.device = device

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func._schema.name.partition("::")[2]
        if name in COPIES:
            raise HostCopy(name)
        result = func(*args, **(kwargs or {}))
        for made in result if isinstance(result, tuple | list) else (result,):
            if isinstance(made, Tensor) and made.device.type != self.device:
                raise HostCopy(f"{name} gives a tensor on {made.device}, not on {self.device}")
        return result


def walk(module: Callable[..., Any], *inputs: Tensor) -> None:
    """Run a forward pass. Raises HostCopy where it would copy between the host and a device."""
    with _Called(), _Dispatched(inputs[0].device.type):
        module(*inputs)


def walk_network(graph: Graph, device: str) -> None:
    module = assemble(graph, device=device)
    walk(module.train(), *zeros(graph, 2, device))
    walk(module.eval().requires_grad_(False), *zeros(graph, 2, device))


@pytest.mark.parametrize("op", OPS)
def test_every_op_stays_on_its_device(op: str) -> None:
    """On the CPU, as its kernels are; and on the meta device, on which a tensor that was made on
    the CPU is found by its device. What lies in another order in memory is computed by the same
    calls.
    """
    for layers, size in networks(op):
        if NIGHTLY or not {"order", "gap"} & layers.keys():
            graph = graph_of(layers, size)
            walk_network(graph, "cpu")
            if "group_norm" not in layers["x"]:  # meta does not take every layout of it
                walk_network(graph, "meta")


KINDS = [
    "alexnet",
    "convnextv2_atto",
    "deit_tiny_patch16_224",
    "lenet5",
    "nf_resnet50",
    "swin_large_patch4_window7_224",
    "swin_t",
    "vit_b_16",
]
"""The networks with functions and modules of archprof's own, one of each kind."""
NETWORKS = [network.name for network in shipped()] if NIGHTLY else KINDS
"""In the nightly profile all: what the others have besides are single ops, each of which is tried
alone.
"""


def walk_shipped(name: str) -> None:
    graph = archprof.load(name).graph
    module = assemble(graph, aux_heads=True, device="meta")
    inputs = zeros(graph, 2, "meta")
    walk(module.train(), *inputs)
    walk(module.eval().requires_grad_(False), *inputs)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_each_kind_stays_on_its_device(name: str) -> None:
    walk_shipped(name)


ARRAY = torch.tensor([1, 0]).numpy()


@pytest.mark.parametrize(
    ("forward", "found"),
    [
        (lambda x: x[:, [0, 2]], "an index of list"),
        (lambda x: x[ARRAY], "an index of ndarray"),
        (lambda x: x[:, 0].numpy(), "numpy"),
        (lambda x: x * x.new_tensor(-100.0), "new_tensor"),
        (lambda x: x * torch.tensor(2.0), "tensor"),
        (lambda x: x * torch.as_tensor(2.0), "as_tensor"),
        (lambda x: x * x.sum().item(), "item"),
        (lambda x: x if x.sum() > 0 else -x, "__bool__"),
        (lambda x: x * float(x.sum()), "__float__"),
        (lambda x: x.cpu(), "cpu"),
        (lambda x: x[x > 0], "an index of booleans"),
        (lambda x: x.to("meta"), "_to_copy gives a tensor on meta, not on cpu"),
        (lambda x: torch.zeros(2, device="meta"), "zeros gives a tensor on meta, not on cpu"),
    ],
)
def test_what_copies_is_refused(forward: Callable[[Tensor], Any], found: str) -> None:
    with pytest.raises(HostCopy, match=f"^{found}$"):
        walk(forward, torch.ones(2, 3))


def listed(self: modules.TableConv2d, x: Tensor) -> Tensor:
    maps = self._conv_forward(x[:, [0] * len(self.sources)], self.weight, None)
    return torch.stack([part.sum(1) for part in maps.split(self.counts, dim=1)], dim=1)


def multiplied(x: Tensor, height: int, width: int, window: int, shift: int) -> Tensor:
    return functions.window_mask(x, height, width, window, shift) * x.new_tensor(-100.0)


def test_a_list_as_lenets_connections_had_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules.TableConv2d, "forward", listed)
    with pytest.raises(HostCopy, match=r"^an index of list$"):
        walk_shipped("lenet5")


def test_a_factor_as_swins_mask_had_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Layers, "window_mask", staticmethod(multiplied))
    with pytest.raises(HostCopy, match=r"^new_tensor$"):
        walk_shipped("swin_t")


def table() -> nn.Module:
    return modules.TableConv2d([[2], [0, 1]], (1, 1), bias=True)


def test_the_connections_follow_the_module_and_stay_out_of_its_state() -> None:
    made = table()
    assert made.sources.tolist() == [2, 0, 1]
    assert set(made.state_dict()) == {"weight", "bias"}
    assert made.to("meta").sources.is_meta
    assert made.half().sources.dtype == torch.int64
    with torch.device("meta"):
        assert table().sources.is_meta


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_network_keeps_them(device: str) -> None:
    """LeNet-5: 60 connections (LeCun et al. 1998, Table I: 6 of 3, 9 of 4 and 1 of 6 channels)."""
    graph = archprof.load("lenet5").graph
    module = assemble(graph, device=device)
    for one in (module, copy.deepcopy(module)):
        assert one.c3.sources.shape == (6 * 3 + 9 * 4 + 6,)
        assert one.c3.sources.device.type == device
        assert "c3.sources" not in one.state_dict()
        assert "c3.sources" in dict(one.named_buffers())


def test_a_mask_is_made_where_its_windows_are() -> None:
    x = torch.zeros(1, device="meta", dtype=torch.float16)
    mask = functions.window_mask(x, 4, 4, 2, 1)
    assert (mask.device.type, mask.dtype) == ("meta", torch.float16)
