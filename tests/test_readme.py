"""The examples of the README and of the pages under docs/ are run and their output compared.

`python tests/test_readme.py` writes the output again. In a block of a console every line after `$ `
is run as by a shell, in a terminal of 80 columns: of a tutorial in an empty folder, to which a
block with a file's name behind its language (three backticks, `yaml mynet.yaml`) adds that file; of
any other page in the checkout.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest

from archprof.cli.main import _run

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
TUTORIALS = DOCS / "tutorials"
RENDERED = (DOCS / "reference", DOCS / "gpu.md")  # by their own scripts
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)

JOINED, DISCARDED = " 2>&1", " 2>/dev/null"
BY_ITSELF = re.compile(
    r"(?P<words>archprof(?: (?:'[^']*'|[\w./:=,+-]+))+)"
    rf"(?P<errors>{JOINED}|{DISCARDED})?(?: \| (?P<filters>.+))?"
)
"""A command line of archprof whose words mean the same to `shlex` as to a shell."""

ENVIRONMENT = {
    "COLUMNS": "80",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONIOENCODING": "utf-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_NAME": "You" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "you@example.org" for who in ("AUTHOR", "COMMITTER")},
}


def pages() -> list[Path]:
    """List the pages whose examples are run here."""
    written = [
        page
        for page in sorted(DOCS.rglob("*.md"))
        if not any(page.is_relative_to(rendered) for rendered in RENDERED)
    ]
    return [README, *written]


def run(command: str, folder: Path = ROOT) -> str:
    """Return what the command prints on an 80-column pipe, errors included, as a shell in the
    folder shows it.

    `archprof` by itself, or at the head of pipes, is run in this process, which spares its start
    and the import of torch; everything else is run by a shell.
    """
    if match := BY_ITSELF.fullmatch(command):
        out, err = in_process(shlex.split(match["words"]), folder, joined=match["errors"] == JOINED)
        if match["errors"] == DISCARDED:
            err = ""
        if match["filters"]:
            out, more = by_shell(match["filters"], folder, out)
            err += more
    else:
        out, err = by_shell(command, folder)
    return "\n".join(line.rstrip() for line in (out + err).rstrip("\n").split("\n"))


def in_process(words: list[str], folder: Path, *, joined: bool = False) -> tuple[str, str]:
    """Return what a command line of archprof prints to both streams, or to one where they are
    joined.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, ENVIRONMENT),
        mock.patch.object(sys, "argv", words),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out if joined else err),
    ):
        _run()
    out.seek(0)
    err.seek(0)
    return out.read(), err.read()


def by_shell(command: str, folder: Path, given: str = "") -> tuple[str, str]:
    """Return what a shell prints to both streams, given a text on standard input."""
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        check=False,
        encoding="utf-8",
        input=given,
    )
    return done.stdout, done.stderr


def commands(block: str) -> list[str]:
    """List the commands of a block of a console, each a line."""
    return re.findall(r"^\$ (.*)$", block, re.MULTILINE)


def example(command: str, folder: Path) -> str:
    """Return a command and what it prints, as a page shows them."""
    printed = run(command, folder)
    return f"$ {command}\n{printed}\n" if printed else f"$ {command}\n"


def written_again(text: str, folder: Path) -> str:
    """Return a page with the present output under every command, all run in the folder."""

    def block(match: re.Match[str]) -> str:
        language, name, content = match.groups()
        if language == "console":
            return f"```console\n{''.join(example(c, folder) for c in commands(content))}```"
        if name is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        return match[0]

    return BLOCK.sub(block, text)


def page_again(page: Path) -> str:
    """Return a page with the present output, run where its examples are."""
    text = page.read_text(encoding="utf-8")
    if not page.is_relative_to(TUTORIALS):
        return written_again(text, ROOT)
    with tempfile.TemporaryDirectory() as folder:
        return written_again(text, Path(folder))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_print_what_the_page_says(page: Path) -> None:
    assert page_again(page) == page.read_text(encoding="utf-8")


def test_there_are_examples() -> None:
    """Of each tutorial, and in the README one for each task that a shell can do anywhere."""
    for page in (README, *TUTORIALS.glob("*.md")):
        blocks = [m[3] for m in BLOCK.finditer(page.read_text(encoding="utf-8"))]
        assert sum(len(commands(block)) for block in blocks) >= 4, page


def test_a_command_is_run_and_a_file_written(tmp_path: Path) -> None:
    text = "```text sub/a.txt\none\n```\n\n```console\n$ cat sub/a.txt\ntwo\n$ true\n```\n"
    expected = text.replace("two", "one")
    assert written_again(text, tmp_path) == expected


def test_only_tutorials_write_files() -> None:
    """Everything else is run in the checkout."""
    for page in pages():
        names = [m[2] for m in BLOCK.finditer(page.read_text(encoding="utf-8")) if m[2]]
        assert not names or page.is_relative_to(TUTORIALS), page


def test_readme_is_two_screens() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_spec_in_the_readme_is_a_real_one() -> None:
    """The first YAML of the README, saved as a file, gives the table pictured beside it."""
    text = README.read_text(encoding="utf-8")
    spec = re.search(r"```yaml\n# (\S+)\n(.*?)```", text, re.DOTALL)
    assert spec
    assert (ROOT / spec[1]).read_text(encoding="utf-8").split("\n", 1)[1] == spec[2]


def rewrite() -> None:
    """Put the present output under every command."""
    for page in pages():
        page.write_text(page_again(page), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
