"""References to layers in `from`, `output` and `share`, and hints for those that lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.language.document import (
    AnyReference,
    ComputedReference,
    Layer,
    Reference,
    Template,
)
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame, LayerFailed, Result
from archprof.language.expand.values import Values
from archprof.language.words import RESERVED, WORD
from archprof.ops.base import shown
from archprof.problem import nearest


def resolve(
    reference: Reference,
    frame: Frame,
    complaints: Complaints,
    names: Mapping[str, Result] | None = None,
) -> Result:
    """Return what the layer gives that a reference names, of these names or of those that the
    frame's layers see. Raises LayerFailed.
    """
    head, *rest = reference.parts
    names = frame.names if names is None else names
    result = frame.previous if head == "previous" else names.get(head)
    if result is None:
        message, hint = _missing(head, "", names, frame.unnumbered)
        complaints.fail(reference.mark, "reference", message, hint, frame.instance)
    for i, part in enumerate(rest):
        if part not in result.names:
            if None in result.outputs:
                raise LayerFailed
            at = ".".join(reference.parts[: i + 1])
            if result.dropped:
                message, hint = _absent(part, at, result.dropped)
            else:
                message, hint = _missing(part, at, result.names, result.unnumbered)
            complaints.fail(reference.mark, "reference", message, hint, frame.instance)
        result = result.names[part]
    if not result.outputs and not result.parallel:  # of a rest of nothing there is no more to say
        complaints.fail(reference.mark, "reference", *_beginning(reference, result), frame.instance)
    return result


def written_out(
    references: Sequence[AnyReference], frame: Frame, values: Values
) -> list[Reference]:
    """Return the references with those that are computed in this frame in their places.

    Raises LayerFailed where one cannot be computed, or is not a name.
    """
    result: list[Reference] = []
    for reference in references:
        if isinstance(reference, Reference):
            result.append(reference)
        else:
            result += _computed(reference, frame, values)
    return result


def owner_of(share: AnyReference, frame: Frame, values: Values) -> Result | None:
    """Return the layer whose weights a `share` borrows, None where its `if` says: none.

    What its own body has not is looked for where the block is used. Raises LayerFailed where it
    leads nowhere, or to several.
    """
    named = written_out([share], frame, values)
    if not named:
        return None
    if len(named) > 1:
        message = f"`share` names one layer, found {len(named)}: `{share}`"
        values.complaints.fail(named[0].mark, "share", message, "", frame.instance)
    return resolve(named[0], frame, values.complaints, frame.names_outwards())


def _computed(reference: ComputedReference, frame: Frame, values: Values) -> list[Reference]:
    if reference.test and not values.truth(reference.test, f"the test of `{reference}`", frame):
        return []
    turns: list[dict[str, Any]] = [{}]
    if reference.loops:
        loops = Template(reference.loops, reference.mark, False)
        turns = values.evaluate(loops, frame.scope, frame.instance)
    found = []
    for turn in turns:
        scope = {**frame.scope, **turn}
        text = values.text(reference.parts, reference.mark, scope, frame.instance)
        parts = tuple(text.split("."))
        if not all(WORD.match(part) for part in parts):
            message = f"{shown(text)} is not the name of a layer"
            values.complaints.fail(reference.mark, "reference", message, "", frame.instance)
        found.append(Reference(parts, reference.mark))
    return found


def _beginning(reference: Reference, result: Result) -> tuple[str, str]:
    """Return message and hint for what is not a layer, but the beginning of layers' names."""
    names = [f"`{reference}.{name}`" for name in [*result.names][:4]]
    more = ", …" if len(result.names) > len(names) else ""
    return (
        f"there is no layer `{reference}` here: names begin with it",
        f"name one of them: {', '.join(names)}{more}",
    )


def why(layer: Layer) -> str:
    """Return what drops the layer, as a message puts it."""
    return "its `when`" if layer.when is not None else "a `repeat` of 0"


def _absent(part: str, at: str, layer: Layer) -> tuple[str, str]:
    """Return message and hint for a layer that a reference looks for inside a dropped one."""
    return (
        f"there is no `{part}` in `{at}`: {why(layer)} drops `{at}`",
        "a dropped layer passes its input on and has no layers inside",
    )


def _missing(
    part: str, at: str, names: Mapping[str, Result], unnumbered: Sequence[Layer]
) -> tuple[str, str]:
    """Return message and hint for a name that is none of `names`.

    `at` is the layer that should have it inside, "" for the body itself.
    """
    message = f"there is no `{part}` in `{at}`" if at else f"there is no layer `{part}` here"
    if unnumbered and part.isdigit():
        lines = ", ".join(f"{layer.mark.line}" for layer in unnumbered[:4])
        what = f"the entries of lines {lines} are"
        if len(unnumbered) == 1:
            what = f"the entry of line {lines} is"
        return (
            f"{message}: {what} dropped, and what is dropped takes no number",
            "give the entry a `name`: a name is known even where its layer is dropped",
        )
    if at and not names:
        return message, "it has no layers inside"
    known = [
        name
        for name, result in names.items()
        if result.dropped is None and (at or name not in RESERVED)
    ]
    return message, nearest(part, known, "layers in it" if at else "names")
