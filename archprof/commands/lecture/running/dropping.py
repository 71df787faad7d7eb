"""Experiments on single units: what becomes of ones, and the weights of a killed unit."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from archprof.commands.lecture.running.arguments import ExperimentArguments, first_output, sample
from archprof.model.visiting import Visiting
from archprof.problem import nearest

ONES = 10**6
"""Elements of an input of ones, at least: of a share of a half the standard error is 0.0005."""

MEASURES: dict[str, Callable[[Tensor], Tensor]] = {
    "zeros": lambda x: (x == 0).double().mean(),
    "mean": lambda x: x.mean(),
    "largest": lambda x: x.max(),
}
"""What is reported of an output, by the words of `measure`."""


def ones(arguments: ExperimentArguments) -> str:
    """Return one number of the output for an input of ones, in a mode.

    With dropout, the share of zeros is that of the dropped units, the largest value what a kept one
    becomes, and the mean what a layer behind expects.
    """
    analysis = arguments.analysis("network")
    module = arguments.filled(analysis)
    module.train(arguments.choice("mode") == "training")
    size = analysis.graph.input
    images = math.ceil(ONES / math.prod(size))
    arguments.check_size(
        analysis.graph.network.name, images * analysis.known_totals.sum_outputs_bytes // 4
    )
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        result = module(torch.ones(images, *size, dtype=torch.float64))
    output = first_output(result)
    return f"{float(MEASURES[arguments.choice('measure')](output)):.10g}"


def killed(arguments: ExperimentArguments) -> str:
    """Return not updated or updated: the weights that are attached to a unit that is zero.

    The unit is the first one of `layer`'s output, a channel where that has several pixels. Attached
    are the first row of the weights of a layer before it, and the first column of those of a layer
    behind. They are not updated where their gradient is exactly 0 while other weights of the same
    layer have one.
    """
    analysis = arguments.analysis("network")
    module = arguments.filled(analysis)
    paths = [node.path for node in analysis.graph.nodes]
    unit_of, weights_of = (_place(arguments, name, paths) for name in ("layer", "weights"))
    weight = dict(module.named_parameters()).get(f"{paths[weights_of]}.weight")
    if weight is None or weight.ndim < 2:
        raise arguments.refuse(f"`{paths[weights_of]}` has no matrix of weights")
    behind = weights_of > unit_of
    units = analysis.graph.nodes[unit_of].output[0]
    if weight.shape[int(behind)] != units:
        raise arguments.refuse(
            f"`{paths[weights_of]}` has {weight.shape[int(behind)]} units where"
            f" `{paths[unit_of]}` has {units}"
        )

    def kill(place: int, output: Tensor) -> Tensor:
        alive = torch.ones(units, dtype=output.dtype).view(-1, *[1] * (output.ndim - 2))
        alive[0] = 0
        return output * alive if place == unit_of else output

    output = first_output(Visiting(module, kill).run(sample("input", 2, *analysis.graph.input)))
    loss = (output * sample("loss", *output.shape)).sum()
    gradient = None
    if loss.requires_grad and weight.requires_grad:
        (gradient,) = torch.autograd.grad(loss, weight, allow_unused=True)
    if gradient is None or not bool((gradient != 0).any()):
        raise arguments.refuse(f"no gradient reaches `{paths[weights_of]}`")
    attached = gradient.select(int(behind), 0)
    return "updated" if bool((attached != 0).any()) else "not updated"


def _place(arguments: ExperimentArguments, name: str, paths: list[str]) -> int:
    path = arguments.text(name)
    if path not in paths:
        raise arguments.refuse(f"there is no layer `{path}`", nearest(path, paths))
    return paths.index(path)
