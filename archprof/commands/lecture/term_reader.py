"""The pieces that claims are made of: which network, which layers, which quantity, the figure as
printed, the calculation by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from archprof.analysis.counting import DTYPES, OPTIMIZERS
from archprof.commands.lecture.document import (
    COMBINATIONS,
    Combined,
    Constant,
    Formula,
    Quantity,
    Selection,
    Subject,
    Term,
)
from archprof.commands.lecture.figures import UNITS, Figure, parse_figure
from archprof.commands.lecture.keys import MAX_BATCH, QUANTITY, SHAPED, SUBJECT
from archprof.commands.lecture.quantities import QUANTITIES, Whole
from archprof.commands.lecture.verdicts import AS, DIFFERS, HOLDS, ROUNDED, UNDECIDABLE, recordable
from archprof.foreign import op_hint
from archprof.language.expression import compile_expression
from archprof.language.functions import FUNCTIONS, ExpressionError
from archprof.language.kinds import parse_shape
from archprof.language.pieces import Pieces
from archprof.language.text import within
from archprof.language.value import Value
from archprof.ops import OPS
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, closest, nearest

_WORD = re.compile(r"(?<![0-9A-Za-z_.])[A-Za-z][A-Za-z0-9_]*")
_TIMES = re.compile(r"(?<=[0-9)]) ?[x×] ?(?=[0-9(])")
_UNSAID = re.compile(r"(?<=[0-9])(?=[A-Za-z(])|(?<=\))(?=[A-Za-z0-9(])")
_PLAIN = re.compile(r"[-+0-9_.eE]+")


class Terms(Pieces):
    """Reads pieces of claims."""

    def term(self, value: Value, defaults: dict[str, Value], number: bool = False) -> Term | None:
        """A quantity, a figure, or a ratio, sum, difference or product of terms; where it must
        be a `number`, a shape will not do.
        """
        if not isinstance(value.data, dict):
            figure = parse_figure(self.printed(value))
            if figure is None:
                self.complain(
                    value.mark,
                    "kind",
                    f"{shown(value.plain())} is no quantity",
                    "{network: alexnet, layers: conv1, quantity: params}, or a number",
                )
                return None
            return Constant(figure)
        how = next((k for k in COMBINATIONS if k in value.data), None)
        if how:
            return self.combined(how, value, defaults)
        data = self.keys(value, QUANTITY, "a quantity")
        name = self.choice(data.get("quantity"), "quantity", QUANTITIES)
        subject = self.subject(data, defaults, "a quantity", value.mark)
        if "quantity" not in data:
            self.complain(
                value.mark, "missing", "`quantity` is missing", f"one of {', '.join(QUANTITIES)}"
            )
        selection, each = self.selection(data), self.text(data.get("each"), "`each`")
        if not name or subject is None:
            return None
        if isinstance(QUANTITIES[name], Whole) and (selection != Selection() or each):
            self.complain(
                value.mark,
                "kind",
                f"`{name}` is the network's as a whole, and"
                f" {'blocks are asked for' if each else 'layers are selected'}",
                f"leave {'`each`' if each else 'the selection'} away",
            )
        if number and name in SHAPED:
            self.complain(
                data["quantity"].mark,
                "kind",
                f"`{name}` is a shape, expected a number",
                "`channels`, `height` and `width` are its axes",
            )
        return Quantity(name, subject, selection, value.mark, each)

    def combined(self, how: str, value: Value, defaults: dict[str, Value]) -> Combined | None:
        """A ratio or difference of two terms, a sum or product of several."""
        self.keys(value, (how, *SUBJECT), f"`{how}`")
        inner, two = value.data[how], how in ("ratio", "difference")
        if (
            not isinstance(inner.data, list)
            or len(inner.data) < 2
            or (two and len(inner.data) != 2)
        ):
            self.complain(
                inner.mark,
                "kind",
                f"`{how}` is {shown(inner.plain())}, expected a list of"
                f" {'two' if two else 'at least two'} quantities",
                f"{{{how}: [{{network: vgg16, quantity: params}}, {{network: alexnet, quantity:"
                " params}]}",
            )
            return None
        below = defaults | {k: value.data[k] for k in SUBJECT if k in value.data}
        terms = [self.term(item, below, number=True) for item in inner.data]
        return Combined(how, tuple(t for t in terms if t)) if all(terms) else None

    def subject(
        self, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Subject | None:
        """A network under conditions, what is not said taken from `defaults`."""
        given = defaults | {k: data[k] for k in SUBJECT if k in data}
        if "network" not in given:
            self.complain(
                mark,
                "missing",
                f"{called} names no `network`",
                "a shipped network, or one of the file's `networks`",
            )
            return None
        network = self.text(given["network"], "`network`")
        batch = given.get("batch")
        if batch is not None and (type(batch.data) is not int or not 1 <= batch.data <= MAX_BATCH):
            self.complain(
                batch.mark,
                "kind",
                f"`batch` is {shown(batch.plain())}, expected a whole number from 1 to"
                f" {MAX_BATCH:,}",
            )
            batch = None
        values = tuple(
            (k, frozen(v.plain())) for k, v in self.mapping(given.get("set"), "`set`").items()
        )
        shape, dtype = (
            self.shape_of(given.get("input")),
            self.choice(given.get("dtype"), "dtype", DTYPES),
        )
        optimizer = self.choice(given.get("optimizer"), "optimizer", OPTIMIZERS)
        return (
            Subject(
                network,
                given["network"].mark,
                shape,
                values,
                batch.data if batch else 1,
                dtype or "float32",
                optimizer or "sgd",
            )
            if network
            else None
        )

    def shape_of(self, value: Value | None) -> Shape | None:
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

    def selection(self, data: dict[str, Value]) -> Selection:
        """Which layers are meant."""
        ops = self.ops(data.get("op"), "op")
        return Selection(
            self.words(data.get("layers"), "layers"),
            self.text(data.get("first"), "`first`"),
            self.text(data.get("last"), "`last`"),
            ops,
            self.settings(data.get("where"), "`where`", ops),
            self.text(data.get("block"), "`block`"),
            self.flag(data.get("aux"), "aux"),
        )

    def ops(self, value: Value | None, what: str) -> tuple[str, ...]:
        """An op, or a list of them."""
        names = self.words(value, what)
        for name in names:
            if name not in OPS and value is not None:
                self.complain(
                    value.mark,
                    "kind",
                    f"`{what}` is {shown(name)}, expected an op",
                    op_hint(name, OPS),
                )
        return names

    def words(self, value: Value | None, what: str) -> tuple[str, ...]:
        """A name, or a list of names."""
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
        """Settings as a spec writes them, of one of these ops or of any; `op` among them;
        `channels` stands for those that arrive.
        """
        found = self.mapping(value, what)
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
                whose = f" of {' or '.join(ops)}" if named else ""
                self.complain(
                    mark,
                    "unknown-key",
                    f"unknown setting `{name}`{whose} in {what}",
                    nearest(name, there, "settings"),
                )
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
        """One of these words, "" for none or another."""
        if value is None:
            return ""
        known = tuple(known)
        if value.data not in known:
            listed, few = f"one of {', '.join(known)}", len(known) < 12
            hint = closest(str(value.data), known)
            self.complain(
                value.mark,
                "kind",
                f"`{what}` is {shown(value.plain())},"
                f" {f'expected {listed}' if few else 'which is not known'}",
                f"did you mean `{hint}`?" if hint else "" if few else listed,
            )
            return ""
        return str(value.data)

    def verdict(self, value: Value | None) -> str:
        """A verdict as a file may record it, "" for none."""
        text = self.text(value, "`verdict`")
        if value is not None and text and not recordable(text):
            words = (HOLDS, ROUNDED, f"{AS}…", DIFFERS, UNDECIDABLE)
            self.complain(
                value.mark,
                "kind",
                f"`verdict` is {shown(text)}, expected {', '.join(words[:-1])} or {words[-1]}",
                nearest(text, words),
            )
            return ""
        return text

    def printed(self, value: Value) -> object:
        """A figure as the file has it: YAML makes a 1.5 of 1.50, which states a digit more."""
        if type(value.data) is not float:
            return value.data
        line = (
            self.text_lines[value.mark.line - 1]
            if 0 < value.mark.line <= len(self.text_lines)
            else ""
        )
        found = _PLAIN.match(line[value.mark.column - 1 :])
        return found[0] if found else value.data

    def figure(self, value: Value) -> Figure | None:
        """What is stated, as a figure."""
        figure = parse_figure(self.printed(value))
        if figure is None:
            shape = parse_shape(value.plain()) if isinstance(value.data, str) else None
            self.complain(
                value.mark,
                "kind",
                f"{shown(value.plain())} is stated, expected a figure such as 35K, 1.8e+9, 96 MB,"
                " 12x or 55",
                (
                    "a shape is stated of `quantity: shape`"
                    if shape
                    else f"prefixes K M G T and Ki Mi Gi Ti, units {', '.join(UNITS)}"
                ),
            )
        return figure

    def formula(
        self, value: Value | None, numbers: Value | None, letters: Iterable[str] = ()
    ) -> Formula | None:
        """A hand calculation as on the slide: its letters need no `$`, and each has a number, or
        stands for something by itself.
        """
        if value is None:
            if numbers is not None:
                self.complain(
                    numbers.mark,
                    "missing",
                    "`with` has the numbers of a `formula`, and there is none",
                    "formula: (W - F)/S + 1",
                )
            return None
        text = (
            str(value.data) if type(value.data) in (int, float) else self.text(value, "`formula`")
        )
        given: dict[str, int | float] = {}
        for name, item in self.mapping(numbers, "`with`").items():
            if type(item.data) not in (int, float):
                self.complain(
                    item.mark, "kind", f"{name} is {shown(item.plain())}, expected a number"
                )
            given[name] = item.data if type(item.data) in (int, float) else 0
        if not text:
            return None
        spelled, places = _spelled(text)
        try:
            expression = compile_expression(spelled)
        except ExpressionError as error:
            column = places[min(error.column, len(places) - 1)]
            self.complain(
                within(value.mark, text, column, self.text_lines),
                "expression",
                f"`{text}`: {error}",
                _formula_hint(text) or error.hint,
            )
            return None
        unknown = [name for name in expression.names if name not in given and name not in letters]
        for name in unknown:
            self.complain(
                value.mark,
                "unknown-name",
                f"`{text}`: the letter {name} has no number",
                f"with: {{{name}: 1}}",
            )
        return None if unknown else Formula(text, tuple(given.items()), expression, value.mark)


def _spelled(text: str) -> tuple[str, list[int]]:
    """The formula with a `$` before each letter, and where each of its characters stands in the
    formula.
    """
    spelled, places = "", list[int]()
    for i, character in enumerate(text):
        word = _WORD.match(text, i)
        if (
            word
            and word[0] not in FUNCTIONS
            and word[0] not in ("and", "or", "not", "if", "else", "in")
        ):
            spelled += "$"
            places.append(i)
        spelled += character
        places.append(i)
    return spelled, [*places, len(text)]


def _formula_hint(text: str) -> str:
    """The way out of what slides write and the language does not."""
    if "^" in text:
        return "multiply instead: 3*3 for 3^2"
    if _TIMES.search(text):
        return "write * for times: 11*11"
    if found := _UNSAID.search(text):
        return f"a `*` is missing before `{text[found.start() :][:10]}`"
    return ""


def _parses(parse: Any, value: Any) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def frozen(value: Any) -> Any:
    """A value that can be compared and hashed: lists become tuples."""
    return (
        tuple(map(frozen, value))
        if isinstance(value, list)
        else tuple((k, frozen(v)) for k, v in value.items())
        if isinstance(value, dict)
        else value
    )
