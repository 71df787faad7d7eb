"""A random network by hand: torch modules one after the other and side by side, until torch
refuses one or there are enough.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import torch
from torch import Tensor, nn

from tests.differential.kinds import KINDS, WINDOWED, Settings, Shape

IMAGES = 2


@dataclass
class Step:
    """One layer: what a spec says of it, what torch makes of it, and what came out; `output` is
    None where torch refused it.
    """

    name: str
    kind: str
    settings: Settings
    sources: tuple[str, ...]
    module: nn.Module | None = None
    output: Tensor | None = None
    macs: int = 0
    refusal: str = ""


@dataclass
class Made:
    """A network and the batch it was run on."""

    images: Tensor
    steps: list[Step] = field(default_factory=list)

    @property
    def refused(self) -> Step | None:
        """The layer that torch refuses, which is the last."""
        return self.steps[-1] if self.steps[-1].output is None else None

    @property
    def spec(self) -> str:
        """The same network as archprof reads it."""
        lines = ["name: net", f"input: {'x'.join(map(str, self.images.shape[1:]))}", "layers:"]
        for step in self.steps:
            lines.append(
                f"  {step.name}:"
                f" {json.dumps({'op': step.kind, 'from': list(step.sources), **step.settings})}"
            )
        return "\n".join(lines) + "\n"

    def state(self) -> Iterator[tuple[str, Tensor]]:
        """Every weight and buffer under its key."""
        for step in self.steps:
            if step.module is not None:
                yield from (
                    (f"{step.name}.{key}", value) for key, value in step.module.state_dict().items()
                )

    def params(self) -> int:
        return sum(
            p.numel()
            for step in self.steps
            if step.module is not None
            for p in step.module.parameters()
        )


def made(chance: Random) -> Made:
    """A network of one to five layers, some of them branches that meet again."""
    shape: Shape = (chance.randint(1, 6), chance.choice([1, 2, 3, 5, 8, 13]), chance.randint(1, 12))
    torch.manual_seed(chance.randrange(2**31))
    network = Made(torch.randn(IMAGES, *shape, dtype=torch.float64))
    tensors = {"input": network.images}
    here = "input"
    for _ in range(chance.randint(1, 5)):
        branches = 2 if tensors[here].ndim == 4 and chance.random() < 0.2 else 1
        ends = []
        for _ in range(branches):
            step = _layer(chance, here, tensors[here], len(network.steps))
            network.steps.append(step)
            if step.output is None:
                return network
            tensors[step.name] = step.output
            ends.append(step.name)
        here = ends[0]
        if branches > 1:
            step = _merge(chance, ends, tensors, len(network.steps))
            network.steps.append(step)
            if step.output is None:
                return network
            tensors[step.name] = step.output
            here = step.name
    return network


def _layer(chance: Random, source: str, x: Tensor, number: int) -> Step:
    shape = tuple(x.shape[1:])
    fitting = (
        [*KINDS, *WINDOWED]
        if len(shape) == 3
        else ["linear", "layer_norm", "rms_norm", "relu", "slice"]
    )
    kind = chance.choice(fitting)
    step = Step(f"l{number}", kind, KINDS[kind].settings(chance, shape), (source,))
    try:
        module = KINDS[kind].module(step.settings, shape).double().eval()
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for tensor in (*module.parameters(), *module.buffers()):
                if tensor.is_floating_point():
                    tensor.uniform_(0.2, 1)  # running variances too
            output = module(x)
    except (RuntimeError, ValueError) as error:
        step.refusal = str(error).splitlines()[0]
        return step
    if not output.numel():  # torch has empty tensors, networks do not
        step.refusal = f"an empty tensor of {tuple(output.shape)}"
        return step
    step.module, step.output = module, output
    step.macs = KINDS[kind].macs(step.settings, shape, tuple(output.shape[1:]))
    return step


OF_TWO: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": torch.add,
    "multiply": torch.mul,
    "subtract": torch.sub,
    "divide": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}


def _merge(chance: Random, ends: list[str], tensors: dict[str, Tensor], number: int) -> Step:
    kind = chance.choice([*OF_TWO, "concat"])
    dim = chance.randrange(3)
    step = Step(f"l{number}", kind, {"dim": dim} if kind == "concat" else {}, tuple(ends))
    first, second = (tensors[end] for end in ends)
    # torch aligns the last dimensions, where one's batch meets the other's channels
    if first.ndim != second.ndim and kind != "concat":
        step.refusal = "the batch meets another dimension"
        return step
    try:
        if kind == "concat":
            step.output = torch.cat([first, second], dim + 1)
        else:
            step.output = OF_TWO[kind](first, second)
    except (RuntimeError, IndexError) as error:
        step.refusal = str(error).splitlines()[0]
    return step
