"""Whether a module can be captured and takes the inputs that it is given, told before it runs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

from torch import nn
from torch.nn.parameter import is_lazy

from archprof.capturing.inputs import InputSpec
from archprof.problem import Mark, ProblemError, nearest

_BY_POSITION = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def refuse_unfit(module: nn.Module, specs: Sequence[InputSpec], name: str) -> None:
    """Raise ProblemError for a module of which no operator could be seen, and for inputs that its
    forward does not take.
    """
    _refuse_kind(module, name)
    parameters = takes(module)
    if parameters is None:
        return
    taken = list(parameters)
    named = [spec.name for spec in specs if spec.name]
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        for unknown in [given for given in named if given not in taken]:
            hint = nearest(unknown, taken, "inputs of its forward")
            raise _refused(f"{name} has no input `{unknown}`", hint)
    positions = [n for n, p in parameters.items() if p.kind in _BY_POSITION]
    places = len(specs) - len(named)
    if places > len(positions) and not any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
        raise _refused(
            f"{name} is given {places} inputs, and its forward takes {_listed(positions)}",
            "an input for each, without the batch",
        )
    given = [*positions[:places], *named]
    twice = [n for i, n in enumerate(given) if n in given[:i]]
    if twice:
        raise _refused(f"the input `{twice[0]}` is given twice", "one --input for each")
    missing = [n for n, p in parameters.items() if _needed(p) and n not in given]
    if missing:
        raise _refused(
            f"{name} is not given {_listed(missing)}",
            f"--input {missing[0]}=3x224x224, without the batch",
        )


def takes(module: nn.Module) -> Mapping[str, inspect.Parameter] | None:
    """Return what a module's forward takes, None where it does not say, as one of TorchScript."""
    try:
        return inspect.signature(module.forward).parameters
    except ValueError:
        return None


def _refuse_kind(module: nn.Module, name: str) -> None:
    """Raise ProblemError for a kind of module that torch.export does not see into."""
    if getattr(module.forward, "__name__", "") == nn.Module.forward.__name__:
        message = f"{name} ({type(module).__name__}) has no forward"
        raise ProblemError.of(Mark(name), "capture", message, "name the module that is called")
    for path, part in module.named_modules():
        place = f"`{path}`" if path else name
        if any(is_lazy(tensor) for tensor in (*part.parameters(False), *part.buffers(False))):
            message = f"{place} is lazy: its weights have no shape before its first input"
            hint = "give it its sizes, such as nn.Linear(12, 8), or run it once before"
            raise ProblemError.of(Mark(name), "capture", message, hint)
        if "quantized" in type(part).__module__.split("."):
            message = f"{place} is quantised ({type(part).__name__}), and its weights are packed"
            hint = "capture the network as it was before it was quantised"
            raise ProblemError.of(Mark(name), "capture", message, hint)


def _needed(parameter: inspect.Parameter) -> bool:
    kinds = (*_BY_POSITION, parameter.KEYWORD_ONLY)
    return parameter.kind in kinds and parameter.default is parameter.empty


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _refused(message: str, hint: str) -> ProblemError:
    return ProblemError.of(Mark("--input"), "capture", message, hint)
