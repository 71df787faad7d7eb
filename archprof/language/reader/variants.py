"""The variants of a family: names, values for its parameters, and what they state."""

from __future__ import annotations

from archprof.language.document import Template, Variant
from archprof.language.expression import is_expression
from archprof.language.kinds import kind_hint, same_kind
from archprof.language.pieces import Pieces
from archprof.language.reader.statements import aliases, read_about
from archprof.language.value import Value
from archprof.language.words import ABOUT, NETWORK
from archprof.ops.base import shown
from archprof.problem import Mark


def read_variants(
    value: Value | None,
    params: dict[str, Template | None],
    family: str,
    about: dict[str, Template],
    pieces: Pieces,
) -> dict[str, Variant]:
    """Return the variants by name.

    `params` are the file's parameters with their defaults, `about` is what the file states itself.
    """
    if value is None:
        return {}
    names = _NamesInUse(
        family, about, all(default is not None for default in params.values()), pieces
    )
    result: dict[str, Variant] = {}
    for name, item in pieces.mapping(value, "`variants`").items():
        mark = value.places()[name]
        if not NETWORK.match(name):
            pieces.complain(
                mark,
                "name",
                f"`{name}` cannot name a variant, expected letters, digits, _ . and -",
            )
        if not isinstance(item.data, (dict, type(None))):
            pieces.complain(
                item.mark,
                "kind",
                f"variant `{name}` is {shown(item.plain())}, expected a mapping of its parameters",
            )
            continue
        data = pieces.keys(item, (*params, *ABOUT), f"variant `{name}`")
        own = read_about(data, pieces)
        names.take(name, own, mark)
        values = {}
        for key, given in data.items():
            if key in params:
                values[key] = _value(name, key, given, params[key], pieces)
        for key, default in params.items():
            if default is None and (key not in values or values[key].data is None):
                message = f"variant `{name}` gives no `{key}`, which has no default"
                pieces.complain(mark, "missing", message)
        result[name] = Variant(name, mark, values, item.places(), own)
    return result


class _NamesInUse:
    """The names and aliases of a file's networks, each of which only one may have."""

    def __init__(self, family: str, about: dict[str, Template], complete: bool, pieces: Pieces):
        """Begin with the file's own names; `complete`: every parameter has a default.

        Then the file is a network itself.
        """
        self.complete, self.pieces = complete, pieces
        self.whole = "the file's own network" if complete else "the family"
        self.known = {family: self.whole}
        self.known |= dict.fromkeys(aliases(about), f"an alias of {self.whole}")

    def take(self, variant: str, about: dict[str, Template], mark: Mark) -> None:
        """Note the names of a variant, and complain of those that another network has."""
        self._take(variant, "the variant", variant, mark)
        for alias in aliases(about):
            self._take(alias, "an alias of", variant, mark)

    def _take(self, name: str, what: str, variant: str, mark: Mark) -> None:
        if name in self.known:
            hint = "choose another name"
            if self.complete and self.whole in self.known[name]:
                hint = (
                    "every parameter has a default, so that the file is a network itself: choose"
                    " another name"
                )
            message = f"`{name}` names {self.known[name]} and {what} `{variant}`"
            self.pieces.complain(mark, "duplicate", message, hint)
        self.known[name] = f"{what} `{variant}`"


def _value(
    variant: str, key: str, value: Value, default: Template | None, pieces: Pieces
) -> Template:
    """Return the value that a variant gives to a parameter."""
    plain = value.plain()
    if _has_expression(value):
        pieces.complain(
            value.mark,
            "kind",
            f"variant `{variant}` gives `{key}` an expression, expected a plain value",
            "`let` works out values from parameters",
        )
    elif default is not None and default.constant and not same_kind(default.data, plain):
        pieces.complain(
            value.mark,
            "kind",
            f"variant `{variant}` gives `{key}` {shown(plain)}, expected the kind of its default"
            f" {shown(default.data)}",
            kind_hint(default.data, plain),
        )
    return Template(plain, value.mark, True)


def _has_expression(value: Value) -> bool:
    if isinstance(value.data, dict):
        return any(map(_has_expression, value.data.values()))
    if isinstance(value.data, list):
        return any(map(_has_expression, value.data))
    return is_expression(value.data)
