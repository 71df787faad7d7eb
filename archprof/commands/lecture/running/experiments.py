"""The experiments that claims name, run on compiled networks.

Each returns its result in the words that a claim states.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container

import torch
from torch import Tensor, fx, nn

from archprof import units
from archprof.commands.lecture.claims.document import Experiment
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.running import (
    curves,
    dependence,
    dropping,
    norms,
    signals,
    summing,
    updates,
)
from archprof.commands.lecture.running.arguments import ExperimentArguments, alike, sample
from archprof.graph.graph import Graph
from archprof.model.compile import build
from archprof.model.threads import one_thread
from archprof.ops.base import Shape

DOUBLINGS = 5
"""How often an input is doubled for the field of its central unit to fit in."""


def run(statement: Experiment, subjects: Subjects) -> str:
    """Return the experiment's result. Raises ProblemError where it cannot be run."""
    with one_thread():
        return EXPERIMENTS[statement.name](ExperimentArguments(statement, subjects))


# --- two networks ---


def equal(arguments: ExperimentArguments) -> str:
    """Return equal or different: two networks with the same weights on the same input.

    The weights are given in order and cut to each one's shapes. Layers of the right network that
    `identity` names have none of them: they pass on what they receive.
    """
    given_input = arguments.argument("input")
    left = arguments.analysis("left", arguments.shape(given_input) if given_input else None)
    right = arguments.analysis("right", left.graph.input)
    ours, theirs = arguments.filled(left), arguments.built(right)
    still = _identities(arguments, theirs)
    mine, other = _weights(ours, left.graph), _weights(theirs, right.graph, still)
    sizes = [weight.numel() for weight in other]
    if sum(sizes) != sum(weight.numel() for weight in mine):
        return "different"
    with torch.no_grad():
        given = torch.cat([weight.flatten() for weight in mine] or [torch.zeros(0)])
        for to, source in zip(other, torch.split(given, sizes), strict=True):
            to.copy_(source.view(to.shape))
        x = sample("input", 2, *left.graph.input)
        pairs = itertools.zip_longest(_outputs(ours(x.clone())), _outputs(theirs(x.clone())))
        for a, b in pairs:
            if a is None or b is None or alike(a, b) != "equal":
                return "different"
        return "equal"


def _identities(arguments: ExperimentArguments, module: fx.GraphModule) -> set[str]:
    """Make the layers that `identity` names pass on what they receive; return their weights' names.

    A convolution's filters are Dirac's (1 in the middle of its own channel), a linear layer's
    weights the identity matrix, biases 0.
    """
    named = dict(module.named_parameters())
    given = arguments.items("identity") if arguments.argument("identity") is not None else []
    found = {path for name in given for path in arguments.under(name, named)}
    for path in found:
        weight = named[path]
        if weight.ndim > 2:
            nn.init.dirac_(weight)
        elif weight.ndim == 2:
            nn.init.eye_(weight)
        elif path.endswith("bias"):
            nn.init.zeros_(weight)
        else:
            raise arguments.refuse(
                f"`{path}` has one number per channel", "convolutions and linear layers can be it"
            )
    return found


def _weights(module: fx.GraphModule, graph: Graph, without: Container[str] = ()) -> list[Tensor]:
    """Return parameters and buffers in the order of the layers, but those of the names `without`.

    Those that a fresh network has already, indices and masks, are omitted.
    """
    tensors: dict[str, Tensor] = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    found = []
    for node in graph.nodes:
        names = node.facts.weights if node.shares is None else ()
        keys = [f"{node.path}.{name}" if name else node.path for name in names]
        found += [tensors[key] for key in keys if key not in without]
    return [tensor for tensor in found if tensor.is_floating_point()]


def _outputs(result: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


# --- one network ---


def field(arguments: ExperimentArguments) -> str:
    """Return the HxW pixels that the gradient of one central unit of the output reaches.

    The input grows until they no longer change.
    """
    analysis = arguments.analysis("network")
    size, output = analysis.graph.input, analysis.output[0]
    if len(size) != 3 or len(output) != 3:
        raise arguments.refuse(
            f"{arguments.text('network')} takes {units.shape(size)} to {units.shape(output)}",
            "a field is of one unit of a map over an image",
        )
    found = _extent(arguments.built(analysis), output, size)
    for _ in range(DOUBLINGS):
        size = (size[0], 2 * size[1], 2 * size[2])
        analysis = arguments.analysis("network", size)
        before, found = found, _extent(arguments.built(analysis), analysis.output[0], size)
        if before == found:
            return f"{found[0]}x{found[1]}"
    raise arguments.refuse(
        f"the field is {found[0]}x{found[1]} in {units.shape(size)} and grows with the input",
        "some layer sees everything",
    )


def _extent(module: fx.GraphModule, output: Shape, size: Shape) -> tuple[int, int]:
    """Return the number of rows and columns with a gradient.

    Weights are positive, so that nothing cancels and every ReLU is open; of a pooling's window the
    maximum lies in the first pixel on an input that falls, in the last on one that rises.
    """
    with torch.no_grad():
        for weight in module.parameters():
            weight.fill_(1 / weight[0].numel() if weight.ndim > 1 else 1)
    _, height, width = size
    rise = torch.linspace(1, 2, height * width, dtype=torch.float64).view(height, width)
    reached = torch.zeros(height, width, dtype=torch.bool)
    for ramp in (rise, rise.flip((0, 1))):
        x = ramp.expand(1, *size).clone().requires_grad_()
        central = _outputs(module(x.clone()))[0][0, 0, output[1] // 2, output[2] // 2]
        (gradient,) = torch.autograd.grad(central, x)
        reached |= (gradient[0] != 0).any(0)
    rows, columns = reached.any(1).nonzero(), reached.any(0).nonzero()
    if not len(rows):
        return 0, 0
    return int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1


def runs(arguments: ExperimentArguments) -> str:
    """Return runs, or "fails at" the first input that torch refuses.

    Nothing is computed: tensors have shapes alone.
    """
    module = build(arguments.analysis("network").graph, device="meta").eval()
    for item in arguments.items("inputs"):
        try:
            module(torch.empty(1, *arguments.shape(item), device="meta"))
        except (RuntimeError, ValueError, IndexError):  # torch's word for shapes that do not fit
            return f"fails at {item}"
    return "runs"


def identity(arguments: ExperimentArguments) -> str:
    """Return identity or different: the output and input of a network with zero weights.

    They are zero in the layers that the statement names.
    """
    analysis = arguments.analysis("network")
    module = arguments.filled(analysis)
    weights = dict(module.named_parameters())
    with torch.no_grad():
        for given in arguments.items("zeroed"):
            for path in arguments.under(given, weights):
                weights[path].zero_()
        x = sample("input", 2, *analysis.graph.input)
        x = x.abs() if arguments.flag("nonnegative") else x
        result = module(x.clone())  # a layer in place would overwrite its input
    same = isinstance(result, Tensor) and alike(result, x) == "equal"
    return "identity" if same else "different"


EXPERIMENTS: dict[str, Callable[[ExperimentArguments], str]] = {
    "equal": equal,
    "depends": dependence.depends,
    "ones": dropping.ones,
    "convolves": summing.convolves,
    "frobenius": summing.frobenius,
    "flow": signals.flow,
    "shatters": signals.shatters,
    "moves": updates.moves,
    "clips": updates.clips,
    "killed": dropping.killed,
    "normalises": norms.normalises,
    "field": field,
    "standardises": norms.standardises,
    "saturates": curves.saturates,
    "gain": curves.gain,
    "continuous": curves.continuous,
    "slope": curves.slope,
    "smooth": curves.smooth,
    "follows": curves.follows,
    "runs": runs,
    "identity": identity,
}
"""The functions by the names that `commands/lecture/claims/experiments.py` declares."""
