"""Small PDFs and PowerPoint files, written here byte by byte or by python-pptx."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import pptx
from pptx.util import Inches


def pdf(*pages: str, stream: bytes | None = None) -> bytes:
    """Return a PDF with a line of text for each line of its pages.

    `stream` is the content of all pages instead, compressed.
    """
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for i, page in enumerate(pages):
        content = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {5 + 2 * i} 0 R"
        objects.append(f"{content}/Resources<</Font<</F1 3 0 R>>>>>>".encode())
        text = zlib.compress(_content(page) if stream is None else stream)
        head = f"<</Filter/FlateDecode/Length {len(text)}>>\nstream\n".encode()
        objects.append(head + text + b"\nendstream")
    return assembled(objects)


def _content(page: str) -> bytes:
    lines = []
    for n, line in enumerate(page.split("\n")):
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        lines.append(f"BT /F1 12 Tf 40 {760 - 20 * n} Td ({escaped}) Tj ET")
    return "\n".join(lines).encode("cp1252")


def assembled(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects, the first its catalogue."""
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    )


def slides(*texts: str, table: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a PowerPoint file with a text on each slide, and a table on the last."""
    presentation = pptx.Presentation()
    for text in texts:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(6), Inches(2))
        box.text_frame.text = text
    if table:
        size = len(table), len(table[0]), Inches(1), Inches(3), Inches(6), Inches(2)
        cells = slide.shapes.add_table(*size).table
        for i, row in enumerate(table):
            for j, cell in enumerate(row):
                cells.cell(i, j).text = cell
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()
