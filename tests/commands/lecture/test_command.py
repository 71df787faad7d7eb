"""`archprof lecture` and `archprof solve` from the outside."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.show.rendered import nothing_live

FILE = """lecture: MINE
title: My own slides
source: written for a test
shapes: HxWxC
claims:
  M-1: {slide: conv1, says: "35K parameters",
        of: {network: alexnet, layers: conv1, quantity: params}, stated: 35K,
        formula: (F*F*C + 1)*N, with: {F: 11, C: 3, N: 96}, verdict: holds rounded}
  M-2: {slide: a | b, says: "<b>55</b>",
        of: {network: alexnet, layers: conv1, quantity: height, input: 3x224x224}, stated: 55,
        verdict: differs}
  M-3: {says: "GoogLeNet has 7 million parameters",
        of: {network: googlenet, quantity: params}, stated: 7 million, verdict: holds rounded,
        contradicts: L8-38}
  M-4: {says: better, undecidable: needs training, verdict: undecidable}
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_of_ones_own(run: Run, mine: Path) -> None:
    done = run("lecture", mine, "--static")
    assert done.code == 0
    assert "34,944" in done.out
    assert "at an input of 227x227" in done.out
    assert "4 claims, 4 statements: 2 holds rounded, 1 differs, 1 undecidable" in done.out
    assert "L8-38" in done.out  # the contradiction with a shipped lecture
    assert done.err == "not asked: torch, fvcore\n"


def test_witnesses_where_torch_is(run: Run, mine: Path) -> None:
    done = run("lecture", mine, "--format", "json")
    claims = {c["id"]: c["statements"][0] for c in json.loads(done.out)["lectures"][0]["claims"]}
    assert claims["M-1"]["torch"]["value"] == 34944
    assert claims["M-2"]["torch"]["value"] == 54
    assert claims["M-4"]["verdict"] == "undecidable"


def test_exit_1_only_where_a_verdict_is_not_the_recorded_one(run: Run, mine: Path) -> None:
    mine.write_text(
        FILE.replace("35K", "36K").replace("(F*F*C + 1)*N", "36000"),
        encoding="utf-8",
    )
    done = run("lecture", mine, "--static")
    assert done.code == 1
    assert "not as recorded: M-1: differs, recorded holds rounded" in done.err


def test_statements_without_a_recorded_verdict_are_counted(run: Run, mine: Path) -> None:
    """They fail no run, also where they differ: 55 is the height at 227 pixels, not at 224."""
    assert "no verdict recorded" not in run("lecture", mine, "--static").err
    mine.write_text(FILE.replace(",\n        verdict: differs", ""), encoding="utf-8")
    done = run("lecture", mine, "--static")
    assert done.code == 0
    assert done.err.splitlines()[-1] == (
        "no verdict recorded for 1 statement: it fails no run, whatever it is; record it with"
        " `verdict:`"
    )


def test_a_claim_of_a_layer_called_as_in_a_lecture(run: Run, mine: Path) -> None:
    """VGG's fc6 is its first of three linear layers; fc9 is none, and the quoted line is longer
    than its window.
    """
    claim = "{of: {network: vgg16, layers: fc6, quantity: params}, stated: 103M, note: fc6}"
    text = f"lecture: M\ntitle: t\nsource: s\nclaims: {{M-1: {claim}}} # {'x' * 60}\n"
    mine.write_text(text, encoding="utf-8")
    assert "102,764,544" in run("lecture", mine, "--static").out
    mine.write_text(text.replace("fc6", "fc9"), encoding="utf-8")
    done = run("lecture", mine, "--static")
    assert "vgg16 has no layer `fc9` on its main path" in done.out + done.err
    assert "classifier.0, classifier.3, classifier.6" in " ".join((done.out + done.err).split())


def test_a_bad_file_is_exit_2_with_its_place(run: Run, mine: Path) -> None:
    mine.write_text(
        FILE.replace("quantity: params}, stated: 35K", "quantity: parms}, stated: 35K"),
        encoding="utf-8",
    )
    done = run("lecture", mine)
    assert done.code == 2
    assert re.search(r"mine\.yaml:7:\d+: error: `quantity` is 'parms'", done.err)
    assert "did you mean `params`?" in done.err
    assert "Traceback" not in done.err
    done = run("lecture", "L8-99x")
    assert done.code == 2
    assert "there is no lecture and no claim called `L8-99x`" in done.err


def test_formats(run: Run, mine: Path, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(run("lecture", mine, "--static", "--format", "csv").out)))
    assert rows[1][:4] == ["M-1", "35K", "(F*F*C + 1)*N = (11*11*3 + 1)*96 = 34,944", "34944"]
    report = run("lecture", mine, "--static", "--format", "md").out
    assert report.startswith("**MINE · My own slides**")
    assert "<b>" not in report
    target = tmp_path / "out.md"
    assert run("lecture", mine, "--static", "--format", "md", "-o", target).code == 0
    assert target.read_text(encoding="utf-8") == report


def test_the_working_on_the_board(run: Run, mine: Path) -> None:
    text = run("lecture", mine, "--static", "--show-work").out
    assert "(F·F·C + 1)·N = (11·11·3 + 1)·96 = 34,944" in text
    assert "(K·K·C + 1)·N = (11·11·3 + 1)·96 = 34,944" in text
    assert max(map(len, text.splitlines())) <= 80
    assert (
        "`(F·F·C + 1)·N = (11·11·3 + 1)·96 = 34,944`"
        in run("lecture", mine, "--static", "--show-work", "--format", "md").out
    )


def latex_is_whole(text: str) -> None:
    """Braces and environments close in order: what a compiler would stop at."""
    assert text.startswith("\\documentclass")
    assert text.rstrip().endswith("\\end{document}")
    bare = re.sub(r"\\[\\{}%#&$_~^]", "", text)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    open_: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if what == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert not open_


def test_latex(run: Run, mine: Path, tmp_path: Path) -> None:
    text = run("lecture", mine, "--static", "--show-work", "--format", "latex").out
    latex_is_whole(text)
    assert r"\frac" in run("lecture", "L8-05", "--static", "--show-work", "--format", "latex").out
    assert r"\left(11 \cdot 11 \cdot 3 + 1\right) \cdot 96" in text
    if shutil.which("pdflatex"):
        (tmp_path / "work.tex").write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "work.tex"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]


def test_without_torch_the_static_part_runs_and_the_missing_are_named(mine: Path) -> None:
    program = f"""
import sys
sys.modules["torch"] = None
from archprof.cli.main import _run
sys.argv = ["archprof", "lecture", {str(mine)!r}]
sys.exit(_run())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 'not asked: torch, fvcore (pip install "archprof[torch]")' in done.stderr
    assert "34,944" in done.stdout


def test_solve(run: Run) -> None:
    done = run("solve", "vgg16", "--macs", "13.6G")
    assert done.code == 0
    assert "13,620,576,256" in done.out
    assert "likely slip" in done.out
    done = run(
        "solve", "alexnet", "--input", "3x224x224", "--shape", "conv1=55x55", "--format", "json"
    )
    assert [a["reproduces"] for a in json.loads(done.out)[0]["answers"]][:2] == [
        "at an input of 227x227",
        "with padding 2",
    ]
    done = run("solve", "vgg16", "--memory", "96MB")
    assert done.code == 1
    assert "nothing in the declared space gives these digits" in done.out
    for wrong in (
        ("vgg16",),
        ("vgg16", "--macs", "lots"),
        ("vgg16", "--shape", "features.0"),
        ("vgg16", "--shape", "nowhere=1x1"),
    ):
        done = run("solve", *wrong)
        assert done.code == 2
        assert "Traceback" not in done.err


def test_the_board_in_markdown_has_nothing_live(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    hostile = {
        '"35K parameters"': "'- @everyone https://evil.example <script>x</script> ![i](u) #12 35K'",
        "slide: conv1": "slide: '@team'",
        "title: My own slides": "title: 'By @team, www.evil.example'",
        "written for a test": "'1. see GH-12 or me@example.com'",
        "says: better": "says: '# heading', note: '+ owner/repo#4'",
    }
    text = FILE
    for old, new in hostile.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    for arguments in (("--show-work",), ()):
        text = run("lecture", path, "--static", "--format", "md", *arguments).out
        kinds = {token.type for token in nothing_live(text)}
        assert not {"html_block", "html_inline", "ordered_list_open"} & kinds
        assert "`@team`" in text or not arguments
