"""The site is built by the command that docs/conf.py names, without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMAND = ["-m", "sphinx", "-W", "-n", "-q", "-b", "html"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    built = [*COMMAND, "-d", str(folder / "doctrees"), str(ROOT / "docs"), str(folder / "html")]
    done = subprocess.run([sys.executable, *built], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def test_every_page_is_in_the_sidebar_of_the_first(site: Path) -> None:
    linked = set(re.findall(r'href="([^"#:]+)\.html', (site / "index.html").read_text("utf-8")))
    pages = {
        page.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for page in (ROOT / "docs").rglob("*.md")
    }
    assert pages - linked == {"index"}


def test_links_out_of_the_folder(site: Path) -> None:
    """A guide that the site has is linked there, anything else in the repository."""
    page = (site / "tutorials" / "lecturer.html").read_text("utf-8")
    assert 'href="../claims.html"' in page
    assert re.search(r'href="https://github\.com/\w+/archprof/blob/main/reports/lecture\.md"', page)
