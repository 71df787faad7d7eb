"""The kinds of statements in a file of claims, each read from its mapping."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.document import (
    RELATIONS,
    TRENDS,
    Constant,
    Every,
    Formula,
    Law,
    Modules,
    NotModelled,
    Order,
    Quantity,
    Selection,
    Series,
    Stated,
    Statement,
    Subject,
    Term,
    Undecidable,
)
from archprof.commands.lecture.claims.experiment_reader import read_experiment
from archprof.commands.lecture.claims.figures import parse_filter, parse_volume
from archprof.commands.lecture.claims.formula_reader import read_formula
from archprof.commands.lecture.claims.keys import BODIES, SHAPED
from archprof.commands.lecture.claims.layer_facts import FACTS
from archprof.commands.lecture.claims.published_reader import read_published
from archprof.commands.lecture.claims.quantities import QUANTITIES
from archprof.commands.lecture.claims.ranges import parse_range
from archprof.commands.lecture.claims.tautologies import tautology
from archprof.commands.lecture.claims.term_reader import TermReader
from archprof.language.value import Value
from archprof.ops.base import Shape, shown
from archprof.problem import Mark

FACTS_AND_QUANTITIES = tuple(dict.fromkeys((*QUANTITIES, *FACTS)))


class _Body(NamedTuple):
    """What a statement about layers contains, and its name in messages."""

    entries: dict[str, Value]
    subject: Subject
    selection: Selection
    called: str
    mark: Mark


class StatementReader:
    """Reads the statements of one claim; `channels_last` is how the claim writes shapes."""

    def __init__(self, pieces: ClaimPieces, channels_last: bool):
        self.pieces, self.channels_last = pieces, channels_last
        self.terms = TermReader(pieces)

    def statement(
        self, kind: str, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Statement | None:
        """Return one statement, None where it cannot be read. Records one that cannot fail."""
        statement = self._statement(kind, data, defaults, called, mark)
        why = "" if statement is None else tautology(statement)
        if why:
            self.pieces.complain(
                data[kind].mark,
                "tautology",
                f"{called} holds whatever the network is: {why}",
                "state what the lecture says of the network, or `undecidable: WHY`",
            )
        return statement

    def _statement(
        self, kind: str, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Statement | None:
        value, what = data[kind], f"`{kind}` of {called}"
        if kind == "of":
            return self._stated(data, defaults, called, mark)
        if kind == "undecidable":
            return Undecidable(self.pieces.text(value, "`undecidable`"))
        if kind == "not_modelled":
            return NotModelled(self.pieces.text(value, "`not_modelled`"))
        if kind == "published":
            return read_published(self.pieces, value, data, called, mark)
        if kind == "experiment":
            return read_experiment(self.pieces, value, data, called)
        if not isinstance(value.data, dict):
            self.pieces.complain(
                value.mark, "kind", f"{what} is {shown(value.plain())}, expected a mapping"
            )
            return None
        entries = self.pieces.keys(value, BODIES[kind], what)
        if kind == "order":
            return self._order(entries, defaults, what, value.mark)
        subject = self.terms.subject(entries, defaults, called, value.mark)
        selection = self.terms.selection(entries)
        read = {
            "every": self._every,
            "modules": self._modules,
            "law": self._law,
            "series": self._series,
        }[kind]
        # read without a subject too, to find what else is wrong
        body = _Body(entries, subject or Subject("", mark), selection, what, value.mark)
        statement = read(body)
        return None if subject is None else statement

    def _stated(
        self, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Stated | None:
        term = self.terms.term(data["of"], defaults)
        # a figure alone says nothing; a formula may lead to it
        if isinstance(term, Constant) and "formula" not in data:
            self.pieces.complain(
                data["of"].mark,
                "kind",
                f"`of` is {shown(data['of'].plain())}, a figure; expected a quantity",
                "{network: alexnet, layers: conv1, quantity: params}",
            )
        value = self.pieces.required(
            data, "stated", called, mark, "what the lecture says: 35K, 55x55x96, 12x"
        )
        formula = read_formula(self.pieces, data.get("formula"), data.get("with"))
        if term is None or value is None:
            return None
        return self.statement_of(term, value, formula)

    def statement_of(
        self, term: Term, value: Value, formula: Formula | None = None
    ) -> Stated | None:
        """Return a term and the figure or shape stated for it, None where that is neither."""
        text = str(self.pieces.printed(value))
        if not isinstance(term, Quantity) or term.name not in SHAPED:
            return self._number(term, value, text, formula)
        shape, example = self._shape(term.name, value)
        if shape is None:
            self.pieces.complain(
                value.mark,
                "kind",
                f"{shown(value.plain())} is stated of a shape, expected one such as {example}",
            )
            return None
        if isinstance(value.data, list):
            text = "x".join(map(str, value.plain()))
        return Stated(term, None, shape, text, formula)

    def _shape(self, name: str, value: Value) -> tuple[Shape | None, str]:
        """Return a stated shape, None for other text, and how one may be written."""
        if name == "filter":
            return parse_filter(value.plain()), "3x3x3x32, or 3x3x32 dw of a depthwise convolution"
        example = "55x55x96" if self.channels_last else "96x55x55"
        return parse_volume(value.plain(), self.channels_last), example

    def _number(
        self, term: Term, value: Value, text: str, formula: Formula | None
    ) -> Stated | None:
        """Return a term and the figure or the range stated for it, None where it is neither."""
        within = parse_range(value.data)
        if within is not None:
            return Stated(term, None, None, text, formula, within)
        figure = self.pieces.figure(value)
        return Stated(term, figure, None, text, formula) if figure is not None else None

    def _order(
        self, entries: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Order | None:
        example = '{relation: ">", sides: [{…}, {…}]}'
        relation = ">"
        if "relation" in entries:
            relation = self.pieces.choice(entries["relation"], "relation", RELATIONS)
        sides = self.pieces.required(entries, "sides", called, mark, example)
        if sides is None:
            return None
        if not isinstance(sides.data, list) or len(sides.data) < 2:
            self.pieces.complain(
                sides.mark,
                "kind",
                f"`sides` is {shown(sides.plain())}, expected a list of at least two quantities",
                example,
            )
            return None
        terms = [self.terms.term(side, defaults, number=True) for side in sides.data]
        found = tuple(term for term in terms if term)
        return Order(relation, found) if relation and len(found) == len(terms) else None

    def _every(self, body: _Body) -> Every:
        given = body.entries.get("is")
        ops = body.selection.ops
        if not ops and given is not None and isinstance(given.data, dict) and "op" in given.data:
            ops = (str(given.data["op"].data),)
        settings = self.pieces.settings(given, f"`is` of {body.called}", ops)
        followed_by = self.pieces.ops(body.entries.get("followed_by"), "followed_by")
        if not body.entries.keys() & {"is", "followed_by"}:
            self.pieces.complain(
                body.mark,
                "missing",
                f"{body.called} says nothing of its layers",
                "`is: {kernel: 3}` or `followed_by: batch_norm2d`",
            )
        return Every(
            body.subject,
            body.selection,
            tuple((name, value) for name, value in settings if name != "op"),
            tuple(str(value) for name, value in settings if name == "op"),
            followed_by,
            body.mark,
        )

    def _modules(self, body: _Body) -> Modules | None:
        example = "- {op: conv2d, out: 96, kernel: 7}"
        are = self.pieces.required(body.entries, "are", body.called, body.mark, example)
        if are is None:
            return None
        if not isinstance(are.data, list) or not are.data:
            self.pieces.complain(
                are.mark,
                "kind",
                f"`are` is {shown(are.plain())}, expected a list, the modules in order",
                example,
            )
            return None
        called, found = f"a module of {body.called}", []
        for item in are.data:
            op = item.data.get("op") if isinstance(item.data, dict) else None
            if op is None:
                self.pieces.complain(
                    item.mark,
                    "kind",
                    f"{called} is {shown(item.plain())}, expected its `op` and settings",
                    example,
                )
                continue
            found.append(self.pieces.settings(item, called, (str(op.data),)))
        path = self.pieces.text(body.entries.get("under"), "`under`")
        return Modules(body.subject, path, body.selection, tuple(found), body.mark)

    def _law(self, body: _Body) -> Law | None:
        names = self.pieces.mapping(body.entries.get("names"), f"`names` of {body.called}")
        letters = tuple(
            (letter, self.pieces.choice(item, f"names: {letter}", FACTS_AND_QUANTITIES))
            for letter, item in names.items()
        )
        hint = "and `names`, what each of its letters stands for"
        written = self.pieces.required(body.entries, "formula", body.called, body.mark, hint)
        formula = None
        if written is not None:
            formula = read_formula(self.pieces, written, body.entries.get("with"), names)
        hint = "which quantity or setting the formula gives: width"
        given = self.pieces.required(body.entries, "gives", body.called, body.mark, hint)
        gives = self.pieces.choice(given, "gives", FACTS_AND_QUANTITIES)
        if formula is None:
            return None
        return Law(body.subject, body.selection, formula, letters, gives, body.mark)

    def _series(self, body: _Body) -> Series:
        entries, called, mark = body.entries, body.called, body.mark
        hint = "a quantity, or a setting such as out"
        quantity = self.pieces.required(entries, "quantity", called, mark, hint)
        trend = self.pieces.required(entries, "is", called, mark, f"one of {', '.join(TRENDS)}")
        return Series(
            body.subject,
            body.selection,
            self.pieces.choice(quantity, "quantity", FACTS_AND_QUANTITIES),
            self.pieces.choice(trend, "is", TRENDS),
            mark,
        )
