"""Python's syntax tree of an expression to a function of its scope, and nothing else of Python."""

from __future__ import annotations

import ast
from typing import Any

from archprof.column import TooLarge
from archprof.column_functions import is_number, single
from archprof.language.comprehension import Comprehension, Evaluate, Loop, Scope, loop_name
from archprof.language.functions import FUNCTIONS, MAX_BITS, USAGE, ExpressionError, bounded
from archprof.language.operators import BINARY, COMPARE, ENGLISH, SYMBOL, show

MAX_NESTING = 100

_LITERALS = {"true": True, "false": False, "null": None}
_OPERATORS = "there is + - * / // % **, comparison, and/or/not"
_FUNCTIONS = ", ".join(sorted(FUNCTIONS))


class Compiler:
    """Compiles one expression.

    `names` are the values of others that it uses, `loops` the names that its own comprehensions
    give, each with its column. The methods are called after the nodes of Python's tree; what has no
    method is not part of the language.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.loops: dict[str, int] = {}
        self._bound: set[str] = set()  # by the comprehensions around the node at work
        self._depth = 0

    def compile(self, node: ast.expr) -> Evaluate:
        """Return the function of a node.

        It raises ExpressionError, with the numbers, where there is no value. Raises ExpressionError
        for what is not part of the language.
        """
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            what = ENGLISH.get(type(node).__name__, "this")
            raise ExpressionError(
                f"{what} is not part of the language",
                node.col_offset,
                f"{_OPERATORS}, `a if test else b`, lists, comprehensions, indexing, {_FUNCTIONS}",
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
                f"`{value}` is not a word of the language",
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
        if name not in self._bound:
            self.names.setdefault(name, column)

        def look_up(scope: Scope) -> Any:
            try:
                return scope[name]
            except KeyError:
                raise ExpressionError(f"${name} has no value here", column, name=name) from None

        return look_up

    def _list(self, node: ast.List) -> Evaluate:
        items, column = [self.compile(item) for item in node.elts], node.col_offset
        return lambda scope: bounded([item(scope) for item in items], column)

    def _listcomp(self, node: ast.ListComp) -> Evaluate:
        """Compile `[item for name in list if test …]`, whose loops are inside each other."""
        around = set(self._bound)
        loops = [self._loop(generator) for generator in node.generators]
        comprehension = Comprehension(loops, self.compile(node.elt), node.col_offset)
        self._bound = around
        return comprehension.evaluate

    def compile_loops(self, node: ast.ListComp) -> Evaluate:
        """Return a function that gives the values of a comprehension's names, turn by turn."""
        loops = [self._loop(generator) for generator in node.generators]
        names = [loop.name for loop in loops]

        def item(scope: Scope) -> dict[str, Any]:
            return {name: scope[name] for name in names}

        return Comprehension(loops, item, node.col_offset).evaluate

    def _loop(self, generator: ast.comprehension) -> Loop:
        """Compile `for name in list if test`; what follows it sees the name."""
        items, column = self.compile(generator.iter), generator.target.col_offset
        name = loop_name(generator.target, self._bound)
        self.loops.setdefault(name, column)
        self._bound.add(name)
        return Loop(name, items, [self.compile(test) for test in generator.ifs], column)

    def _generatorexp(self, node: ast.GeneratorExp) -> Evaluate:
        raise ExpressionError(
            "a comprehension without brackets", node.col_offset, "write [… for … in …]"
        )

    def _binop(self, node: ast.BinOp) -> Evaluate:
        left, right = self.compile(node.left), self.compile(node.right)
        kind, column = type(node.op), node.col_offset
        apply, symbol = BINARY.get(kind), SYMBOL[kind]
        if apply is None:
            hint = "a power is **" if kind is ast.BitXor else _OPERATORS
            raise ExpressionError(
                f"the operator `{symbol}` is not part of the language", column, hint
            )
        joins = kind is ast.Add

        def binary(scope: Scope) -> Any:
            a, b = left(scope), right(scope)
            numbers = is_number(a) and is_number(b)
            if not numbers and not (joins and type(a) is type(b) and type(a) in (list, str)):
                raise ExpressionError(f"cannot evaluate {show(a)} {symbol} {show(b)}", column)
            hint = ""
            try:
                return bounded(apply(a, b), column)
            except ZeroDivisionError:
                problem = "divides by zero"
            except OverflowError:
                problem, hint = "is too large", f"a whole number has at most {MAX_BITS} bits"
            except TooLarge:
                raise  # each of a column's numbers by itself may have a result
            except ArithmeticError:
                problem = "is not a real number"
            raise ExpressionError(f"{show(a)} {symbol} {show(b)} {problem}", column, hint)

        return binary

    def _unaryop(self, node: ast.UnaryOp) -> Evaluate:
        operand, column = self.compile(node.operand), node.col_offset
        if isinstance(node.op, ast.Not):
            return lambda scope: not operand(scope)
        if not isinstance(node.op, ast.USub):
            sign, hint = "~", _OPERATORS
            if isinstance(node.op, ast.UAdd):
                sign, hint = "+", "omit it"
            raise ExpressionError(f"the sign `{sign}` is not part of the language", column, hint)

        def negate(scope: Scope) -> Any:
            value = operand(scope)
            if not is_number(value):
                raise ExpressionError(f"cannot negate {show(value)}", column)
            return -value

        return negate

    def _boolop(self, node: ast.BoolOp) -> Evaluate:
        parts = [self.compile(value) for value in node.values]
        if isinstance(node.op, ast.And):  # true or false, never one of the operands as in Python
            return lambda scope: all(part(scope) for part in parts)
        return lambda scope: any(part(scope) for part in parts)

    def _compare(self, node: ast.Compare) -> Evaluate:
        first, column = self.compile(node.left), node.col_offset
        rest = []
        for kind, value in zip(map(type, node.ops), node.comparators, strict=True):
            if kind not in COMPARE:
                raise ExpressionError("`is` is not part of the language", column, "use ==")
            rest.append((COMPARE[kind], self.compile(value)))

        def compare(scope: Scope) -> bool:
            left = first(scope)
            for test, part in rest:
                right = part(scope)
                try:
                    if not test(left, right):
                        return False
                except TypeError:
                    what = f"compare {show(left)} with {show(right)}"
                    if test in (COMPARE[ast.In], COMPARE[ast.NotIn]):
                        what = f"look for {show(left)} in {show(right)}"
                    raise ExpressionError(f"cannot {what}", column) from None
                left = right
            return True

        return compare

    def _ifexp(self, node: ast.IfExp) -> Evaluate:
        test = self.compile(node.test)
        then, otherwise = self.compile(node.body), self.compile(node.orelse)
        return lambda scope: then(scope) if test(scope) else otherwise(scope)

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        value, column = self.compile(node.value), node.col_offset
        if isinstance(node.slice, ast.Slice):
            index = self._bounds(node.slice)
        else:
            index = self.compile(node.slice)

        def pick(scope: Scope) -> Any:
            items, at = value(scope), single(index(scope))
            if not isinstance(items, list):
                raise ExpressionError(f"cannot index {show(items)}: it is not a list", column)
            if type(at) not in (int, slice):
                raise ExpressionError(f"an index is a whole number, found {show(at)}", column)
            try:
                return bounded(items[at], column) if type(at) is slice else items[at]
            except IndexError:
                raise ExpressionError(
                    f"there is no item {at} in a list of {len(items)} (the first is 0)", column
                ) from None

        return pick

    def _bounds(self, node: ast.Slice) -> Evaluate:
        parts = [
            self.compile(part) if part else None for part in (node.lower, node.upper, node.step)
        ]

        def bounds(scope: Scope) -> slice:
            values = [single(part(scope)) if part else None for part in parts]
            for value in values:
                if type(value) not in (int, type(None)):
                    raise ExpressionError(
                        f"a slice goes by whole numbers, found {show(value)}", node.col_offset
                    )
            if values[2] == 0:
                raise ExpressionError("a slice cannot go in steps of 0", node.col_offset)
            return slice(*values)

        return bounds

    def _call(self, node: ast.Call) -> Evaluate:
        column = node.col_offset
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None:
            shown = "this"
            if name:  # which begins with `_` where it was written with a `$`
                shown = f"`{'$' + name[1:] if name.startswith('_') else name}`"
            raise ExpressionError(
                f"{shown} is not a function of the language", column, f"there are {_FUNCTIONS}"
            )
        if node.keywords:
            raise ExpressionError(
                f"`{name}` takes its arguments by place",
                column,
                f"omit `{node.keywords[0].arg or '**'}=`",
            )
        call, arguments = function, [self.compile(argument) for argument in node.args]

        def result(scope: Scope) -> Any:
            values = [argument(scope) for argument in arguments]
            try:
                return bounded(call(*values), column)
            except ExpressionError:
                raise
            except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
                why = f": {error}" if "a range of" in str(error) else ""
                raise ExpressionError(
                    f"cannot evaluate {name}({', '.join(map(show, values))}){why}",
                    column,
                    "" if why else USAGE[name],
                ) from None

        return result
