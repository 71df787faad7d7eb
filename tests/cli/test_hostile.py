"""A spec's words are data: they command no terminal, no table, no document and no spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_terminal import ESCAPE, on_terminal
from tests.command_line import Run

NASTY = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 [bold]b[/bold] :smile: a\nb\rc \u202ertl\u202c"
    " \u200fmark\ufeff x|y $x^2$ \\input{x} 100% #1 _em_ *b* <script>alert(1)</script> &amp; ~~s~~"
    " `c` ![i](u) \x85\u2028 \x9b31m \x00"
)
NAME = "=1+1 [x]*_|&$%#{}~^<b>\\x\u202e.yaml"


def write(folder: Path, file: str = "net.yaml", **keys: Any) -> Path:
    path = folder / file
    path.write_text(
        json.dumps({"name": "net", "input": "3x8x8", "layers": {"a": {"op": "relu"}}} | keys),
        encoding="utf-8",
    )
    return path


def harmless(text: str) -> bool:
    """Nothing but line feeds and characters that are seen."""
    return not [
        c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    """A spec that is sound, in words that are not."""
    return write(
        tmp_path,
        NAME,
        title=NASTY.replace("\x00", ""),
        family=NASTY.replace("\x00", ""),
        source=NASTY.replace("\x00", ""),
    )


@pytest.mark.parametrize("output_format", ["table", "json", "csv", "md", "latex"])
@pytest.mark.parametrize("command", ["summary", "explain"])
def test_words_stay_words(run: Run, nasty: Path, command: str, output_format: str) -> None:
    more = (
        ["a"]
        if command == "explain"
        else ["--columns", "layer,source"]
        if output_format != "json"
        else []
    )
    done = run(command, nasty, *more, "--format", output_format, columns=400)
    assert (done.code, done.err) == (0, "")
    assert harmless(done.out)
    if output_format == "json":
        json.loads(done.out)
    if output_format == "table" and command == "summary":
        assert "\\x1b[31mred\\x1b[0m" in done.out  # seen, not obeyed
        assert "[bold]b[/bold] :smile: a\\x0ab" in done.out


def test_terminal_shows_them(nasty: Path) -> None:
    code, text = on_terminal("summary", str(nasty), "--columns", "layer,source", columns=300)
    assert code == 0
    assert harmless(ESCAPE.sub("", text))
    assert "\x1b[31m" not in text
    assert "[bold]b[/bold] :smile:" in ESCAPE.sub("", text)


def test_spreadsheet_computes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("=1+1.yaml", "+cmd.yaml", "@sum.yaml", "-x.yaml"):
        write(tmp_path, name)
        rows = list(
            csv.reader(
                io.StringIO(
                    run("summary", f"./{name}", "--columns", "source,layer", "-f", "csv").out
                )
            )
        )
        assert rows[1] == [f"'{name}:1", "a"]
    # a number is one
    assert "-16" in run("summary", "alexnet", "--columns", "start", "-f", "csv").out.splitlines()


def test_markdown_marks_nothing_up(run: Run, nasty: Path) -> None:
    text = run("summary", nasty, "--columns", "source,layer", "-f", "md", columns=400).out
    assert "<script>" not in text
    assert "<b>" not in text
    title = re.sub(
        r"(?<!\\)`[^`\s]+`", "code", text.splitlines()[0].removeprefix("**").removesuffix("**")
    )
    for character in "|_*`#$~[]":
        assert not re.search(rf"(?<!\\)\{character}", title), character
    row = next(line for line in text.splitlines() if "1+1" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 3  # two cells


def test_latex_commands_nothing(run: Run, nasty: Path) -> None:
    lines = run(
        "summary", nasty, "--columns", "source,layer", "-f", "latex", columns=400
    ).out.splitlines()
    # the title is a line of its own
    assert [line.split()[0] for line in lines if "smile" in line] == [r"{\bfseries"]
    row = next(line for line in lines if "1+1" in line)
    assert (
        r"{[}x]{*}\_\textbar{}\&\$\%\#\{\}$\sim$\textasciicircum{}\textless{}b\textgreater{}\textbackslash{}x"
        in row.replace(r"\allowbreak{}", "")
    )
    assert row.count("&") - row.count(r"\&") == 1


@pytest.mark.parametrize(
    "keys",
    [
        {"layers": {"a": {"op": NASTY}}},
        {"layers": {"a": {"op": "relu", NASTY: 1}}},
        {"layers": {"a": {"op": "conv2d", "out": NASTY, "kernel": NASTY}}},
        {"layers": {NASTY: {"op": "relu"}}},
        {"layers": {"a": {"op": "relu", "from": NASTY}}},
        {"layers": {"a": {"block": NASTY}}},
        {"input": NASTY},
        {"name": NASTY},
        {NASTY: 1},
        {"params": {NASTY: 1}},
        {"expect": {NASTY: 1}},
        {"expect": {"params": NASTY}},
        {"aliases": [NASTY]},
        {"variants": {NASTY: {}}},
        {"year": NASTY},
    ],
    ids=lambda keys: next(iter(keys))[:9].strip("\x1b[31"),
)
@pytest.mark.parametrize("command", ["summary", "check"])
def test_errors_quote_them_harmlessly(
    run: Run, tmp_path: Path, keys: dict[str, Any], command: str
) -> None:
    done = run(command, write(tmp_path, **keys))
    assert done.code in (1, 2)
    assert harmless(done.out + done.err)
    assert "error: " in done.out + done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", NASTY[:-1]],
        ["summary", "alexnet", "--set", f"x{NASTY[:-1]}=1"],
        ["summary", "alexnet", "--set", f"towers={NASTY[:-1]}"],
        ["summary", "alexnet", "--input", NASTY[:-1]],
        ["summary", "alexnet", "--columns", NASTY[:-1]],
        ["summary", "alexnet", "--sort", NASTY[:-1]],
        ["explain", "alexnet", NASTY[:-1]],
        ["list", NASTY[:-1]],
        ["list", "--family", NASTY[:-1]],
        ["check", NASTY[:-1]],
    ],
    ids=lambda a: " ".join(part for part in a if part.isprintable()),
)
def test_arguments_are_quoted_harmlessly(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert harmless(done.out + done.err)


def test_overrides_in_the_title(run: Run, tmp_path: Path) -> None:
    done = run(
        "summary",
        write(tmp_path, params={"word": "x"}),
        "--set",
        "word='\x1b[31m[red]'".replace("\x1b", "\\e"),
    )
    assert done.code in (0, 2)
    assert harmless(done.out + done.err)


def test_undecodable_arguments(run: Run) -> None:
    """What the system hands over for a byte that is not UTF-8."""
    done = run("summary", "caf\udce9.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("caf\\udce9.yaml: error: ")


LONG = "_".join(["quite_a_long_name"] * 5)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_long_names(run: Run, tmp_path: Path, columns: int) -> None:
    """A path is cut at its front: the end tells layers apart."""
    inner = {
        f"{LONG}_1": {"op": "conv2d", "out": 1_000_000, "kernel": 3},
        f"{LONG}_2": {"op": "relu"},
    }
    path = write(tmp_path, title="long " * 50, layers={LONG: {"layers": inner}})
    lines = run("summary", path, columns=columns).out.splitlines()
    assert max(map(len, lines)) <= columns
    rows = [line for line in lines if line.startswith("…")]
    assert [row.split()[0][-9:] for row in rows] == ["ng_name_1", "ng_name_2"]
    assert "1000000x6x6 28,000,000" in rows[0]  # (3*3*3 + 1)*1,000,000
    for layer in (LONG, f"{LONG}_1"):
        lines = run("explain", path, layer, columns=columns).out.splitlines()
        assert max(map(len, lines)) <= columns


def test_very_large_numbers(run: Run, tmp_path: Path) -> None:
    """Two layers of (10^6 + 1)*10^6 parameters, 10^12 MACs and a million images each."""
    layers = {"a": {"op": "linear", "out": 10**6}, "b": {"op": "linear", "out": 10**6}}
    lines = run(
        "summary", write(tmp_path, input="1000000", layers=layers), "--batch", 10**6, columns=80
    ).out.splitlines()
    assert lines[3].split() == [
        "a",
        "linear",
        "1000000",
        "1,000,001,000,000",
        "1.00",
        "E",
        "50.0%",
        "███",
        "?",
    ]
    assert "MACs     2,000,000,000,000,000,000 (2.00 E): multiply-accumulates, what papers" in lines
    assert max(map(len, lines)) <= 80
