"""The parameters of a space, read: each one axis, or a list of them."""

from __future__ import annotations

from archprof.language.document import Template
from archprof.language.expression import is_expression
from archprof.language.hints import condition_hint
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import Mark
from archprof.sweeping.space.axis import FAULTY, Axis, Choices, SpaceParameter, Values
from archprof.sweeping.space.bounds import QUANTITIES
from archprof.sweeping.space.entry_reader import range_hint, range_of, values_of
from archprof.sweeping.space.words import ENTRIES, ENTRY, PARAMETER

MOST_AXES = 1_000


class ParameterReader:
    """Reads `space:`; each parameter is a value for the conditions of those behind it."""

    def __init__(self, pieces: Pieces):
        self.pieces = pieces
        self.count = 0  # of axes so far

    def read(self, value: Value | None) -> tuple[SpaceParameter, ...]:
        """Return the parameters, and leave their names in the scope."""
        found = []
        for name, item in self.pieces.mapping(value, "`space`").items():
            mark = value.places()[name] if value else item.mark
            # an input has no other name
            known = {name} if name == "input" else self.pieces.value_name(name, mark, "parameter")
            found.append(self.parameter(name, item, mark))
            self.pieces.scope |= known
        if value is not None and not found and value.data in (None, {}):
            self.pieces.complain(
                value.mark, "missing", "there is nothing in `space`", "width: 16..128"
            )
        if self.count > MOST_AXES and value is not None:
            message = f"the space has {self.count:,} axes, at most {MOST_AXES:,}"
            self.pieces.complain(value.mark, "limit", message)
        return tuple(found)

    def parameter(self, name: str, value: Value, mark: Mark) -> SpaceParameter:
        """Return one parameter."""
        what = f"`{name}`"
        if isinstance(value.data, list):
            return SpaceParameter(name, mark, self._list(name, value), True)
        if isinstance(value.data, dict):
            entry = self.pieces.keys(value, PARAMETER, what, ENTRIES)
            times = self._each(entry.get("each"), what)
            values = values_of(entry, value, what, self.pieces)
            when = self._when(entry.get("when"), what, indexed="each" in entry)
            if times is None:
                values, times = FAULTY, 1
            if "each" in entry:
                named = [f"{name}.{i}" for i in range(times)]
                self.count += times
                axes = tuple(Axis(one, mark, values, when) for one in named)
                return SpaceParameter(name, mark, axes, True)
        else:
            values, when = self._plain(value, what), None
        self.count += 1
        return SpaceParameter(name, mark, (Axis(name, mark, values, when),))

    def _list(self, name: str, value: Value) -> tuple[Axis, ...]:
        """Return the axes of a list, each entry of which is a range, a choice or a number."""
        items: list[Value] = value.data
        if not items or all(_is_fixed(item) for item in items):
            plain = value.plain()
            self.pieces.complain(
                value.mark,
                "kind",
                f"`{name}` is {shown(plain)}, expected a range for each entry",
                f"{{choice: {shown(plain)}}} chooses one of them; `set:` has what is the same in"
                " all variants"
                if items
                else "depths: [1..8, 1..8]",
            )
        self.count += len(items)
        return tuple(self._entry(f"{name}.{i}", item) for i, item in enumerate(items))

    def _entry(self, name: str, value: Value) -> Axis:
        """Return the axis of one entry of a list."""
        what, when = f"`{name}`", None
        if isinstance(value.data, dict):
            entry = self.pieces.keys(value, ENTRY, what, ENTRIES)
            values = values_of(entry, value, what, self.pieces)
            when = self._when(entry.get("when"), what, indexed=True)
        elif _is_fixed(value):
            values = Choices((value.data,))
        else:
            values = self._plain(value, what)
        return Axis(name, value.mark, values, when)

    def _plain(self, value: Value, what: str) -> Values:
        """Return the values of a range such as `1..8`; complain of anything else."""
        plain = value.plain()
        if isinstance(plain, str) and not is_expression(plain):
            return range_of(value, what, self.pieces)
        hint = "what is the same in all variants is under `set:`"
        if is_expression(plain):
            hint = "a derived value is an expression under `let:` or `set:`"
        elif plain is None or isinstance(plain, list):
            hint = range_hint(plain)
        message = f"{what} is {shown(plain)}, expected a range such as 1..8 or {{choice: [1, 2]}}"
        self.pieces.complain(value.mark, "kind", message, hint)
        return FAULTY

    def _each(self, value: Value | None, what: str) -> int | None:
        """Return how many entries a list has that `each` makes, None for a faulty number."""
        if value is None:
            return 1
        if type(value.data) is int and 1 <= value.data <= MOST_AXES:
            return value.data if self.count <= MOST_AXES else 1  # the space is refused anyway
        expected = f"expected a whole number from 1 to {MOST_AXES:,}"
        message = f"`each` of {what} is {shown(value.plain())}, {expected}"
        self.pieces.complain(value.mark, "kind", message)
        return None

    def _when(self, value: Value | None, what: str, indexed: bool) -> Template | None:
        """Return a condition on the parameters before this one; `$index` is its place in a list."""
        if value is None:
            return None
        before = set(self.pieces.scope)
        if indexed:
            self.pieces.scope |= {"index"}
        found = condition(value, f"`when` of {what}", self.pieces)
        self.pieces.scope = before
        return found


def condition(value: Value, what: str, pieces: Pieces) -> Template:
    """Return a condition: an expression."""
    plain = value.plain()
    if not is_expression(plain):
        message = f"{what} is {shown(plain)}, expected a condition such as $depth <= 8"
        hint = condition_hint(plain, pieces.scope)
        if isinstance(plain, str) and plain.split(" ")[0] in QUANTITIES:
            hint = "`budget:` limits totals, as in budget: {max_params: 40M}"
        pieces.complain(value.mark, "kind", message, hint)
    return pieces.template(value)


def _is_fixed(value: Value) -> bool:
    """Whether an entry of a list is the same in all variants."""
    return type(value.data) in (int, float, bool)
