"""Steps of training as they are simulated, against what torch takes on the device."""

from __future__ import annotations

import gc

import torch
from cuda_checks import Checks

import archprof
from archprof.model.step_tracker import track_step
from archprof.training.conditions import StepConditions
from archprof.training.step import simulate

ON_CUDA = (
    "resnet50",
    "convnext_tiny",
    "mobilenet_v2",
    "densenet121",
    "vit_b_16",
    "swin_t",
    "vgg16",
    "efficientnet_b0",
    "googlenet_bn",
    "alexnet",
)
REHEARSED = ("lenet5", "resnet18")
BOUND = 0.02


def steps(checks: Checks) -> None:
    """Hold the peak of a second step, tensor by tensor and by the allocator, with and without
    autocast; birth by birth it is a note, as some kernels of a GPU make other temporaries.
    """
    names = ON_CUDA if checks.on_cuda else REHEARSED
    for name in names:
        for narrow in (None, torch.bfloat16):
            _step(checks, name, 16 if checks.on_cuda else 2, narrow)


def _step(checks: Checks, name: str, batch: int, narrow: torch.dtype | None) -> None:
    loaded = archprof.load(name)
    graph = loaded.analyze().graph
    device = "cuda" if checks.on_cuda else "cpu"
    with torch.device(checks.device):
        model = loaded.build().train()
        image = torch.randn(batch, *graph.input)
        target = torch.zeros(batch, dtype=torch.int64)
    tracked = track_step(
        model, model, image, target, autocast=narrow, unobserved=True, steps_before=1
    )
    conditions = StepConditions(batch=batch, autocast=narrow is not None, device=device)
    timeline = simulate(graph, conditions)
    row = f"step {name} b{batch} {'autocast' if narrow else 'float32'}"
    peak = tracked.peak("forward", "backward")
    checks.within(f"{row}: simulated, tracked", timeline.peak.live, peak.live, BOUND)
    checks.note(f"{row}: tracked at {peak}, simulated at {timeline.peak}")
    if checks.on_cuda:
        _allocated(checks, row, model, image, target, narrow, timeline.peak.live)
    del model, image, target
    gc.collect()


def _allocated(
    checks: Checks,
    row: str,
    model: torch.nn.Module,
    image: torch.Tensor,
    target: torch.Tensor,
    narrow: torch.dtype | None,
    simulated: int,
) -> None:
    """Note what the allocator was asked for in a step that nobody looks at."""
    model.zero_grad()
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    with torch.autocast("cuda", dtype=narrow or torch.bfloat16, enabled=narrow is not None):
        loss = torch.nn.functional.cross_entropy(model(image), target)
    loss.backward()
    asked = torch.cuda.memory_stats()["requested_bytes.all.peak"]
    checks.note(f"{row}: simulated {simulated}, requested {asked}: {asked / simulated:.4f}")
