"""A space file as a Space: every fault is found here, at once and in its place."""

from __future__ import annotations

from pathlib import Path

from archprof.allowance import ensured
from archprof.language.document import Template
from archprof.language.network import Network
from archprof.language.pieces import Pieces
from archprof.language.source import parse
from archprof.language.text import read, with_lines
from archprof.language.value import Value
from archprof.language.words import NETWORK
from archprof.problem import ProblemError, Problems
from archprof.sweeping.space.axis import SpaceParameter
from archprof.sweeping.space.bounds import name_step
from archprof.sweeping.space.checks import check
from archprof.sweeping.space.conditions_reader import read_conditions
from archprof.sweeping.space.network import network_of
from archprof.sweeping.space.parameter_reader import ParameterReader, condition
from archprof.sweeping.space.space import Space
from archprof.sweeping.space.wanted_reader import read_bounds, read_front, read_sample
from archprof.sweeping.space.words import KEYS, NEEDED, NEEDS, TOP


def load_space(path: Path, name: str | None = None) -> Space:
    """Return the space of a file, called `name` in messages.

    Raises ProblemError with everything that is wrong with it.
    """
    text, name = read(path, name)
    return parse_space(text, path, name)


def parse_space(text: str, path: Path, name: str) -> Space:
    """Return the space of a text that is the file's at `path`, called `name` in messages.

    Raises ProblemError with everything that is wrong with it.
    """
    unread = Problems()
    value = parse(text, name, unread, ("a space", NEEDS))
    reader = _Reader(text, path, name)
    try:
        with ensured():
            space = reader.read(value)
        problems = list(reader.problems)
    except ProblemError as error:
        space, problems = None, list(error.problems)
    # where the text itself is at fault, complaints about the value in its place are of no use
    faulty = {problem.mark for problem in unread}
    problems = [*unread, *(problem for problem in problems if problem.mark not in faulty)]
    if problems or space is None:
        raise ProblemError(with_lines(problems, {name: text}))
    return space


class _Reader:
    """Reads one file; `problems` are those found so far."""

    def __init__(self, text: str, path: Path, file: str):
        self.text, self.path, self.file = text, path, file
        self.problems = Problems()
        self.pieces = Pieces(text, self.problems)

    def read(self, value: Value) -> Space | None:
        """Return the space, None where there is no network to make it of."""
        if not isinstance(value.data, dict) or not value.data.keys() & {"network", "space"}:
            self.problems.add(value.mark, "kind", "this is not a space", self._other_kind(value))
            return None
        pieces = self.pieces
        data = pieces.keys(value, TOP, "a space", KEYS)
        missing = [f"no `{key}`" for key in NEEDED if key not in data]
        if missing:
            pieces.complain(value.mark, "missing", f"the space has {', '.join(missing)}", NEEDS)
        network = self._network(data.get("network"))
        parameters = ParameterReader(pieces).read(data.get("space"))
        lets = pieces.lets(data.get("let"), "the space", set())
        settings = self._settings(data.get("set"))
        where = self._where(data.get("where"))
        axes = tuple(axis for one in parameters for axis in one.axes)
        budget = read_bounds(data.get("budget"), pieces)
        conditions = read_conditions(data.get("conditions"), budget, pieces)
        sample = read_sample(data.get("sample"), axes, pieces)
        front = read_front(data.get("front"), [axis.name for axis in axes], pieces)
        if name_step([*(one.quantity for one in budget), *(one.quantity for one in front)]):
            conditions = conditions.replaced(train=True)
        title = pieces.text(data.get("title"), "`title`")
        source = pieces.text(data.get("source"), "`source`")
        name = self._name(data.get("name"))
        if network is None:
            return None
        space = Space(
            self.path,
            self.file,
            self.text,
            name,
            title,
            source,
            network,
            parameters,
            lets,
            self._with_own(settings, parameters, network),
            where,
            budget,
            conditions,
            sample,
            front,
        )
        check(space, pieces)
        return space

    def _other_kind(self, value: Value) -> str:
        """Return what a file is that is not a space, as a hint."""
        if isinstance(value.data, dict) and value.data.keys() & {"layers", "blocks"}:
            return (
                "this is a spec: `archprof check` reads it, and a space names it as its `network`"
            )
        return NEEDS

    def _name(self, value: Value | None) -> str:
        name = self.pieces.text(value, "`name`")
        if value and name and not NETWORK.match(name):
            message = f"`{name}` is not a name, expected letters, digits, _ . and -"
            self.pieces.complain(value.mark, "name", message)
        return name

    def _network(self, value: Value | None) -> Network | None:
        name = self.pieces.text(value, "`network`")
        if value is None or not name:
            return None
        try:
            return network_of(name, value.mark, self.path)
        except ProblemError as error:
            self.problems += error.problems
            return None

    def _settings(self, value: Value | None) -> dict[str, Template]:
        items = self.pieces.mapping(value, "`set`").items()
        return {name: self.pieces.template(item) for name, item in items}

    def _where(self, value: Value | None) -> tuple[Template, ...]:
        if value is None:
            return ()
        items = value.data if isinstance(value.data, list) else [value]
        return tuple(condition(item, "`where`", self.pieces) for item in items)

    def _with_own(
        self,
        settings: dict[str, Template],
        parameters: tuple[SpaceParameter, ...],
        network: Network,
    ) -> dict[str, Template]:
        """Return the settings with those parameters of the space that are the network's own."""
        own = [one for one in parameters if one.name in (*network.document.params, "input")]
        given = {
            one.name: Template(self.pieces.expression(f"${one.name}", one.mark), one.mark, False)
            for one in own
            if one.name in self.pieces.scope
        }
        return {**given, **settings}
