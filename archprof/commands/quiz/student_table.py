"""A table with the student's own numbers: which wrong answers follow rightly from earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from archprof.commands.lecture.figures import Figure
from archprof.commands.quiz.quiz import SUMMED, TITLES, Cell, Quiz
from archprof.commands.quiz.slips import altered, output_of
from archprof.commands.quiz.student_answer import (
    Reading,
    counted,
    number_readings,
    parse_ints,
    parse_number,
)
from archprof.ops.base import Op, Shape


class StudentTable:
    """The student's table, row by row: shapes as answered, and what follows from wrong answers.

    `carried` has the wrong answers that follow rightly from an earlier one, with its place.
    """

    def __init__(
        self,
        quiz: Quiz,
        given: Mapping[Cell, str],
        readings: Mapping[Cell, list[Reading]],
        used: Mapping[str, str],
    ):
        """Take the answers, the ways in which each is right, and the conventions in use."""
        self.quiz, self.given, self.readings = quiz, given, readings
        self.channels_last = used.get("shapes") == "HxWxC"
        self.shapes: dict[int, Shape] = {}
        self.origins: dict[int, str] = {}  # of a row's shape, where it went wrong
        self.carried: dict[Cell, str] = {}
        for row in range(len(quiz.rows)):
            self._follow(row)

    def _wrong(self, cell: Cell) -> bool:
        return bool(self.given.get(cell)) and not self.readings[cell]

    def _follow(self, row: int) -> None:
        layer, cell = self.quiz.layer(row), (row, "output")
        if layer is None:
            if self.quiz.rows[row].node is not None:
                self.shapes[row] = self.quiz.shape(row)
            else:
                self._total(row)
            return
        op, own = self._op(row, layer.node.op)
        inputs, before = self._inputs(row)
        self.shapes[row] = layer.node.output
        expected = output_of(op, inputs) if own or before else None
        answered = self.shape(row, parse_ints(self.given[cell])) if self._wrong(cell) else None
        if answered is not None:
            if answered == expected:
                self.carried[cell] = own or before
            self.shapes[row], self.origins[row] = (
                answered,
                self.carried.get(cell) or f"{self.quiz.rows[row].label} Output",
            )
        elif expected is not None and cell in self.given and not self.readings[cell]:
            self.shapes[row], self.origins[row] = expected, own or before
        for column in SUMMED:
            if self._wrong((row, column)):
                self._number(row, column, layer.node.op, op, own, inputs, before)

    def _op(self, row: int, op: Op) -> tuple[Op, str]:
        """Return the op with the student's own setting where that is wrong, and its place."""
        for name in ("out", "kernel", "stride", "padding"):
            if not self._wrong((row, name)):
                continue
            given = parse_ints(self.given[row, name])
            if given is None:
                continue
            value: int | Shape = given if len(given) == 2 else (given[0], given[0])
            if name == "out":
                value = given[0]
            other = altered(op, name, value)
            if other is not None:
                return other, f"{self.quiz.rows[row].label} {TITLES[name]}"
        return op, ""

    def _inputs(self, row: int) -> tuple[tuple[Shape, ...], str]:
        """Return the input shapes in the student's table, and where the first wrong one entered."""
        sources = self.quiz.rows[row].sources
        origins = [self.origins[source] for source in sources if source in self.origins]
        return tuple(self.shapes[source] for source in sources), origins[0] if origins else ""

    def shape(self, row: int, given: Shape | None) -> Shape | None:
        """Return a wrong shape with its channels first.

        Height and width are usually equal, which shows the order; else it is the order of the
        student's other shapes, or the place of the right channels.
        """
        right = self.quiz.shape(row)
        if given is None or len(given) != 3 or len(right) != 3:
            return given
        square = [given[0] == given[1], given[1] == given[2]]
        last = (
            square[0]
            if square[0] != square[1]
            else self.channels_last or (given[2] == right[0] != given[0])
        )
        return (given[2], given[0], given[1]) if last else given

    def _number(
        self,
        row: int,
        column: str,
        plain: Op,
        op: Op,
        own: str,
        inputs: tuple[Shape, ...],
        before: str,
    ) -> None:
        """Record where a wrong number follows from the student's shapes and settings."""
        figure = parse_number(self.given[row, column])
        layer = self.quiz.layer(row)
        if figure is None or layer is None:
            return
        right, at = layer.node.facts.inputs, self.origins.get(row, "")
        output = self.shapes[row]
        wider = altered(op, "out", output[0]) if at and "out" in op.settings else None
        tries = [
            (op, inputs, output, at or own or before),
            (op, inputs, output_of(op, inputs), own or before),
            (plain, right, output, at),
            (plain, inputs, output, at or before),
            (op, right, layer.node.output, own),
            (plain, inputs, layer.node.output, before),
            (wider, inputs, output, at),
            (wider, right, output, at),
        ]
        for other, arriving, leaving, origin in tries:
            if (
                origin
                and other is not None
                and leaving is not None
                and self._matches(
                    figure, column, other, arriving, leaving, layer.node.shares is not None
                )
            ):
                self.carried[row, column] = origin
                return

    def _matches(
        self,
        figure: Figure,
        column: str,
        op: Op,
        inputs: tuple[Shape, ...],
        output: Shape,
        shared: bool,
    ) -> bool:
        try:
            values = counted(
                column, op, inputs, output, self.quiz.request.batch, self.quiz.request.dtype, shared
            )
        except (ValueError, IndexError, ZeroDivisionError):  # shapes that no such layer has
            return False
        return next(number_readings(figure, values, column), None) is not None

    def _total(self, row: int) -> None:
        """Record where a wrong total is the sum of the student's own rows."""
        for column in SUMMED:
            figure = parse_number(self.given[row, column]) if self._wrong((row, column)) else None
            if figure is None:
                continue
            summands, wrong = Fraction(0), ""
            for above in range(row):
                own = parse_number(self.given.get((above, column), ""))
                exact = self.quiz.contents[above, column]
                summands += (
                    own.value
                    if own is not None
                    else Fraction(exact if isinstance(exact, int) else 0)
                )
                if self._wrong((above, column)):
                    wrong = wrong or self.carried.get(
                        (above, column),
                        f"{self.quiz.rows[above].label} {TITLES[column].partition(' (')[0]}",
                    )
            if figure.exactly(summands) or figure.rounds(summands):
                self.carried[row, column] = wrong or "rounded rows"
