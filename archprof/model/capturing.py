"""A target to a tape: the module imported and built, its inputs made, what it computes written."""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import io
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from archprof.capturing.inputs import InputSpec
from archprof.capturing.samples import of_one_sample
from archprof.capturing.tape import Tape, values
from archprof.capturing.targets import Target
from archprof.model import drop_paths
from archprof.model.fitting import refuse_unfit, takes
from archprof.model.importing import imported, part, with_weights
from archprof.model.meta import Built
from archprof.model.partial import ELSEWHERE, is_beyond, stop, until_it_stops
from archprof.model.programs import program
from archprof.model.tracing import Inputs, traced
from archprof.problem import Mark, ProblemError

WAYS = {
    "meta": "built without weights",
    "registered": "built without weights",
    "given": "with the weights that its code gives it",
    "weights": "built with its weights, as it cannot be built without",
}


def captured(
    target: Target, specs: Sequence[InputSpec], values: Mapping[str, Any]
) -> tuple[Tape, nn.Module]:
    """Return what a target's module computes on inputs of these shapes, and the module.

    Raises ProblemError for one that cannot be built, or of which nothing can be captured.
    """
    if target.kind == "program":
        if specs or values:
            message = "an exported program has its inputs, and takes no arguments"
            raise ProblemError.of(Mark(target.text), "override", message, "leave them out")
        return program(Path(target.place), target.text)
    whole = imported(target.replaced(submodule=""), values)
    built = part(target, whole)
    if not specs:
        specs = _usual(target, whole.module)
        if target.submodule and specs:
            specs = _arriving(whole.module, specs, built.module)
    if not specs:
        raise _no_input(target.text, built.module)
    tape = capture(built.module, specs, target.text, _heading(built))
    if tape.stopped and any(words in tape.stopped.reason for words in ELSEWHERE):
        built = Built(with_weights(target, values), "weights")
        tape = capture(built.module, specs, target.text, _heading(built))
    return tape.replaced(arguments=dict(values)), built.module


def _heading(built: Built) -> str:
    return f"{type(built.module).__name__}, {WAYS[built.way]}"


def capture(module: nn.Module, specs: Sequence[InputSpec], name: str, heading: str) -> Tape:
    """Return what a module computes in evaluation, for one image.

    Where what follows depends on data, or an operator cannot run without any, that is what it
    computes until then. Raises ProblemError for a module that fails, and where that is before the
    first operator.
    """
    specs = in_order(module, specs)
    refuse_unfit(module, specs, name)
    inputs = made(module, specs)
    with _quiet(), _collecting_later():
        try:
            with contextlib.redirect_stderr(io.StringIO()):  # where torch.export writes its graph
                with drop_paths.seen(module):
                    tape = traced(module, inputs, name, heading)
                return _with_training(tape, module, inputs)
        except Exception as refused:
            partial, error = _partly(module, inputs, name, heading)
            if partial is None or not partial.operations:
                raise _uncaptured(name, refused) from refused
            if error is not None and not is_beyond(error):
                raise _uncaptured(name, error) from error
            if error is None:
                return partial.replaced(heading=f"{heading}; below autograd, as torch.export stops")
            return partial


ALIKE = (nn.Identity, nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Modules that run no operator of their own, in training as in evaluation."""


def _with_training(tape: Tape, module: nn.Module, inputs: Inputs) -> Tape:
    """Return a tape with that of training beside it, where modules run only then: drop path, and
    auxiliary heads.
    """
    ran = {tape.modules[o.module].path for o in tape.operations if o.module >= 0}
    # a module around may use the weights of one that it does not call
    used = {number for o in tape.operations for number in values(o.arguments)}
    ran |= {name.rpartition(".")[0] for name, w in tape.weights.items() if w.value in used}
    idle = [
        path
        for path, part in module.named_modules()
        if path and path not in ran and not any(part.children()) and not _passes(part)
    ]
    if not idle:
        return tape
    training: Tape | None
    try:
        training = traced(module, inputs, tape.name, tape.heading, training=True)
    except Exception:  # noqa: BLE001 - such as a batch norm that needs more than one sample
        training = _of_two(tape, module, inputs)
    return tape.replaced(training=training)


def _passes(part: nn.Module) -> bool:
    """Whether a module runs no operator of its own, in training as in evaluation; a drop path that
    runs has been seen.
    """
    return isinstance(part, ALIKE) or drop_paths.probability(part) is not None


def _of_two(tape: Tape, module: nn.Module, inputs: Inputs) -> Tape | None:
    """Return the tape of training with two samples, as one of one; None where there is none."""
    two = Inputs(
        tuple(torch.cat([tensor, tensor]) for tensor in inputs.positional),
        {name: torch.cat([tensor, tensor]) for name, tensor in inputs.named.items()},
    )
    try:
        found = traced(module, two, tape.name, tape.heading, training=True)
    except Exception:  # noqa: BLE001 - whatever the user's code raises
        return None
    return of_one_sample(found)


def _partly(
    module: nn.Module, inputs: Inputs, name: str, heading: str
) -> tuple[Tape | None, Exception | None]:
    try:
        return until_it_stops(module, inputs, name, heading)
    except Exception as error:  # noqa: BLE001 - whatever the user's code raises
        return None, error


def _uncaptured(name: str, error: Exception) -> ProblemError:
    where = stop(error)
    mark = Mark(where.file or name, where.line)
    message = f"{name} cannot be captured: {type(error).__name__}: {where.reason}"
    hint = "give it inputs that it takes: --input NAME=3x224x224, without the batch"
    if "ScriptModule" in str(error):
        hint = "name the module that it was scripted from"
    return ProblemError.of(mark, "capture", message, hint)


@contextlib.contextmanager
def _collecting_later() -> Iterator[None]:
    """Collect no garbage meanwhile: of what torch.export makes all is kept, and looking through it
    again and again takes a tenth of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send what is printed to standard error, and leave out torch's warnings."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        yield


# --- inputs ---


def made(module: nn.Module, specs: Sequence[InputSpec]) -> Inputs:
    """Return example tensors of a batch of one, without data where the module has none; where no
    dtype is given, of the module's own.
    """
    device = next((p.device for p in module.parameters()), torch.device("meta"))
    own = next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float32)
    positional = []
    named = {}
    for spec in specs:
        dtype = getattr(torch, spec.dtype) if spec.dtype else own
        tensor = torch.zeros((1, *spec.shape), dtype=dtype, device=device)
        if spec.name:
            named[spec.name] = tensor
        else:
            positional.append(tensor)
    return Inputs(tuple(positional), named)


def in_order(module: nn.Module, specs: Sequence[InputSpec]) -> list[InputSpec]:
    """Return the inputs in the order of the module's `forward`, however they were given."""
    try:
        order = list(inspect.signature(module.forward).parameters)
    except (TypeError, ValueError):  # of what was traced or scripted there is none
        return list(specs)
    unnamed = [spec for spec in specs if not spec.name]
    named = [spec for spec in specs if spec.name]
    return unnamed + sorted(named, key=lambda s: order.index(s.name) if s.name in order else 0)


def _usual(target: Target, module: nn.Module) -> tuple[InputSpec, ...]:
    """Return the input that a library says its model takes; nothing where none says."""
    for known in (_of_torchvision, _of_timm, _of_transformers):
        found = known(target, module)
        if found is not None:
            return (found,)
    return ()


def _of_timm(target: Target, module: nn.Module) -> InputSpec | None:
    configuration = getattr(module, "pretrained_cfg", None)
    size = configuration.get("input_size") if isinstance(configuration, Mapping) else None
    return InputSpec("", tuple(size)) if size else None


def _of_transformers(target: Target, module: nn.Module) -> InputSpec | None:
    configuration, name = getattr(module, "config", None), getattr(module, "main_input_name", "")
    if configuration is None or name != "pixel_values":
        return None
    side = getattr(configuration, "image_size", None) or 224
    sides = tuple(side) if isinstance(side, (list, tuple)) else (side, side)
    return InputSpec(name, (getattr(configuration, "num_channels", 3), *sides))


def _arriving(
    whole: nn.Module, specs: Sequence[InputSpec], wanted: nn.Module
) -> tuple[InputSpec, ...]:
    """Return the inputs that a part gets where the whole is given these; nothing where it is not
    reached.
    """
    found: list[InputSpec] = []

    def look(part: nn.Module, given: tuple[Any, ...]) -> None:
        for tensor in given:
            if isinstance(tensor, torch.Tensor) and not found:
                dtype = str(tensor.dtype).removeprefix("torch.")
                found.append(InputSpec("", tuple(tensor.shape[1:]), dtype))

    inputs = made(whole, specs)
    handle = wanted.register_forward_pre_hook(look)
    try:
        with _quiet():
            _partly(whole, inputs, "", "")
    finally:
        handle.remove()
    return tuple(found)


FRAMES = 16  # of a clip for torchvision's video models, as their transforms say


def _of_torchvision(target: Target, module: nn.Module) -> InputSpec | None:
    if target.place != "torchvision":
        return None
    models = importlib.import_module("torchvision.models")
    kind = type(module).__module__
    side = _crop(models, target.name)
    if kind.startswith("torchvision.models.video"):
        return InputSpec("", (3, FRAMES, side, side))
    if kind.startswith("torchvision.models.segmentation"):
        return InputSpec("", (3, 520, 520))
    if kind.startswith("torchvision.models.optical_flow"):
        return None
    return InputSpec("", (3, side, side))


def _crop(models: Any, name: str) -> int:
    """Return the side of the images that a model's best weights were made for."""
    try:
        transforms: Callable[..., Any] = models.get_model_weights(name).DEFAULT.transforms
        size = transforms.keywords["crop_size"]  # type: ignore[attr-defined]
    except (AttributeError, KeyError, ValueError):
        return 224
    return int(size[0] if isinstance(size, (list, tuple)) else size)


def _no_input(text: str, module: nn.Module) -> ProblemError:
    names = list(takes(module) or ())
    taken = f"; its forward takes {', '.join(names[:8])}" if names else ""
    message = f"the shape of its input is not known{taken}"
    hint = "--input 3x224x224, or --input NAME=3x224x224 for each, without the batch"
    return ProblemError.of(Mark(text), "capture", message, hint)
