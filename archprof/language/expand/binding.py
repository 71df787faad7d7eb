"""What arrives at a block, input by input."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.language.document import Block, Layer
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame, LayerFailed, Result
from archprof.language.expand.parallel import numbered, together


def bind(
    block: Block, layer: Layer, sources: Sequence[Result], frame: Frame, complaints: Complaints
) -> list[Result]:
    """Return what each of the block's inputs is: one output of each source, or several of one.

    A parallel repeat arrives whole where the block has an input for it. Raises LayerFailed where
    they are too few or too many.
    """
    names = block.inputs or ("input",)
    given = _with_rest(block, sources) if block.rest else _one_by_one(names, sources)
    if given is None:
        if None in sources[0].outputs:
            raise LayerFailed
        _complain_of_number(block, layer, sources, frame, complaints)
        raise LayerFailed
    return given


def _one_by_one(names: Sequence[str], sources: Sequence[Result]) -> list[Result] | None:
    """Return a result for each name, None where there are too few or too many."""
    if len(sources) == len(names):
        return [
            numbered(source, name) if source.parallel else Result(source.outputs[:1])
            for source, name in zip(sources, names, strict=True)
        ]
    if len(sources) > 1:
        return None
    outputs = sources[0].outputs
    if len(outputs) == len(names) or (len(outputs) > len(names) and not sources[0].parallel):
        return [Result((output,)) for output in outputs[: len(names)]]
    return None


def _with_rest(block: Block, sources: Sequence[Result]) -> list[Result] | None:
    """Return a result for each input, the last with all that is left; None for too few."""
    outputs = [output for source in sources for output in source.given]
    if len(sources) == 1:
        outputs = list(sources[0].outputs)
    alone = len(block.inputs) - 1
    if len(outputs) < alone:
        return None
    single = [Result((output,)) for output in outputs[:alone]]
    return [*single, together(outputs[alone:], block.inputs[-1])]


def _complain_of_number(
    block: Block, layer: Layer, sources: Sequence[Result], frame: Frame, complaints: Complaints
) -> None:
    found = len(sources) if len(sources) > 1 else len(sources[0].outputs)
    wanted = len(block.inputs) - 1 if block.rest else len(block.inputs) or 1
    hint = "name them in `from: [...]`" if found < wanted else ""
    if layer.repeat and not layer.parallel and frame.scope["index"] > 0:
        hint = "each turn of a `repeat` feeds the next: give the block as many in `output: [...]`"
    inputs = "1 input" if wanted == 1 else f"{wanted} inputs"
    least = "at least " if block.rest else ""
    named = f" ({', '.join(block.written_inputs)})" if block.inputs else ""
    message = f"block `{block.name}` takes {least}{inputs}{named}, found {found}"
    complaints.add(layer.mark, "arity", message, hint, frame.instance)
