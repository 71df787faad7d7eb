"""A network as a Python module that needs nothing but torch, and torchvision where a convolution is
deformable.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection

import archprof
from archprof import units
from archprof.commands.export.code_classes import Classes
from archprof.commands.export.code_helpers import names_in, needed
from archprof.commands.export.code_names import class_name, unused, variable
from archprof.commands.export.code_scopes import Scopes
from archprof.commands.export.code_source import class_source
from archprof.graph.freezing import frozen_parts
from archprof.graph.graph import Graph
from archprof.problem import ProblemError
from archprof.show.network_inputs import shape_text


def torch_code(graph: Graph) -> str:
    """Return a Python module with the network as torch modules: blocks as classes, loops where
    they repeat, the state-dict keys of the layers' paths.

    Auxiliary heads are in the state dict and off the path, as `archprof.load(...).build()` has
    them. Raises ProblemError where the graph has problems, and for a layer that cannot be written.
    """
    if graph.problems:
        raise ProblemError(graph.problems)
    scopes = Scopes(graph)
    classes = Classes(scopes.root(), _network_name(graph)).classes
    *inner, whole = classes
    sources = [
        *(class_source(each) for each in inner),
        class_source(whole, frozen_parts(graph), _arguments(graph)),
    ]
    written = "\n\n\n".join(sources)
    network = classes[-1].name
    built = (
        f"def build() -> {network}:\n"
        f'    """Return the network with the weights that torch starts from."""\n'
        f"    return {network}()"
    )
    used = names_in(ast.parse(written))
    helpers = needed(used)
    imports = _imports(used.union(*(helper.uses for helper in helpers)))
    body = "\n\n\n".join([imports, *(helper.source for helper in helpers), written, built])
    return f"{_docstring(graph)}\n\n{body}\n"


def _network_name(graph: Graph) -> str:
    """Return the name of the network's class: ResNet50 for ResNet-50."""
    heading = graph.network.heading
    spaced = any(character in heading for character in " ,")
    name = graph.network.name.rpartition(":")[2]  # of `torchvision:resnet50`
    return class_name("" if spaced else heading) or class_name(name) or "Network"


def _docstring(graph: Graph) -> str:
    network = graph.network
    heading, file, name = map(units.printable, (network.heading, network.file, network.name))
    text = f"{heading}, written by archprof {archprof.__version__} from {file} ({name})."
    about = (
        f"{_takes(graph)}, a batch in front. The keys of its state dict are the paths"
        " that archprof shows; weights start as torch starts them."
    )
    paragraphs = "\n\n".join(textwrap.fill(_escaped(part), 97) for part in (text, about))
    return f'"""{paragraphs}\n"""'


def _arguments(graph: Graph) -> list[str]:
    """Return what the network's forward calls its inputs; nothing where it has one."""
    names: list[str] = []
    for given in graph.inputs if len(graph.inputs) > 1 else ():
        names.append(unused(variable(given.name), names))
    return names


def _takes(graph: Graph) -> str:
    """Return what the network takes, in words."""
    if len(graph.inputs) == 1 and len(graph.input) == 3:
        return f"It takes images of {units.shape(graph.input)}"
    given = (f"{one.name} of {shape_text(one)}" for one in graph.inputs)
    return f"It takes {' and '.join(given)}"


def _escaped(text: str) -> str:
    """Return text that cannot end the string it is put into."""
    return text.replace("\\", "\\\\").replace('"', "'")


def _imports(used: Collection[str]) -> str:
    """Return the imports for the names that code uses."""
    standard = []
    if "math" in used:
        standard.append("import math")
    if "OrderedDict" in used:
        standard.append("from collections import OrderedDict")
    if "Sequence" in used:
        standard.append("from collections.abc import Sequence")
    if "Any" in used:
        standard.append("from typing import Any")
    from_torch = [name for name in ("Tensor", "nn") if name in used]
    third = ["import torch"] if "torch" in used else []
    if from_torch:
        third.append(f"from torch import {', '.join(from_torch)}")
    if "functional" in used:
        third.append("from torch.nn import functional")
    if "DeformConv2d" in used:  # which archprof has by another kernel
        third.append("from torchvision.ops import DeformConv2d")
    return "\n\n".join("\n".join(block) for block in (standard, third) if block)
