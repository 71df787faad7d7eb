"""Texts, PDFs and slides, those that are hostile among them."""

from __future__ import annotations

import io
import sys
import time
import zipfile
from pathlib import Path

import pypdf
import pytest

from archprof.allowance import Allowance
from archprof.commands.lecture.drafting.pages import SlidePage, read_pages
from archprof.commands.lecture.drafting.pdf_pages import with_powers
from archprof.limits import Limits
from archprof.problem import ProblemError
from tests.commands.lecture.drafting.files import assembled, pdf, slides


def pages(folder: Path, name: str, content: bytes) -> list[SlidePage]:
    path = folder / name
    path.write_bytes(content)
    return read_pages(path)


def refusal(folder: Path, name: str, content: bytes, **limits: float) -> str:
    usual = Limits()
    with pytest.raises(ProblemError) as caught, Allowance(usual._replace(**limits), name):
        pages(folder, name, content)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_text_is_one_page(tmp_path: Path) -> None:
    assert pages(tmp_path, "a.txt", b"\xef\xbb\xbfVGG\n16") == [SlidePage("", "VGG\n16")]
    assert pages(tmp_path, "a.md", "×".encode()) == [SlidePage("", "×")]


def test_a_pdf_by_pages(tmp_path: Path) -> None:
    found = pages(tmp_path, "a.PDF", pdf("VGG-16\n138M (parameters)", "", "3.8 × 109 FLOPs"))
    assert found == [
        SlidePage("page 1", "VGG-16\n138M (parameters)"),
        SlidePage("page 2", ""),
        SlidePage("page 3", "3.8 × 10^9 FLOPs"),
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3.8×109 and 11.3×109", "3.8 × 10^9 and 11.3 × 10^9"),
        ("1.5 x 1012", "1.5 x 10^12"),
        ("3 × 10", "3 × 10"),  # a kernel
        ("3 × 100", "3 × 100"),
        ("3 × 1024", "3 × 1024"),  # a matrix
        ("2 × 109.5", "2 × 109.5"),
        ("7 × 10,000", "7 × 10,000"),
        ("8 × 106 × 3", "8 × 106 × 3"),  # a shape
        ("3 × 8 × 106", "3 × 8 × 106"),
        ("224 × 108", "224 × 108"),
    ],
)
def test_powers_that_are_printed_in_the_line(text: str, read: str) -> None:
    assert with_powers(text) == read


def test_slides_by_number_with_their_tables_as_lines(tmp_path: Path) -> None:
    table = [["Model", "Params"], ["VGG-16", "138M"]]
    found = pages(tmp_path, "a.pptx", slides("One\ntwo", "Three", table=table))
    assert found == [
        SlidePage("slide 1", "One\ntwo"),
        SlidePage("slide 2", "Three\nModel  Params\nVGG-16  138M"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "it has no text"),
        ("a.txt", b" \n\n", "it has no text"),
        ("a.txt", b"PK\x03\x04\xff\xfe", "not UTF-8: byte 0xff"),
        ("a.pdf", pdf("", ""), "it has no text"),
        ("a.pdf", b"", "not readable as PDF"),
        ("a.pdf", b"%PDF-1.4\nnothing", "not readable as PDF"),
        ("a.pdf", pdf("VGG")[:200], "not readable as PDF"),
        ("a.pdf", slides("VGG"), "not readable as PDF"),
        ("a.pptx", b"", "not readable as PowerPoint"),
        ("a.pptx", pdf("VGG"), "not readable as PowerPoint"),
        ("a.pptx", slides("VGG")[:3000], "not readable as PowerPoint"),
        ("a.pptx", slides(""), "it has no text"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    found = refusal(tmp_path, name, content)
    assert message in found
    assert "\n  hint: " in found


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"there is no such file.*\n  hint: "):
        read_pages(tmp_path / "none.pdf")
    with pytest.raises(ProblemError, match=r"a directory, expected slides.*\n  hint: "):
        read_pages(tmp_path)


def test_an_encrypted_pdf(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("VGG")))
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    assert "it is encrypted" in refusal(tmp_path, "a.pdf", written.getvalue())
    open_to_all = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("VGG")))
    open_to_all.encrypt("", "owner", algorithm="RC4-128")
    written = io.BytesIO()
    open_to_all.write(written)
    assert pages(tmp_path, "b.pdf", written.getvalue()) == [SlidePage("page 1", "VGG")]


def test_pages_in_a_loop_end(tmp_path: Path) -> None:
    own_child = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]
    assert "a.pdf: error: " in refusal(tmp_path, "a.pdf", assembled(own_child))


def test_a_bomb_in_a_pdf_ends_within_the_limits(tmp_path: Path) -> None:
    """A stream that unpacks to 400 MB of text."""
    began = time.process_time()
    content = pdf("", stream=b"BT /F1 9 Tf (VGG) Tj ET\n" * 4_000_000)
    found = refusal(tmp_path, "a.pdf", content, seconds=3)
    assert "not readable as PDF" in found or "[limit]" in found
    assert len(content) < 500_000
    assert time.process_time() - began < 30


def test_a_bomb_in_slides(tmp_path: Path) -> None:
    written = io.BytesIO(slides("VGG"))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ppt/media/image1.png", b"0" * 60_000_000)
    assert len(written.getvalue()) < 200_000
    found = refusal(tmp_path, "a.pptx", written.getvalue(), megabytes=200)
    assert "parts have 60 MB unpacked [limit]" in found
    assert "ARCHPROF_LIMITS=megabytes=" in found


def test_too_large_a_file(tmp_path: Path) -> None:
    found = refusal(tmp_path, "a.txt", b"VGG " * 600_000, megabytes=10)
    assert "larger than 2 MB [limit]" in found


def test_entities_of_xml_are_not_expanded(tmp_path: Path) -> None:
    """Billion laughs: every line ten times the one before."""
    lines = [f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "VGG"}">' for i in range(9)]
    source, written = zipfile.ZipFile(io.BytesIO(slides("VGG 138M"))), io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for part in source.namelist():
            content = source.read(part)
            if part == "ppt/slides/slide1.xml":
                head = b"<!DOCTYPE p [" + "".join(lines).encode() + b"]>"
                content = content.replace(b"?>", b"?>" + head, 1).replace(b"138M", b"&l8;")
            file.writestr(part, content)
    assert "Maximum entity amplification" in refusal(tmp_path, "a.pptx", written.getvalue())


@pytest.mark.parametrize(
    ("name", "module", "library"),
    [("a.pdf", "pypdf", "pypdf"), ("a.pptx", "pptx", "python-pptx")],
)
def test_a_missing_library_has_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str, library: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    found = refusal(tmp_path, name, b"")
    assert f"{library} is not installed" in found
    assert 'hint: pip install "archprof[slides]"; a .txt file needs none' in found
