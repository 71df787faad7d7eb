"""fvcore's count of the compiled network, by its own convention: the only file that imports
fvcore.
"""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import fx

from archprof import units
from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, build
from archprof.model.inputs import zeros

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fvcore.nn import FlopCountAnalysis

WITNESS = "fvcore"
FUNCTIONS = "(functions)"
"""The row of all layers that are not a module: fvcore sees them in the forward of the whole."""


def flops(graph: Graph) -> tuple[list[Check], list[str]]:
    """Count by FlopCountAnalysis in evaluation mode, per module and in total.

    It needs a real run: meta tensors do not trace.
    """
    analysis = analyze(graph, count="fvcore")
    unknown = tuple(row.node.path for row in analysis.layers if row.counted is None)
    if unknown:
        return [], [f"no FLOPs by fvcore, the cost of {units.unknown_of(unknown)}"]
    # zeros: the count depends on shapes alone, and no number is slower than another
    module = build(graph, device="meta").eval().requires_grad_(False).to_empty(device="cpu")
    for tensor in (*module.parameters(), *module.buffers()):
        tensor.zero_()
    with _silence(), torch.no_grad():
        counted = (
            FlopCountAnalysis(module, zeros(graph, 1))
            .unsupported_ops_warnings(False)
            .uncalled_modules_warnings(False)
        )
        by_module, total = counted.by_module(), counted.total()
    ours = _by_module(analysis, module)
    theirs = {path: by_module[path] for path in ours if path != FUNCTIONS}
    theirs[FUNCTIONS] = total - sum(theirs.values())
    checks = [Check(WITNESS, "flops", path, ours[path], int(theirs[path])) for path in theirs]
    checks.append(Check(WITNESS, "flops", "", analysis.totals.counted, int(total)))
    return checks, []


def _by_module(analysis: Analysis, module: fx.GraphModule) -> Counter[str]:
    """Return the analysis' count under the path of each module that is called, all of its calls
    together.
    """
    found: Counter[str] = Counter({FUNCTIONS: 0})
    for traced in module.graph.nodes:
        if NODE in traced.meta:
            path = str(traced.target) if traced.op == "call_module" else FUNCTIONS
            found[path] += analysis.layers[traced.meta[NODE]].known("counted")
    return found


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the tracer's warnings and fvcore's loggers quiet; the analysis reports what fvcore does
    not count.
    """
    loggers = [logging.getLogger(name) for name in ("fvcore", "fvcore.nn.jit_analysis")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
