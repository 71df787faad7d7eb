"""The witnesses behind `archprof verify`: torch and fvcore count the compiled network, layer by
layer, beside the analysis.
"""

from __future__ import annotations

from collections.abc import Callable

from archprof.capturing.origin import CapturedNetwork
from archprof.commands.verify import (
    captured_gradient_witness,
    captured_saved_witness,
    captured_witness,
    fvcore_witness,
    gradient_witness,
    saved_witness,
    torch_witness,
    unit_witness,
)
from archprof.commands.verify.verification import Check, Verification
from archprof.graph.graph import Graph
from archprof.model.threads import one_thread

WITNESSES: dict[str, Callable[[Graph], tuple[list[Check], list[str]]]] = {
    "torch modules": torch_witness.weights,
    "torch shapes and FLOPs": torch_witness.shapes_and_flops,
    "fvcore": fvcore_witness.flops,
    "autograd's saved tensors": saved_witness.saved_bytes,
    "receptive fields unit by unit": unit_witness.receptive_fields,
    "extent of the gradient": gradient_witness.receptive_fields,
}
"""Each gives its checks and names what it could not check."""

OF_CAPTURED: dict[str, Callable[[Graph], tuple[list[Check], list[str]]]] = {
    "torch modules": captured_witness.weights,
    "FLOPs module by module": captured_witness.flops,
    "autograd's saved tensors": captured_saved_witness.saved_bytes,
    "extent of the gradient": captured_gradient_witness.receptive_fields,
}
"""Those of a network that was captured, whose module is the witness."""


def verify(graph: Graph, progress: Callable[[str], None] | None = None) -> Verification:
    """Return every number that somebody else's code can confirm, beside that code's number;
    `progress` is called with each witness in turn.

    Where torch refuses to run the network, that is the witness's check: "runs", 1 against 0.

    Raises ProblemError where the graph has problems.
    """
    checks: list[Check] = []
    notes: list[str] = []
    captured = isinstance(graph.network, CapturedNetwork)
    with one_thread():
        for name, witness in (OF_CAPTURED if captured else WITNESSES).items():
            if progress is not None:
                progress(name)
            try:
                found, unchecked = witness(graph)
            # torch's word as well: a layer built for other shapes than arrive, a batch too small
            except (RuntimeError, ValueError) as error:
                found, unchecked = (
                    [Check(name, "runs", "", 1, 0)],
                    [f"{name}: {str(error).partition(chr(10))[0]}"],
                )
            checks += found
            notes += unchecked
    return Verification(tuple(checks), tuple(notes))
