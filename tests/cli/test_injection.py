"""Words of a spec in reports: no terminal, Markdown reader, browser, TeX or spreadsheet takes
them for anything but text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from archprof.language import find, loader, shipped_index
from tests.cli.test_hostile import harmless
from tests.command_line import Run
from tests.show.rendered import nothing_live

WORDS = {
    "lines": "one\ntwo\r\nthree\x85four\u2028five",
    "workflow": "::error file=x,line=1::broken\n::set-output name=x::y",
    "escapes": "\x1b[31mred\x1b[0m\x1b]0;t\x07",
    "pipes": "a | b || c",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> &lt;b&gt; <!-- x",
    "markdown": "**b** _i_ `c` [l](javascript:x) ![i](u) # h ~~s~~",
    "link": "https://example.com/x www.example.com <https://example.com> user@example.com",
    "latex": "\\input{/etc/passwd} $x^2$ % # & _ { } ~ ^",
    "formula": "=1+1",
    "direction": "\u202eltr\u202c \u200b\ufeff",
    "rich": "[bold red]x[/] :smile:",
    "mention": "@everyone @team/ops #12 GH-3 owner/repo#4 0123abcdef :tada: !5",
    "csv": 'a,"b";c\td',
}
COMMANDS = [
    "summary net.yaml",
    "summary net.yaml --columns source,layer",
    "explain net.yaml a",
    "compare net.yaml other.yaml",
    "fit net.yaml --train --memory 1GiB",
    "list",
    "list --full",
    "list net.yaml",
]
FORMATS = ("table", "json", "csv", "md", "latex")


def write(folder: Path, word: str, name: str = "net") -> Path:
    """A sound spec that says this of itself; what YAML cannot hold is escaped, as JSON does."""
    path = folder / f"{name}.yaml"
    spec: dict[str, Any] = {
        "name": name,
        "title": word,
        "source": word,
        "family": word,
        "year": 2020,
        "input": "3x8x8",
        "layers": {"a": {"op": "relu"}},
    }
    path.write_text(json.dumps(spec), encoding="utf-8")
    return path


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in place of the shipped specs."""
    folder = tmp_path / "specs"
    folder.mkdir()
    for module in (loader, find, shipped_index):
        monkeypatch.setattr(module, "specs_folder", lambda: folder)
    monkeypatch.chdir(tmp_path)
    find.load_shipped.cache_clear()
    yield folder
    find.load_shipped.cache_clear()


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("word", WORDS)
def test_words_stay_words(
    run: Run, shipped: Path, word: str, command: str, output_format: str
) -> None:
    if command.startswith("summary") and "--columns" in command and output_format == "json":
        return
    write(shipped.parent, WORDS[word])
    write(shipped.parent, WORDS[word], "other")
    write(shipped, WORDS[word], "known")
    done = run(*command.split(), "--format", output_format, columns=200)
    assert (done.code, done.err) == (0, "")
    assert harmless(done.out)
    assert not any(line.startswith("::") for line in done.out.splitlines())
    if output_format == "json":
        json.loads(done.out)
    elif output_format == "md":
        as_browsers_see_it(done.out)
    elif output_format == "csv":
        tables = [list(csv.reader(io.StringIO(part))) for part in done.out.split("\n\n")]
        assert all(len({len(row) for row in rows}) == 1 for rows in tables)
        assert not [
            cell for rows in tables for row in rows for cell in row if re.match(r"[=@+]|-\D", cell)
        ]
    elif output_format == "latex":
        # signs of mathematics are archprof's own
        for line in done.out.splitlines():
            if not line.startswith("%"):
                words = re.sub(r"\$\\(?:times|cdot|to|sim)\$", "", line)
                assert not re.search(r"(?<!\\)[%#$^~]", words), line
                assert "\\input" not in line


def as_browsers_see_it(text: str) -> None:
    """Rendered, there is no tag but those of headings in bold, code, paragraphs and tables, and
    every table has its columns.
    """
    html = (
        MarkdownIt("commonmark", {"html": True})
        .enable("table")
        .enable("strikethrough")
        .render(text)
    )
    tags = set(re.findall(r"<(/?[a-zA-Z][a-z0-9]*)", html))
    assert {tag.strip("/") for tag in tags} <= {
        "p",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "code",
    }, html
    nothing_live(text)
    for table in re.findall("<table>.*?</table>", html, re.DOTALL):
        rows = re.findall("<tr>.*?</tr>", table, re.DOTALL)
        assert len({len(re.findall("<t[hd]", row)) for row in rows}) == 1
    assert "<!--" not in html


@pytest.mark.parametrize("columns", range(40, 60))
def test_no_line_that_is_broken_begins_with_a_command(
    run: Run, shipped: Path, columns: int
) -> None:
    """GitHub's runner reads every line of a log."""
    write(shipped.parent, " ".join(["word ::error::broken ##[error]broken"] * 9))
    for command in ("summary net.yaml", "compare net.yaml net.yaml", "explain net.yaml a"):
        done = run(*command.split(), columns=columns)
        assert done.code == 0
        assert not [
            line
            for line in done.out.splitlines()
            if line.lstrip().startswith("::") or "##[" in line
        ]


@pytest.mark.parametrize("word", WORDS)
def test_names_of_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """A file may be called anything but what has a slash in it."""
    monkeypatch.chdir(tmp_path)
    name = WORDS[word].replace("/", "_")[:60] + ".yaml"
    Path(f"./{name}").write_text(
        "name: net\ninput: 3x8x8\nlayers: {a: {op: relu, shape: 1x1x1}}\n", encoding="utf-8"
    )
    done = run("summary", f"./{name}", "--columns", "source,layer", "--format", "md", columns=200)
    assert done.code == 1
    assert harmless(done.out + done.err)
    assert not any(line.startswith("::") for line in (done.out + done.err).splitlines())
    as_browsers_see_it(done.out)
