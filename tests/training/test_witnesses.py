"""Steps of training against torch's other witnesses: MemTracker, hooks of saved tensors, and its
counter of FLOPs.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed._tools.mem_tracker import MemTracker
from torch.utils.flop_counter import FlopCounterMode

from archprof.autograd.run import KINDS
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import shipped
from archprof.model.compile import assemble
from tests.training.tracked import simulated

GRAPHS = {network.name: network for network in shipped()}
SAVED = ["resnet18", "densenet121", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "swin_t"]


def model_and_batch(graph: Graph, batch: int = 2) -> tuple[nn.Module, Tensor, Tensor]:
    model = assemble(graph).train()
    return model, torch.randn(batch, *graph.input), torch.zeros(batch, dtype=torch.int64)


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "mobilenet_v2"])
def test_mem_tracker_sees_the_same_by_kind(name: str) -> None:
    """Its peak, and there the parameters and buffers, and the gradients.

    It looks at every tensor, so that no gradient is added in place.
    """
    graph = expand(GRAPHS[name])
    model, image, target = model_and_batch(graph)
    tracker = MemTracker()
    tracker.track_external(model, image, target)
    with tracker:
        loss = nn.functional.cross_entropy(model(image), target)
        loss.backward()
    seen = tracker.get_tracker_snapshot("peak")[torch.device("cpu")]
    kinds = {str(getattr(kind, "value", kind)): size for kind, size in seen.items()}
    timeline = simulated(graph, batch=2, observed=True)
    assert timeline.peak.live == kinds["Total"]
    ours = dict(zip(KINDS, timeline.peak.kinds, strict=True))
    assert ours["weights"] == kinds["Parameter"] + kinds["Buffer"]
    assert ours["gradients"] == kinds["Gradient"]


@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "autocast"])
@pytest.mark.parametrize("name", SAVED)
def test_what_is_saved_is_what_hooks_see(name: str, autocast: bool) -> None:
    """Storages that autograd packs, each once, parameters and buffers and the target left out."""
    graph = expand(GRAPHS[name])
    model, image, target = model_and_batch(graph)
    known = {t.untyped_storage()._cdata for t in (*model.parameters(), *model.buffers(), target)}
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            known.add(storage._cdata)
            kept.append(tensor)
        return tensor

    narrow: Any = torch.autocast("cpu", dtype=torch.bfloat16) if autocast else nullcontext()
    with narrow, torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        nn.functional.cross_entropy(model(image), target)
    image_storage = image.untyped_storage()._cdata
    seen = sum(
        each.untyped_storage().nbytes()
        for each in kept
        if each.untyped_storage()._cdata != image_storage
    )
    assert simulated(graph, batch=2, autocast=autocast).saved == seen


# FlopCounterMode counts the weight gradient of a convolution in groups as if it had none: `groups`
# times what it is. 2 per multiply-accumulate.
GROUPED = ["mobilenet_v2", "convnext_tiny", "resnext50_32x4d"]
DENSE = ["alexnet", "vgg11", "resnet18", "resnet50", "densenet121"]


@pytest.mark.parametrize("name", [*DENSE, *GROUPED])
def test_backward_arithmetic_is_torchs(name: str) -> None:
    graph = expand(GRAPHS[name])
    with FakeTensorMode():
        model, image, target = model_and_batch(graph)
        with FlopCounterMode(display=False) as forward:
            loss = nn.functional.cross_entropy(model(image), target)
        with FlopCounterMode(display=False) as back:
            loss.backward()  # type: ignore[no-untyped-call]
    timeline = simulated(graph, batch=2)
    excess = 0
    for node in graph.nodes:
        groups = getattr(node.op, "groups", 1)
        cost = node.facts.cost
        if node.kind == "conv2d" and groups > 1 and cost is not None:
            excess += 2 * (groups - 1) * cost.macs * 2  # of two images
    assert 2 * timeline.forward.macs == forward.get_total_flops()
    assert 2 * timeline.backward.macs + excess == back.get_total_flops()


def test_attention_computes_its_scores_again() -> None:
    """Flash attention, which torch's counter on the CPU has no handle for: five products backwards
    for two forwards (Dao 2023, arXiv 2307.08691, section 4.1).

    DeiT-Tiny: 12 blocks of 197 tokens, 192 channels: Q K^T and the product with V have
    197*197*192 multiply-accumulates each.
    """
    graph = expand(GRAPHS["deit_tiny_patch16_224"])
    timeline = simulated(graph, batch=1)
    attention = 12 * 2 * 197 * 197 * 192
    others = timeline.forward.macs - attention
    first = 3 * 16 * 16 * 192 * 14 * 14  # of the image no gradient is wanted
    assert timeline.backward.macs == 2 * others - first + attention * 5 // 2
