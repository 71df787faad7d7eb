"""The terms of claims: which network, which layers, which quantity, and terms put together."""

from __future__ import annotations

from archprof.analysis.counting import OPTIMIZERS
from archprof.commands.lecture.claims.claim_pieces import ClaimPieces, frozen
from archprof.commands.lecture.claims.document import (
    COMBINATIONS,
    Combined,
    Constant,
    Quantity,
    Selection,
    Subject,
    Term,
)
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.claims.keys import MAX_BATCH, QUANTITY, SHAPED, SUBJECT
from archprof.commands.lecture.claims.quantities import QUANTITIES, Whole
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.ops.elements import DTYPES
from archprof.problem import Mark


class TermReader:
    """Reads terms, their subjects and selections from one file's pieces."""

    def __init__(self, pieces: ClaimPieces):
        self.pieces = pieces

    def term(self, value: Value, defaults: dict[str, Value], number: bool = False) -> Term | None:
        """Return a quantity, a figure, or a ratio, sum, difference or product of terms.

        None where it cannot be read. A `number` must not be a shape.
        """
        if not isinstance(value.data, dict):
            return self._constant(value)
        how = next((k for k in COMBINATIONS if k in value.data), None)
        if how:
            return self.combined(how, value, defaults)
        return self._quantity(value, defaults, number)

    def _constant(self, value: Value) -> Constant | None:
        figure = parse_figure(self.pieces.printed(value))
        if figure is None:
            self.pieces.complain(
                value.mark,
                "kind",
                f"{shown(value.plain())} is not a quantity",
                "{network: alexnet, layers: conv1, quantity: params}, or a number",
            )
            return None
        return Constant(figure)

    def _quantity(self, value: Value, defaults: dict[str, Value], number: bool) -> Quantity | None:
        data = self.pieces.keys(value, QUANTITY, "a quantity")
        listed = f"one of {', '.join(QUANTITIES)}"
        if "quantity" not in data:
            self.pieces.complain(value.mark, "missing", "`quantity` is missing", listed)
        name = self.pieces.choice(data.get("quantity"), "quantity", QUANTITIES)
        subject = self.subject(data, defaults, "a quantity", value.mark)
        selection = self.selection(data)
        each = self.pieces.text(data.get("each"), "`each`")
        if not name or subject is None:
            return None
        if name == "input" and selection != Selection():
            name = "input_shape"  # of these layers, not of the network
        if isinstance(QUANTITIES[name], Whole) and (selection != Selection() or each):
            fault, extra = "layers are selected", "the selection"
            if each:
                fault, extra = "blocks are asked for", "`each`"
            self.pieces.complain(
                value.mark,
                "kind",
                f"`{name}` is the network's as a whole, and {fault}",
                f"omit {extra}",
            )
        if number and name in SHAPED:
            self.pieces.complain(
                data["quantity"].mark,
                "kind",
                f"`{name}` is a shape, expected a number",
                "`channels`, `height` and `width` are its axes",
            )
        return Quantity(name, subject, selection, value.mark, each)

    def combined(self, how: str, value: Value, defaults: dict[str, Value]) -> Combined | None:
        """Return a ratio or difference of two terms, a sum or product of several."""
        self.pieces.keys(value, (how, *SUBJECT), f"`{how}`")
        inner = value.data[how]
        two = how in ("ratio", "difference")
        count = len(inner.data) if isinstance(inner.data, list) else 0
        if count < 2 or (two and count != 2):
            expected = "two" if two else "at least two"
            self.pieces.complain(
                inner.mark,
                "kind",
                f"`{how}` is {shown(inner.plain())}, expected a list of {expected} quantities",
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
        """Return a network under conditions, those that are missing taken from `defaults`."""
        given = defaults | {k: data[k] for k in SUBJECT if k in data}
        if "network" not in given:
            self.pieces.complain(
                mark,
                "missing",
                f"{called} names no `network`",
                "a shipped network, or one of the file's `networks`",
            )
            return None
        network = self.pieces.text(given["network"], "`network`")
        batch = given.get("batch")
        if batch is not None and (type(batch.data) is not int or not 1 <= batch.data <= MAX_BATCH):
            self.pieces.complain(
                batch.mark,
                "kind",
                f"`batch` is {shown(batch.plain())}, expected a whole number from 1 to"
                f" {MAX_BATCH:,}",
            )
            batch = None
        values = tuple(
            (k, frozen(v.plain()))
            for k, v in self.pieces.mapping(given.get("set"), "`set`").items()
        )
        shape = self.pieces.shape_of(given.get("input"))
        dtype = self.pieces.choice(given.get("dtype"), "dtype", DTYPES)
        optimizer = self.pieces.choice(given.get("optimizer"), "optimizer", OPTIMIZERS)
        if not network:
            return None
        return Subject(
            network,
            given["network"].mark,
            shape,
            values,
            batch.data if batch else 1,
            dtype or "float32",
            optimizer or "sgd",
            self.pieces.names(given.get("freeze"), "freeze"),
        )

    def selection(self, data: dict[str, Value]) -> Selection:
        """Return which layers are selected."""
        ops = self.pieces.ops(data.get("op"), "op")
        return Selection(
            self.pieces.names(data.get("layers"), "layers"),
            self.pieces.text(data.get("first"), "`first`"),
            self.pieces.text(data.get("last"), "`last`"),
            ops,
            self.pieces.settings(data.get("where"), "`where`", ops),
            self.pieces.text(data.get("block"), "`block`"),
            self.pieces.flag(data.get("aux"), "aux"),
        )
