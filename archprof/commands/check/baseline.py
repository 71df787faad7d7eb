"""The rules of a base revision: what a change makes of them does not count before it is merged,
and is reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from archprof.allowance import Allowance
from archprof.commands.check.base import Finding
from archprof.commands.check.checking import Options, Report
from archprof.commands.check.config import Config
from archprof.commands.check.configuring import NAME, SHARED, Configs, parse, stated
from archprof.commands.check.escape import Entry, escapes
from archprof.commands.check.passed_over import passed_over
from archprof.commands.check.rules import RULES
from archprof.commands.check.suppress import Suppression, suppressions
from archprof.language.budget import LIMITS
from archprof.language.document import Document, Template
from archprof.language.files import Source
from archprof.language.loader import load_file
from archprof.language.network import networks
from archprof.language.reading import read_bytes
from archprof.language.recognition import looks_like_spec
from archprof.language.revisions import Repository, Revision
from archprof.language.text import MAX_BYTES, lines, read
from archprof.limits import usual
from archprof.problem import Mark, Problem, ProblemError, Severity

LINK = "120000"  # the mode that git gives one


class Baseline(Configs):
    """The configurations as they are at a revision; for folders outside the repository, those of
    the disk.
    """

    def __init__(self, repository: Repository, revision: str, folders: Iterable[Path] = ()):
        """`folders` are those that are walked through for specs.

        Raises ProblemError where there is no such revision.
        """
        super().__init__()
        self.repository, self.folders = repository, [folder.resolve() for folder in folders]
        self.tree = Revision(repository, revision, repository.commit(revision, "--base"))
        self.texts: dict[str, str | None] = {}

    def of(self, folder: Path) -> Config:
        return super().of(folder.resolve())

    def own(self, folder: Path) -> Config | None:
        if not folder.is_relative_to(self.repository.root):
            return super().own(folder)
        for name in (NAME, SHARED):
            raw = self.content(folder / name)
            if raw is not None and (
                found := parse(
                    raw, folder / name, self.called(folder / name), optional=name == SHARED
                )
            ):
                return found
        return None

    @cached_property
    def entries(self) -> dict[str, tuple[str, str]]:
        """The configurations of the revision by path from the root: mode, and hash of the
        content.
        """
        found = self.repository.entries(self.tree.commit)
        return {
            path: (mode, identity)
            for mode, identity, path in found
            if PurePath(path).name in (NAME, SHARED)
        }

    def called(self, path: Path) -> str:
        return self.tree.called(self.tree.place(path))

    def content(self, path: Path) -> bytes | None:
        """A configuration's bytes at the revision, None for none.

        Raises ProblemError for a link, which is not followed there.
        """
        mode, identity = self.entries.get(self.tree.place(path), ("", ""))
        if mode == LINK:
            raise ProblemError(
                [
                    Problem(
                        Mark(self.called(path)),
                        "config",
                        "it is a link, which is not followed at a revision",
                        "a file in its place",
                    )
                ]
            )
        return self.repository.content(identity, self.called(path)) if identity else None

    # --- what the change makes of the rules ---

    def findings(
        self, sources: Iterable[Source], reports: Iterable[Report], options: Options
    ) -> Iterator[Finding]:
        """What the working tree has of rules that the revision has not, and what is no longer
        held to a budget of the revision.
        """
        sources, reports = list(sources), list(reports)
        yield from self._configurations({source.folder.resolve() for source in sources})
        yield from self._suppressions(frozenset().union(*(report.used for report in reports)))
        before: list[Entry] = []
        now: list[Entry] = []
        for source in sources:
            new = self._new(source)
            old = self._old(source) if new else None
            if new and old:
                yield from self._budgets(source.name, old, new)
            place = self.tree.place(source.path.resolve()) if source.path and new else ""
            if place:
                before += self._entries(place, old, options)
                now += self._entries(place, new, options)
        for place in self.tree.files:
            if not os.path.lexists(self.tree.root / place):
                before += self._entries(place, self._at_base(place), options)
        yield from escapes(before, now)
        yield from passed_over(
            self.tree,
            self.folders,
            frozenset(source.path.resolve() for source in sources if source.path),
        )

    def _entries(self, place: str, document: Document | None, options: Options) -> Iterator[Entry]:
        """The networks of a document that must keep the budgets of their configuration."""
        try:
            config = self.of((self.tree.root / place).parent)
        except ProblemError:  # of a folder where nothing is checked now
            return
        if document is None or "budget" not in options.rules(config):
            return
        for network in networks(document):
            if not any(config.exempts(self.tree.root / place, network.name, "budget")):
                yield Entry(place, network, config)

    def _new(self, source: Source) -> Document | None:
        """The document of a file of the working tree; None for others, and for one that cannot
        be read, which is reported where it is checked.
        """
        if not source.path or source.shipped:
            return None
        try:
            with Allowance(usual(), source.name):
                return source.document()
        except ProblemError:
            return None

    def _old(self, source: Source) -> Document | None:
        """The document of a file as it is at the revision."""
        return self._at_base(self._place(source.name))

    def _at_base(self, place: str) -> Document | None:
        """The document of a spec of the revision; None where there is none, or one that cannot
        be read.
        """
        text = self._before(place)
        if text is None or not looks_like_spec(text):
            return None
        try:
            with Allowance(usual(), self.tree.called(place)):
                return load_file(self.tree.root / place, self.tree.called(place), self.tree)
        except ProblemError:
            return None

    def _configurations(self, folders: Iterable[Path]) -> Iterator[Finding]:
        """A note for each configuration that counts for a folder, or would count, and is another
        one at the revision.
        """
        root = self.repository.root
        above = {
            place
            for folder in folders
            for place in (folder, *folder.parents)
            if place.is_relative_to(root)
        }
        for path in (folder / name for folder in sorted(above) for name in (NAME, SHARED)):
            before, now = _said(self.content(path), path), _said(_on_disk(path), path)
            if before != now:
                what = (
                    "is not at"
                    if before is None
                    else (
                        "is gone, and still counts as it is at"
                        if now is None
                        else "is not as it is at"
                    )
                )
                mark = Mark(os.path.relpath(path))
                yield _note(
                    mark,
                    "suppression",
                    f"this configuration {what} {self.tree.name}",
                    "a change of rules counts once it is merged",
                )

    def _suppressions(self, used: Iterable[tuple[Mark, str]]) -> Iterator[Finding]:
        """What hides a finding and is not at the revision: an error where the finding is one,
        otherwise a note.
        """
        for mark, rule in sorted(used):
            place, now = self._place(mark.file), self._now(mark.file)
            if not place or now is None:
                continue
            mine = next(
                (
                    one
                    for one in _suppressions(now)
                    if one.mark[1:] == mark[1:] and one.rule == rule
                ),
                None,
            )
            before = {
                _key(one, old)
                for old in (self._before(place),)
                if old is not None
                for one in _suppressions(old)
            }
            if mine is None or _key(mine, now) in before:
                continue
            hint = (
                "a finding that fails is suppressed by a change of its own, merged first"
                if _fails(rule)
                else ""
            )
            problem = Problem(
                mark,
                "suppression",
                f"this suppression of `{rule}` is not at {self.tree.name}",
                hint,
                (),
                lines(now)[mark.line - 1],
            )
            yield Finding(problem, Severity.error if _fails(rule) else Severity.note)

    def _budgets(self, file: str, old: Document, new: Document) -> Iterator[Finding]:
        """A note for each budget of a spec that allows more than at the revision."""
        limits = _limits(new)
        for (owner, name), before in _limits(old).items():
            now = limits.get((owner, name))
            there = f"there it is {before.mark}"
            if now is None:
                yield _note(
                    Mark(file),
                    "budget",
                    f"the budget `{name}` of `{owner}` is gone, which is at {self.tree.name}",
                    there,
                )
            elif now.data < before.data if LIMITS[name].least else now.data > before.data:
                yield _note(
                    now.mark,
                    "budget",
                    f"the budget `{name}` of `{owner}` allows more than at {self.tree.name}",
                    there,
                )

    def _place(self, name: str) -> str:
        """The path from the root of a file that messages call so, "" for one outside of the
        repository.
        """
        path = Path(os.path.normpath(Path.cwd() / name))
        return (
            path.relative_to(self.repository.root).as_posix()
            if path.is_relative_to(self.repository.root)
            else ""
        )

    def _before(self, place: str) -> str | None:
        """A spec's text at the revision."""
        try:
            return self.tree.read(self.tree.root / place)[0] if place in self.tree.files else None
        except ProblemError:
            return None

    def _now(self, name: str) -> str | None:
        """A spec's text on the disk; None for one that comes with archprof."""
        try:
            return read(Path(name))[0]
        except ProblemError:
            return None


def _note(mark: Mark, rule: str, message: str, hint: str) -> Finding:
    return Finding(Problem(mark, rule, message, hint), Severity.note)


def _fails(rule: str) -> bool:
    return RULES[rule].severity is Severity.error


def _suppressions(text: str) -> list[Suppression]:
    return suppressions(text, "")[0]


def _key(one: Suppression, text: str) -> tuple[str, str]:
    """What makes a suppression the same one elsewhere: its rule, and the line it is for without
    its comment, "" for the whole file.
    """
    return one.rule, lines(text)[one.line - 1].partition("#")[0].strip() if one.line else ""


def _limits(document: Document) -> dict[tuple[str, str], Template]:
    """The budgets of a spec by the network, variant or block that has them, and their name."""
    abouts = [
        (document.name, document.about),
        *((name, variant.about) for name, variant in document.variants.items()),
    ]
    stated = [(owner, about["budget"].data) for owner, about in abouts if "budget" in about]
    return {
        (owner, name): limit
        for owner, limits in [
            *stated,
            *((name, block.budget) for name, block in document.blocks.items()),
        ]
        for name, limit in limits.items()
    }


def _on_disk(path: Path) -> bytes | None:
    try:
        return read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError:
        return b"unreadable"


def _said(raw: bytes | None, path: Path) -> Any:
    """What tells a configuration from another one; None where it says nothing of archprof."""
    if raw is None:
        return None
    try:
        found = stated(raw, path, str(path))
        return None if found is None else found[2]
    except ProblemError:
        return raw
