"""Every relative link of the documents leads to a file that is there, and to a heading of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^ *(```+).*?^ *\1 *$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def documents() -> list[Path]:
    """List what people read, first at the root."""
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "specs").rglob("*.md")),
    ]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings as GitHub makes them; a name's second has -1."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        number = sum(a == anchor or re.fullmatch(rf"{anchor}-\d+", a) is not None for a in found)
        found.add(f"{anchor}-{number}" if number else anchor)
    return found


def broken(document: Path, text: str) -> list[str]:
    """List the links of a document's text that lead nowhere."""
    wrong = []
    for link in LINK.findall(CODE.sub("", FENCE.sub("", text))):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert broken(document, document.read_text(encoding="utf-8")) == []


def test_what_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A `b`: c\n## Same\n## Same\n```\n# no\n```\n", "utf-8")
    text = (
        "[1](there.md) [2](there.md#a-b-c) [3](there.md#same-1) [4](#own) [5](https://x.org/y)\n"
        "[6](missing.md) [7](there.md#no) [8](#other) `[9](code.md)`\n# Own\n"
        "```\n[10](fenced.md)\n```\n"
    )
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    assert broken(tmp_path / "page.md", text) == ["missing.md", "there.md#no", "#other"]
