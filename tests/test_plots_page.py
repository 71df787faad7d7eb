"""The pictures of docs/plots.md are those that are drawn now."""

from __future__ import annotations

import re

import pytest

from scripts.render_plots import FOLDER, PICTURES, render

PAGE = FOLDER.parent / "plots.md"


@pytest.mark.parametrize("name", PICTURES)
def test_they_are_rendered_again(name: str) -> None:
    """`python scripts/render_plots.py` writes them."""
    assert (FOLDER / name).read_text(encoding="utf-8") == render(name)


def test_the_page_shows_them_all_with_a_text() -> None:
    shown = re.findall(r"!\[([^\]]{40,})\]\(plots/([a-z]+\.svg)\)", PAGE.read_text("utf-8"))
    assert {name for _, name in shown} == set(PICTURES) == {p.name for p in FOLDER.iterdir()}


def test_every_kind_is_on_the_page() -> None:
    from archprof.commands.plot.command import PlotKind

    text = PAGE.read_text(encoding="utf-8")
    assert [kind for kind in PlotKind if f"`{kind}`" not in text] == []
