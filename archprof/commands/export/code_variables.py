"""What the values of a forward are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from archprof.commands.export.code_expressions import (
    Expression,
    FunctionCall,
    Own,
    Raw,
    Text,
    parts,
)
from archprof.commands.export.code_names import unused, variable
from archprof.commands.export.code_templates import Line, ModuleTemplate, Value


@dataclass
class _Variable:
    """Values that one name stands for in turn. It is taken from line `begin` to line `end`."""

    values: list[Value]
    name: str
    begin: int
    end: int
    of_modules: bool = False
    layers: list[str] = field(default_factory=list)  # what gives the values
    is_input: bool = False


def variables(
    template: ModuleTemplate,
    inputs: Sequence[str],
    inline: Mapping[Value, str],
    reserved: Iterable[str],
    optional: Collection[str] = (),
) -> dict[Value, str]:
    """Return the name of every value.

    A value gets the name of the one that it is made from, where nobody needs that any more. A
    line of them is called as its layers begin or `out`, one alone as its layer. `inputs`: what the
    forward's own are called; `inline`: values that are written where they are used; `optional`:
    layers that may be left out, so that their results keep the name.
    """
    last = last_uses(template)
    found = [
        _Variable([-1 - n], name, -1, last.get(-1 - n, -1), is_input=True)
        for n, name in enumerate(inputs)
    ]
    branches = _branches(template)
    kept = template.steps_over(optional)
    of_value = {each.values[0]: each for each in found}
    for number, line in enumerate(template.lines):
        if (line.given, 0) in inline:
            continue
        earlier = _continued(line, number, of_value, branches)
        if line in kept:
            earlier = of_value[line.inputs[0]]
        for output, name in enumerate(line.names):
            value = (line.given, output)
            end = last.get(value, number)
            if earlier is None or line.outputs > 1:
                each = _Variable([value], "", number, end, line.expression is None, [name])
                found.append(each)
            else:
                each = earlier
                each.values.append(value)
                each.end = max(each.end, end)
                each.layers.append(name)
                each.of_modules = each.of_modules or line.expression is None
            of_value[value] = each
    _name(found, {*reserved, *inputs})
    return dict(inline) | {value: each.name for each in found for value in each.values}


def last_uses(template: ModuleTemplate) -> dict[Value, int]:
    """Return for each value the number of the line that uses it last; the result counts as one."""
    last: dict[Value, int] = {}
    for number, line in enumerate(template.lines):
        last |= dict.fromkeys(line.inputs, number)
    last |= dict.fromkeys(template.outputs, len(template.lines))
    return last


def is_weight(line: Line) -> bool:
    """Whether a line only names a weight, which is then written where it is used."""
    expression = line.expression
    if line.inputs:
        return False
    if isinstance(expression, Text):
        weight, *rest = expression.pieces
        return isinstance(weight, Own) and rest == [Raw(".unsqueeze(0)")]
    return isinstance(expression, Own)


def helpers_in(lines: Iterable[Line]) -> set[str]:
    """Return the functions that lines call by a name of their own."""
    found: set[str] = set()
    waiting: list[Expression] = [line.expression for line in lines if line.expression is not None]
    while waiting:
        expression = waiting.pop()
        if isinstance(expression, FunctionCall) and isinstance(expression.head, Raw):
            found.add(expression.head.text)
        waiting += parts(expression)
    return found


def _branches(template: ModuleTemplate) -> set[Value]:
    """Return the values that a module makes of an input that others use too, and that are joined
    with others: each of them has a name of its own.
    """
    uses = Counter(value for line in template.lines for value in line.inputs)
    joined = {
        value
        for line in template.lines
        if len(line.inputs) > 1 and not isinstance(line.expression, Text)
        for value in line.inputs
    }
    return {
        (line.given, 0)
        for line in template.lines
        if (line.given, 0) in joined
        and len(line.inputs) == 1
        and isinstance(line.inputs[0], int)
        and uses[line.inputs[0]] > 1
    }


def _continued(
    line: Line, number: int, of_value: Mapping[Value, _Variable], branches: set[Value]
) -> _Variable | None:
    """Return the variable that a line's value takes over, None where it gets one of its own."""
    own = [of_value[value] for value in line.inputs if value in of_value]
    if line.inplace and line.inputs[0] in of_value:
        return of_value[line.inputs[0]]
    ending = [each for each in own if each.end <= number]
    if line.outputs == 1 and (line.given, 0) in branches:
        return None
    if line.expression is not None:
        ending = [each for each in ending if each.is_input or each.of_modules]
    if len(line.inputs) > 1 and not isinstance(line.expression, Text):
        ending = [each for each in ending if each.is_input]
    return ending[0] if ending else None


def _name(found: Sequence[_Variable], used: set[str]) -> None:
    outs: list[_Variable] = []
    for each in found:
        if each.name:
            continue
        branch = each.layers[0].rpartition("_")[0]  # of branch_1, branch_2
        numbered = branch and all(layer.startswith(f"{branch}_") for layer in each.layers)
        if len(each.values) > 1 and numbered:
            each.name = unused(variable(branch), used)
            used.add(each.name)
        elif len(each.values) > 1 and each.of_modules and not _overlaps(each, outs):
            each.name = "out"
            outs.append(each)
            used.add("out")
        else:
            each.name = unused(variable(each.layers[-1]), used)
            used.add(each.name)


def _overlaps(each: _Variable, others: Sequence[_Variable]) -> bool:
    return any(each.begin < other.end and other.begin < each.end for other in others)
