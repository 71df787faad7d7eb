"""The records of a file of claims: statements about networks, each with its place in the file."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.claims.ranges import PrintedRange
from archprof.language.expression import Expression
from archprof.language.value import Value
from archprof.ops.base import Shape
from archprof.problem import Mark
from archprof.record import NOTHING, Record

RELATIONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
}
COMBINATIONS = ("ratio", "sum", "difference", "product")
TRENDS = ("increasing", "never falling", "decreasing", "never rising", "constant", "linear")


class Subject(NamedTuple):
    """A network under conditions; `freeze`: patterns of parameters that are not trained.

    `network` is a name of the file's `networks`, a shipped network, or a path beside the file.
    """

    network: str
    mark: Mark
    input: Shape | None = None
    values: tuple[tuple[str, Any], ...] = ()  # as `--set`
    batch: int = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    freeze: tuple[str, ...] = ()


class Selection(NamedTuple):
    """Which layers are selected: all but the auxiliary heads', narrowed by every field given.

    `paths` are globs over paths of layers or of what contains them. `first` and `last` are the
    ends of a span in order of execution. `where` are settings that an op must have. `block`
    selects only what is in a block of this name.
    """

    paths: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    ops: tuple[str, ...] = ()
    where: tuple[tuple[str, Any], ...] = ()
    block: str = ""
    aux: bool = False


class Quantity(NamedTuple):
    """One number of the selected layers, or of the whole network.

    With `each` it is taken once per block of this name, and all must agree.
    """

    name: str
    subject: Subject
    selection: Selection
    mark: Mark
    each: str = ""


class Constant(NamedTuple):
    """A number written out."""

    figure: PrintedFigure


class Combined(NamedTuple):
    """A ratio or difference of two terms, a sum or product of several."""

    how: str
    parts: tuple[Term, ...]


Term = Quantity | Constant | Combined
NOWHERE = Mark("")


def leaves(term: Term) -> Iterator[Quantity]:
    """Yield the quantities that a term is made of."""
    if isinstance(term, Quantity):
        yield term
    elif isinstance(term, Combined):
        for part in term.parts:
            yield from leaves(part)


def without_marks(term: Term) -> Term:
    """Return the term without its places in the file, so that equal terms compare equal."""
    if isinstance(term, Quantity):
        return term._replace(mark=NOWHERE, subject=term.subject._replace(mark=NOWHERE))
    if isinstance(term, Combined):
        return Combined(term.how, tuple(map(without_marks, term.parts)))
    return term


class Formula(NamedTuple):
    """A hand calculation: its text as on the slide, its numbers by name, and its expression."""

    text: str
    numbers: tuple[tuple[str, int | float], ...]
    expression: Expression
    mark: Mark


# --- the kinds of statements ---


class Stated(NamedTuple):
    """A term has this value: a `shape`, a `figure`, or one in a `range`."""

    of: Term
    figure: PrintedFigure | None
    shape: Shape | None
    text: str
    formula: Formula | None = None
    range: PrintedRange | None = None


class Order(NamedTuple):
    """Each term has this relation to the next."""

    relation: str
    sides: tuple[Term, ...]


class Every(NamedTuple):
    """Every selected layer, of at least one, has these settings and is followed by such an op."""

    subject: Subject
    selection: Selection
    settings: tuple[tuple[str, Any], ...]
    ops: tuple[str, ...]
    followed_by: tuple[str, ...]
    mark: Mark


class Modules(NamedTuple):
    """The selected layers under `path` are, in order, these ops with these settings."""

    subject: Subject
    path: str
    selection: Selection
    entries: tuple[tuple[tuple[str, Any], ...], ...]  # each with its `op`
    mark: Mark


class Law(NamedTuple):
    """A formula gives a quantity of every selected layer.

    `names` are its letters and the layer's fact that each stands for.
    """

    subject: Subject
    selection: Selection
    formula: Formula
    names: tuple[tuple[str, str], ...]
    gives: str
    mark: Mark


class Series(NamedTuple):
    """A quantity or setting, layer after layer, follows a trend."""

    subject: Subject
    selection: Selection
    of: str
    trend: str
    mark: Mark


class Experiment(NamedTuple):
    """Something run on the compiled network: what, with which arguments, and what it must give."""

    name: str
    arguments: tuple[tuple[str, Any], ...]
    stated: str
    mark: Mark


class PublishedValue(NamedTuple):
    """A value as its source prints it; `figure` is None for a word."""

    text: str
    figure: PrintedFigure | None


class Published(NamedTuple):
    """What is stated is what a source publishes, or how several of its values are related.

    With a `relation` each of `values` has it to the next; without one there is one value.
    """

    stated: str
    figure: PrintedFigure | None
    values: tuple[PublishedValue, ...]
    relation: str
    source: str
    mark: Mark


class Undecidable(NamedTuple):
    """A statement that no analysis can decide, and why."""

    why: str


class NotModelled(NamedTuple):
    """A statement that arithmetic could decide, but not archprof's, and why."""

    why: str


Statement = (
    Stated
    | Order
    | Every
    | Modules
    | Law
    | Series
    | Experiment
    | Published
    | Undecidable
    | NotModelled
)


class Part(NamedTuple):
    """One statement to decide: a claim has one, or one per row and column of its table.

    `recorded` is the verdict the file expects, "" for none. `reads` are the lecture's words that
    the stated figure translates, "" where it is printed.
    """

    label: str
    statement: Statement
    recorded: str
    mark: Mark
    reads: str = ""


class Claim(Record):
    """What a lecture states in one place, in one or more parts.

    `also` are checks of archprof's that support a verdict, of what the lecture does not state.
    """

    id: str
    mark: Mark
    parts: tuple[Part, ...]
    also: tuple[Part, ...] = ()
    slide: str = ""
    says: str = ""
    line: int = 0  # of the quotation in its text, 0 where that is not named
    note: str = ""
    likely: str = ""
    instead: str = ""  # what to print, where no figure says it
    contradicts: tuple[str, ...] = ()
    # what differs is not an error of the lecture: a reading of ours, or a figure not verified
    aside: bool = False
    channels_last: bool = False  # how its shapes are written


class NotClaims(NamedTuple):
    """Quotations of what is not a claim about a network, and why."""

    quotes: tuple[str, ...]
    why: str
    mark: Mark


class Lecture(Record):
    """One file of claims; `networks` are conditions on others, or specs, by the file's names."""

    path: Path
    file: str
    text: str
    id: str
    title: str
    source: str
    channels_last: bool
    claims: dict[str, Claim]
    networks: Mapping[str, Value] = NOTHING
    not_claims: tuple[NotClaims, ...] = ()
