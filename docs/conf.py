"""The site: `python -m sphinx -W -n -b html docs DIR` makes it from the Markdown of this folder.

On GitHub the same pages are read as they are, so that links are paths of files. Those out of this
folder become links to the page of the site that has the file, or to the repository.
"""

from __future__ import annotations

import os.path
import re
import tomllib
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
METADATA = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = METADATA.get("urls", {}).get("Repository", "https://github.com/OWNER/archprof")
PAGES = {
    "specs/README.md": "reference/language.md",
    "specs/lectures/README.md": "claims.md",
}
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)(?=[#)])")

project = "archprof"
release = installed("archprof")
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_title = f"archprof {release}"
html_show_copyright = False
html_theme_options = {"source_repository": f"{REPOSITORY}/", "source_directory": "docs/"}


def _target(link: str, folder: Path) -> str:
    """Return where a link of a page in `folder` leads on the site."""
    path = Path(os.path.normpath(folder / link))
    if path.is_relative_to(DOCS):
        return link
    name = path.relative_to(ROOT).as_posix()
    page = DOCS / PAGES.get(name, name)
    if name in PAGES and page.is_file():
        return os.path.relpath(page, folder)
    kind = "tree" if path.is_dir() else "blob"
    return f"{REPOSITORY}/{kind}/main/{name}"


def _links(app: Sphinx, page: str, source: list[str]) -> None:
    """Change the links of a page that is read, a list of its one text."""
    folder = (DOCS / page).parent
    source[0] = LINK.sub(lambda match: _target(match[1], folder), source[0])
    if not (DOCS / "reference").is_dir():  # Sphinx warns of a pattern without files
        source[0] = source[0].replace("reference/*\n", "")


def setup(app: Sphinx) -> None:
    """Let Sphinx call this file."""
    app.connect("source-read", _links)
