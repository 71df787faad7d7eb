"""A space: a network, what differs in its variants, and what is wanted of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archprof.language.document import Template
from archprof.language.network import Network
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.space import sample as samples
from archprof.sweeping.space.axis import Axis, SpaceParameter
from archprof.sweeping.space.bounds import Bound, Objective, name_step
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.variants import Variants

if TYPE_CHECKING:
    from numpy import ndarray

DROPPED = "where"
"""The rule of rows that a condition of the space leaves out; they are no faults."""

REPEATED = "repeat"
"""The rule of points of a grid that name a variant again: where `when` is false, an axis has its
first value in all of them.
"""


class Batch(NamedTuple):
    """Rows of a space that are alike, so that they are one `Variants`.

    `positions` are those in the rows that were requested, and `columns` has the values of the
    space's own parameters in these rows, by column: int64, float64, bool, or texts. Without
    `variants` the rows have none, because of `fault`: the rule and the message of a problem.
    """

    positions: ndarray[Any, Any]
    variants: Variants | None
    columns: Mapping[str, ndarray[Any, Any]]
    fault: tuple[str, str] = ("", "")


class Space(Record):
    """A space file, read.

    `settings` has by parameter of the network, or `input`, what replaces it, `lets` the values
    derived on the way; `where` are conditions that a variant has to meet. `given` are values of
    parameters that were typed in place of the file's.
    """

    path: Path
    file: str
    text: str
    name: str
    title: str
    source: str
    network: Network
    parameters: tuple[SpaceParameter, ...]
    lets: Mapping[str, Template]
    settings: Mapping[str, Template]
    where: tuple[Template, ...]
    budget: tuple[Bound, ...]
    conditions: SweepConditions
    sample: Sample
    front: tuple[Objective, ...]
    given: tuple[str, ...] = ()

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What its points differ in, in the order of the file."""
        return tuple(axis for parameter in self.parameters for axis in parameter.axes)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its parameters' columns in a table: `width`, `depths.0`."""
        return tuple(axis.name for axis in self.axes)

    def size(self) -> int | None:
        """Return how many points its grid has, None where a range is continuous."""
        return samples.size(self.axes)

    @property
    def count(self) -> int:
        """How many rows its sample has."""
        points = self.size() if self.sample.method == "grid" else self.sample.count
        return points or 0

    @property
    def distinct(self) -> bool:
        """Whether no two of its rows can be the same variant, but for those that are dropped."""
        if any(axis.when for axis in self.axes) and self.sample.method != "grid":
            return False
        return self.sample.method == "grid" or (
            self.sample.method == "random" and samples.is_permuted(self.axes)
        )

    def asked(self, names: Iterable[str]) -> Space:
        """Return the space so that its variants have the numbers of these names: a step of training
        is simulated where one of them is of it.
        """
        if not name_step(names):
            return self
        return self.replaced(conditions=self.conditions.replaced(train=True))

    def sampled(self, sample: Sample, place: str = "--sample") -> Space:
        """Return the space with other points. Raises ProblemError for impossible ones."""
        if fault := samples.sample_fault(self.axes, sample):
            raise ProblemError.of(Mark(place), "sample", *fault)
        return self.replaced(sample=sample)

    def texts(self) -> dict[str, str]:
        """Return the text of every file that plays a part, by the name messages call it."""
        return {self.file: self.text, **self.network.texts()}

    @property
    def hash(self) -> str:
        """What its rows depend on, as 64 hexadecimal digits: texts of the space and its network,
        and the sample.
        """
        texts = [text for _, text in sorted(self.network.texts().items())]
        parts = [self.text, *self.given, self.network.name, repr(self.sample), *texts]
        digest = sha256()
        for part in parts:
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()

    def variants(self, rows: ndarray[Any, Any]) -> Sequence[Batch]:
        """Return the variants that rows of the sample are, in groups: each row is in one of them.

        A row's values depend on the space, its sample and the row's number alone. Raises IndexError
        for numbers that the sample does not have.
        """
        from archprof.sweeping.space.points import batches  # which needs numpy

        return batches(self, rows)
