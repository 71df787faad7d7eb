"""The options that commands share, and how a network is taken from the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from archprof.cli.declared import Argument, Option

if TYPE_CHECKING:
    from archprof.graph.graph import Graph
    from archprof.problem import Problem


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"
    latex = "latex"
    html = "html"


class Dtype(StrEnum):
    """The type of every element, which decides its bytes."""

    float64 = "float64"
    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


def complete_network(incomplete: str) -> list[str]:
    """Return the shipped names that begin with what is typed."""
    from archprof.language.shipped_index import shipped_names

    return [name for name in shipped_names() if name.startswith(incomplete)]


def complete_layer(ctx: Any, incomplete: str) -> list[str]:
    """Return layers and blocks of the network already typed that begin with what is typed."""
    from archprof.capturing.targets import target
    from archprof.problem import ProblemError

    net = ctx.params.get("net") or ""
    if target(net) is not None:  # completing runs nobody's code
        return []
    try:
        parts = [node.path.split(".") for node in network(net).nodes]
    except ProblemError:
        return []
    paths = dict.fromkeys(".".join(part[:n]) for part in parts for n in range(1, len(part) + 1))
    return [path for path in paths if path.startswith(incomplete)]


def complete_count(incomplete: str) -> list[str]:
    """Return the counting conventions that begin with what is typed."""
    from archprof.analysis.counting import CONVENTIONS

    return [name for name in CONVENTIONS if name.startswith(incomplete)]


NET_HELP = (
    "A shipped network (`archprof list`), a spec's path, PATH:VARIANT, a module such as"
    " torchvision:resnet50 or model.py:Net, an .onnx file or a tape."
)
Net = Annotated[str, Argument(help=NET_HELP, autocompletion=complete_network, show_default=False)]
Input = Annotated[
    list[str] | None,
    Option(
        "--input",
        metavar="CxHxW",
        help=(
            "Another input than the network's own, such as 3x320x320. A module of several takes"
            " NAME=3x224x224 or NAME=77:int64 for each."
        ),
    ),
]
Submodule = Annotated[
    str | None,
    Option(
        "--submodule",
        metavar="PATH",
        help="Only this part of a module, such as backbone.",
        show_default=False,
    ),
]
Strict = Annotated[
    bool,
    Option(
        "--strict",
        help="Exit 1 where a sum is a lower bound, as an operator's cost is unknown.",
    ),
]
Batch = Annotated[
    int,
    Option(
        min=1,
        max=1_000_000,
        metavar="N",
        help="Images at a time; multiplies arithmetic and activations.",
    ),
]
DtypeOption = Annotated[
    Dtype,
    Option(
        "--dtype",
        metavar="NAME",
        help="float64, float32, float16 or bfloat16: bytes per element follow from it.",
    ),
]
Set = Annotated[
    list[str] | None,
    Option(
        "--set",
        "--arg",
        metavar="NAME=VALUE",
        help=(
            "Override a parameter of the spec, such as depths=[3,4,23,3], or give an argument to"
            " the module's constructor. Repeatable."
        ),
    ),
]
Freeze = Annotated[
    list[str] | None,
    Option(
        "--freeze",
        metavar="PATTERN",
        help=(
            "Parameters that are not trained, by path: 'features.*', fc, '*.bias'; * stands for any"
            " text. Repeatable."
        ),
    ),
]
Count = Annotated[
    str,
    Option(
        "--count",
        metavar="NAME",
        autocompletion=complete_count,
        help=(
            "Whose arithmetic: macs, full, lecture, or a tool's such as timm (see `archprof"
            " conventions`)."
        ),
    ),
]
FormatOption = Annotated[
    Format,
    Option(
        "--format",
        "-f",
        metavar="NAME",
        help="How to write the result: table, json, csv, md, latex or html.",
    ),
]
Output = Annotated[
    Path | None,
    Option("--output", "-o", metavar="FILE", help="Write to a file, whole or not at all."),
]


def network(
    net: str,
    inputs: Sequence[str] | None = None,
    values: Sequence[str] | None = None,
    submodule: str | None = None,
) -> Graph:
    """Return the graph of the requested network, overrides put in. Raises ProblemError."""
    from archprof.targets import graph_of, source

    return graph_of(source(net, inputs, values, submodule or ""))


def convention(name: str) -> str:
    """Return the name where there is such a counting convention. Raises ProblemError."""
    from archprof.analysis.counting import CONVENTIONS
    from archprof.problem import Mark, ProblemError, nearest

    if name not in CONVENTIONS:
        message = f"there is no convention `{name[:60]}`"
        hint = nearest(name, CONVENTIONS, "conventions")
        raise ProblemError.of(Mark("--count"), "option", message, hint)
    return name


def graphs(net: str, sizes: str | None, values: list[str] | None = None) -> list[Graph]:
    """Return the network's graph at each of the inputs in a list.

    A side is that of a square image with the network's channels. Raises ProblemError.
    """
    from archprof.cli.ranges import inputs, refused

    if sizes is None:
        return [whole(network(net, None, values))]
    if "=" in sizes:  # image=3x32x32,ids=77:int64: the inputs of a module with several
        return [whole(network(net, sizes.split(","), values))]
    found = inputs(sizes, "--input")
    own = whole(network(net, None, values)).input if any(len(s) == 1 for s in found) else ()
    if own and len(own) != 3:
        raise refused(
            "--input",
            f"{net} takes no image, whose side could be another",
            f"a whole shape such as {'x'.join(map(str, own))}",
        )
    shapes = [(own[0], *size, *size) if len(size) == 1 else size for size in found]
    return [whole(network(net, ["x".join(map(str, shape))], values)) for shape in shapes]


def whole(graph: Graph) -> Graph:
    """Return a graph that must have no problems. Raises ProblemError."""
    from archprof.problem import ProblemError

    if graph.problems:
        raise ProblemError(graph.problems)
    return graph


def complain(problems: Iterable[Problem]) -> int:
    """Print problems after what is already on standard output, and return the exit code.

    It is 0 for none, 1 where only what a spec states does not hold or a cost is unknown, 2
    otherwise.
    """
    from archprof.problem import FINDINGS, ProblemError
    from archprof.units import inert

    problems = tuple(problems)
    if not problems:
        return 0
    sys.stdout.flush()
    print("\n".join(map(inert, str(ProblemError(problems)).split("\n"))), file=sys.stderr)
    return 1 if all(p.rule in FINDINGS for p in problems) else 2


def standard_input(most: int) -> bytes:
    """Return at most `most` bytes of standard input; waiting for them does not count as time.

    Raises ProblemError where it is closed.
    """
    from archprof.allowance import paused
    from archprof.problem import Mark, ProblemError

    if sys.stdin is None:
        raise ProblemError.of(
            Mark("<stdin>"),
            "file",
            "standard input is closed",
            "give a file, or a pipe: … | archprof check -",
        )
    with paused():
        return sys.stdin.buffer.read(most)
