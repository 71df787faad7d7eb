"""A captured network at two revisions of its repository: its code is unpacked and runs there."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from archprof.allowance import paused
from archprof.capturing.assemble import network
from archprof.capturing.origin import CapturedNetwork
from archprof.capturing.tape_reader import read_tape, tape_of
from archprof.capturing.targets import CODE, JSON, target
from archprof.commands.capture.at_revision import AtRevision, captured_at
from archprof.commands.diff.review import Review, pair
from archprof.commands.diff.spec_side import Analyse
from archprof.language.revisions import Repository
from archprof.problem import Mark, ProblemError


def is_captured(text: str) -> bool:
    """Whether a target is a module of Python, or a tape, which a repository can have."""
    found = target(text)
    return found is not None and (found.kind in CODE or found.kind == "tape")


def is_captured_at_revision(text: str) -> bool:
    """Whether a text is REVISION:FILE.py:NAME, or a tape at a revision, and no file's name."""
    _, colon, rest = text.partition(":")
    found = target(rest) if colon else None
    return found is not None and found.kind in ("file", "tape") and not Path(text).exists()


def captured_at_revision(text: str, given: tuple[Sequence[str], Sequence[str]]) -> CapturedNetwork:
    """Return the network of REVISION:FILE.py:NAME, or of a tape, as that revision has it.

    The path begins at the root of the repository, or with a dot. Raises ProblemError.
    """
    revision, _, rest = text.partition(":")
    with Repository() as repository, paused():
        commit = repository.commit(revision, text)
        if not rest.startswith(("./", "../")):
            rest = os.path.relpath(repository.root / rest)
        return _at(repository, revision, commit, rest, given)


def captured_since(
    base: str,
    head: str | None,
    targets: Sequence[str],
    given: tuple[Sequence[str], Sequence[str]],
    analyse: Analyse,
) -> Review:
    """Return the review of a tape, or of a module as its code builds it, at `base` and at `head`,
    or now.

    `given`: the inputs and the values of the command line. A module's code of both revisions runs,
    as the target was named. Raises ProblemError.
    """
    if len(targets) != 1:
        message = f"found {len(targets)} targets, expected one that is captured"
        raise ProblemError.of(Mark("diff"), "option", message, "one at a time")
    text = targets[0]
    with Repository() as repository, paused():
        old = _at(repository, base, repository.commit(base, "--base"), text, given)
        if head is not None:
            new = _at(repository, head, repository.commit(head, "--head"), text, given)
        else:
            new = _in(Path.cwd(), repository.root, "the working tree", text, given)
    called = (f"{base}:{text}", f"{head}:{text}" if head is not None else text)
    return pair(analyse(old), analyse(new), called)


def _at(
    repository: Repository,
    revision: str,
    commit: str,
    text: str,
    given: tuple[Sequence[str], Sequence[str]],
) -> CapturedNetwork:
    """Return the network of a target at a commit, whose files are unpacked for it."""
    if text.endswith(JSON):
        content = repository.run("show", f"{commit}:{repository.place(Path(text))}")
        return network(tape_of(content, f"{revision}:{text}"))
    here = Path.cwd().resolve().relative_to(repository.root.resolve())
    files = repository.run("archive", "--format=tar", commit)
    with tempfile.TemporaryDirectory(prefix="archprof-") as folder:
        with tarfile.open(fileobj=io.BytesIO(files)) as archive:
            archive.extractall(folder, filter=_inside)
        place = Path(folder) / here
        if not place.is_dir():
            message = f"there is no folder {here} at {revision}"
            raise ProblemError.of(Mark("diff"), "file", message, "run it at the repository's root")
        return _in(place, Path(folder), revision, text, given)


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """Return a file of a repository as it is unpacked, None for one that would lead out of the
    folder, such as a link to data elsewhere.
    """
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def _in(
    place: Path,
    folder: Path,
    revision: str,
    text: str,
    given: tuple[Sequence[str], Sequence[str]],
) -> CapturedNetwork:
    """Return the network of a target, captured by a process that runs in `place`."""
    if text.endswith(JSON):
        return network(read_tape(place / text))
    inputs, values = given
    request = AtRevision(text, tuple(inputs), tuple(values), str(place), str(folder), revision)
    return network(captured_at(request))
