"""A class of exported code as source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archprof.commands.export.code_classes import Class
from archprof.commands.export.code_documents import chain, document, spelled
from archprof.commands.export.code_expressions import (
    MISSING,
    Expression,
    Literal,
    Raw,
    mapped,
)
from archprof.commands.export.code_forward import Forward
from archprof.commands.export.code_layout import Document, Group, line, prefixed
from archprof.commands.export.code_names import attribute, is_attribute, quoted
from archprof.commands.export.code_templates import Attribute, Line, Slot
from archprof.graph.freezing import NOTHING_FROZEN, FrozenParts

_METHOD, _BODY = 4, 8
"""Columns before a method, and before its statements."""


def class_source(
    each: Class, frozen: FrozenParts = NOTHING_FROZEN, arguments: Sequence[str] = ()
) -> str:
    """Return the source of a class; `frozen`: what its constructor freezes; `arguments`: what its
    forward calls its inputs, where they have names.
    """
    if each.template.chain:
        methods = [_method(_header(each), [*_locals(each), line(_row(each), _BODY)])]
        return f"class {each.name}(nn.Sequential):\n{methods[0]}"
    kept, lines = _kept(each)
    kept += [line(f"{condition} = {flag}", _BODY) for flag, condition in _flags(each).items()]
    statements = [*_locals(each), *kept, *_attributes(each), *_frozen(frozen)]
    methods = []
    if statements:
        first = line("super().__init__()", _BODY)
        methods.append(_method(_header(each), [first, *statements]))
    if lines or each.template.outputs:
        forward = Forward(each.template, lines, _conditions(each), arguments)
        body = [line(text, _BODY + 4 * depth) for depth, text in forward.statements()]
        methods.append(_method(forward.header(), body))
    body_of_class = "\n\n".join(methods) or "    pass"
    return f"class {each.name}(nn.Module):\n{body_of_class}"


def _method(header: Document, body: list[str]) -> str:
    return "\n".join([line(header, _METHOD), *body])


def _header(each: Class) -> Document:
    arguments = ["self"]
    for parameter in each.solution.parameters:
        text = f"{parameter.name}: {parameter.annotation}"
        if parameter.default is not MISSING:
            text += f" = {spelled(parameter.default)}"
        arguments.append(text)
    return Group("def __init__(", tuple(arguments), ") -> None:")


def _locals(each: Class) -> list[str]:
    return [line(f"{name} = {text}", _BODY) for name, text in each.solution.locals]


def _row(each: Class) -> Document:
    """Return the call that gives a torch.nn.Sequential its modules."""
    attributes = each.template.attributes
    names = tuple(a.name for a in attributes)
    return chain("super().__init__(", names, tuple(_filled(each, a) for a in attributes))


def _attributes(each: Class) -> Iterator[str]:
    """Yield the statements that give a module what it holds; what only some have is
    torch.nn.Identity in the others.
    """
    aside = False
    for item in each.template.attributes:
        if item.aside and not aside:
            yield line("# auxiliary heads: weights that the forward does not use", _BODY)
        aside = item.aside
        value = document(_filled(each, item))
        flag = each.solution.flags.get(item.name)
        if flag is None:
            yield line(_assigned(item, value), _BODY)
            continue
        yield line(_assigned(item, "nn.Identity()"), _BODY)
        yield line(f"if {flag}:", _BODY)
        yield line(_assigned(item, value), _BODY + 4)


def _frozen(parts: FrozenParts) -> Iterator[str]:
    """Yield the statements that freeze parts of a module."""
    for method, paths in (("get_submodule", parts.modules), ("get_parameter", parts.parameters)):
        if not paths:
            continue
        names = tuple(quoted(path) for path in paths)
        if len(names) == 1:
            yield line(f"self.{method}({names[0]}).requires_grad_(False)", _BODY)
            continue
        yield line(Group("for name in [", names, "]:", "display"), _BODY)
        yield line(f"self.{method}(name).requires_grad_(False)", _BODY + 4)


def _assigned(item: Attribute, value: Document) -> Document:
    """Return the statement that gives a module a layer, a parameter or a buffer."""
    if item.kind in ("buffer", "transient buffer"):
        arguments: tuple[Document, ...] = (quoted(item.name), value)
        if item.kind == "transient buffer":
            arguments = (*arguments, "persistent=False")
        return Group("self.register_buffer(", arguments, ")")
    if is_attribute(item.name):
        return prefixed(f"self.{item.name} = ", value)
    method = "add_module" if item.kind == "module" else "register_parameter"
    return Group(f"self.{method}(", (quoted(item.name), value), ")")


def _filled(each: Class, item: Attribute) -> Expression:
    """Return an attribute's value with the constructor's arguments in it."""
    number = -1

    def text(literal: Literal) -> Expression:
        nonlocal number
        number += 1
        found = each.solution.texts.get(Slot(item.name, number, False))
        return literal if found is None else Raw(found)

    return mapped(item.value, text)


def _flags(each: Class) -> dict[str, str]:
    """Return the arguments that say whether functions are run, each with where it is kept."""
    functions = [call.layer for call in each.template.lines if call.expression is not None]
    flags = [each.solution.flags[layer] for layer in functions if layer in each.solution.flags]
    held = {item.name for item in each.template.attributes}
    return {flag: f"self.{attribute(flag, held)}" for flag in flags}


def _conditions(each: Class) -> dict[str, str]:
    """Return by function that is not always run the condition for it."""
    kept = _flags(each)
    return {
        call.layer: kept[each.solution.flags[call.layer]]
        for call in each.template.lines
        if call.expression is not None and call.layer in each.solution.flags
    }


def _kept(each: Class) -> tuple[list[str], tuple[Line, ...]]:
    """Return the statements that keep numbers for the forward, and its lines with these in them."""
    names: dict[str, str] = {}
    held = {item.name for item in each.template.attributes}
    lines = []
    for call in each.template.lines:
        number = -1

        def text(literal: Literal, layer: str = call.layer) -> Expression:
            nonlocal number
            number += 1
            found = each.solution.texts.get(Slot(layer, number, True))
            if found is None:
                return literal
            if found not in names:
                wanted = found if found.isidentifier() else "number"
                names[found] = attribute(wanted, {*held, *names.values()})
            star = "*" if literal.spread else ""
            return Raw(f"{star}self.{names[found]}")

        expression = call.expression and mapped(call.expression, text)
        lines.append(call._replace(expression=expression))
    return [line(f"self.{name} = {text}", _BODY) for text, name in names.items()], tuple(lines)
