"""The turns of a parallel repeat, where one input is wanted or where they are joined."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.language.document import ComputedReference, Layer
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame, Result
from archprof.ops.base import Op


def one_of_each(
    wanted: str, sources: Sequence[Result], layer: Layer, frame: Frame, complaints: Complaints
) -> None:
    """Complain where one of the sources is a parallel repeat, or the parts of a tensor.

    `wanted` says who takes one input of each. Raises LayerFailed.
    """
    for source in sources:
        if source.parallel:
            complaints.fail(
                layer.mark,
                "arity",
                f"{wanted}, found {len(source.outputs)} side by side",
                f"`{source.parallel}` is the first of them; an op of any number of inputs, such as"
                " `add` or `concat`, joins all",
                frame.instance,
            )


def only_one(op: Op, layer: Layer, sources: Sequence[Result]) -> bool:
    """Whether all that an op has to join is one layer, where there may be more of them.

    They are the turns of a parallel repeat, or have computed names. A sum of one is that one.
    """
    fewest, most = op.arity
    if fewest < 2 or most is not None or len(sources) > 1 or len(sources[0].given) != 1:
        return False
    computed = any(isinstance(one, ComputedReference) for one in layer.sources or ())
    return computed or bool(sources[0].parallel)


def numbered(source: Result, name: str = "input") -> Result:
    """Return what arrives at a body as its `input`: turns go by number there, as `input.0`."""
    return together(source.outputs, name) if source.parallel else source


def together(outputs: Sequence[int | None], name: str) -> Result:
    """Return what several layers give as one, whose parts are `name.0`, `name.1`, …"""
    names = {str(number): Result((output,)) for number, output in enumerate(outputs)}
    return Result(tuple(outputs), names, parallel=f"{name}.0")
