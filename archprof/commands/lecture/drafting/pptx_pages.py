"""The slides of a PowerPoint file, by python-pptx."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from archprof.allowance import check, limits
from archprof.commands.lecture.drafting.pages import SHARE, SlidePage, missing, unreadable
from archprof.limits import raising
from archprof.problem import Mark, ProblemError

MOST_PARTS = 20_000
DEEPEST = 20  # groups in groups
# what python-pptx, lxml (its errors are a SyntaxError) and zipfile raise of broken files
BROKEN: tuple[type[Exception], ...] = (
    *(AttributeError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)


def pptx_pages(raw: bytes, name: str) -> list[SlidePage]:
    """Return the slides, the rows of their tables as lines.

    Raises ProblemError where the file is broken, or unpacks to more than a run may use.
    """
    try:
        import pptx
        from pptx.exc import PythonPptxError
    except ImportError:
        raise missing("python-pptx", "PowerPoint files", name) from None
    broken: tuple[type[Exception], ...] = (PythonPptxError, *BROKEN)
    try:
        _check_size(raw, name)
        slides = pptx.Presentation(io.BytesIO(raw)).slides
        return [
            SlidePage(f"slide {n}", "\n".join(_texts(s.shapes))) for n, s in enumerate(slides, 1)
        ]
    except broken as error:
        raise unreadable("PowerPoint", name, error) from None


def _check_size(raw: bytes, name: str) -> None:
    """Raise ProblemError where the parts of a zip file are too large or too many."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        parts = file.infolist()
    size, megabytes = sum(part.file_size for part in parts) / 1e6, limits().megabytes
    if size > SHARE * megabytes or len(parts) > MOST_PARTS:
        message = f"its {len(parts):,} parts have {size:,.0f} MB unpacked"
        hint = f"fewer slides and pictures; {raising('megabytes', max(size / SHARE, megabytes))}"
        raise ProblemError.of(Mark(name), "limit", message, hint)


def _texts(shapes: Any, depth: int = 0) -> Iterator[str]:
    """Yield the text of shapes, those in groups too."""
    for shape in shapes:
        check()
        if getattr(shape, "has_text_frame", False):
            yield shape.text_frame.text.replace("\v", "\n")
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                yield "  ".join(" ".join(cell.text.split()) for cell in row.cells)
        elif hasattr(shape, "shapes") and depth < DEEPEST:
            yield from _texts(shape.shapes, depth + 1)
