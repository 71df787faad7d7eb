"""The forward of a module: what its values are called, and a statement for each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archprof.commands.export.code_documents import document
from archprof.commands.export.code_layout import Document, Group, flat, prefixed
from archprof.commands.export.code_names import RESERVED, access
from archprof.commands.export.code_templates import Line, ModuleTemplate, Value
from archprof.commands.export.code_variables import (
    helpers_in,
    is_weight,
    last_uses,
    variables,
)

_INPUTS = ("x", "y", "z")


class Forward:
    """The statements of one forward. `lines`: those of the template, literals put in; `optional`:
    by layer the condition under which it is run; `arguments`: what it calls its inputs, where they
    have names.
    """

    def __init__(
        self,
        template: ModuleTemplate,
        lines: tuple[Line, ...],
        optional: Mapping[str, str],
        arguments: Sequence[str] = (),
    ):
        self._template, self._lines, self._optional = template, lines, optional
        self.parameters = list(arguments) or [
            _INPUTS[n] if n < len(_INPUTS) else f"x{n + 1}" for n in range(template.inputs)
        ]
        self._last = last_uses(template)
        inline: dict[Value, str] = {
            (line.given, 0): flat(document(line.expression))
            for line in lines
            if line.expression is not None and is_weight(line)
        }
        used = RESERVED | helpers_in(lines)
        self._texts = variables(template, self.parameters, inline, used, optional)

    def header(self) -> Document:
        """Return the line that begins the method."""
        count = len(self._template.outputs)
        result = {0: "None", 1: "Tensor"}.get(count, f"tuple[{', '.join(['Tensor'] * count)}]")
        arguments = ("self", *(f"{name}: Tensor" for name in self.parameters))
        return Group("def forward(", arguments, f") -> {result}:")

    def statements(self) -> list[tuple[int, Document]]:
        """Return the method's body, each statement with its depth."""
        written: list[tuple[int, Document]] = []
        condition = ""
        for line in self._lines:
            if is_weight(line):
                continue
            now = self._optional.get(line.layer, "")
            if now and now != condition:
                written.append((0, f"if {now}:"))
            condition = now
            statement = self._statement(line, last=line is self._lines[-1] and not now)
            written.append((1 if now else 0, statement))
        if self._template.outputs and not (written and flat(written[-1][1]).startswith("return ")):
            results = ", ".join(self._texts[value] for value in self._template.outputs)
            written.append((0, f"return {results}"))
        return written or [(0, "pass")]

    def _statement(self, line: Line, last: bool) -> Document:
        value, targets = self._right_side(line), self._targets(line)
        if line.inplace and self._texts[line.inputs[0]] == self._name(line):
            return prefixed(f"{self._name(line)} += ", value)
        if last and self._is_result(line):
            return prefixed("return ", value)
        return prefixed(f"{targets} = ", value) if targets else value

    def _right_side(self, line: Line) -> Document:
        inputs = [self._texts[value] for value in line.inputs]
        if line.expression is None:
            return (
                Group(f"{access(line.path)}(", tuple(inputs), ")")
                if inputs
                else (f"{access(line.path)}()")
            )
        if line.inplace and inputs[0] != self._name(line):
            return f"{inputs[0]}.add_({flat(document(line.expression, inputs))})"
        return document(line.expression, inputs)

    def _name(self, line: Line) -> str:
        return self._texts[line.given, 0]

    def _targets(self, line: Line) -> str:
        if line.outputs == 1 and (line.given, 0) not in self._last:
            return ""  # nobody wants it
        return ", ".join(self._texts[line.given, n] for n in range(line.outputs))

    def _is_result(self, line: Line) -> bool:
        given = tuple((line.given, n) for n in range(line.outputs))
        return bool(given) and given == self._template.outputs
