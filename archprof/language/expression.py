"""The arithmetic of a spec: small, total, without eval.

A text with a `$` is an expression; `$name` is a value in scope.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import Any

from archprof.language.compiler import Compiler
from archprof.language.comprehension import Scope
from archprof.language.functions import ExpressionError

MAX_LENGTH = 500

_NAME = re.compile(r"\$([A-Za-z][A-Za-z0-9_]*)")
_QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
_UNREADABLE = re.compile(r"(?<![\w$])_\w*|\$(?![A-Za-z])|(?<=\w)\$|[\n\\#;]")


class Expression:
    """A compiled expression: its text, and names with their columns.

    `names` are the values of others that it uses, `loops` those that its comprehensions give.
    """

    __slots__ = ("_evaluate", "loops", "names", "text")

    def __init__(self, text: str):
        """Raise ExpressionError where the text is not an expression of this language."""
        self.text = text.strip()
        compiler = Compiler()
        self._evaluate = compiler.compile(_parsed(self.text))
        self.names, self.loops = compiler.names, compiler.loops

    def __call__(self, scope: Scope) -> Any:
        """Return the value in this scope.

        Raises ExpressionError, with the numbers, where there is none.
        """
        return self._evaluate(scope)


class Clause(Expression):
    """The loops `for j in range($n) if $j != $i` behind what they repeat.

    Its value is a list of the values that the loops' names have, by name, one for each turn.
    """

    __slots__ = ()
    _BEFORE = "[0 "  # so that the loops are those of a comprehension

    def __init__(self, text: str):
        """Raise ExpressionError where the text is not loops of this language."""
        self.text = text.strip()
        compiler = Compiler()
        try:
            node = _parsed(f"{self._BEFORE}{self.text}]")
            if not isinstance(node, ast.ListComp):
                raise ExpressionError("not a loop", len(self._BEFORE), "for j in range($n)")
            self._evaluate = compiler.compile_loops(node)
        except ExpressionError as error:
            raise self._moved(error) from None
        self.names = {name: self._own(column) for name, column in compiler.names.items()}
        self.loops = {name: self._own(column) for name, column in compiler.loops.items()}

    def __call__(self, scope: Scope) -> list[dict[str, Any]]:
        """Return the values of the loops' names in each turn. Raises ExpressionError."""
        try:
            turns: list[dict[str, Any]] = self._evaluate(scope)
        except ExpressionError as error:
            raise self._moved(error) from None
        return turns

    def _moved(self, error: ExpressionError) -> ExpressionError:
        """Return the error with its column counted from the text's own begin."""
        error.column = self._own(error.column)
        return error

    def _own(self, column: int) -> int:
        return max(0, column - len(self._BEFORE))


compile_expression = lru_cache(maxsize=4096)(Expression)


def choices(expression: Expression) -> frozenset[str] | None:
    """Return the texts that an expression chooses from, as far as it has them written out.

    None where a value of others, such as `$act`, may be the choice.
    """
    found: set[str] = set()
    waiting = [_parsed(expression.text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.IfExp):
            waiting += [node.body, node.orelse]
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.List):
            waiting += node.value.elts
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        else:
            return None
    return frozenset(found)


def is_expression(text: Any) -> bool:
    """Whether a scalar of a spec is an expression: a text with a `$` in it."""
    return isinstance(text, str) and "$" in text


def cut(text: str) -> str:
    """Return an expression as a message quotes it; its line is shown below."""
    return text if len(text) <= 60 else text[:57] + "..."


def _split(text: str) -> list[str]:
    """Return the text cut at quoted parts; odd items are quoted."""
    result, last = [], 0
    for found in _QUOTED.finditer(text):
        result += [text[last : found.start()], found[0]]
        last = found.end()
    return [*result, text[last:]]


def _parsed(text: str) -> ast.expr:
    """Return Python's syntax tree of an expression. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"an expression of more than {MAX_LENGTH} characters", hint="split it with `let:`"
        )
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    if found := _UNREADABLE.search(bare):
        raise _unreadable(found)
    # `$name` becomes `_name`, of the same length, so that columns stay; no other name may begin
    # with `_`
    source = "".join(
        _NAME.sub(r"_\1", part) if i % 2 == 0 else part for i, part in enumerate(_split(text))
    )
    try:
        with warnings.catch_warnings():
            # of `1if` and the like, which Python reads and so do we
            warnings.simplefilter("ignore")
            return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = (getattr(error, "offset", None) or 1) - 1
        raise ExpressionError(
            "not an expression" if text else "an empty expression",
            min(column, len(text)),
            _syntax_hint(bare),
        ) from None


def _unreadable(found: re.Match[str]) -> ExpressionError:
    """Return the error for characters that no expression has."""
    characters, hint = found[0], ""
    if characters[0] == "_":
        hint = "no name begins with _"
    elif characters == "$":
        hint = "a name follows the `$`, as in $width"
    shown = "a line break" if characters == "\n" else f"`{characters}`"
    return ExpressionError(f"cannot read {shown}", found.start(), hint)


def _syntax_hint(text: str) -> str:
    """Return the way out for what Python cannot parse; `text` is without what it quotes."""
    if "?" in text:
        return "a choice is written `a if test else b`"
    if "&&" in text or "||" in text or "!" in text.replace("!=", ""):
        return "write and, or, not"
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return "equality is =="
    if text.count("(") > text.count(")") or text.count("[") > text.count("]"):
        return "a bracket is not closed; inside { } an expression with a comma needs quotes"
    return "check its brackets and operators"
