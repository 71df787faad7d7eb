"""pandoc, started in one way only: it reads what archprof wrote, and no file."""

from __future__ import annotations

import shutil
import subprocess

from archprof.problem import Mark, ProblemError

SECONDS = 60
_MEMORY = ["+RTS", "-M512M", "-RTS"]  # pandoc's own limit of its heap


def docx(page: str) -> bytes:
    """Return an HTML page as a Word document. Raises ProblemError where there is no pandoc."""
    program = shutil.which("pandoc")
    if program is None:
        message = "docx is written by pandoc, which is not installed"
        raise _problem(message, "install pandoc (https://pandoc.org), or use md, html or latex")
    # no --sandbox, which keeps Debian's pandoc from its own templates: the page names no file
    command = [program, *_MEMORY, "--from", "html", "--to", "docx", "--output", "-"]
    try:
        done = subprocess.run(
            command, input=page.encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _problem(
            f"pandoc took more than {SECONDS} seconds", "use md, html or latex"
        ) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"pandoc failed: {said[-1] if said else f'exit code {done.returncode}'}"
        raise _problem(message, "a newer pandoc, or md, html or latex")
    return done.stdout


def _problem(message: str, hint: str) -> ProblemError:
    return ProblemError.of(Mark("--format"), "option", message, hint)
