"""The small pieces of a file of claims: names, ops, settings, shapes, figures, verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from archprof.commands.lecture.claims.figures import UNITS, PrintedFigure, parse_figure
from archprof.commands.lecture.claims.layer_facts import COMMON
from archprof.commands.lecture.deciding.verdicts import RECORDED, recordable
from archprof.foreign import op_hint
from archprof.language.kinds import parse_shape
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.ops import OPS
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, closest, nearest

_PLAIN = re.compile(r"[-+0-9_.eE]+")


class ClaimPieces(Pieces):
    """Reads one value each, records what is wrong with it, and returns something usable."""

    def required(
        self, entries: dict[str, Value], key: str, what: str, mark: Mark, hint: str
    ) -> Value | None:
        """Return an entry that must be there, None where it is missing."""
        if key not in entries:
            self.complain(mark, "missing", f"{what} needs `{key}`", hint)
        return entries.get(key)

    def shape_of(self, value: Value | None) -> Shape | None:
        """Return an input's shape, None where there is none."""
        if value is None:
            return None
        shape = parse_shape(value.plain())
        if shape is None:
            self.complain(
                value.mark,
                "kind",
                f"`input` is {shown(value.plain())}, expected channels x height x width such as"
                " 3x224x224",
            )
        return shape

    def ops(self, value: Value | None, what: str) -> tuple[str, ...]:
        """Return an op, or a list of them, as a tuple."""
        names = self.names(value, what)
        for name in names:
            if name not in OPS and value is not None:
                self.complain(
                    value.mark,
                    "kind",
                    f"`{what}` is {shown(name)}, expected an op",
                    op_hint(name, OPS),
                )
        return names

    def names(self, value: Value | None, what: str) -> tuple[str, ...]:
        """Return a name, or a list of names, as a tuple."""
        if value is None:
            return ()
        items = value.data if isinstance(value.data, list) and value.data else [value]
        for item in items:
            if (
                not isinstance(item.data, (str, int))
                or isinstance(item.data, bool)
                or item.data == ""
            ):
                self.complain(
                    item.mark,
                    "kind",
                    f"`{what}` is {shown(item.plain())}, expected a name or a list of names",
                )
        return tuple(str(item.data) for item in items)

    def settings(
        self, value: Value | None, what: str, ops: Iterable[str] = ()
    ) -> tuple[tuple[str, Any], ...]:
        """Return settings as a spec writes them, of one of these ops or of any op.

        `op` may be among them; the value `channels` is the number of input channels.
        """
        found = self.mapping(value, what)
        if not found:
            return ()
        named = [OPS[name] for name in ops if name in OPS]
        known = named or list(OPS.values())
        for name, item in found.items():
            mark = ((value and value.keys) or {})[name]
            if name == "op":
                self.choice(item, "op", OPS)
                continue
            kinds = [op.settings[name].kind for op in known if name in op.settings]
            if not kinds:
                there = {setting for op in known for setting in op.settings}
                hint = nearest(name, there, "settings")
                if name in COMMON:
                    hint = f"it is a quantity: `quantity: {name}`, or `{name}:` in a table's row"
                whose = f" of {' or '.join(ops)}" if named else ""
                message = f"unknown setting `{name}`{whose} in {what}"
                self.complain(mark, "unknown-key", message, hint)
            elif item.plain() != "channels" and not any(
                _parses(kind.parse, item.plain()) for kind in kinds
            ):
                self.complain(
                    item.mark,
                    "kind",
                    f"`{name}` is {shown(item.plain())}, expected {kinds[0].expected}",
                )
        return tuple((k, frozen(v.plain())) for k, v in found.items())

    def choice(self, value: Value | None, what: str, known: Iterable[str]) -> str:
        """Return one of these words, "" where there is none or another."""
        if value is None:
            return ""
        known = tuple(known)
        if value.data in known:
            return str(value.data)
        listed = f"one of {', '.join(known)}"
        expected, hint = "which is not known", listed
        if len(known) < 12:
            expected, hint = f"expected {listed}", ""
        meant = closest(str(value.data), known)
        if meant:
            hint = f"did you mean `{meant}`?"
        self.complain(value.mark, "kind", f"`{what}` is {shown(value.plain())}, {expected}", hint)
        return ""

    def verdict(self, value: Value | None) -> str:
        """Return a verdict as a file may record it, "" for none."""
        text = self.text(value, "`verdict`")
        if value is not None and text and not recordable(text):
            *others, last = (f"`{kind}`" for kind in RECORDED)
            self.complain(
                value.mark,
                "kind",
                f"`verdict` is {shown(text)}, expected {', '.join(others)} or {last}",
                nearest(text, RECORDED),
            )
            return ""
        return text

    def words(self, value: Value | None, what: str) -> str:
        """Return a text for the reader, or a number as the file has it: `label: 192`."""
        if value is not None and type(value.data) in (int, float):
            return str(self.printed(value))
        return self.text(value, what)

    def printed(self, value: Value) -> object:
        """Return a figure as the file has it: YAML reads 1.50, which has a digit more, as 1.5."""
        if type(value.data) is not float:
            return value.data
        line = ""
        if 0 < value.mark.line <= len(self.text_lines):
            line = self.text_lines[value.mark.line - 1]
        found = _PLAIN.match(line[value.mark.column - 1 :])
        return found[0] if found else value.data

    def figure(self, value: Value) -> PrintedFigure | None:
        """Return a stated figure, None where the value is not one."""
        figure = parse_figure(self.printed(value))
        if figure is None:
            hint = f"prefixes K M G T and Ki Mi Gi Ti, units {', '.join(UNITS)}"
            if isinstance(value.data, str) and parse_shape(value.plain()):
                hint = "a shape is stated of `quantity: shape`"
            self.complain(
                value.mark,
                "kind",
                f"{shown(value.plain())} is stated, expected a figure such as 35K, 3.8 × 10^9,"
                " 96 MB, 12x, 55, 130-140M or >100M",
                hint,
            )
        return figure


def _parses(parse: Any, value: Any) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def frozen(value: Any) -> Any:
    """Return a value that can be compared and hashed: lists become tuples."""
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return tuple((key, frozen(item)) for key, item in value.items())
    return value
