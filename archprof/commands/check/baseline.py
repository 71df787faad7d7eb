"""The rules of a base revision, by which `check --base` checks a change.

What the change makes of the rules counts once it is merged; until then it is reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePath

from archprof.commands.check.base import Finding
from archprof.commands.check.base_specs import BaseSpecs, document_now
from archprof.commands.check.changed_rules import (
    changed_configurations,
    changed_suppressions,
    loosened_budgets,
)
from archprof.commands.check.check_options import Options
from archprof.commands.check.config import Config
from archprof.commands.check.config_files import NAME, SHARED, Configs, parse
from archprof.commands.check.escaped_budgets import BudgetedNetwork, escapes
from archprof.commands.check.file_report import FileReport
from archprof.commands.check.passed_over import passed_over
from archprof.language.document import Document
from archprof.language.files import Source
from archprof.language.network import networks
from archprof.language.revisions import Repository, Revision
from archprof.problem import Mark, Problem, ProblemError

LINK = "120000"  # the mode of a link in git


class Baseline(Configs):
    """The configurations as they are at a revision; outside the repository those of the disk."""

    def __init__(self, repository: Repository, revision: str, folders: Iterable[Path] = ()):
        """`folders` are those that are walked through for specs.

        Raises ProblemError where there is no such revision.
        """
        super().__init__()
        self.repository, self.folders = repository, [folder.resolve() for folder in folders]
        self.tree = Revision(repository, revision, repository.commit(revision, "--base"))
        self.specs = BaseSpecs(self.tree)

    def of(self, folder: Path) -> Config:
        return super().of(folder.resolve())

    def own(self, folder: Path) -> Config | None:
        if not folder.is_relative_to(self.repository.root):
            return super().own(folder)
        for name in (NAME, SHARED):
            path = folder / name
            raw = self.content(path)
            if raw is not None:
                found = parse(raw, path, self._called(path), optional=name == SHARED)
                if found is not None:
                    return found
        return None

    @cached_property
    def entries(self) -> dict[str, tuple[str, str]]:
        """The configurations of the revision: by path from the root the mode and the hash."""
        return {
            path: (mode, identity)
            for mode, identity, path in self.repository.entries(self.tree.commit)
            if PurePath(path).name in (NAME, SHARED)
        }

    def _called(self, path: Path) -> str:
        return self.tree.called(self.tree.place(path))

    def content(self, path: Path) -> bytes | None:
        """Return a configuration's bytes at the revision, None for none.

        Raises ProblemError for a link, which is not followed there.
        """
        mode, identity = self.entries.get(self.tree.place(path), ("", ""))
        if mode == LINK:
            message = "it is a link, which is not followed at a revision"
            mark = Mark(self._called(path))
            raise ProblemError([Problem(mark, "config", message, "a file in its place")])
        return self.repository.content(identity, self._called(path)) if identity else None

    def findings(
        self, sources: Iterable[Source], reports: Iterable[FileReport], options: Options
    ) -> Iterator[Finding]:
        """Yield what the change makes of the rules, and what escapes the revision's budgets."""
        sources, reports = list(sources), list(reports)
        folders = {source.folder.resolve() for source in sources}
        yield from changed_configurations(self.tree, folders, self.content)
        used = frozenset().union(*(report.used for report in reports))
        yield from changed_suppressions(used, self.specs)
        before: list[BudgetedNetwork] = []
        now: list[BudgetedNetwork] = []
        for source in sources:
            new = document_now(source)
            if source.path is None or new is None:
                continue
            old = self.specs.document(self.specs.place(source.name))
            if old is not None:
                yield from loosened_budgets(source.name, old, new, self.tree.name)
            place = self.tree.place(source.path.resolve())
            if place:
                before += self._budgeted(place, old, options)
                now += self._budgeted(place, new, options)
        for place in self.tree.files:
            if not os.path.lexists(self.tree.root / place):
                before += self._budgeted(place, self.specs.document(place), options)
        yield from escapes(before, now)
        checked = frozenset(source.path.resolve() for source in sources if source.path)
        yield from passed_over(self.tree, self.folders, checked)

    def _budgeted(
        self, place: str, document: Document | None, options: Options
    ) -> Iterator[BudgetedNetwork]:
        """Yield the networks of a document that must keep the budgets of their configuration."""
        if document is None:
            return
        try:
            config = self.of((self.tree.root / place).parent)
        except ProblemError:  # of a folder where nothing is checked now
            return
        if "budget" not in options.rules(config):
            return
        for network in networks(document):
            if not any(config.exempts(self.tree.root / place, network.name, "budget")):
                yield BudgetedNetwork(place, network, config)
