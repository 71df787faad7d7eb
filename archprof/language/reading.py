"""Files read safely: regular ones, and none that a link in a project reaches outside of it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from archprof.language.confined import VARIABLE, link_out, project

if TYPE_CHECKING:
    from typing import BinaryIO

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a directory",
}
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Unsafe(OSError):
    """A file that is not read: `strerror` says why, and `hint` has the way out."""

    def __init__(self, message: str, hint: str):
        super().__init__(errno.EPERM, message)
        self.hint = hint


def read_bytes(path: Path, most: int) -> bytes:
    """Return a regular file's bytes, at most one more than `most`. Raises as `opened` does."""
    with opened(path) as file:
        return file.read(most + 1) or b""


def opened(path: Path) -> BinaryIO:
    """Return a regular file, open to be read.

    Raises Unsafe for a pipe, a device or a link that leads out of its project; OSError, and
    ValueError for a NUL in the path, as `open` does.
    """
    refuse_link_out(path)
    # before it is opened, which may wait for a pipe's other end or move a tape
    _refuse_other_kinds(os.stat(path).st_mode)
    file = os.fdopen(os.open(path, _FLAGS), "rb")
    try:
        _refuse_other_kinds(os.fstat(file.fileno()).st_mode)
    except OSError:
        file.close()
        raise
    return file


def refuse_link_out(path: Path) -> None:
    """Raise Unsafe where a link on the way to a file leads out of the link's project."""
    link = link_out(path)
    if link is not None:
        raise Unsafe(
            f"the link {link} leads out of the project {project(link.parent)}",
            f"copy the file into it, or set {VARIABLE} to the folder it is in",
        )


def _refuse_other_kinds(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise Unsafe(
            f"it is {kind}, expected a regular file",
            "`archprof check -` and `archprof fmt -` read standard input",
        )
