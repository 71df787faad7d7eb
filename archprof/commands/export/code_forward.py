"""The forward of a module: what its values are called, and a statement for each call."""

from __future__ import annotations

from archprof.commands.export.code_documents import document
from archprof.commands.export.code_expressions import Expression, Own, Raw, Text
from archprof.commands.export.code_layout import Document, Group, flat, prefixed
from archprof.commands.export.code_names import RESERVED, access, unused, variable
from archprof.commands.export.code_templates import Line, Template, Value

_INPUTS = ("x", "y", "z")


class Forward:
    """The statements of one forward. `lines`: those of the template, literals put in."""

    def __init__(self, template: Template, lines: tuple[Line, ...], reserved: frozenset[str]):
        self._template, self._lines = template, lines
        self._reserved = reserved | RESERVED
        self._texts: dict[Value, str] = {}
        self.parameters = [
            _INPUTS[n] if n < len(_INPUTS) else f"x{n + 1}" for n in range(template.inputs)
        ]
        self._last = self._last_uses()
        self._name_values()

    def header(self) -> Document:
        """Return the line that begins the method."""
        count = len(self._template.outputs)
        result = {0: "None", 1: "Tensor"}.get(count, f"tuple[{', '.join(['Tensor'] * count)}]")
        arguments = ("self", *(f"{name}: Tensor" for name in self.parameters))
        return Group("def forward(", arguments, f") -> {result}:")

    def statements(self) -> list[Document]:
        """Return the method's body."""
        written: list[Document] = []
        last = self._lines[-1] if self._lines else None
        for line in self._lines:
            if self._stands_inline(line):
                continue
            value, targets = self._right_side(line), self._targets(line)
            if line.inplace and self._texts[line.inputs[0]] == self._name(line):
                written.append(prefixed(f"{self._name(line)} += ", value))
            elif line is last and self._is_result(line):
                return [*written, prefixed("return ", value)]
            else:
                written.append(prefixed(f"{targets} = ", value) if targets else value)
        if self._template.outputs:
            results = ", ".join(self._texts[value] for value in self._template.outputs)
            written.append(f"return {results}")
        return written or ["pass"]

    def _right_side(self, line: Line) -> Document:
        inputs = [self._texts[value] for value in line.inputs]
        if line.expression is None:
            return Group(f"{access(line.path)}(", tuple(inputs), ")") if inputs else (
                f"{access(line.path)}()"
            )
        if line.inplace and inputs[0] != self._name(line):
            return f"{inputs[0]}.add_({flat(document(line.expression, inputs))})"
        return document(line.expression, inputs)

    def _name(self, line: Line) -> str:
        return self._texts[line.path, 0]

    def _targets(self, line: Line) -> str:
        if line.outputs == 1 and (line.path, 0) not in self._last:
            return ""  # nobody wants it
        return ", ".join(self._texts[line.path, n] for n in range(line.outputs))

    def _is_result(self, line: Line) -> bool:
        given = tuple((line.path, n) for n in range(line.outputs))
        return bool(given) and given == self._template.outputs

    def _stands_inline(self, line: Line) -> bool:
        """Whether a line only names a weight, which is then written where it is used."""
        return not line.inputs and line.expression is not None and _is_weight(line.expression)

    def _name_values(self) -> None:
        """Give every value a name: that of the input that ends with it, where there is one."""
        last = self._last
        texts: dict[Value, str] = {}
        chains: list[list[Value]] = [[-1 - n] for n in range(self._template.inputs)]
        chain_of = {chain[0]: chain for chain in chains}
        for number, line in enumerate(self._lines):
            if self._stands_inline(line) and line.expression is not None:
                texts[line.path, 0] = flat(document(line.expression))
                continue
            ending = [
                value
                for value in line.inputs
                if value in chain_of and all(last.get(v, -1) <= number for v in chain_of[value])
            ]
            if line.inplace and line.inputs[0] in chain_of:
                ending = [line.inputs[0]]
            for output in range(line.outputs):
                value = (line.path, output)
                if ending and line.outputs == 1:
                    chain = chain_of[ending[0]]
                    chain.append(value)
                else:
                    chain = [value]
                    chains.append(chain)
                chain_of[value] = chain
        used = {*self._reserved, *self.parameters}
        for number, chain in enumerate(chains):
            name = self.parameters[number] if number < self._template.inputs else ""
            if not name:
                name = unused(_chain_name(chain, used), used)
                used.add(name)
            texts |= dict.fromkeys(chain, name)
        self._texts = texts

    def _last_uses(self) -> dict[Value, int]:
        """Return for each value the number of the line that uses it last."""
        last: dict[Value, int] = {}
        for number, line in enumerate(self._lines):
            last |= dict.fromkeys(line.inputs, number)
        last |= dict.fromkeys(self._template.outputs, len(self._lines))
        return last


def _chain_name(chain: list[Value], used: set[str]) -> str:
    if len(chain) > 1 and "out" not in used:
        return "out"
    value = chain[-1]
    path = value[0] if isinstance(value, tuple) else ("x",)
    return variable(path[-1])


def _is_weight(expression: Expression) -> bool:
    """Whether an expression is a weight, or one with a dimension of one in front."""
    if isinstance(expression, Text):
        weight, *rest = expression.pieces
        return isinstance(weight, Own) and rest == [Raw(".unsqueeze(0)")]
    return isinstance(expression, Own)
