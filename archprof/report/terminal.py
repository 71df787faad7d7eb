"""Text out: the width of the terminal, whether it takes colour, and files written whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 120  # of a table on a pipe, where COLUMNS says nothing


def width() -> int:
    """Columns to lay a table out for: COLUMNS, the terminal's, or PLAIN_WIDTH on a pipe."""
    try:
        return max(40, int(os.environ["COLUMNS"]))
    except (KeyError, ValueError):
        pass
    try:
        return max(40, os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError, AttributeError):
        return PLAIN_WIDTH


def console() -> Console:
    """A rich console on standard output: colour on a terminal only, never markup or emoji from data."""
    from rich.console import Console

    return Console(width=width(), markup=False, emoji=False, highlight=False, soft_wrap=False)


def unicode_output() -> bool:
    """Whether standard output can write block characters."""
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def emit(text: str, output: Path | None) -> None:
    """Writes a report to standard output, or to a file. Raises OSError where the file cannot be written."""
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)


def write_whole(path: Path, text: str) -> None:
    """Writes beside the file and moves it into place, so that the old file stays whole until the new one is."""
    if path.is_dir():
        raise IsADirectoryError(21, "is a directory", str(path))
    if path.exists() and not path.is_file():  # a device or a pipe
        path.write_text(text, encoding="utf-8")
        return
    target = path.resolve() if path.is_symlink() else path
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
