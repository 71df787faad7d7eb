"""The text of a spec file: read, decoded, cut into lines, and quoted beside problems."""

from __future__ import annotations

import contextlib
import re
from functools import lru_cache
from pathlib import Path

from archprof.language.reading import Unsafe, read_bytes
from archprof.problem import Mark, Problem, ProblemError, closest

MAX_BYTES = 1_000_000
SAVE = "save it as UTF-8"

_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"  # what YAML counts as the end of a line


def read(path: Path, name: str | None = None, otherwise: str = SAVE) -> tuple[str, str]:
    """Return the file's text and the name that messages call it.

    Raises ProblemError for what is not a readable file in UTF-8: `otherwise` is the way out there.
    """
    name = name or str(path)

    def refuse(message: str, hint: str = "") -> ProblemError:
        return ProblemError.of(Mark(name), "file", message, hint)

    try:
        if path.is_dir():
            raise refuse("a directory, expected a spec file", "give the path of a .yaml file in it")
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise refuse("there is no such file", neighbour(path)) from None
    except Unsafe as error:
        raise refuse(f"cannot be read: {error.strerror}", error.hint) from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise refuse(f"cannot be read: {error}") from None
    return decode(raw, name, otherwise), name


def decode(raw: bytes, name: str, otherwise: str = SAVE) -> str:
    """Return the bytes of a spec as text. Raises ProblemError for too many, or not in UTF-8."""
    if len(raw) > MAX_BYTES:
        raise ProblemError.of(
            Mark(name),
            "file",
            f"larger than {MAX_BYTES:,} bytes",
            "split it: blocks can stand in files of their own (`use:`)",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = end_of(raw[: error.start].decode("utf-8-sig", "replace"), name)
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        raise ProblemError.of(mark, "file", message, otherwise) from None


def neighbour(path: Path) -> str:
    """Return a hint naming the spec beside a missing one with nearly the same name, "" for none."""
    near = beside(path)
    return f"did you mean `{near}`?" if near else ""


def beside(path: Path) -> Path | None:
    """Return the spec beside a missing one with nearly the same name, None for none."""
    with contextlib.suppress(OSError, ValueError):
        others = {other.stem: other for other in path.parent.glob("*.y*ml")}
        near = closest(path.stem, others)
        return others[near] if near else None
    return None


@lru_cache(maxsize=8)  # many problems are of one file
def lines(text: str) -> list[str]:
    """Return the lines of a text as YAML counts them.

    Callers share the list and do not change it.
    """
    return re.split(_BREAK, text)


def end_of(text: str, file: str) -> Mark:
    """Return the place behind the last character of a text."""
    rows = lines(text)
    return Mark(file, len(rows), len(rows[-1]) + 1)


def within(mark: Mark, part: str, column: int, rows: list[str]) -> Mark:
    """Return the place `column` characters into the scalar `part` at `mark`.

    It is `mark` itself where the scalar is escaped or runs over lines.
    """
    line = rows[mark.line - 1] if 0 < mark.line <= len(rows) else ""
    start = line.find(part, mark.column - 1)
    return mark if start < 0 else Mark(mark.file, mark.line, start + 1 + column)


def with_lines(problems: list[Problem], texts: dict[str, str]) -> list[Problem]:
    """Return the problems with the line of source they point at, where the file's text is known."""
    known: dict[str, list[str]] = {}
    result = []
    for p in problems:
        if not p.source_line and p.mark.line and p.mark.file in texts:
            if p.mark.file not in known:
                known[p.mark.file] = lines(texts[p.mark.file])
            rows = known[p.mark.file]
            if p.mark.line <= len(rows):
                p = p.replaced(source_line=rows[p.mark.line - 1])
        result.append(p)
    return result
