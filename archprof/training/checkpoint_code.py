"""The code by which a user's model runs parts again in the backward pass."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError
from archprof.training.checkpoints import Flow, Part, modules
from archprof.training.plans import CheckpointPlan

_MODULES = '''\
from torch.utils.checkpoint import checkpoint


def with_checkpoints(model):
    """{title}

    The model has modules of these paths, which it calls one after the other.
    """
    for paths in (
{parts}
    ):
        modules = [model.get_submodule(path) for path in paths]
        forwards = [module.forward for module in modules]

        def run(x, forwards=forwards):
            for forward in forwards:
                x = forward(x)
            return x

        def run_again(x, run=run):
            return checkpoint(run, x, use_reentrant=False{random})

        modules[0].forward = run_again
        for module in modules[1:]:  # the first has run them already
            module.forward = lambda x: x
    return model
'''

_LAYERS = '''\
from archprof.model.checkpointed import checkpointed


def with_checkpoints(model):
    """{title}

    The model is that of archprof.load(...).build(); each part has its first and its last layer.
    """
    parts = [
{parts}
    ]
    return checkpointed(model, parts{random})
'''


def checkpointed_code(graph: Graph, plan: CheckpointPlan, own_model: bool = False) -> str:
    """Return a function `with_checkpoints(model)`, in Python, that makes a model follow a plan.

    Where each part is a module, or several that follow one another, the function is for any model
    with these modules: the captured one, or the implementation that a specification's paths are of.
    Else, and with `own_model`, it is for what `archprof.load(...).build()` gives. Raises
    ProblemError where a captured network has a part that is not a module.
    """
    flow = Flow(graph)
    parts = [part for part, again in plan.parts if again]
    rows = [modules(flow, part) for part in parts]
    captured = flow.called_modules is not None
    if captured:
        _refuse(flow, parts, rows)
    title = _docstring(graph, plan, flow, parts)
    draws = captured or any(flow.nodes[i].op.draws for part in parts for i in part)
    random = "" if draws else ", preserve_rng_state=False"
    if own_model or not all(rows):
        ends = [(flow.nodes[part[0]].path, flow.nodes[part[-1]].path) for part in parts]
        listed = "\n".join(f"        {_tuple(pair)}," for pair in ends)
        return _LAYERS.format(title=title, parts=listed, random=random)
    listed = "\n".join(f"        {_tuple(row)}," for row in rows)
    return _MODULES.format(title=title, parts=listed, random=random)


def _tuple(texts: Sequence[str]) -> str:
    """Return strings as Python writes a tuple of them, in ASCII."""
    inside = ", ".join(_quoted(text) for text in texts)
    return f"({inside},)" if len(texts) == 1 else f"({inside})"


def _quoted(text: str) -> str:
    written = ascii(text)
    return written if '"' in written else f'"{written[1:-1]}"'


def _docstring(graph: Graph, plan: CheckpointPlan, flow: Flow, parts: Sequence[Part]) -> str:
    """Return what the code says of itself, each paragraph's lines indented as its body is."""
    name = "".join(c for c in graph.network.name if c.isascii() and (c.isalnum() or c in "_.:- "))
    said = [f"Checkpoint {name}: {plan.effect}."]  # nothing in a name ends the docstring
    if any("running_mean" in flow.nodes[i].facts.weights for part in parts for i in part):
        said.append("Batch norms that run again update their running statistics twice in a step.")
    return "\n\n".join(
        textwrap.fill(each, 90, initial_indent=" " * 4, subsequent_indent=" " * 4) for each in said
    ).strip()


def _refuse(flow: Flow, parts: Sequence[Part], rows: Sequence[tuple[str, ...]]) -> None:
    for part, row in zip(parts, rows, strict=True):
        if not row:
            first, last = flow.nodes[part[0]], flow.nodes[part[-1]]
            message = f"`{first.path}` to `{last.path}` is not a module, nor several in a row"
            hint = "name a block that is a module, or take `--checkpoint auto`"
            raise ProblemError.of(Mark("--checkpoint"), "checkpoint", message, hint)
