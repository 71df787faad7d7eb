"""LaTeX compiled: what every document of archprof must do where pdflatex is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MOST_OVERFULL = 3.0
"""Points that a line may be too wide: nobody sees them."""


def compile_document(text: str, folder: Path) -> str:
    """Compile a document, check that it fits its page, and return the log of TeX.

    Skips the test where there is no pdflatex; ARCHPROF_NEEDS_LATEX=1 says that it must be there.
    """
    if shutil.which("pdflatex") is None:
        assert os.environ.get("ARCHPROF_NEEDS_LATEX") != "1", "no pdflatex"
        pytest.skip("no pdflatex")
    (folder / "document.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "document"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    log = (folder / "document.log").read_text(encoding="latin-1")
    wide = [float(w) for w in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log)]
    assert max(wide, default=0) <= MOST_OVERFULL, sorted(wide)
    assert "Missing character" not in log
    return log


def pages(log: str) -> int:
    """Return how many pages a document has."""
    found = re.search(r"Output written on document.pdf \((\d+) pages?", log)
    assert found, log[-500:]
    return int(found[1])
