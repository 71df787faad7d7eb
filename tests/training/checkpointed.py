"""Plans of checkpoints for tests, and steps with them as torch runs them on real tensors."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from archprof.graph.graph import Graph
from archprof.model.checkpointed import checkpointed
from archprof.model.compile import build
from archprof.model.step_tracker import StepTracker, track_step
from archprof.training.checkpoints import Flow, Part, Plan


def grouped(graph: Graph, count: int) -> list[tuple[Part, int]]:
    """The parts of a network in so many groups of like size, with the value each begins with."""
    chain = Flow(graph).chain()
    edges = [round(i * len(chain) / count) for i in range(count + 1)]
    return [
        (sum((part for part, _ in chain[start:end]), ()), chain[start][1])
        for start, end in itertools.pairwise(edges)
        if end > start
    ]


def plan_of(graph: Graph, count: int, again: Callable[[int], bool]) -> Plan:
    """A plan of so many groups, of which those run again that are named and safe."""
    flow = Flow(graph)
    parts = [part for part, _ in grouped(graph, count)]
    return tuple((part, again(i) and not flow.fault(part)) for i, part in enumerate(parts))


def choices(count: int) -> Iterator[tuple[tuple[int, int, bool], ...]]:
    """Every way to divide so many groups into parts that run again and single ones that do not."""

    def behind(start: int) -> Iterator[tuple[tuple[int, int, bool], ...]]:
        if start == count:
            yield ()
        for end in range(start + 1, count + 1):
            for rest in behind(end):
                yield ((start, end, True), *rest)
                if end == start + 1:
                    yield ((start, end, False), *rest)

    return behind(0)


def built(graph: Graph, plan: Plan, preserve_rng_state: bool = False) -> nn.Module:
    """The network by archprof's own build, which follows a plan."""
    ends = [(graph.nodes[p[0]].path, graph.nodes[p[-1]].path) for p, again in plan if again]
    return checkpointed(build(graph, aux_heads=True).train(), ends, preserve_rng_state)


def batch_of(graph: Graph, size: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(size, *graph.input), torch.zeros(size, dtype=torch.int64)


def tracked_with(
    graph: Graph,
    plan: Plan,
    size: int = 2,
    autocast: torch.dtype | None = None,
    observed: bool = False,
) -> StepTracker:
    """A step that follows a plan, on real tensors, as it goes where nobody looks, or somebody."""
    model = built(graph, plan)
    image, target = batch_of(graph, size)
    return track_step(
        model,
        model,
        image,
        target,
        unobserved=not observed,
        autocast=autocast,
        auxiliary=len(graph.aux_outputs),
    )


def gradients(model: nn.Module, image: Tensor, target: Tensor) -> dict[str, Tensor]:
    """The gradients of a step's parameters, whatever is drawn at random the same in each call."""
    torch.manual_seed(2)
    outputs = model(image)
    several: Sequence[Tensor] = outputs if isinstance(outputs, tuple) else (outputs,)
    sum(nn.functional.cross_entropy(each, target) for each in several).backward()  # type: ignore[union-attr]
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    return found
