"""A step of training of a network as torch runs it on tensors without data, and as simulated."""

from collections.abc import Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from archprof.graph.graph import Graph
from archprof.model.compile import assemble
from archprof.model.inputs import drawn, zeros
from archprof.model.step_tracker import StepTracker, track_step
from archprof.training.conditions import StepConditions
from archprof.training.step import Timeline, simulate

PHASES = ("forward", "backward")
Lives = list[tuple[str, int]]


def tracked_on_fake_tensors(
    graph: Graph, batch: int, autocast: torch.dtype | None = None
) -> StepTracker:
    """Track a forward and a backward pass; gradients are never added in place then."""
    with FakeTensorMode():
        return tracked_on_zeros(graph, batch, autocast)


def tracked_on_zeros(graph: Graph, batch: int, autocast: torch.dtype | None = None) -> StepTracker:
    """Track a forward and a backward pass of zeros, on tensors as torch makes them at present."""
    return _tracked(graph, zeros(graph, batch), autocast)


def tracked_on_random(graph: Graph, autocast: torch.dtype | None = None) -> StepTracker:
    """Track a forward and a backward pass of two random samples."""
    return _tracked(graph, drawn(graph, 2, "cpu", torch.float32), autocast)


def _tracked(
    graph: Graph, inputs: Sequence[torch.Tensor], autocast: torch.dtype | None
) -> StepTracker:
    model = assemble(graph, aux_heads=True).train()
    image, *others = inputs
    return track_step(
        lambda x: model(x, *others),
        model,
        image,
        torch.zeros(len(image), dtype=torch.int64),
        autocast=autocast,
        auxiliary=len(graph.aux_outputs),
        kept=lambda: others,
    )


def trains(graph: Graph) -> bool:
    """Whether there is a gradient of anything at all: torch refuses a backward pass otherwise."""
    return any(w.trainable for node in graph.nodes for w in node.facts.weights.values())


def lives(births: Any) -> Lives:
    """Return the bytes alive after every kernel of the forward and the backward pass that made a
    tensor.
    """
    return [(birth.phase, birth.live) for birth in births if birth.phase in PHASES]


def differences(tracked: StepTracker, timeline: Timeline) -> str:
    """Say where two steps differ first, "" where they are equal birth by birth."""
    seen, said = lives(tracked.births), lives(timeline.births)
    if seen == said:
        return ""
    births = [birth for birth in timeline.births if birth.phase in PHASES]
    kernels = [birth for birth in tracked.births if birth.phase in PHASES]
    for place, (theirs, ours) in enumerate(zip(seen, said, strict=False)):
        if theirs != ours:
            own = births[place]
            return (
                f"birth {place}: torch {kernels[place]}, simulated {own.kernel} of {own.path} with"
                f" {own.live}"
            )
    return f"{len(seen)} births in torch, {len(said)} simulated"


def simulated(graph: Graph, batch: int, watch: int | None = None, **conditions: Any) -> Timeline:
    """Return the simulated step under conditions by name."""
    return simulate(graph, StepConditions(batch=batch, **conditions), watch)
