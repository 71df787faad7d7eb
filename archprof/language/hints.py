"""The way out for values of a spec that are of another kind than expected."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from archprof.language.expression import compile_expression, cut, is_expression
from archprof.language.functions import ExpressionError


def reference_hint(data: Any) -> str:
    """Return the way out for what names no layer."""
    if isinstance(data, str) and data.endswith("..."):
        return "the last input of a block alone takes the rest, as in [x, others...]"
    if type(data) is float:
        return "a name of numbers with a dot needs quotes, as '3.0'"
    if is_expression(data):
        return "a layer's name is written out: no value and no parameter of a block gives it"
    return ""


def computed_hint(data: Any) -> str:
    """Return the way out for what names no layer where names may be computed."""
    if isinstance(data, str) and data.startswith("[") and "{" in data:
        return "without the brackets, as in 'path_{$j} for j in range(3)'"
    if is_expression(data):
        return "an expression stands in braces, as in 'branches.{$index}'"
    return reference_hint(data)


def condition_hint(data: Any, scope: Collection[str]) -> str:
    """Return the way out for what is not a condition; `scope` names the values there are."""
    if not isinstance(data, str):
        return "compare it: $x != 0"
    always = _constant_truth(data)
    if always:
        return f"without a value it is always {always}: write {always}, or compare a $value"
    with_signs = re.sub(
        r"[A-Za-z]\w*", lambda word: f"${word[0]}" if word[0] in scope else word[0], data
    )
    if with_signs != data:
        return f"a value has a `$` before its name: {cut(with_signs)}"
    return "a text without a `$` is not an expression: compare a value, as in $stride > 1"


def _constant_truth(text: str) -> str:
    """Return true or false for a condition without any value, such as `1 > 2`; "" for others."""
    try:
        value = compile_expression(text)({})
    except ExpressionError:
        return ""
    return str(value).lower() if isinstance(value, bool) else ""
