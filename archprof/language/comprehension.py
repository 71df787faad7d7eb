"""Comprehensions of the expression language: loops over lists, which always end."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from archprof.allowance import Allowance, ensured
from archprof.language.functions import ExpressionError, bounded, spend
from archprof.language.operators import show
from archprof.record import Record

CHECKED = 1024  # turns between two looks at the clock

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope], Any]


def loop_name(target: ast.expr, outer: Collection[str]) -> str:
    """Return the name that a loop gives; `outer` are those of the loops around it.

    Raises ExpressionError for what is not a name, or one of `outer`.
    """
    column = target.col_offset
    if not isinstance(target, ast.Name):
        raise ExpressionError(
            "a loop has one name",
            column,
            "for i in range(len($list)), and then $list[$i] in place of several names",
        )
    name = target.id
    if name.startswith("_"):
        raise ExpressionError(
            "a loop names its value without the `$`", column, f"for {name[1:]} in …"
        )
    if name in outer:
        raise ExpressionError(
            f"two loops inside each other are both of `{name}`", column, "rename one of them"
        )
    return name


class Loop(Record):
    """`for name in items if test …`; `column` is the name's."""

    name: str
    items: Evaluate
    tests: Sequence[Evaluate]
    column: int


class Comprehension:
    """`[item for name in list if test …]`: a list of what `item` is in each turn of its loops."""

    def __init__(self, loops: Sequence[Loop], item: Evaluate, column: int):
        self.loops, self.item, self.column = loops, item, column

    def evaluate(self, scope: Scope) -> list[Any]:
        """Return the list. Raises ExpressionError, also where the allowance is used up."""
        with ensured() as allowance:
            inner = dict(scope)
            items = [self.item(inner) for _ in self._turns(inner, 0, allowance)]
            result: list[Any] = bounded(items, self.column)
        return result

    def _turns(self, scope: dict[str, Any], depth: int, allowance: Allowance) -> Iterator[None]:
        """Go through the loops from `depth` inwards; `scope` has their names in each turn."""
        if depth == len(self.loops):
            yield
            return
        loop = self.loops[depth]
        items = loop.items(scope)
        if not isinstance(items, list):
            raise ExpressionError(f"cannot loop over {show(items)}: it is not a list", loop.column)
        for item in items:
            spend(1, loop.column)
            if allowance.items % CHECKED == 0:
                allowance.check()
            scope[loop.name] = item
            if all(test(scope) for test in loop.tests):
                yield from self._turns(scope, depth + 1, allowance)
