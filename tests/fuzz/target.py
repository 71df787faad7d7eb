"""What is fuzzed: any bytes as a spec, from reading to a graph's numbers, and as an expression.

Whatever is raised is a find.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from archprof.allowance import Allowance
from archprof.analysis.analysis import analyze
from archprof.commands.edit.formatting import formatted
from archprof.language.expand import expand
from archprof.language.expression import Expression
from archprof.language.functions import ExpressionError
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.shipped_folder import specs_folder
from archprof.language.text import decode
from archprof.limits import Limits
from archprof.problem import ProblemError

MOST_LAYERS = 300
SCOPE: dict[str, Any] = {
    "w": 8,
    "f": 0.5,
    "t": "ab",
    "b": True,
    "l": [1, 2, 3],
    "n": None,
    "z": 0,
    "deep": [[1, 2], [3]],
}


def survives(data: bytes) -> None:
    """Reads the bytes as a spec and, where they are one line, as an expression.

    Raises what neither a ProblemError nor an ExpressionError is.
    """
    try:
        text = decode(data, "net.yaml")
    except ProblemError:
        return
    if "\n" not in text:
        with suppress(ExpressionError):
            Expression(text)(SCOPE)
    try:
        with Allowance(Limits(layers=MOST_LAYERS)):
            for network in list(networks(load_text(text, "net.yaml", specs_folder())))[:2]:
                graph = expand(network)
                if not graph.problems:
                    analysis = analyze(graph)
                    str((analysis.totals, analysis.problems()))
    except ProblemError as error:
        str(error)
    with suppress(ProblemError):
        formatted(text)
