"""What a spec states of a network: title, source, input, expectations and budgets."""

from __future__ import annotations

from collections.abc import Iterable

from archprof.foreign import BUDGETS, KEYS
from archprof.language.budget import LIMITS, parse_limit
from archprof.language.document import EXPECTABLE, Template
from archprof.language.kinds import parse_shape
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.language.words import ABOUT, NETWORK
from archprof.ops.base import shown


def read_about(data: dict[str, Value], pieces: Pieces) -> dict[str, Template]:
    """Return what a spec or a variant states, by key."""
    result: dict[str, Template] = {}
    for key, item in data.items():
        if key in ABOUT:
            result[key] = Template(_statement(key, item, pieces), item.mark, True)
    return result


def _statement(key: str, item: Value, pieces: Pieces) -> object:
    """Return the plain value of one key, or templates by name for `expect` and `budget`."""
    if key == "expect":
        return _expectations(item, pieces)
    if key == "budget":
        return read_budget(item, LIMITS, pieces)
    plain = item.plain()
    if key in ("title", "source", "family"):
        pieces.text(item, f"`{key}`")
    elif key == "year" and (type(plain) is not int or not 1900 < plain < 2200):
        pieces.complain(item.mark, "kind", f"`year` is {shown(plain)}, expected a year")
    elif key == "input":
        _check_input(item, pieces)
    elif key == "aliases":
        _check_aliases(item, pieces)
    return plain


def _check_input(item: Value, pieces: Pieces) -> None:
    plain = item.plain()
    if parse_shape(plain) is not None:
        return
    several = isinstance(plain, list) and any(isinstance(one, (str, list)) for one in plain)
    pieces.complain(
        item.mark,
        "kind",
        f"`input` is {shown(plain)}, expected a shape such as 3x224x224",
        KEYS.notes["inputs"] if several else "",
    )


def _check_aliases(item: Value, pieces: Pieces) -> None:
    for one in item.data if isinstance(item.data, list) else [item]:
        if not isinstance(one.data, str) or not NETWORK.match(one.data):
            pieces.complain(
                one.mark,
                "kind",
                f"an alias is {shown(one.plain())}, expected a name, or a list of names",
            )


def _expectations(value: Value, pieces: Pieces) -> dict[str, Template]:
    result = {}
    for quantity, number in pieces.keys(value, EXPECTABLE, "`expect`").items():
        plain = number.plain()
        if quantity == "output" and parse_shape(plain) is None:
            pieces.complain(
                number.mark,
                "kind",
                f"`expect` states the output {shown(plain)}, expected a shape such as 1000 or"
                " 256x56x56",
            )
        elif quantity != "output" and (type(plain) is not int or plain < 0):
            pieces.complain(
                number.mark,
                "kind",
                f"`expect` states {quantity} {shown(plain)}, expected a whole number",
            )
        result[quantity] = Template(plain, number.mark, True)
    return result


def read_budget(value: Value | None, known: Iterable[str], pieces: Pieces) -> dict[str, Template]:
    """Return the limits of a `budget`, by name; `known` are the names that it may have."""
    if value is None:
        return {}
    result = {}
    for name, item in pieces.keys(value, known, "`budget`", BUDGETS).items():
        limit = parse_limit(name, item.plain())
        if limit is None:
            pieces.complain(
                item.mark,
                "kind",
                f"the budget `{name}` is {shown(item.plain())}, expected {LIMITS[name].expected}",
            )
        result[name] = Template(limit, item.mark, True)
    return result


def aliases(about: dict[str, Template]) -> list[str]:
    """Return the aliases among the statements of a spec or a variant; others are faulty."""
    if "aliases" not in about:
        return []
    stated = about["aliases"].data
    if not isinstance(stated, list):
        stated = [stated]
    return [alias for alias in stated if isinstance(alias, str)]
