"""What users name, to a graph: a spec, or a network that is captured.

Everything that takes the name of a network from a user asks here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.capturing.targets import CODE, Target, target
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.network import Network
from archprof.language.override import by_order, override, parse_input, parse_override
from archprof.ops.base import Shape
from archprof.problem import Mark, ProblemError
from archprof.units import inert

if TYPE_CHECKING:  # a spec needs none of these, and their import takes time
    from archprof.capturing.inputs import InputSpec
    from archprof.capturing.origin import CapturedNetwork
    from archprof.capturing.tape import Tape

    Source = Network | CapturedNetwork
    """What stands behind a graph."""


def source(
    text: str,
    inputs: Sequence[str] | None = None,
    values: Sequence[str] | None = None,
    submodule: str = "",
) -> Source:
    """Return the network that a text names, with the inputs of `--input` and the values of `--set`.

    A spec's parameters are set; a module's constructor is given arguments. `submodule`: only this
    part of a module. Raises ProblemError.
    """
    _refuse_revision(text)
    found = target(text)
    if submodule and (found is None or found.kind not in CODE):
        message = f"{text} is not a module that has submodules"
        hint = "--submodule goes with a target such as torchvision:NAME or model.py:build"
        raise ProblemError.of(Mark("--submodule"), "option", message, hint)
    if found is None and text.endswith(".py"):
        message = "it is Python, of which one class or function is a network"
        raise ProblemError.of(Mark(text), "network", message, f"{text}:NAME")
    if found is None:
        return adjusted(find(text), inputs, values)
    if submodule:
        found = found.replaced(submodule=submodule)
    from archprof.capturing.inputs import input_specs

    given = dict(parse_override(value, "--arg") for value in values or ())
    return captured(found, input_specs(inputs or ()), given)


def _refuse_revision(text: str) -> None:
    """Raise ProblemError for code at a git revision, which only `diff` unpacks."""
    revision, _, rest = text.partition(":")
    path = rest.partition(":")[0]
    if path.endswith(".py") and not revision.endswith(".py"):
        message = f"it is code at the git revision {revision}, which only `diff` captures"
        hint = f"archprof diff {text} {rest}, or archprof diff --base {revision} {rest}"
        raise ProblemError.of(Mark(text), "network", message, hint)


def adjusted(found: Network, inputs: Sequence[str] | None, values: Sequence[str] | None) -> Network:
    """Return a spec's network with another input and other parameters. Raises ProblemError."""
    if not values and not inputs:
        return found
    overrides = dict(parse_override(text) for text in values or ())
    if not inputs or (len(inputs) == 1 and "=" not in inputs[0]):
        return override(found, overrides, one_input(inputs))
    return override(found, overrides, named=_named_inputs(found, inputs))


def _named_inputs(found: Network, inputs: Sequence[str]) -> dict[str, Shape]:
    """Return the shapes that `--input` gives to inputs of a spec, by name. Raises ProblemError."""
    from archprof.capturing.inputs import input_specs

    given = input_specs(inputs)
    own = {one.name: one.elements.dtype for one in found.own_inputs}
    for spec in given:
        if spec.dtype and spec.dtype != own.get(spec.name, spec.dtype):
            message = f"`{spec.name}` is asked for in {spec.dtype}"
            hint = "the spec says what its elements are: give the shape alone"
            raise ProblemError.of(Mark("--input"), "override", message, hint)
    return by_order(found, [(spec.name, spec.shape) for spec in given])


def one_input(inputs: Sequence[str] | None) -> Shape | None:
    """Return the shape of `--input` where there can be but one, None where it was not given.

    Raises ProblemError.
    """
    if not inputs:
        return None
    if len(inputs) > 1:
        message = f"found {len(inputs)} inputs, expected one"
        raise ProblemError.of(Mark("--input"), "override", message, f"--input {inputs[0]}")
    return parse_input(inputs[0])


def captured(
    found: Target, inputs: Sequence[InputSpec], values: Mapping[str, Any]
) -> CapturedNetwork:
    """Return the network of a target: a tape or a file is read, a module is captured now.

    Raises ProblemError.
    """
    from archprof.capturing.assemble import network

    if found.kind == "tape":
        return network(_of_tape(found, inputs, values), target=found)
    if found.kind == "onnx":
        return network(_of_onnx(found, inputs, values), target=found)
    tape, module = _of_module(found, inputs, values)
    return network(tape, module, found)


def _of_tape(found: Target, inputs: Sequence[InputSpec], values: Mapping[str, Any]) -> Tape:
    from archprof.capturing.tape_reader import read_tape

    if inputs or values:
        message = "a tape has its inputs and its arguments"
        hint = "capture the network again with others: archprof capture TARGET --input …"
        raise ProblemError.of(Mark(found.text), "override", message, hint)
    return read_tape(Path(found.place))


def _of_onnx(found: Target, inputs: Sequence[InputSpec], values: Mapping[str, Any]) -> Tape:
    from archprof.capturing.onnx.file import read_onnx

    if values:
        message = "an ONNX file takes no arguments: its network is made"
        raise ProblemError.of(Mark(found.text), "override", message, "export it with others")
    shapes = {spec.name: spec.shape for spec in inputs}
    if len(shapes) < len(inputs):
        message = f"found {len(inputs)} inputs, of which two have the same name or none"
        raise ProblemError.of(Mark("--input"), "override", message, "--input NAME=3x224x224")
    tape = read_onnx(Path(found.place), shapes)
    _warn(tape, "the numbers are of what was seen until here")
    return tape


def _of_module(
    found: Target, inputs: Sequence[InputSpec], values: Mapping[str, Any]
) -> tuple[Tape, Any]:
    from archprof.allowance import paused

    try:
        with paused():  # a torch for CUDA takes more memory than a whole run may
            from archprof.model.capturing import captured as capture
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        message = "torch is not installed, and the network is a module of it"
        hint = (
            'pip install "archprof[torch]"; a tape needs none: archprof capture … -o net.tape.json'
        )
        raise ProblemError.of(Mark(found.text), "capture", message, hint) from None
    with paused():
        tape, module = capture(found, inputs, values)
    _warn(
        tape,
        "what follows depends on the data; the numbers are of what was seen until here. --submodule"
        " NAME takes a part, such as the backbone",
    )
    return tape, module


def changed(found: Source, values: Mapping[str, Any], shape: Shape | None) -> Source:
    """Return a network with other parameters or arguments, and another input.

    Raises ProblemError.
    """
    if not values and shape is None:
        return found
    if isinstance(found, Network):
        return override(found, values, shape)
    from archprof.capturing.inputs import InputSpec

    if found.target is None:
        message = f"{found.name} was given as a module, and is as it is"
        raise ProblemError.of(
            Mark(found.name), "override", message, "capture it with the other input"
        )
    inputs = (InputSpec("", shape),) if shape is not None else ()
    return captured(found.target, inputs, {**found.overrides, **values})


def _warn(made: Tape, hint: str) -> None:
    """Print where a network could not be followed any further, if so, and the way out."""
    stop = made.stopped
    if stop is None:
        return
    from archprof.problem import Problem

    mark = Mark(stop.file or made.name, stop.line)
    message = f"{made.name} stops here: {stop.reason}"
    text = Problem(mark, "capture", message, hint).text("warning")
    print("\n".join(map(inert, text.split("\n"))), file=sys.stderr)


def graph_of(found: Source) -> Graph:
    """Return the graph of a network. Its problems are on it; raises ProblemError for a tape that
    is none.
    """
    if isinstance(found, Network):
        return expand(found)
    return found.at_own_input()
