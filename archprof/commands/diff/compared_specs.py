"""What `diff` compares: two named networks, or a repository's specs since a revision."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archprof.allowance import share
from archprof.capturing.targets import target
from archprof.commands.diff.captured_since import (
    captured_at_revision,
    is_captured_at_revision,
)
from archprof.commands.diff.review import Review, pair, review
from archprof.commands.diff.touched_specs import touched
from archprof.language.find import find, shipped_network
from archprof.language.loader import load_file
from archprof.language.network import pick
from archprof.language.revisions import SUFFIXES, EmptyRevision, Repository, Revision, WorkingTree
from archprof.problem import Mark, Problem, ProblemError
from archprof.targets import source
from archprof.units import inert

if TYPE_CHECKING:
    from archprof.commands.diff.spec_side import Analyse
    from archprof.targets import Source

CODE_SUFFIXES = (".py",)


def two_networks(
    targets: list[str], analyse: Analyse, given: tuple[Sequence[str], Sequence[str]]
) -> Review:
    """Return the review of two named networks.

    `given`: the inputs and the values of the command line, for those that are captured. Raises
    ProblemError for any other number of them.
    """
    if len(targets) != 2:
        hint = "archprof compare takes more"
        if len(targets) < 2:
            path = next((target for target in targets if target.endswith((".yaml", ".yml"))), "")
            hint = f"to compare it with a git revision: archprof diff --base HEAD {path}".rstrip()
        networks = "1 network" if len(targets) == 1 else f"{len(targets)} networks"
        raise _refused("diff", "option", f"found {networks}, expected OLD and NEW", hint)
    share(2)
    old, new = (_find(target, given) for target in targets)
    called = (old.name, new.name) if old.name != new.name else (targets[0], targets[1])
    return pair(analyse(old), analyse(new), called)


def _find(text: str, given: tuple[Sequence[str], Sequence[str]]) -> Source:
    """Return a network by its name, as a path, PATH:VARIANT or REVISION:PATH[:VARIANT], where PATH
    may be a tape or Python's, whose NAME follows.

    The path in a revision begins at the root of the repository, or with a dot.
    """
    if is_captured_at_revision(text):
        return captured_at_revision(text, given)
    if target(text) is not None:
        return source(text, *given)
    revision, _, rest = text.partition(":")
    path, _, variant = rest.partition(":")
    if not path.endswith(SUFFIXES) or revision.endswith(SUFFIXES) or Path(text).exists():
        return find(text)
    with Repository() as repository:
        tree = Revision(repository, revision, repository.commit(revision, text))
        from_here = path.startswith(("./", "../"))
        place = Path.cwd() / path if from_here else tree.root / path
        document = load_file(place, f"{revision}:{tree.place(place) or path}", tree)
        return pick(document, variant, f"{revision}:{path}")


def specs_since(base: str | None, head: str | None, targets: list[str], analyse: Analyse) -> Review:
    """Return the review of a repository's specs that changed since its head left the base.

    Raises ProblemError.
    """
    if base is None:
        hint = f"archprof diff --base main --head {head}"
        raise _refused("--head", "option", "--head goes with --base", hint)
    paths = [_parts(target) for target in targets]
    with Repository() as repository:
        end = repository.commit(head, "--head") if head else "HEAD"
        new = Revision(repository, head, end) if head else WorkingTree(repository)
        old = _before(repository, base, head or "HEAD", end)
        selected = [repository.place(Path(path)) for path, _, _ in paths]
        known = old.files.keys() | new.files.keys()
        share(2 * len(known))
        # of a file its variants that were named, each with what was typed
        only: dict[str, dict[str, str]] = {}
        for (path, colon, variant), place in zip(paths, selected, strict=True):
            if colon:
                only.setdefault(place, {})[variant] = f"{path}:{variant}"
            if place != "." and not any(_is_in(one, place) for one in known):
                message = f"there is no spec here, now or at {old.name}"
                raise _refused(path, "file", message, "give a file or a folder of the repository")
        found = review(old, new, touched(old, new, selected), analyse, only)
        if not targets:
            _mention_code(old, new, base)
        return found


def _mention_code(old: Revision, new: Revision | WorkingTree, base: str) -> None:
    """Print that Python files changed, if so: which of them has a network, only a target tells."""
    before, after = old.ending(CODE_SUFFIXES), new.ending(CODE_SUFFIXES)
    changed = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    if not changed:
        return
    files = f"{min(changed)} changed"
    if len(changed) > 1:
        files = f"{len(changed)} Python files changed, such as {min(changed)}"
    way = f"archprof diff --base {base} {min(changed)}:NAME"
    print(inert(f"{files}: a module is compared where it is named: {way}"), file=sys.stderr)


def _before(repository: Repository, base: str, head: str, end: str) -> Revision:
    """Return where the commit `end`, called `head`, left the base: nothing before the first commit.

    Raises ProblemError.
    """
    if repository.is_unborn(base):
        return EmptyRevision(repository, base)
    tip = repository.commit(base, "--base")
    left = repository.merge_base(tip, end) or tip
    if left == tip:
        return Revision(repository, base, tip)
    print(f"{base} and {head} part at {left[:10]}: compared with that", file=sys.stderr)
    return Revision(repository, left[:10], left)


def _parts(target: str) -> tuple[str, str, str]:
    """Return the path, the colon and the variant of PATH or PATH:VARIANT.

    A shipped network is a variant of its file.
    """
    if target.rpartition(":")[0].endswith(SUFFIXES):
        return target.rpartition(":")
    network = None if Path(target).exists() else shipped_network(target)
    if network is None:
        return target, "", ""
    return os.path.relpath(network.document.path), ":", network.name


def _is_in(path: str, place: str) -> bool:
    """Return whether a path is `place` or is in it."""
    return path == place or path.startswith(f"{place}/")


def _refused(place: str, rule: str, message: str, hint: str) -> ProblemError:
    return ProblemError([Problem(Mark(place), rule, message, hint)])
