"""The arithmetic of a spec: small, total, without eval. A text with a `$` is an expression; `$name` is a value in scope."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

MAX_LENGTH = 500
MAX_BITS = 62
MAX_ITEMS = 10_000

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope], Any]

_NAME = re.compile(r"\$([A-Za-z][A-Za-z0-9_]*)")
_QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")


class ExpressionError(ValueError):
    """The expression cannot be read or worked out; `column` counts from 0 inside it, `name` is an unknown name."""

    def __init__(self, message: str, column: int = 0, hint: str = "", name: str = ""):
        super().__init__(message)
        self.column, self.hint, self.name = column, hint, name


def make_divisible(value: float, divisor: int = 8, minimum: int = 0) -> int:
    """`value` rounded to a multiple of `divisor`, never below nine tenths of it: MobileNet's channel rounding.

    https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/mobilenet.py
    """
    result = max(minimum or divisor, int(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


def _round(value: float) -> int:
    """Half to even, as Python and the public implementations round."""
    return round(value)


def _range(*bounds: int) -> list[int]:
    if len(range(*bounds)) > MAX_ITEMS:
        raise ValueError(f"a range of more than {MAX_ITEMS:,} numbers")
    return list(range(*bounds))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min, "max": max, "floor": math.floor, "ceil": math.ceil, "round": _round, "sum": sum, "len": len, "sqrt": math.sqrt,
    "abs": abs, "range": _range, "make_divisible": make_divisible,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}
_SYMBOL = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
           ast.BitXor: "^", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@"}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}
_LITERALS = {"true": True, "false": False, "null": None}


class Expression:
    """A compiled expression: its text, the names it uses with their columns, and how to work it out."""

    __slots__ = ("_evaluate", "names", "text")

    def __init__(self, text: str):
        """Raises ExpressionError where the text is no expression of this language."""
        self.text = text
        self.names: dict[str, int] = {}
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"an expression of more than {MAX_LENGTH} characters", hint="split it with `let:`")
        bare = _QUOTED.sub(lambda m: " " * len(m[0]), text)
        if found := re.search(r"(?<![\w$])_\w*|\$(?![A-Za-z])|(?<=\w)\$|[\n\\#;]", bare):
            raise ExpressionError(f"cannot read `{found[0].strip() or 'a line break'}`", found.start(), "a name follows the `$`, as in $width")
        # `$name` becomes `_name`, of the same length, so that columns stay; no other name may begin with `_`
        source = "".join(_NAME.sub(r"_\1", part) if i % 2 == 0 else part for i, part in enumerate(_split(text)))
        try:
            tree = ast.parse(source.strip(), mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            column = (getattr(error, "offset", None) or 1) - 1
            raise ExpressionError("not an expression", min(column, len(text)), _syntax_hint(text)) from None
        try:
            self._evaluate = self._compile(tree.body)
        except RecursionError:
            raise ExpressionError("nested too deep", hint="split it with `let:`") from None

    def __call__(self, scope: Scope) -> Any:
        """The value in this scope. Raises ExpressionError, with the numbers, where there is none."""
        return self._evaluate(scope)

    def _compile(self, node: ast.expr) -> Evaluate:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ExpressionError(f"{_english(node)} is not part of the language", node.col_offset,
                                  "there is + - * / // %, comparison, and/or/not, `a if test else b`, lists, indexing and " + ", ".join(sorted(FUNCTIONS)))
        result: Evaluate = method(node)
        return result

    def _constant(self, node: ast.Constant) -> Evaluate:
        value = node.value
        if type(value) not in (int, float, str, bool, type(None)):
            raise ExpressionError(f"`{value!r}` is not part of the language", node.col_offset)
        if type(value) in (bool, type(None)):
            raise ExpressionError(f"`{value}`: write it in lower case", node.col_offset)
        _bounded(value, node)
        return lambda scope: value

    def _name(self, node: ast.Name) -> Evaluate:
        name, column = node.id, node.col_offset
        if not name.startswith("_"):
            if name in _LITERALS:
                value = _LITERALS[name]
                return lambda scope: value
            raise ExpressionError(f"`{name}` is neither a value nor a function", column, f"a value is written ${name}, a text '{name}'", name)
        name = name[1:]
        self.names.setdefault(name, column)

        def look_up(scope: Scope) -> Any:
            try:
                return scope[name]
            except KeyError:
                raise ExpressionError(f"${name} has no value here", column, name=name) from None

        return look_up

    def _list(self, node: ast.List) -> Evaluate:
        items = [self._compile(item) for item in node.elts]
        return lambda scope: [item(scope) for item in items]

    def _binop(self, node: ast.BinOp) -> Evaluate:
        left, right, kind = self._compile(node.left), self._compile(node.right), type(node.op)
        if kind not in _BINARY:
            raise ExpressionError(f"`{_SYMBOL.get(kind, '?')}` is not part of the language", node.col_offset, "multiply instead" if kind is ast.Pow else "")
        apply, symbol = _BINARY[kind], _SYMBOL[kind]
        both_lists = kind is ast.Add

        def binary(scope: Scope) -> Any:
            a, b = left(scope), right(scope)
            numbers = _is_number(a) and _is_number(b)
            if not numbers and not (both_lists and type(a) is type(b) and type(a) in (list, str)):
                raise ExpressionError(f"cannot work out {_show(a)} {symbol} {_show(b)}", node.col_offset)
            try:
                return _bounded(apply(a, b), node)
            except (ZeroDivisionError, OverflowError):
                raise ExpressionError(f"{_show(a)} {symbol} {_show(b)} has no value", node.col_offset) from None

        return binary

    def _unaryop(self, node: ast.UnaryOp) -> Evaluate:
        operand = self._compile(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda scope: not operand(scope)
        if not isinstance(node.op, ast.USub):
            raise ExpressionError("this sign is not part of the language", node.col_offset)

        def negate(scope: Scope) -> Any:
            value = operand(scope)
            if not _is_number(value):
                raise ExpressionError(f"cannot negate {_show(value)}", node.col_offset)
            return -value

        return negate

    def _boolop(self, node: ast.BoolOp) -> Evaluate:
        parts = [self._compile(value) for value in node.values]
        if isinstance(node.op, ast.And):
            return lambda scope: all(part(scope) for part in parts)
        return lambda scope: any(part(scope) for part in parts)

    def _compare(self, node: ast.Compare) -> Evaluate:
        first = self._compile(node.left)
        rest = []
        for kind, value in zip(node.ops, node.comparators, strict=True):
            if type(kind) not in _COMPARE:
                raise ExpressionError("`is` is not part of the language", node.col_offset, "use ==")
            rest.append((_COMPARE[type(kind)], self._compile(value)))

        def compare(scope: Scope) -> bool:
            left = first(scope)
            for test, part in rest:
                right = part(scope)
                try:
                    if not test(left, right):
                        return False
                except TypeError:
                    raise ExpressionError(f"cannot compare {_show(left)} with {_show(right)}", node.col_offset) from None
                left = right
            return True

        return compare

    def _ifexp(self, node: ast.IfExp) -> Evaluate:
        test, then, otherwise = self._compile(node.test), self._compile(node.body), self._compile(node.orelse)
        return lambda scope: then(scope) if test(scope) else otherwise(scope)

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        value = self._compile(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = [self._compile(part) if part else None for part in (node.slice.lower, node.slice.upper, node.slice.step)]
            index: Evaluate = lambda scope: slice(*(part(scope) if part else None for part in bounds))  # noqa: E731
        else:
            index = self._compile(node.slice)

        def pick(scope: Scope) -> Any:
            items, at = value(scope), index(scope)
            if not isinstance(items, (list, tuple)):
                raise ExpressionError(f"cannot index {_show(items)}: it is no list", node.col_offset)
            try:
                return items[at]
            except IndexError:
                raise ExpressionError(f"there is no item {at} in a list of {len(items)} (the first is 0)", node.col_offset) from None
            except (TypeError, ValueError):
                raise ExpressionError(f"an index is a whole number, found {_show(at)}", node.col_offset) from None

        return pick

    def _call(self, node: ast.Call) -> Evaluate:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            name = node.func.id if isinstance(node.func, ast.Name) else "this"
            what = "takes its arguments by place" if node.keywords and name in FUNCTIONS else "is no function of the language"
            raise ExpressionError(f"`{name}` {what}", node.col_offset, f"there are {', '.join(sorted(FUNCTIONS))}", name)
        function, name = FUNCTIONS[node.func.id], node.func.id
        arguments = [self._compile(argument) for argument in node.args]

        def call(scope: Scope) -> Any:
            values = [argument(scope) for argument in arguments]
            try:
                return _bounded(function(*values), node)
            except ExpressionError:
                raise
            except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
                shown = ", ".join(map(_show, values))
                raise ExpressionError(f"cannot work out {name}({shown})", node.col_offset, str(error) if "range" in str(error) else "") from None

        return call


compile_expression = lru_cache(maxsize=4096)(Expression)


def is_expression(text: Any) -> bool:
    """Whether a scalar of a spec is an expression: a text with a `$` in it."""
    return isinstance(text, str) and "$" in text


def _split(text: str) -> list[str]:
    """The text cut at quoted parts; odd items are quoted."""
    result, last = [], 0
    for found in _QUOTED.finditer(text):
        result += [text[last : found.start()], found[0]]
        last = found.end()
    return [*result, text[last:]]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _bounded(value: Any, node: ast.expr) -> Any:
    if type(value) is int and value.bit_length() > MAX_BITS or type(value) is float and not abs(value) < 1e30:
        raise ExpressionError(f"a number of more than {MAX_BITS} bits", node.col_offset)
    if type(value) in (list, str) and len(value) > MAX_ITEMS:
        raise ExpressionError(f"a list of more than {MAX_ITEMS:,} items", node.col_offset)
    return value


def _show(value: Any) -> str:
    text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _english(node: ast.expr) -> str:
    return {"Lambda": "a lambda", "Attribute": "an attribute (`.`)", "Dict": "a mapping", "ListComp": "a comprehension", "GeneratorExp": "a comprehension",
            "JoinedStr": "an f-string", "NamedExpr": "an assignment", "Starred": "a star", "Tuple": "a list without brackets", "Set": "a set"}.get(type(node).__name__, "this")


def _syntax_hint(text: str) -> str:
    if "?" in text:
        return "a choice is written `a if test else b`"
    if "&&" in text or "||" in text or "!" in text.replace("!=", ""):
        return "write and, or, not"
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return "equality is =="
    return "check its brackets and operators"
