"""What a captured graph knows of where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archprof.capturing.tape import Tape
from archprof.capturing.targets import Target
from archprof.problem import Mark
from archprof.record import Record
from archprof.units import printable

if TYPE_CHECKING:
    from archprof.graph.graph import Graph
    from archprof.graph.origin import Plays
    from archprof.ops.base import Shape


class CapturedEntry(NamedTuple):
    """The line of the user's code that a layer comes from, and which of the tape's operations it
    is, -1 for none. `plays`: what it does in training; `calls`: the modules that it runs in.
    """

    mark: Mark
    hidden: bool = False
    remarks: tuple[str, ...] = ()
    operation: int = -1
    unused: bool = False
    plays: Plays | None = None
    calls: tuple[int, ...] = ()

    @property
    def states_shape(self) -> bool:
        return False

    def setting_mark(self, name: str) -> Mark | None:
        return None


class CapturedNetwork(Record):
    """The network of a tape, as graph/origin.py has it.

    `assembled` makes the tape's graph. `module` is the user's module, None where only its tape is
    there; `target` what the user named, None where the module was given itself.
    """

    tape: Tape
    assembled: Callable[[CapturedNetwork], Graph]
    module: Any = None
    target: Target | None = None

    @property
    def name(self) -> str:
        """Its name as a specification's may be: without characters that are not seen."""
        return printable(self.tape.name)

    @property
    def heading(self) -> str:
        return self.tape.heading

    @property
    def family(self) -> str:
        return self.name

    @property
    def siblings(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def mark(self) -> Mark:
        return Mark(self.name)

    @property
    def file(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return Path(self.name)

    @property
    def input(self) -> Shape | None:
        return None

    @property
    def resized(self) -> bool:
        return False

    @property
    def overrides(self) -> Mapping[str, Any]:
        return self.tape.arguments

    def parameters(self) -> Mapping[str, Any]:
        return self.tape.arguments

    def stated(self, key: str) -> Any:
        return None

    def expected(self) -> Mapping[str, tuple[Any, Mark]]:
        return {}

    def as_specified(self) -> bool:
        return True

    def texts(self) -> dict[str, str]:
        return {}

    @property
    def called_modules(self) -> frozenset[str]:
        calls = Counter(call.path for call in self.tape.modules)
        return frozenset(path for path, times in calls.items() if times == 1)

    def at_own_input(self) -> Graph:
        return self.assembled(self)
