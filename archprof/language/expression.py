"""The arithmetic of a spec: small, total, without eval.

A text with a `$` is an expression; `$name` is a value in scope.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from archprof.language.functions import FUNCTIONS, USAGE, ExpressionError, bounded

MAX_LENGTH = 500
MAX_NESTING = 100

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope], Any]

_NAME = re.compile(r"\$([A-Za-z][A-Za-z0-9_]*)")
_QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
_UNREADABLE = re.compile(r"(?<![\w$])_\w*|\$(?![A-Za-z])|(?<=\w)\$|[\n\\#;]")
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_SYMBOL = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_LITERALS = {"true": True, "false": False, "null": None}
_OPERATORS = "there is + - * / // %, comparison, and/or/not"
_FUNCTIONS = ", ".join(sorted(FUNCTIONS))
_ENGLISH = {
    "Lambda": "a lambda",
    "Attribute": "an attribute (`.`)",
    "Dict": "a mapping",
    "ListComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "JoinedStr": "an f-string",
    "NamedExpr": "an assignment",
    "Starred": "a star",
    "Tuple": "a list without brackets",
    "Set": "a set",
    "Await": "await",
}


class Expression:
    """A compiled expression: its text, the names it uses with their columns, and how to work it
    out.
    """

    __slots__ = ("_depth", "_evaluate", "names", "text")

    def __init__(self, text: str):
        """Raises ExpressionError where the text is no expression of this language."""
        self.text = text = text.strip()
        self.names: dict[str, int] = {}
        self._depth = 0
        if len(text) > MAX_LENGTH:
            raise ExpressionError(
                f"an expression of more than {MAX_LENGTH} characters", hint="split it with `let:`"
            )
        bare = _QUOTED.sub(lambda m: " " * len(m[0]), text)
        if found := _UNREADABLE.search(bare):
            shown = "a line break" if found[0] == "\n" else f"`{found[0]}`"
            hint = (
                "no name begins with _"
                if found[0][0] == "_"
                else "a name follows the `$`, as in $width"
                if found[0] == "$"
                else ""
            )
            raise ExpressionError(f"cannot read {shown}", found.start(), hint)
        # `$name` becomes `_name`, of the same length, so that columns stay; no other name may begin
        # with `_`
        source = "".join(
            _NAME.sub(r"_\1", part) if i % 2 == 0 else part for i, part in enumerate(_split(text))
        )
        try:
            with warnings.catch_warnings():
                # of `1if` and the like, which Python reads and so do we
                warnings.simplefilter("ignore")
                tree = ast.parse(source, mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            column = (getattr(error, "offset", None) or 1) - 1
            raise ExpressionError(
                "not an expression" if text else "an empty expression",
                min(column, len(text)),
                _syntax_hint(bare),
            ) from None
        self._evaluate = self._compile(tree.body)

    def __call__(self, scope: Scope) -> Any:
        """The value in this scope.

        Raises ExpressionError, with the numbers, where there is none.
        """
        return self._evaluate(scope)

    def _compile(self, node: ast.expr) -> Evaluate:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            what = _ENGLISH.get(type(node).__name__, "this")
            raise ExpressionError(
                f"{what} is not part of the language",
                node.col_offset,
                f"{_OPERATORS}, `a if test else b`, lists, indexing and {_FUNCTIONS}",
            )
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ExpressionError(
                f"nested deeper than {MAX_NESTING} levels", node.col_offset, "split it with `let:`"
            )
        result: Evaluate = method(node)
        self._depth -= 1
        return result

    def _constant(self, node: ast.Constant) -> Evaluate:
        value: Any = node.value
        if type(value) not in (int, float, str, bool, type(None)):
            raise ExpressionError(
                f"`{ast.unparse(node)}` is not part of the language", node.col_offset
            )
        if type(value) in (bool, type(None)):
            raise ExpressionError(
                f"`{value}` is no word of the language",
                node.col_offset,
                f"write {'null' if value is None else str(value).lower()}",
            )
        bounded(value, node.col_offset)
        return lambda scope: value

    def _name(self, node: ast.Name) -> Evaluate:
        name, column = node.id, node.col_offset
        if not name.startswith("_"):
            if name in _LITERALS:
                value = _LITERALS[name]
                return lambda scope: value
            if name in FUNCTIONS:
                raise ExpressionError(
                    f"the function `{name}` stands without arguments",
                    column,
                    f"{USAGE[name]}; a value is written ${name}",
                    name,
                )
            raise ExpressionError(
                f"`{name}` is neither a value nor a function",
                column,
                f"a value is written ${name}, a text '{name}'",
                name,
            )
        name = name[1:]
        self.names.setdefault(name, column)

        def look_up(scope: Scope) -> Any:
            try:
                return scope[name]
            except KeyError:
                raise ExpressionError(f"${name} has no value here", column, name=name) from None

        return look_up

    def _list(self, node: ast.List) -> Evaluate:
        items, column = [self._compile(item) for item in node.elts], node.col_offset
        return lambda scope: bounded([item(scope) for item in items], column)

    def _binop(self, node: ast.BinOp) -> Evaluate:
        left, right, kind, column = (
            self._compile(node.left),
            self._compile(node.right),
            type(node.op),
            node.col_offset,
        )
        apply, symbol = _BINARY.get(kind), _SYMBOL[kind]
        if apply is None:
            hint = "multiply instead" if kind is ast.Pow else _OPERATORS
            raise ExpressionError(
                f"the operator `{symbol}` is not part of the language", column, hint
            )
        joins = kind is ast.Add

        def binary(scope: Scope) -> Any:
            a, b = left(scope), right(scope)
            numbers = _is_number(a) and _is_number(b)
            if not numbers and not (joins and type(a) is type(b) and type(a) in (list, str)):
                raise ExpressionError(f"cannot work out {_show(a)} {symbol} {_show(b)}", column)
            try:
                return bounded(apply(a, b), column)
            except ZeroDivisionError:
                raise ExpressionError(
                    f"{_show(a)} {symbol} {_show(b)} divides by zero", column
                ) from None
            except OverflowError:
                raise ExpressionError(
                    f"{_show(a)} {symbol} {_show(b)} is too large", column
                ) from None

        return binary

    def _unaryop(self, node: ast.UnaryOp) -> Evaluate:
        operand, column = self._compile(node.operand), node.col_offset
        if isinstance(node.op, ast.Not):
            return lambda scope: not operand(scope)
        if not isinstance(node.op, ast.USub):
            sign, hint = (
                ("+", "leave it away") if isinstance(node.op, ast.UAdd) else ("~", _OPERATORS)
            )
            raise ExpressionError(f"the sign `{sign}` is not part of the language", column, hint)

        def negate(scope: Scope) -> Any:
            value = operand(scope)
            if not _is_number(value):
                raise ExpressionError(f"cannot negate {_show(value)}", column)
            return -value

        return negate

    def _boolop(self, node: ast.BoolOp) -> Evaluate:
        parts = [self._compile(value) for value in node.values]
        if isinstance(node.op, ast.And):  # true or false, never one of the operands as in Python
            return lambda scope: all(part(scope) for part in parts)
        return lambda scope: any(part(scope) for part in parts)

    def _compare(self, node: ast.Compare) -> Evaluate:
        first, column = self._compile(node.left), node.col_offset
        rest = []
        for kind, value in zip(map(type, node.ops), node.comparators, strict=True):
            if kind not in _COMPARE:
                raise ExpressionError("`is` is not part of the language", column, "use ==")
            rest.append((_COMPARE[kind], self._compile(value)))

        def compare(scope: Scope) -> bool:
            left = first(scope)
            for test, part in rest:
                right = part(scope)
                try:
                    if not test(left, right):
                        return False
                except TypeError:
                    looks = test in (_COMPARE[ast.In], _COMPARE[ast.NotIn])
                    what = (
                        f"look for {_show(left)} in {_show(right)}"
                        if looks
                        else f"compare {_show(left)} with {_show(right)}"
                    )
                    raise ExpressionError(f"cannot {what}", column) from None
                left = right
            return True

        return compare

    def _ifexp(self, node: ast.IfExp) -> Evaluate:
        test, then, otherwise = (
            self._compile(node.test),
            self._compile(node.body),
            self._compile(node.orelse),
        )
        return lambda scope: then(scope) if test(scope) else otherwise(scope)

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        value, column = self._compile(node.value), node.col_offset
        index = (
            self._bounds(node.slice)
            if isinstance(node.slice, ast.Slice)
            else self._compile(node.slice)
        )

        def pick(scope: Scope) -> Any:
            items, at = value(scope), index(scope)
            if not isinstance(items, list):
                raise ExpressionError(f"cannot index {_show(items)}: it is no list", column)
            if type(at) not in (int, slice):
                raise ExpressionError(f"an index is a whole number, found {_show(at)}", column)
            try:
                return bounded(items[at], column) if type(at) is slice else items[at]
            except IndexError:
                raise ExpressionError(
                    f"there is no item {at} in a list of {len(items)} (the first is 0)", column
                ) from None

        return pick

    def _bounds(self, node: ast.Slice) -> Evaluate:
        parts = [
            self._compile(part) if part else None for part in (node.lower, node.upper, node.step)
        ]

        def bounds(scope: Scope) -> slice:
            values = [part(scope) if part else None for part in parts]
            for value in values:
                if type(value) not in (int, type(None)):
                    raise ExpressionError(
                        f"a slice goes by whole numbers, found {_show(value)}", node.col_offset
                    )
            if values[2] == 0:
                raise ExpressionError("a slice cannot go in steps of 0", node.col_offset)
            return slice(*values)

        return bounds

    def _call(self, node: ast.Call) -> Evaluate:
        column, name = node.col_offset, node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None:
            shown = (
                f"`{name.replace('_', '$', 1) if name.startswith('_') else name}`"
                if name
                else "this"
            )
            raise ExpressionError(
                f"{shown} is no function of the language", column, f"there are {_FUNCTIONS}"
            )
        if node.keywords:
            raise ExpressionError(
                f"`{name}` takes its arguments by place",
                column,
                f"leave `{node.keywords[0].arg or '**'}=` away",
            )
        call, arguments = function, [self._compile(argument) for argument in node.args]

        def result(scope: Scope) -> Any:
            values = [argument(scope) for argument in arguments]
            try:
                return bounded(call(*values), column)
            except ExpressionError:
                raise
            except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
                why = f": {error}" if "a range of" in str(error) else ""
                raise ExpressionError(
                    f"cannot work out {name}({', '.join(map(_show, values))}){why}",
                    column,
                    "" if why else USAGE[name],
                ) from None

        return result


compile_expression = lru_cache(maxsize=4096)(Expression)


def is_expression(text: Any) -> bool:
    """Whether a scalar of a spec is an expression: a text with a `$` in it."""
    return isinstance(text, str) and "$" in text


def cut(text: str) -> str:
    """An expression as a message quotes it; its line is shown below."""
    return text if len(text) <= 60 else text[:57] + "..."


def _split(text: str) -> list[str]:
    """The text cut at quoted parts; odd items are quoted."""
    result, last = [], 0
    for found in _QUOTED.finditer(text):
        result += [text[last : found.start()], found[0]]
        last = found.end()
    return [*result, text[last:]]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _show(value: Any) -> str:
    text = (
        "nothing"
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else repr(value)
    )
    return text if len(text) <= 40 else text[:37] + "..."


def _syntax_hint(text: str) -> str:
    if "?" in text:
        return "a choice is written `a if test else b`"
    if "&&" in text or "||" in text or "!" in text.replace("!=", ""):
        return "write and, or, not"
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return "equality is =="
    if text.count("(") > text.count(")") or text.count("[") > text.count("]"):
        return "a bracket is not closed; inside { } an expression with a comma needs quotes"
    return "check its brackets and operators"
