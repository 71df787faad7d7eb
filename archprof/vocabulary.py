"""Words of others for archprof's own, from which hints about unknown words are made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from archprof.problem import nearest
from archprof.record import Record

MAX_LENGTH = 100  # of a word that is looked for


class Vocabulary(Record):
    """Archprof's words for one kind of thing, and those of others.

    `called` has the words of others for the same thing, by archprof's. `notes` has what to do
    instead, by their words for what archprof has no word for. Case, `_` and what comes before a dot
    do not matter: `nn.BatchNorm2d` is `batch_norm2d`. Nor does a plural's s, where no word is the
    same without that.
    """

    called: dict[str, str]
    notes: dict[str, str]

    def hint(self, name: str, known: Iterable[str], what: str = "") -> str:
        """Return the way out for a name that is none of `known`.

        It comes from the name's meaning, otherwise from a slip of the hand, otherwise it lists
        `known`.
        """
        known = list(known)
        word = _bare(name)
        if same := next((other for other in known if _bare(other) == word), None):
            return f"did you mean `{same}`?"
        if mine := self.meant(name, known):
            return f"it is called `{mine}` here"
        return self._note(name) or nearest(name, known, what)

    def meant(self, name: str, known: Iterable[str]) -> str | None:
        """Return the one of `known` that has this name elsewhere."""
        known = set(known)
        return _entry({mine: theirs for mine, theirs in self.called.items() if mine in known}, name)

    def _note(self, name: str) -> str:
        """Return the note on a word that archprof has no word for, "" for none."""
        theirs = _entry({theirs: theirs for theirs in self.notes}, name)
        return self.notes[theirs] if theirs else ""


def _entry(words: dict[str, str], name: str) -> str | None:
    """Return the first key among whose words `name` is, None for none.

    A word in another number counts where no word is the same.
    """
    for alike in (_bare, _singular):
        for key, theirs in words.items():
            if alike(name) in map(alike, theirs.split()):
                return key
    return None


@lru_cache(maxsize=2**16)  # names to choose from are the same for each unknown one
def _bare(name: str) -> str:
    """Return the letters and digits of a name alone, without the module it is in."""
    return re.sub(r"[\W_]", "", name[:MAX_LENGTH].rpartition(".")[2].lower())


def _singular(name: str) -> str:
    """Return the bare name without a plural's s."""
    return _bare(name).removesuffix("s")
