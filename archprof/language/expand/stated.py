"""The `shape:` of a layer, compared with the computed one."""

from __future__ import annotations

from archprof import units
from archprof.graph.graph import Facts
from archprof.language.document import Template
from archprof.language.expand.frame import Frame
from archprof.language.expand.values import Values
from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape, shown

_AXES = {3: ("channels", "height", "width"), 1: ("features",)}  # by number of dimensions


def compare_shape(shape: Template, frame: Frame, path: str, facts: Facts, values: Values) -> None:
    """Complain where a spec states another `shape` than the computed one."""
    stated = values.evaluate(shape, frame.scope, frame.instance)
    expected = parse_shape(stated)
    if expected is None:
        values.complaints.add(
            shape.mark,
            "kind",
            f"`shape` is {shown(stated)}, expected one such as 96x55x55",
            instance=frame.instance,
        )
    elif expected != facts.output:
        values.complaints.add(
            shape.mark,
            "shape-assertion",
            f"`{path}` gives {units.shape(facts.output)}, the spec says {units.shape(expected)}",
            _arithmetic(facts, expected),
            frame.instance,
        )


def _arithmetic(facts: Facts, expected: Shape) -> str:
    """Return how the axes that differ are computed.

    That is the note on a remainder, otherwise the formula with its numbers.
    """
    if not facts.inputs:
        return ""
    source = f"from {' and '.join(map(units.shape, facts.inputs))}"
    if len(facts.output) != len(expected):
        return source
    differ = [found != wanted for found, wanted in zip(facts.output, expected, strict=True)]
    steps = list(facts.notes) if any(differ[1:]) else []
    working = facts.op.working(facts.inputs, facts.output)
    axes = _AXES.get(len(expected), ())
    for axis, found, differs in zip(axes, facts.output, differ, strict=False):
        if differs and axis in working and (axis == "channels" or not steps):
            worked = working[axis].substituted()
            formula = working[axis].formula if worked == str(found) else worked
            steps.append(f"{axis} = {formula} = {found}")
    return f"{source}: {'; '.join(steps)}" if steps else source
