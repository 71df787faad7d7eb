"""Networks before and after a change of their specs: found on both sides, compared one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archprof.analysis.analysis import Analysis
from archprof.commands.diff.difference import Difference, difference
from archprof.commands.diff.spec_side import Analyse, Answer, Key, SpecSide
from archprof.commands.diff.touched_specs import Tree
from archprof.problem import STATED, Mark, Problem, ProblemError, nearest

Only = Mapping[str, Mapping[str, str]]
"""The networks to compare of some files, each with what was typed."""


@dataclass(frozen=True)
class Compared:
    """One network on both sides; a side is None where it does not exist, or has faults.

    `files` are the changed files that it depends on.
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
        """Return "same", "changed", "added", "removed", "broken" or "mended".

        It is "broken" where the new side has faults, "mended" where only the old side has some.
        """
        if self.new_faults:
            return "broken"
        if self.old_faults:
            return "mended"
        if self.found is None:
            return "added" if self.old is None else "removed"
        return "same" if self.found.identical else "changed"


@dataclass(frozen=True)
class Review:
    """All compared networks, and the names of the two sides.

    The faults are those of all files, files without a network included. `step`: a step of training
    is asked about.
    """

    old: str
    new: str
    networks: tuple[Compared, ...]
    old_faults: tuple[Problem, ...] = ()
    new_faults: tuple[Problem, ...] = ()
    step: bool = False


def pair(old: Analysis, new: Analysis, called: tuple[str, str]) -> Review:
    """Return the review of two networks that the user named."""
    return Review(*called, (Compared(new.graph.network.name, old, new, difference(old, new)),))


def review(
    old: Tree,
    new: Tree,
    specs: Mapping[str, tuple[str, ...]],
    analyse: Analyse,
    only: Only | None = None,
) -> Review:
    """Return the review of all networks of `specs`, matched by file and name, then by name alone.

    `specs` has by path the changed files that a spec depends on. Raises ProblemError where a
    network of `only` is on neither side.
    """
    before, after = (SpecSide(tree, specs, analyse) for tree in (old, new))
    _select(before, after, only or {})
    gone = [key for key in before.networks if key not in after.networks]
    compared = []
    for key in after.networks:
        origin = _origin(key, before, gone)
        gone = [other for other in gone if other != origin]
        sides = before.analysis(origin), after.analysis(key)
        compared.append(_compared(after, key, *sides, specs[key[0]]))
    for key in gone:
        sides = before.analysis(key), after.analysis(key)
        compared.append(_compared(after, key, *sides, specs[key[0]]))
    old_faults, new_faults = (ProblemError(side.faults).problems for side in (before, after))
    return Review(old.name, new.name, tuple(compared), old_faults, new_faults)


def _origin(key: Key, before: SpecSide, gone: list[Key]) -> Key:
    """Return what this network was before: one of its name may have been in another file."""
    if key in before.networks:
        return key
    return next((other for other in gone if other[1] == key[1]), key)


def _compared(
    after: SpecSide, key: Key, old: Answer, new: Answer, files: tuple[str, ...]
) -> Compared:
    """Return one network with what it was; faults of the comparison are those of the new side."""
    (old_analysis, old_faults), (new_analysis, new_faults) = old, new
    found = None
    try:
        with after.allowed(key[0]):
            if old_analysis and new_analysis:
                found = difference(old_analysis, new_analysis)
    except ProblemError as error:
        after.faults += error.problems
        return Compared(key[1], None, None, None, files, old_faults, error.problems)
    return Compared(key[1], old_analysis, new_analysis, found, files, old_faults, new_faults)


def _select(before: SpecSide, after: SpecSide, only: Only) -> None:
    """Drop the networks that are not in `only`. Raises ProblemError for one on neither side."""
    known = before.networks.keys() | after.networks.keys()
    readable = {path for path, _ in known} - before.files.keys() - after.files.keys()
    missing = []
    for place, names in only.items():
        if place not in readable:
            continue
        variants = [name for path, name in known if path == place]
        for name, typed in names.items():
            if name not in variants:
                message = f"there is no variant `{name}` here, now or before"
                hint = nearest(name, variants, "variants")
                missing.append(Problem(Mark(typed), "network", message, hint))
    if missing:
        raise ProblemError(missing)
    for side in (before, after):
        side.networks = {
            (path, name): network
            for (path, name), network in side.networks.items()
            if path not in only or name in only[path]
        }


def whole(analysis: Analysis) -> Analysis:
    """Return the analysis if its graph could be built, whatever else the spec states.

    Raises ProblemError, also where totals lack layers, so that no change of them is known.
    """
    problems = [p for p in analysis.graph.problems if p.rule not in STATED]
    if problems:
        raise ProblemError(problems)
    _ = analysis.known_totals
    return analysis
