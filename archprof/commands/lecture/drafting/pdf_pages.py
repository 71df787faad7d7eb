"""The pages of a PDF, by pypdf."""

from __future__ import annotations

import io
import logging
import re
import zlib

from archprof.allowance import check
from archprof.commands.lecture.drafting.pages import SlidePage, missing, unreadable
from archprof.problem import Mark, ProblemError

# what pypdf raises of broken files, beside its own errors
BROKEN: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError),
    *(TypeError, ValueError, zlib.error),
)
_FLAT_POWER = re.compile(
    # of a mantissa, which has one digit or a point; a shape goes on: 3 × 109 × 7
    r"(?<![\d.×x])(?<![×x] )(\d|\d{1,3}\.\d{1,3}) ?([×x·]) ?10([3-9]|1[0-5])(?![0-9.,]| ?[×x])"
)


def pdf_pages(raw: bytes, name: str) -> list[SlidePage]:
    """Return a PDF's pages. Raises ProblemError where it is broken or encrypted."""
    try:
        import pypdf
        from pypdf.errors import FileNotDecryptedError, PyPdfError
    except ImportError:
        raise missing("pypdf", "PDFs", name) from None
    broken: tuple[type[Exception], ...] = (PyPdfError, *BROKEN)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is said once
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError("a password")
        pages = []
        for number, page in enumerate(reader.pages, 1):
            check()
            pages.append(SlidePage(f"page {number}", with_powers(page.extract_text())))
        return pages
    except (FileNotDecryptedError, pypdf.errors.DependencyError):
        hint = "save it without its password, or give its text as .txt"
        raise ProblemError.of(Mark(name), "file", "it is encrypted", hint) from None
    except broken as error:
        raise unreadable("PDF", name, error) from None


def with_powers(text: str) -> str:
    """Return a page's text with the raised exponents that a PDF prints in the line: 3.8 × 109."""
    return _FLAT_POWER.sub(r"\1 \2 10^\3", text)
