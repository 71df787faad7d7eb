"""What a spec states of a network: title, source, input, expectations and budgets."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword

from archprof.foreign import BUDGETS
from archprof.language.budget import LIMITS, OF_NETWORKS, parse_limit
from archprof.language.document import EXPECTABLE, StatedBudget, Template
from archprof.language.inputs import KEYS as INPUT_KEYS
from archprof.language.inputs import MOST, fault
from archprof.language.kinds import parse_shape
from archprof.language.naming import name_fault
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.language.words import ABOUT, NETWORK, RESERVED
from archprof.ops.base import shown

SEVERAL = "several inputs have names: inputs: {image: 3x224x224, other: 3x224x224}"
"""The way out for an `input` that looks like several."""


def read_about(data: dict[str, Value], pieces: Pieces) -> dict[str, Template]:
    """Return what a spec or a variant states, by key."""
    result: dict[str, Template] = {}
    for key, item in data.items():
        if key in ABOUT:
            result[key] = Template(_statement(key, item, pieces), item.mark, True)
    _check_one_statement(data, pieces)
    return result


def _statement(key: str, item: Value, pieces: Pieces) -> object:
    """Return the plain value of one key; of `expect` templates by name, of `budget` its parts."""
    if key == "expect":
        return _expectations(item, pieces)
    if key == "budget":
        return read_budgets(item, pieces)
    plain = item.plain()
    if key in ("title", "source", "family"):
        pieces.text(item, f"`{key}`")
    elif key == "year" and (type(plain) is not int or not 1900 < plain < 2200):
        pieces.complain(item.mark, "kind", f"`year` is {shown(plain)}, expected a year")
    elif key == "input":
        _check_input("input", item, pieces)
    elif key == "inputs":
        _check_inputs(item, pieces)
    elif key == "aliases":
        _check_aliases(item, pieces)
    return plain


def _check_input(name: str, item: Value, pieces: Pieces) -> None:
    """Complain of an input that is neither a shape nor a mapping that says one."""
    plain = item.plain()
    if isinstance(item.data, dict):
        pieces.keys(item, INPUT_KEYS, f"`{name}`")
        found = fault(plain)
        if found is not None:
            key, message, hint = found
            mark = item.data[key].mark if key in item.data else item.mark
            pieces.complain(mark, "kind", f"`{name}`: {message}", hint)
        return
    if parse_shape(plain) is not None:
        return
    several = isinstance(plain, list) and any(isinstance(one, (str, list)) for one in plain)
    pieces.complain(
        item.mark,
        "kind",
        f"`{name}` is {shown(plain)}, expected a shape such as 3x224x224",
        SEVERAL if several else "",
    )


def _check_inputs(item: Value, pieces: Pieces) -> None:
    """Complain of inputs that are not a mapping of names to shapes."""
    if not isinstance(item.data, dict) or not item.data:
        message = f"`inputs` is {shown(item.plain())}, expected a mapping of names to shapes"
        pieces.complain(item.mark, "kind", message, SEVERAL)
        return
    if len(item.data) > MOST:
        message = f"`inputs` has {len(item.data)} inputs, at most {MOST}"
        pieces.complain(item.mark, "limit", message)
    reserved = [word for word in RESERVED if word != "input"]
    for name, one in item.data.items():
        mark = item.places()[name]
        pieces.refuse(mark, name_fault(name, "input", reserved))
        if iskeyword(name):
            message = f"no input can be called `{name}`: it is a word of Python"
            pieces.complain(mark, "name", message, f"choose another name, such as `{name}_`")
        _check_input(name, one, pieces)


def _check_one_statement(data: dict[str, Value], pieces: Pieces) -> None:
    """Complain where a spec or a variant has both `input` and `inputs`."""
    if "input" in data and "inputs" in data:
        message = "`input` is the only input, and `inputs` are several: both are stated"
        pieces.complain(data["inputs"].mark, "duplicate", message, "keep one of the two")


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


def read_budgets(value: Value, pieces: Pieces) -> tuple[StatedBudget, ...]:
    """Return the `budget` of a network: limits beside their conditions, or a list of such."""
    parts = value.data if isinstance(value.data, list) else [value]
    return tuple(_stated_budget(part, pieces) for part in parts)


def _stated_budget(value: Value, pieces: Pieces) -> StatedBudget:
    # which few need
    from archprof.language.budget_conditions import OF_SPEC, OF_STEP, condition, misfits

    data = pieces.keys(value, (*LIMITS, *OF_SPEC), "`budget`", BUDGETS)
    limits = _limits({name: item for name, item in data.items() if name in LIMITS}, pieces)
    conditions = []
    for name in (name for name in OF_SPEC if name in data):
        plain = data[name].plain()
        try:
            conditions.append((name, condition(name, plain)))
        except ValueError as error:
            message = f"`{name}` of a budget is {shown(plain)}, {error}"
            pieces.complain(data[name].mark, "kind", message)
    if data and not limits:
        message = "this budget limits nothing"
        pieces.complain(value.mark, "kind", message, f"there are {', '.join(LIMITS)}")
        return StatedBudget({})
    given = [name for name in OF_SPEC if name in data]
    for misfit in misfits(limits, given, (*OF_STEP, "device")):
        pieces.complain(value.places()[misfit.key], "kind", misfit.message, misfit.hint)
    return StatedBudget(limits, tuple(conditions))


def read_budget(value: Value | None, pieces: Pieces) -> dict[str, Template]:
    """Return the limits of the `budget` of a block, by name."""
    if value is None:
        return {}
    known = [limit for limit in LIMITS if limit not in OF_NETWORKS]
    return _limits(pieces.keys(value, known, "`budget`", BUDGETS), pieces)


def _limits(data: Mapping[str, Value], pieces: Pieces) -> dict[str, Template]:
    result = {}
    for name, item in data.items():
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
