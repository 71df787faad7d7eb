"""The questions of `archprof solve`: which conventions or slips give a printed figure or shape."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.explanation import Explanation
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import Result
from archprof.commands.lecture.solving.chance import Chance
from archprof.commands.lecture.solving.layer_size import solve_size
from archprof.commands.lecture.solving.search import search
from archprof.commands.lecture.writing.statement_text import term_text
from archprof.language.kinds import parse_shape
from archprof.language.override import parse_override
from archprof.ops.base import Shape
from archprof.problem import Mark, Problem, ProblemError

HERE = Mark("solve")
CHANNELS_FIRST, CHANNELS_LAST, PLANE = "CxHxW", "HxWxC", "HxW"
"""The orders in which a shape may be printed."""


class Solved(NamedTuple):
    """A printed figure or shape with what gives it, simplest first.

    `exact` is the quantity as requested. `holds` says that this is what is printed. `shape` is
    the printed shape where there is one, channels first, and `order` how it was read. `chance` is
    that of the simplest explanation where luck explains the figure as well.
    """

    term: Quantity
    printed: str
    exact: Result
    holds: bool
    explanations: list[Explanation]
    shape: Shape | None = None
    chance: Chance | None = None
    order: str = ""

    @property
    def answered(self) -> bool:
        """Whether anything gives what is printed."""
        return self.holds or bool(self.explanations)


class Solver:
    """Answers questions about one network under conditions."""

    def __init__(
        self,
        network: str,
        input: Shape | None = None,
        batch: int = 1,
        dtype: str = "float32",
        overrides: Iterable[str] = (),
    ):
        """Take a network as the command line names it. Raises ProblemError."""
        no_lecture = Lecture(Path.cwd() / "solve", "solve", "", "solve", "", "", False, {})
        values = tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in map(parse_override, overrides)
        )
        self.subjects = Subjects(no_lecture, anywhere=True)
        self.subject = Subject(network, HERE, input, values, batch, dtype)

    def figure(self, name: str, text: str, first: str = "", last: str = "") -> Solved:
        """Return what gives a printed figure of a quantity, counted from `first` to `last`.

        Raises ProblemError where the text is not a figure, or a layer is not there.
        """
        figure = parse_figure(text)
        if figure is None:
            hint = "write it as printed: 13.6G, 138M, 96 MB, 1.8e9"
            if "," in text:
                hint = "a decimal point, not a comma: 3.8G"
            raise refuse(f"`{text[:60]}` is not a figure", hint)
        term = Quantity(name, self.subject, Selection(first=first, last=last), HERE)
        value = evaluate(self.subjects, term)
        exact = Fraction(0) if value is None or isinstance(value, tuple) else Fraction(value)
        if figure.rounds(exact) or figure.exactly(exact):
            return Solved(term, text, exact, True, [])
        found = search(self.subjects, term, figure)
        return Solved(term, text, exact, False, found.explanations, chance=found.chance)

    def size(self, text: str) -> Solved:
        """Return what gives a layer's printed output, LAYER=SHAPE.

        Raises ProblemError where the text is not that, or there is no such layer.
        """
        layer, _, printed = text.partition("=")
        shape = parse_shape(printed.strip())
        if shape is None or not layer:
            raise refuse(
                f"`{text[:60]}`, expected LAYER=SHAPE", "for instance --shape conv1=96x55x55"
            )
        selection = Selection(paths=(layer.strip(),))
        term = Quantity("shape", self.subject, selection, HERE)
        value = evaluate(self.subjects, term)
        if not isinstance(value, tuple):
            raise refuse(f"{term_text(term)} is nothing")
        if len(shape) == 2 and len(value) == 3:
            return self._plane(term, printed, shape, value)
        found = [
            Solved(
                term, printed, value, value == read, self._sizes(term, value, read), read, None, by
            )
            for by, read in _orders(shape, value).items()
        ]
        answer = next((one for one in found if one.answered), None)
        return answer or found[0]._replace(order=" and ".join(one.order for one in found))

    def _sizes(self, term: Quantity, value: Shape, printed: Shape) -> list[Explanation]:
        return [] if value == printed else solve_size(self.subjects, term, printed)

    def _plane(self, term: Quantity, printed: str, shape: Shape, value: Shape) -> Solved:
        """Return what gives the height and width of a layer's output."""
        height, width = (term._replace(name=name) for name in ("height", "width"))
        exact = value[1:]
        if exact == shape:
            return Solved(term, printed, exact, True, [], shape, order=PLANE)
        by_height = solve_size(self.subjects, height, Fraction(shape[0]))
        by_width = solve_size(self.subjects, width, Fraction(shape[1]))
        both = [one for one in by_height if one.texts in {other.texts for other in by_width}]
        return Solved(term, printed, exact, False, both, shape, order=PLANE)


def _orders(shape: Shape, value: Shape) -> dict[str, Shape]:
    """Return a printed shape with its channels first, by the order in which it is read.

    torch's is first; of a flat output there is one.
    """
    if len(shape) != 3 or len(value) != 3:
        return {"": shape}
    return {CHANNELS_FIRST: shape, CHANNELS_LAST: (shape[2], shape[0], shape[1])}


def refuse(message: str, hint: str = "") -> ProblemError:
    """Return the error of an option."""
    return ProblemError([Problem(HERE, "option", message, hint)])
