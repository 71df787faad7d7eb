"""A table with the student's own numbers: which wrong answers follow rightly from earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.quiz.making.quiz import SUMMED, TITLES, Cell, Quiz
from archprof.commands.quiz.marking.scheme import follows
from archprof.commands.quiz.marking.slips import altered, output_of
from archprof.commands.quiz.marking.student_answer import (
    Reading,
    counted,
    number_readings,
    parse_ints,
    parse_number,
    parse_numbers,
)
from archprof.ops.base import Op, Shape


class OwnLayer(NamedTuple):
    """A layer as in the student's table: its op and input shapes.

    `setting` and `before` are the places where a wrong setting, or a wrong input, entered; "" for
    none.
    """

    op: Op
    inputs: tuple[Shape, ...]
    setting: str
    before: str

    @property
    def origin(self) -> str:
        """Where the layer's first mistake entered, "" where it has none."""
        return self.setting or self.before

    def output(self) -> Shape | None:
        """Return the shape that follows; None where the op cannot take these inputs."""
        return output_of(self.op, self.inputs)


class StudentTable:
    """The student's table, row by row: shapes as answered, and what follows from wrong answers.

    `carried` has the wrong answers that follow rightly from an earlier one, with its place, and
    `layers` each row's layer with the student's own settings and inputs.
    """

    def __init__(
        self,
        quiz: Quiz,
        given: Mapping[Cell, str],
        readings: Mapping[Cell, list[Reading]],
        used: Mapping[str, str],
        own: Mapping[str, str],
    ):
        """Take the answers, the ways in which each is right, the conventions in use, and those
        that are allowed besides the sheet's.
        """
        self.quiz, self.given, self.readings, self.own = quiz, given, readings, own
        self.channels_last = used.get("shapes") == "HxWxC"
        self.shapes: dict[int, Shape] = {}
        self.origins: dict[int, str] = {}  # of a row's shape, where it went wrong
        self.carried: dict[Cell, str] = {}
        self.layers: dict[int, OwnLayer] = {}
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
        mine = self.layers[row] = self._own_layer(row, layer.node.op)
        self.shapes[row] = layer.node.output
        expected = mine.output() if mine.origin else None
        answered = self.shape(row, parse_ints(self.given[cell])) if self._wrong(cell) else None
        if answered is not None:
            if answered == expected:
                self.carried[cell] = mine.origin
            entered = f"{self.quiz.rows[row].label} Output"
            self.shapes[row], self.origins[row] = answered, self.carried.get(cell) or entered
        elif expected is not None and cell in self.given and not self.readings[cell]:
            self.shapes[row], self.origins[row] = expected, mine.origin
        for column in SUMMED:
            if self._wrong((row, column)):
                self._number(row, column, layer, mine)

    def _own_layer(self, row: int, op: Op) -> OwnLayer:
        own, setting = self._op(row, op)
        inputs, before = self._inputs(row)
        return OwnLayer(own, inputs, setting, before)

    def _op(self, row: int, op: Op) -> tuple[Op, str]:
        """Return the op with the student's own setting where that is wrong, and its place."""
        for name in ("out", "kernel", "stride", "padding"):
            if not self._wrong((row, name)):
                continue
            given = parse_ints(self.given[row, name])
            if given is None:
                continue
            first, *_ = given
            value: int | Shape = given if len(given) == 2 else (first, first)
            if name == "out":
                value = first
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

    def is_image(self, row: int) -> bool:
        """Return whether a row's first input is the network's."""
        first = self.quiz.rows[row].sources[:1]
        return any(self.quiz.rows[source].node == -1 for source in first)

    def tries(self, row: int) -> Iterator[tuple[Op, tuple[Shape, ...], str]]:
        """Yield what a wrong shape may come from: an op, its inputs, and where they come from.

        These are the student's own inputs, the right ones, and wrong shapes further up, which a
        student may go on from although the rows between are right.
        """
        layer, mine = self.quiz.layer(row), self.layers[row]
        if layer is None:
            return
        right, sources = layer.node.facts.inputs, self.quiz.rows[row].sources
        if mine.before:
            wrong = next(source for source in sources if source in self.origins)
            yield mine.op, mine.inputs, f", from your {units.shape(self.shapes[wrong])}"
        yield layer.node.op, right, ""
        for above in sorted(self.origins, reverse=True):
            shape = self.shapes[above]
            if above < row and above not in sources and right and shape[:1] == right[0][:1]:
                where = f", from your {units.shape(shape)} at {self.quiz.rows[above].label}"
                yield layer.node.op, (shape, *right[1:]), where

    def _number(self, row: int, column: str, layer: LayerAnalysis, mine: OwnLayer) -> None:
        """Record where a wrong number follows from the student's shapes and settings."""
        figures = parse_numbers(self.given[row, column])
        plain, right, at = layer.node.op, layer.node.facts.inputs, self.origins.get(row, "")
        output = self.shapes[row]
        wider = altered(mine.op, "out", output[0]) if at and "out" in mine.op.settings else None
        tries = [
            (mine.op, mine.inputs, output, at or mine.origin),
            (mine.op, mine.inputs, mine.output(), mine.origin),
            (plain, right, output, at),
            (plain, mine.inputs, output, at or mine.before),
            (mine.op, right, layer.node.output, mine.setting),
            (plain, mine.inputs, layer.node.output, mine.before),
            (wider, mine.inputs, output, at),
            (wider, right, output, at),
        ]
        shared = layer.node.shares is not None
        for op, inputs, result, origin in tries:
            if not origin or op is None or result is None:
                continue
            if self._matches(figures, column, op, inputs, result, shared):
                self.carried[row, column] = origin
                return

    def _matches(
        self,
        figures: tuple[PrintedFigure, ...],
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
        return any(
            follows(reading, self.own)
            for figure in figures
            for reading in number_readings(figure, values, column)
        )

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
                if own is not None:
                    summands += own.value
                elif isinstance(exact, int):
                    summands += exact
                if self._wrong((above, column)):
                    title = TITLES[column].partition(" (")[0]
                    entered = f"{self.quiz.rows[above].label} {title}"
                    wrong = wrong or self.carried.get((above, column), entered)
            if figure.exactly(summands) or figure.rounds(summands):
                self.carried[row, column] = wrong or "rounded rows"
