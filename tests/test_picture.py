"""docs/summary.svg, the picture in the README, shows what the command prints."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from scripts.render_picture import PICTURE, SPEC, render
from tests.test_readme import README, ROOT, run

TEXT = "{http://www.w3.org/2000/svg}text"


def test_it_is_rendered_again() -> None:
    """`python scripts/render_picture.py` writes it."""
    assert PICTURE.read_text(encoding="utf-8") == render()


def test_it_shows_what_the_command_prints() -> None:
    """The texts of a line stand on one height, each at its column of 12.2 pixels."""
    rows: dict[float, str] = {}
    for text in ElementTree.fromstring(PICTURE.read_text(encoding="utf-8")).iter(TEXT):
        y, column = float(text.attrib["y"]), round(float(text.attrib["x"]) / 12.2)
        written = (text.text or "").replace("\N{NO-BREAK SPACE}", " ").rstrip("\n")
        rows[y] = rows.get(y, "").ljust(column) + written
    shown = "\n".join(rows[y].rstrip() for y in sorted(rows))
    command = f"archprof summary {SPEC}"
    assert shown == f"$ {command}\n{run(command)}"


def test_the_readme_shows_it() -> None:
    assert re.search(r"!\[[^\]]+\]\(docs/summary\.svg\)", README.read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "summary.svg").is_file()
