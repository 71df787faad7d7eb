"""The page in a browser: what a person does with it, hostile names, access for all, speed.

Each script of `browser/` says what it checks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.page.page import Extras, network_page
from archprof.language.find import shipped
from archprof.loaded import Loaded
from tests.command_line import Run
from tests.commands.page.pages import big_page, hostile_page, page_of, run_script
from tests.effort import NIGHTLY

PAGES = {
    "resnet50.html": lambda: page_of("resnet50"),
    "compared.html": lambda: page_of("resnet50", "resnext50_32x4d"),
    "hostile.html": hostile_page,
    "big.html": big_page,
}
NEEDS = {
    "walk.mjs": ["resnet50.html", "compared.html", "lecture.html"],
    "safety.mjs": ["resnet50.html", "hostile.html"],
    "looks.mjs": ["resnet50.html", "compared.html"],
    "access.mjs": ["resnet50.html", "compared.html", "lecture.html"],
    "speed.mjs": ["big.html"],
}


@pytest.mark.parametrize("script", NEEDS)
def test_in_a_browser(script: str, tmp_path: Path, run: Run) -> None:
    for name in NEEDS[script]:
        if name == "lecture.html":
            done = run("lecture", "L8", "--static", "--format", "html", "-o", tmp_path / name)
            assert done.code == 0, done.err
        else:
            (tmp_path / name).write_text(PAGES[name](), encoding="utf-8")
    run_script(script, tmp_path)


EVERY = 1 if NIGHTLY else 40


def test_pages_of_shipped_networks_open(tmp_path: Path) -> None:
    for network in list(shipped())[::EVERY]:
        page = network_page([Loaded(network).analyze()], Extras())
        (tmp_path / f"{network.name}.html").write_text(page, encoding="utf-8")
    run_script("every.mjs", tmp_path)
