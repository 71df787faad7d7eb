"""An experiment's arguments, checked; its networks are found and built in float64."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.lecture.claims.document import Experiment, Subject
from archprof.commands.lecture.claims.experiments import CHOICES
from archprof.commands.lecture.claims.formula_reader import spelled_out
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.expression import compile_expression
from archprof.language.functions import ExpressionError
from archprof.language.kinds import parse_shape
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import build
from archprof.model.weights import fill, uniform
from archprof.ops.base import Shape, shown
from archprof.problem import ProblemError, nearest

MAX_BYTES = 2 * 2**30
"""Bytes that an experiment may use: weights, the input and all outputs."""
PRECISION = 1e-9
"""Largest relative difference that is rounding in float64."""


class ExperimentArguments(NamedTuple):
    """The arguments of an experiment's statement, and the networks that it can name.

    Every method raises ProblemError where the statement is at fault.
    """

    statement: Experiment
    subjects: Subjects

    def refuse(self, message: str, hint: str = "") -> ProblemError:
        """Return an error at the statement's place."""
        return self.subjects.refuse(
            self.statement.mark, f"the experiment `{self.statement.name}`: {message}", hint
        )

    def argument(self, name: str) -> Any:
        """Return an argument as the file has it; None where it is omitted."""
        return dict(self.statement.arguments).get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return an argument that is a name or a formula."""
        value = self.argument(name)
        if value is None and default:
            return default
        if not isinstance(value, str):
            raise self.refuse(f"`{name}` is {shown(value)}, expected a text")
        return value

    def choice(self, name: str, default: str = "") -> str:
        """Return an argument that is one of the words that its name takes."""
        word = self.text(name, default)
        if word not in CHOICES[name]:
            raise self.refuse(f"`{name}` is {shown(word)}", nearest(word, CHOICES[name], "words"))
        return word

    def whole(self, name: str, most: int) -> int:
        """Return an argument that is a whole number from 1 to `most`."""
        value = self.argument(name)
        if type(value) is not int or not 1 <= value <= most:
            raise self.refuse(
                f"`{name}` is {shown(value)}, expected a whole number from 1 to {most}"
            )
        return value

    def flag(self, name: str) -> bool:
        """Return an argument that is true or false; false where it is omitted."""
        value = self.argument(name)
        if value is not None and type(value) is not bool:
            raise self.refuse(f"`{name}` is {shown(value)}, expected true or false")
        return bool(value)

    def items(self, name: str) -> list[Any]:
        """Return an argument that is a list; a single value is a list of one."""
        value = self.argument(name)
        if value == []:
            raise self.refuse(f"`{name}` is empty")
        return value if isinstance(value, list) else [value]

    def shape(self, value: Any) -> Shape:
        """Return a value that is an input of a network."""
        shape = parse_shape(value)
        if shape is None:
            raise self.refuse(
                f"{shown(value)} is not an input, expected channels x height x width such as"
                " 3x224x224"
            )
        return shape

    def analysis(self, name: str, size: Shape | None = None) -> Analysis:
        """Return the analysis of the network that an argument names, at the input `size` if any."""
        found = self.subjects.analysis(Subject(self.text(name), self.statement.mark, size))
        if len(found.graph.inputs) > 1 or found.graph.inputs[0].elements.dtype:
            raise self.refuse(f"{self.text(name)} takes other inputs than one of fractions")
        return found

    def built(self, analysis: Analysis) -> fx.GraphModule:
        """Return the network in evaluation mode and float64."""
        totals, graph = analysis.known_totals, analysis.graph
        elements = (totals.weight_bytes + totals.sum_outputs_bytes) // 4 + math.prod(graph.input)
        self.check_size(graph.network.name, elements)
        return build(analysis.graph, dtype=torch.float64).eval()

    def filled(self, analysis: Analysis) -> fx.GraphModule:
        """Return the network with weights that depend on their names alone; see `built`."""
        module = self.built(analysis)
        module.load_state_dict(fill(module.state_dict()))
        return module

    def check_size(self, what: str, elements: int, each: int = 8) -> None:
        """Raise ProblemError for what is too large to be run, of so many bytes per element."""
        if each * elements > MAX_BYTES:
            raise self.refuse(
                f"{what} needs {units.size(each * elements)} in float{8 * each}, at most"
                f" {units.size(MAX_BYTES)} are used",
                "a smaller one shows the same",
            )

    def under(self, given: Any, paths: Iterable[str]) -> list[str]:
        """Return the paths that a name is, or is above of."""
        known = list(paths)
        found = [path for path in known if path == given or path.startswith(f"{given}.")]
        if not found:
            raise self.refuse(f"there is no `{given}`", nearest(str(given), known))
        return found

    def worked(self, formula: str, letters: dict[str, list[float]]) -> Tensor:
        """Return a formula's results, one for each of the letters' values."""
        results = []
        try:
            expression = compile_expression(spelled_out(formula)[0])
            unknown = [name for name in expression.names if name not in letters]
            if not unknown:
                for row in zip(*letters.values(), strict=True):
                    results.append(expression(dict(zip(letters, row, strict=True))))
        except ExpressionError as error:
            raise self.refuse(f"`{formula}`: {error}", error.hint) from None
        if unknown:
            raise self.refuse(
                f"`{formula}`: the letter {unknown[0]} stands for nothing",
                f"there are {', '.join(letters)}",
            )
        others = [result for result in results if type(result) not in (int, float)]
        if others:
            raise self.refuse(f"`{formula}` gives {shown(others[0])}, expected a number")
        return torch.tensor(results, dtype=torch.float64)


def single(settings: str, size: Shape) -> Graph:
    """Return the network of one layer `f`, from its op and settings as a spec writes them."""
    spec = f"name: single\ninput: {units.shape(size)}\nlayers: {{f: {{op: {settings}}}}}\n"
    return expand(next(networks(load_text(spec))))


def first_output(result: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Return a network's output, of several the first."""
    return result[0] if isinstance(result, tuple) else result


def sample(key: str, *size: int) -> Tensor:
    """Return numbers in [-1, 1) that depend on the key alone."""
    return uniform(key, math.prod(size)).reshape(size)


def alike(ours: Tensor, theirs: Tensor) -> str:
    """Return equal or different, up to rounding.

    The largest difference is compared with the largest value.
    """
    if ours.shape != theirs.shape:
        return "different"
    difference = float((ours - theirs).abs().max())
    return "equal" if difference <= PRECISION * float(theirs.abs().max()) else "different"
