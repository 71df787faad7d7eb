"""What a change makes of its own rules: configurations, suppressions and budgets of its specs.

Each function compares the working tree with a base revision, and yields what differs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from archprof.commands.check.base import Finding
from archprof.commands.check.base_specs import BaseSpecs, text_now
from archprof.commands.check.conditions import named_under
from archprof.commands.check.config_files import NAME, SHARED, stated
from archprof.commands.check.rules import RULES
from archprof.commands.check.suppressions import Suppression, suppressions
from archprof.language.budget import LIMITS
from archprof.language.budget_conditions import Stated
from archprof.language.document import Document, Template, stated_limits
from archprof.language.reading import read_bytes
from archprof.language.revisions import Revision
from archprof.language.text import MAX_BYTES, lines
from archprof.problem import Mark, Problem, ProblemError, Severity

# --- configurations ---


def changed_configurations(
    tree: Revision, folders: Iterable[Path], content: Callable[[Path], bytes | None]
) -> Iterator[Finding]:
    """Yield a note for each configuration that differs from the revision's.

    Looked at are those that count for the folders, or would count; `content` returns the bytes of a
    file at the revision.
    """
    above: set[Path] = set()
    for folder in folders:
        above |= {place for place in (folder, *folder.parents) if place.is_relative_to(tree.root)}
    for folder in sorted(above):
        for path in (folder / NAME, folder / SHARED):
            before, now = _stated(content(path), path), _stated(_on_disk(path), path)
            if before != now:
                yield _note(
                    Mark(os.path.relpath(path)),
                    "suppression",
                    f"this configuration {_what_changed(before, now)} {tree.name}",
                    "a change of rules counts once it is merged",
                )


def _what_changed(before: Any, now: Any) -> str:
    if before is None:
        return "is not at"
    if now is None:
        return "is gone, and still counts as it is at"
    return "is not as it is at"


def _on_disk(path: Path) -> bytes | None:
    try:
        return read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError:
        return b"unreadable"


def _stated(raw: bytes | None, path: Path) -> Any:
    """Return the data of a configuration to compare, None where it has nothing about archprof."""
    if raw is None:
        return None
    try:
        found = stated(raw, path, str(path))
    except ProblemError:
        return raw
    return None if found is None else found[2]


# --- suppressions ---


def changed_suppressions(used: Iterable[tuple[Mark, str]], specs: BaseSpecs) -> Iterator[Finding]:
    """Yield a finding for each suppression that hides a finding and is not at the revision.

    It is an error where the hidden finding is one, otherwise a note.
    """
    for mark, rule in sorted(used):
        place, now = specs.place(mark.file), text_now(mark.file)
        if not place or now is None:
            continue
        suppression = _suppression_at(mark, rule, now)
        if suppression is None or _key(suppression, now) in _keys(specs.text(place)):
            continue
        fails = RULES[rule].severity is Severity.error
        message = f"this suppression of `{rule}` is not at {specs.tree.name}"
        hint = "a finding that fails is suppressed by a change of its own, merged first"
        line = lines(now)[mark.line - 1]
        problem = Problem(mark, "suppression", message, hint if fails else "", source_line=line)
        yield Finding(problem, Severity.error if fails else Severity.note)


def _suppression_at(mark: Mark, rule: str, text: str) -> Suppression | None:
    """Return the suppression of a rule at a place."""
    for one in suppressions(text, "")[0]:
        if one.mark[1:] == mark[1:] and one.rule == rule:
            return one
    return None


def _keys(text: str | None) -> set[tuple[str, str]]:
    """Return the keys of all suppressions in a text."""
    return set() if text is None else {_key(one, text) for one in suppressions(text, "")[0]}


def _key(one: Suppression, text: str) -> tuple[str, str]:
    """Return what identifies a suppression when lines move.

    It is its rule and the line it is for without its comment, "" for the whole file.
    """
    return one.rule, lines(text)[one.line - 1].partition("#")[0].strip() if one.line else ""


# --- budgets ---


def loosened_budgets(file: str, old: Document, new: Document, revision: str) -> Iterator[Finding]:
    """Yield a note for each budget of a spec that is gone, or allows more than at the revision."""
    limits = _limits(new)
    for key, before in _limits(old).items():
        owner, name, conditions = key
        now = limits.get(key)
        budget = named_under(f"the budget `{name}` of `{owner}`", conditions)
        hint = f"there it is {before.mark}"
        if now is None:
            message = f"{budget} is gone, which is at {revision}"
            yield _note(Mark(file), "budget", message, hint)
        elif _allows_more(name, before, now):
            message = f"{budget} allows more than at {revision}"
            yield _note(now.mark, "budget", message, hint)


def _allows_more(name: str, before: Template, now: Template) -> bool:
    """Return whether a limit is looser now: smaller where it is a least, larger otherwise."""
    return bool(now.data < before.data if LIMITS[name].least else now.data > before.data)


def _limits(document: Document) -> dict[tuple[str, str, Stated], Template]:
    """Return the budgets of a spec by the network, variant or block they are of, their name, and
    their conditions.
    """
    owners = [(document.name, document.about)]
    owners += [(name, variant.about) for name, variant in document.variants.items()]
    found = {
        (owner, name, conditions): limit
        for owner, about in owners
        if "budget" in about
        for (name, conditions), limit in stated_limits(about["budget"].data).items()
    }
    for owner, block in document.blocks.items():
        found |= {(owner, name, ()): limit for name, limit in block.budget.items()}
    return found


def _note(mark: Mark, rule: str, message: str, hint: str) -> Finding:
    return Finding(Problem(mark, rule, message, hint), Severity.note)
