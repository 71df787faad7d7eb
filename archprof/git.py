"""git, started in one way only: nothing of the repository is run, fetched or written."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from archprof.problem import Mark, ProblemError

SECONDS = 60  # for one answer of git
NESTED = "GIT_CEILING_DIRECTORIES"

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    "--no-optional-locks",
    # a bare repository among the files of a work tree is never taken (git 2.38)
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.quotePath=false",
    "-c",
    "log.showSignature=false",
    "-c",
    "protocol.allow=never",
)
_ENVIRONMENT = {
    # no transport at all: what protects from a lazy fetch before git 2.45, and wins over
    # `protocol.ext.allow`
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
# what a user or a CI job configures git by; a repository writes no environment
_KEPT = ("GIT_CONFIG_", "GIT_EXEC_PATH")


def root() -> Path:
    """Return the root of the repository that the working directory is in.

    It is found by its `.git`, which git puts into no commit, so that a pull request cannot bring
    one. Raises ProblemError for none, and for one inside another.
    """
    here = Path.cwd().resolve()
    nested = os.environ.get(NESTED, "").split(os.pathsep)
    ceilings = {Path(folder).resolve() for folder in nested if folder}
    found = []
    for folder in (here, *here.parents):
        if folder in ceilings and folder != here:
            break
        if os.path.lexists(folder / ".git"):
            found.append(folder)
    if not found:
        raise problem(
            str(here), "not a git repository", "run it inside the repository that has the specs"
        )
    if len(found) > 1:
        inner, outer = found[0], found[-1]
        raise problem(
            str(inner),
            f"this repository lies inside another one, {outer}, and may have come with its files",
            f"run it in {outer}; where you trust it, such as a submodule or a work tree of your"
            f" own, set {NESTED}={outer}",
        )
    return found[0]


def run(root: Path, *arguments: str) -> bytes:
    """Return what git prints. Raises ProblemError with its complaint."""
    with start(root, *arguments, stdin=subprocess.DEVNULL) as process:
        try:
            output, complaint = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise problem(str(root), f"git {arguments[0]} did not end within {SECONDS} s") from None
    if process.returncode:
        lines = complaint.decode(errors="replace").strip().splitlines() or ["no reason given"]
        message = lines[0].removeprefix("fatal: ").partition(" (or any")[0]
        raise problem(str(root), f"git: {message}", _way_out(message, root))
    return output


def start(root: Path, *arguments: str, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start git in the root of a repository. Raises ProblemError where there is no git.

    Nothing else in archprof starts it.
    """
    program = _program()
    if not program:
        raise problem(
            str(root),
            "revisions are read by git, which is not installed",
            "install git, or compare two files: archprof diff OLD NEW",
        )
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    environment = inherited | _ENVIRONMENT | {"GIT_CEILING_DIRECTORIES": str(root.parent)}
    try:
        return subprocess.Popen(
            [program, *_OPTIONS, *arguments],
            cwd=root,
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if stdin == subprocess.DEVNULL else subprocess.DEVNULL,
        )
    except OSError as error:
        raise problem(str(root), f"git could not be started: {error.strerror}") from None


def _program() -> str:
    """Return the whole path of git, "" for none.

    A folder of the PATH that depends on the working directory is passed over.
    """
    folders = os.environ.get("PATH", "").split(os.pathsep)
    absolute = [folder for folder in folders if os.path.isabs(folder)]
    if not absolute:
        return ""
    found = shutil.which("git", path=os.pathsep.join(absolute))
    return found if found and os.path.isabs(found) else ""


class Contents:
    """Contents of a repository by their hashes, from one process of git.

    It ends with the context.
    """

    def __init__(self, root: Path, most: int):
        """Keep at most `most` bytes of a content, and one more."""
        self.root, self.most = root, most
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None:
            self.process.communicate()  # closes its input, whereupon it leaves

    def read(self, identity: str) -> bytes | None:
        """Return the content, None where git does not have it."""
        if self.process is None:
            self.process = start(self.root, "cat-file", "--batch")
        question, answer = self.process.stdin, self.process.stdout
        if question is None or answer is None:
            raise ValueError("git cat-file has no pipes")
        watch = threading.Timer(SECONDS, self.process.kill)
        watch.start()
        try:
            question.write(identity.encode() + b"\n")
            question.flush()
            head = answer.readline().split()
            if len(head) != 3:
                return None
            size = int(head[2])
            return b"".join(self._part(answer, size + 1))[:size]
        except BrokenPipeError:  # it was ended
            return None
        finally:
            watch.cancel()

    def _part(self, stream: IO[bytes], size: int) -> Iterator[bytes]:
        """Yield `size` bytes of a stream; what is beyond the limit is read but not kept."""
        kept = 0
        while size and (chunk := stream.read(min(size, 1 << 16))):
            size -= len(chunk)
            if kept <= self.most + 1:
                yield chunk
            kept += len(chunk)


def blob_hash(content: bytes, kind: str) -> str:
    """Return the hash that git gives a file's content; `kind` is sha1 or sha256."""
    head = b"blob %d\0" % len(content)
    return hashlib.new(kind, head + content, usedforsecurity=False).hexdigest()


def problem(place: str, message: str, hint: str = "") -> ProblemError:
    """Return the error that says what is wrong with a repository."""
    return ProblemError.of(Mark(place), "git", message, hint)


def _way_out(message: str, root: Path) -> str:
    if "dubious ownership" in message:
        return (
            "it belongs to another user; where you trust it: git config --global --add"
            f" safe.directory {root}"
        )
    if "not a git repository" in message:
        return "run it inside the repository that has the specs"
    return ""
