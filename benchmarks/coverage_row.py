"""What capture makes of one public model, beside what torch itself counts of it."""

from __future__ import annotations

import re
import time
import traceback
from pathlib import Path
from typing import Any

import torch
from public_models import built
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archprof.analysis.analysis import analyze
from archprof.capturing.assemble import assemble, network
from archprof.capturing.call import Captured
from archprof.graph.graph import Graph
from archprof.model.frames import called
from archprof.model.tracing import Inputs, traced

Row = dict[str, Any]

ELSEWHERE = ("on the same device", "expected device")
"""What torch says of a model that makes tensors on the CPU whatever its inputs are on: it is
captured with its weights, where all is on the CPU.
"""


def row(target: str) -> Row:
    """Return a target's figures: captured's beside torch's, or why there are none."""
    found: Row = {"target": target, "captured": False, "torch": torch.__version__}
    try:
        module, inputs = built(target)
    except Exception as error:  # noqa: BLE001 - whatever a model raises
        return found | {"stage": "building", **_reason(error)}
    found |= {
        "true_params": sum(p.numel() for p in module.parameters()),
        "true_buffers": sum(b.numel() for b in module.buffers()),
    }
    start = time.process_time()
    try:
        tape = traced(module, Inputs(inputs), target, target)
    except Exception as error:  # noqa: BLE001 - whatever a model raises
        if not any(words in str(error) for words in ELSEWHERE):
            return found | {"stage": "tracing", **_reason(error)}
        module, inputs = built(target, weights=True)
        tape = traced(module, Inputs(inputs), target, target)
        found["with_weights"] = True
    found["tracing_seconds"] = round(time.process_time() - start, 2)
    found["true_macs"] = _counted(module, inputs)
    start = time.process_time()
    graph = assemble(network(tape))
    analysis = analyze(graph)
    totals = analysis.totals
    found |= {
        "captured": True,
        "operators": len(tape.operations),
        "params": totals.params,
        "buffers": totals.buffers,
        "macs": totals.macs,
        "peak_bytes": totals.peak_inference_bytes,
        "unknown_cost": list(totals.unknown.cost),
        "unknown_saved": len(totals.unknown.saved),
        "analysis_seconds": round(time.process_time() - start, 2),
    }
    return found | _kinds(graph)


def _kinds(graph: Graph) -> Row:
    """Return how many nodes are ops of archprof's, operators of the table, and neither."""
    calls = [node for node in graph.nodes if isinstance(node.op, Captured)]
    unknown = sorted({node.kind for node in calls if node.facts.cost is None})
    unread = sorted({n.kind for n in calls if n.inputs and None in n.facts.reads})
    return {
        "own": len(graph.nodes) - len(calls),
        "described": sum(node.facts.cost is not None for node in calls),
        "unknown": unknown,
        "unread": unread,
        "unsaved": sorted({node.kind for node in graph.nodes if node.facts.saved is None}),
    }


def _counted(module: nn.Module, inputs: tuple[Any, ...]) -> int | None:
    """Return the MACs of FlopCounterMode on meta under the math attention back end, None where the
    module does not run there.
    """
    counter = FlopCounterMode(display=False)
    try:
        # with gradients: without them it stops at a parameter that is passed to a module
        with sdpa_kernel(SDPBackend.MATH), counter:
            module(*inputs)
    except Exception:  # noqa: BLE001 - whatever a model raises
        return None
    return counter.get_total_flops() // 2


def _reason(error: Exception) -> Row:
    """Return why a model could not be captured, and the innermost line that is not torch's own."""
    torch_itself = str(Path(torch.__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith((torch_itself, str(Path.cwd())))]
    written = re.findall(r'File "([^"]+)", line (\d+)', str(error))
    theirs = [(file, line) for file, line in written if not file.startswith(torch_itself)]
    place = theirs[-1] if theirs else None
    if place is None and own:
        place = (own[-1].filename, str(own[-1].lineno))
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return {
        "why": f"{type(error).__name__}: {text}"[:120],
        "place": f"{called(place[0])}:{place[1]}" if place else "",
    }
