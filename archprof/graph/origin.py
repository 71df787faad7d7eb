"""What a graph knows of where it comes from: a spec's text or a module's code.

Every front end fulfils this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from archprof.problem import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archprof.autograd.run import Run
    from archprof.autograd.tensor import FakeTensor
    from archprof.graph.graph import Graph
    from archprof.ops.base import Shape


class Plays(Protocol):
    """What a layer does in training in place of its op's own kernels."""

    @property
    def known(self) -> bool:
        """Whether it is known what it does."""

    def __call__(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[int, Mapping[str, FakeTensor]],
    ) -> FakeTensor:
        """Return the layer's output. `weights`: those of all layers, by torch name."""


class Entry(Protocol):
    """The place of one layer: an entry of a spec, a call in a module."""

    @property
    def mark(self) -> Mark:
        """Where it is written."""

    @property
    def states_shape(self) -> bool:
        """Whether an output shape is stated there, to be compared with the computed one."""

    @property
    def hidden(self) -> bool:
        """Whether a table leaves it out unless all layers are shown: a view in a module's code."""

    @property
    def unused(self) -> bool:
        """Whether nothing uses its weights, so that they get no gradient."""

    @property
    def operation(self) -> int:
        """Which of a tape's operations computes it, -1 for none."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else there is to say of it, such as whose weights it uses."""

    @property
    def plays(self) -> Plays | None:
        """What it does in training where its op does not say it: an operator as captured."""

    @property
    def calls(self) -> tuple[int, ...]:
        """The calls of modules that it runs in, outermost first, by number."""

    def setting_mark(self, name: str) -> Mark | None:
        """Return where a setting of its op is written, None where it is not."""


class Origin(Protocol):
    """A network before it is a graph: its name, its statements, and what replaces them."""

    @property
    def name(self) -> str:
        """What users call it."""

    @property
    def heading(self) -> str:
        """Its title, or the name of its file."""

    @property
    def family(self) -> str:
        """What it and its variants are called together."""

    @property
    def siblings(self) -> Iterable[str]:
        """The names of all networks that are written in the same place, its own among them."""

    @property
    def mark(self) -> Mark:
        """Where it is written."""

    @property
    def file(self) -> str:
        """The file it is written in, as messages call it."""

    @property
    def path(self) -> Path:
        """The file it is written in."""

    @property
    def input(self) -> Shape | None:
        """The input given in place of its own, None where none was."""

    @property
    def resized(self) -> bool:
        """Whether an input is given in place of one of its own."""

    @property
    def overrides(self) -> Mapping[str, Any]:
        """The parameters given in place of its own."""

    def parameters(self) -> Mapping[str, Any]:
        """Return every parameter by name, overrides put in, in the order of the source."""

    def stated(self, key: str) -> Any:
        """Return what it states of itself (title, source, year, family, …), None for nothing."""

    def expected(self) -> Mapping[str, tuple[Any, Mark]]:
        """Return the totals that it states, each with its place."""

    def as_specified(self) -> bool:
        """Whether nothing replaces its own values, so that what it states must hold."""

    def texts(self) -> dict[str, str]:
        """Return the text of every file that plays a part, by the name messages call it."""

    @property
    def called_modules(self) -> frozenset[str] | None:
        """The paths of the modules that are called, once each; None where no module is captured and
        paths are a specification's.
        """

    def at_own_input(self) -> Graph:
        """Return the graph at its own input. Raises ProblemError."""


def changed_parameters(first: Origin, second: Origin) -> tuple[tuple[str, object, object], ...]:
    """Return name and both values of each parameter that two networks of one file do not share.

    Empty for networks of two files.
    """
    if first.path != second.path:
        return ()
    ours, theirs = first.parameters(), second.parameters()
    return tuple(
        (name, value, theirs.get(name)) for name, value in ours.items() if value != theirs.get(name)
    )
