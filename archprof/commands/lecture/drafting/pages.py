"""The text of slides or of a paper, page by page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from archprof.allowance import limits
from archprof.language.reading import Unsafe, read_bytes
from archprof.limits import raising
from archprof.problem import Mark, ProblemError

SUFFIXES = (".pdf", ".pptx")
"""What needs a library; every other file is text."""
SHARE = 0.2  # of the megabytes of a run, that a file may have: its objects take more than its bytes


class SlidePage(NamedTuple):
    """The text of a page, and how a claim names it: `page 3`, `slide 3`, "" for a text."""

    place: str
    text: str


Reader = Callable[[bytes, str], list[SlidePage]]


def read_pages(path: Path) -> list[SlidePage]:
    """Return the pages of a file.

    Raises ProblemError where it cannot be read, has no text, or needs a library that is missing.
    """
    name = str(path)
    raw = _read(path, name)
    pages = _reader(path.suffix.lower())(raw, name)
    if not any(page.text.strip() for page in pages):
        hint = "scanned pages are pictures: give the text that a recognition program makes of them"
        raise ProblemError.of(Mark(name), "file", "it has no text", hint)
    return pages


def _reader(suffix: str) -> Reader:
    if suffix == ".pdf":
        from archprof.commands.lecture.drafting.pdf_pages import pdf_pages

        return pdf_pages
    if suffix == ".pptx":
        from archprof.commands.lecture.drafting.pptx_pages import pptx_pages

        return pptx_pages
    return _text_pages


def _text_pages(raw: bytes, name: str) -> list[SlidePage]:
    """Return a text as one page. Raises ProblemError where it is not UTF-8."""
    try:
        return [SlidePage("", raw.decode("utf-8-sig"))]
    except UnicodeDecodeError as error:
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        hint = f"save it as UTF-8; what is not text must end in {' or '.join(SUFFIXES)}"
        raise ProblemError.of(Mark(name), "file", message, hint) from None


def _read(path: Path, name: str) -> bytes:
    megabytes = limits().megabytes
    most = int(SHARE * megabytes * 1e6)

    def refuse(message: str, hint: str = "") -> ProblemError:
        return ProblemError.of(Mark(name), "file", message, hint)

    try:
        if path.is_dir():
            raise refuse("a directory, expected slides", "give the path of a .txt, .pdf or .pptx")
        raw = read_bytes(path, most)
    except FileNotFoundError:
        raise refuse("there is no such file", "give the path of a .txt, .pdf or .pptx") from None
    except Unsafe as error:
        raise refuse(f"cannot be read: {error.strerror}") from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise refuse(f"cannot be read: {error}") from None
    if len(raw) > most:
        hint = f"fewer pages, or their text alone; {raising('megabytes', 4 * megabytes)}"
        raise ProblemError.of(Mark(name), "limit", f"larger than {most / 1e6:g} MB", hint)
    return raw


def missing(library: str, kind: str, name: str) -> ProblemError:
    """Return the error of a library that is not installed."""
    message = f"{library} is not installed, which reads {kind}"
    hint = 'pip install "archprof[slides]"; a .txt file needs none'
    return ProblemError.of(Mark(name), "draft", message, hint)


def unreadable(kind: str, name: str, reason: object) -> ProblemError:
    """Return the error of a file that is broken, or is none of its kind."""
    words = " ".join(str(reason).split())[:200] or type(reason).__name__
    hint = "open it in its program and save it again, or give its text as .txt"
    return ProblemError.of(Mark(name), "file", f"not readable as {kind}: {words}", hint)
