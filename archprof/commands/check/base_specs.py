"""The specs of a base revision, and the same files as they are now on the disk."""

from __future__ import annotations

import os
from pathlib import Path

from archprof.allowance import Allowance
from archprof.language.document import Document
from archprof.language.files import Source
from archprof.language.loader import load_file
from archprof.language.recognition import looks_like_spec
from archprof.language.revisions import Revision
from archprof.language.text import read
from archprof.limits import usual
from archprof.problem import ProblemError


class BaseSpecs:
    """The specs of a revision, by their path from the root of the repository."""

    def __init__(self, tree: Revision):
        self.tree = tree

    def place(self, name: str) -> str:
        """Return the path from the root of a file as messages name it, "" for one outside it."""
        path = Path(os.path.normpath(Path.cwd() / name))
        root = self.tree.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""

    def text(self, place: str) -> str | None:
        """Return a spec's text at the revision, None where there is none or it cannot be read."""
        if place not in self.tree.files:
            return None
        try:
            return self.tree.read(self.tree.root / place)[0]
        except ProblemError:
            return None

    def document(self, place: str) -> Document | None:
        """Return a spec's document at the revision, None where it is none or cannot be read."""
        text = self.text(place)
        if text is None or not looks_like_spec(text):
            return None
        try:
            with Allowance(usual(), self.tree.called(place)):
                return load_file(self.tree.root / place, self.tree.called(place), self.tree)
        except ProblemError:
            return None


def text_now(name: str) -> str | None:
    """Return a spec's text on the disk; None for one that comes with archprof."""
    try:
        return read(Path(name))[0]
    except ProblemError:
        return None


def document_now(source: Source) -> Document | None:
    """Return the document of a file of the working tree.

    It is None for other sources, and for a file that cannot be read, which its check reports.
    """
    if not source.path or source.shipped:
        return None
    try:
        with Allowance(usual(), source.name):
            return source.document()
    except ProblemError:
        return None
