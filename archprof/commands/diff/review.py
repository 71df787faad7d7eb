"""Networks before and after a change of their specs: found on both sides, compared one by one,
held against conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from archprof import units
from archprof.allowance import Allowance, usual
from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import Totals
from archprof.commands.diff.cause import Causes
from archprof.commands.diff.conditions import SIZED, Condition, value
from archprof.commands.diff.difference import Change, Difference, Share, difference
from archprof.commands.diff.touched import Tree
from archprof.language.loader import Network, load_file, networks
from archprof.language.source import with_lines
from archprof.problem import STATED, Mark, Problem, ProblemError, nearest

# raises ProblemError where there are no numbers: see `whole`
Analyse = Callable[[Network], Analysis]
_Answer = tuple[Analysis | None, tuple[Problem, ...]]


@dataclass(frozen=True)
class Compared:
    """One network on both sides; None where it is not there, or has faults.

    `files`: the changed files it depends on.
    """

    name: str
    old: Analysis | None
    new: Analysis | None
    found: Difference | None = None
    files: tuple[str, ...] = ()
    old_faults: tuple[Problem, ...] = ()
    new_faults: tuple[Problem, ...] = ()

    @property
    def state(self) -> str:
        """same, changed, added, removed; broken where the new side has faults, mended where only
        the old one had.
        """
        if self.new_faults or self.old_faults:
            return "broken" if self.new_faults else "mended"
        if self.found is None:
            return "added" if self.old is None else "removed"
        return "same" if self.found.identical else "changed"


class Verdict(NamedTuple):
    """A condition that holds of a network, and the place of what weighs most in it."""

    condition: Condition
    compared: Compared
    problem: Problem


@dataclass(frozen=True)
class Review:
    """All that is compared, and what the two sides are called.

    The faults are of all files, those without a network too.
    """

    old: str
    new: str
    networks: tuple[Compared, ...]
    old_faults: tuple[Problem, ...] = ()
    new_faults: tuple[Problem, ...] = ()

    def verdicts(self, conditions: Iterable[Condition]) -> list[Verdict]:
        """Every condition that holds of a network, network by network."""
        conditions = tuple(conditions)
        before = self._before()
        return [
            Verdict(condition, one, problem)
            for one, olds in zip(self.networks, before, strict=True)
            for condition in conditions
            if (problem := _judged(condition, one, olds))
        ]

    def _before(self) -> list[tuple[Analysis, ...]]:
        """What each network is compared with by conditions: itself before; an added one with the
        removed one of its numbers or, without such, with each.

        A condition on a change would otherwise say nothing of a network that was changed and
        renamed at once.
        """
        gone = [one.old for one in self.networks if one.state == "removed" and one.old]
        renamed: dict[int, Analysis] = {}
        for number, one in enumerate(self.networks):
            same = next(
                (
                    old
                    for old in gone
                    if one.new and one.state == "added" and old.totals == one.new.totals
                ),
                None,
            )
            if same is not None:
                renamed[number] = same
                gone = [old for old in gone if old is not same]
        found = []
        for number, one in enumerate(self.networks):
            if one.state == "added":
                found.append((renamed[number],) if number in renamed else tuple(gone))
            else:
                found.append((one.old,) if one.old else ())
        return found


class _Side:
    """The networks of the specs on one side, and what is wrong with files and networks."""

    def __init__(self, tree: Tree, specs: Mapping[str, tuple[str, ...]], analyse: Analyse):
        self.analyse = analyse
        self.networks: dict[tuple[str, str], Network] = {}
        self.files: dict[str, tuple[Problem, ...]] = {}  # the faulty ones
        self.faults: list[Problem] = []
        # by file, so that a hostile one cannot keep the others from being reported
        self.allowances: dict[str, Allowance] = {}
        for path in specs:
            try:
                with self.allowed(path):
                    document = (
                        load_file(tree.root / path, tree.called(path), tree)
                        if path in tree.files
                        else None
                    )
            except ProblemError as error:
                self.files[path] = error.problems
                self.faults += error.problems
                continue
            self.networks |= {
                (path, one.name): one for one in (networks(document) if document else ())
            }

    def analysis(self, key: tuple[str, str]) -> _Answer:
        """The network's analysis, or why there is none."""
        if key not in self.networks:
            return None, self.files.get(key[0], ())
        try:
            with self.allowed(key[0]):
                return self.analyse(self.networks[key]), ()
        except ProblemError as error:
            self.faults += error.problems
            return None, error.problems

    def allowed(self, path: str) -> Allowance:
        """What all networks of a file may use together."""
        if path not in self.allowances:
            self.allowances[path] = Allowance(usual(), path)
        return self.allowances[path]

    def compared(
        self, key: tuple[str, str], old: _Answer, new: _Answer, files: tuple[str, ...]
    ) -> Compared:
        """One network of this, the new side, with what it was."""
        found = None
        try:
            with self.allowed(key[0]):
                found = difference(old[0], new[0]) if old[0] and new[0] else None
        except ProblemError as error:
            self.faults += error.problems
            return Compared(key[1], None, None, None, files, old[1], error.problems)
        return Compared(key[1], old[0], new[0], found, files, old[1], new[1])


Only = Mapping[str, Mapping[str, str]]
"""Of some files the networks that are asked for, each with what was typed."""


def review(
    old: Tree,
    new: Tree,
    specs: Mapping[str, tuple[str, ...]],
    analyse: Analyse,
    only: Only | None = None,
) -> Review:
    """Every network of the `specs` (path and the changed files it depends on) on both sides,
    matched by file and name, then by name alone.

    Raises ProblemError where one of `only` is on neither side.
    """
    before, after = (_Side(tree, specs, analyse) for tree in (old, new))
    _select(before, after, only or {})
    gone = [key for key in before.networks if key not in after.networks]
    compared = []
    for key in after.networks:
        # it may have moved to another file
        origin = (
            key
            if key in before.networks
            else next((other for other in gone if other[1] == key[1]), key)
        )
        gone = [other for other in gone if other != origin]
        compared.append(
            after.compared(key, before.analysis(origin), after.analysis(key), specs[key[0]])
        )
    compared += [
        after.compared(key, before.analysis(key), after.analysis(key), specs[key[0]])
        for key in gone
    ]
    return Review(
        old.name,
        new.name,
        tuple(compared),
        *(ProblemError(side.faults).problems for side in (before, after)),
    )


def _select(before: _Side, after: _Side, only: Only) -> None:
    """Drops what is not asked for. Raises ProblemError where that is there on neither side."""
    known = before.networks.keys() | after.networks.keys()
    read = {path for path, _ in known} - before.files.keys() - after.files.keys()
    missing = [
        Problem(
            Mark(typed),
            "network",
            f"there is no variant `{name}` here, now or before",
            nearest(name, [other for path, other in known if path == place], "variants"),
        )
        for place, names in only.items()
        if place in read
        for name, typed in names.items()
        if (place, name) not in known
    ]
    if missing:
        raise ProblemError(missing)
    for side in (before, after):
        side.networks = {
            key: network
            for key, network in side.networks.items()
            if key[1] in only.get(key[0], (key[1],))
        }


def pair(old: Analysis, new: Analysis, called: tuple[str, str]) -> Review:
    """Two networks that the user named."""
    return Review(*called, (Compared(new.graph.network.name, old, new, difference(old, new)),))


def whole(analysis: Analysis) -> Analysis:
    """The analysis of a graph that could be built, whatever else its spec states.

    Raises ProblemError.
    """
    problems = [p for p in analysis.graph.problems if p.rule not in STATED]
    if problems:
        raise ProblemError(problems)
    return analysis


def _judged(condition: Condition, one: Compared, olds: tuple[Analysis, ...]) -> Problem | None:
    """The complaint where a condition holds, against any of `olds`: it stands at the change that
    weighs most.
    """
    if one.new is None:
        return None
    new = one.new.totals
    met = [old for old in olds or (None,) if condition.met(old.totals if old else None, new)]
    if not met:
        return None
    old = met[0]
    network = one.new.graph.network
    heaviest = _heaviest(condition, one.found) if one.found else None
    place = Causes(one.found).of(heaviest) if one.found and heaviest else network.mark
    most = f", most by {heaviest.state} `{heaviest.layer.row.node.path}`" if heaviest else ""
    instead = (
        f" in the place of {old.graph.network.name}"
        if old and old is not one.old and condition.relative
        else ""
    )
    hint = (
        "a network that is added counts as the successor of each that is removed; where it is none,"
        " remove and add in two changes"
        if instead
        else ""
    )
    message = (
        f"{one.name}{instead}: {spoken(condition.quantity, old.totals if old else None, new)} meets"
        f" `{condition.text}`{most}"
    )
    return with_lines([Problem(place, "fail-on", message, hint)], network.texts())[0]


def spoken(quantity: str, old: Totals | None, new: Totals) -> str:
    """A total and its change in words: macs 4.09 G -> 4.83 G (+18.2%)."""
    text = units.size if quantity in SIZED else units.count
    before, after = (None if totals is None else value(totals, quantity) for totals in (old, new))
    if before is None or after is None:
        return f"{quantity} {'all' if after is None else text(after)}"
    return f"{quantity} {text(before)} -> {text(after)} ({units.relative(before, after)})"


def _heaviest(condition: Condition, found: Difference) -> Change | None:
    """The change that moves a condition's quantity most its way; of a quantity that is no sum of
    layers the first of the changed.
    """
    own = [
        change for change in found.changes if change.state in ("changed", "added", "removed")
    ] or list(found.changes)
    if not own or condition.quantity not in Share._fields:
        return own[0] if own else None
    sign = -1 if condition.comparison.startswith("<") else 1
    return max(own, key=lambda change: sign * getattr(change.share, condition.quantity))
