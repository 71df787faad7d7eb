"""A whole letter, and hostile claims in each of its formats."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Claim
from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.letters.letter import Unchecked, UnnamedReading, letters
from archprof.commands.lecture.letters.letter_paper import _convention, _unchecked, letter_paper
from archprof.problem import Mark
from archprof.show.paper import latex_paper, markdown_paper
from tests.command_line import Run
from tests.show.rendered import nothing_live, rendered
from tests.tex import compile_document, pages

# the parameters of a 3x3 convolution from 3 to 4 maps: (3*3*3 + 1)*4 = 112, and 3*3*3*4 = 108
FILE = """lecture: MINE
title: A lecture
shapes: HxWxC
networks:
  small:
    spec:
      input: 3x8x8
      layers:
        conv: {op: conv2d, out: 4, kernel: 3}
        last: {op: conv2d, out: 2, kernel: 3}
claims:
  M-1: {slide: First, says: 115 weights, of: {network: small, layers: conv, quantity: params},
        stated: 115, contradicts: M-3, note: The bias of each map counts. See M-3.}
  M-2: {slide: First, of: {network: small, layers: conv, quantity: params}, stated: 112}
  M-3: {slide: Second, says: 0.13K of them, of: {network: small, layers: conv, quantity: params},
        stated: 0.13K, aside: true}
  M-4: {slide: Third, says: 3.9 KFLOP, of: {network: small, layers: conv, quantity: flops},
        stated: 3.9 KFLOP}
  M-5: {slide: Third, of: {network: small, layers: last, quantity: flops}, stated: 1.2K}
  M-6: {slide: Last, says: better, undecidable: accuracy needs training}
  M-7: {slide: Last, says: and faster, undecidable: accuracy needs training}
"""

LETTER = """\
# A lecture

Dear colleague, we worked out 7 figures and statements in 7 places of this text again, each from \
the network itself: 1 is right, 2 are right by a convention that is not named, 2 are not so and 2 \
are beyond what could be checked.

## Change this

| Slide | You print | Should read | Why | Sure? |
|:---|:---|:---|:---|:---|
| First | “115 weights” | 112 | The bias of each map counts. | sure |

## Consider

| Slide | You print | Should read | Why | Sure? |
|:---|:---|:---|:---|:---|
| Second | “0.13K of them” | 0.11K | 16.1% too high | sure |

## A matter of convention

- Your FLOPs are multiply-adds throughout (3.9 KFLOP, 1.2K).

## Where it reads otherwise

- First has “115 weights”, but Second has “0.13K of them”.

## What could not be checked

- accuracy needs training (Last)

## Everything that was checked

| Slide | Statement | As checked | It is | Verdict |
|:---|:---|:---|:---|:---|
| First | “115 weights” | 115 | 112 | differs |
| | | 112 | 112 | holds |
| Second | “0.13K of them” | 0.13K | 112 | differs |
| Third | “3.9 KFLOP” | 3.9 KFLOP | 7,920 | holds as MACs |
| | | 1.2K | 2,336 | holds as MACs |
| Last | “better” | | | undecidable |
| | “and faster” | | | undecidable |

## Remarks

- First: The bias of each map counts. See “Second”.
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def paper(path: Path) -> str:
    outcome = decide(str(path))
    (letter,) = letters(outcome)
    return markdown_paper(letter_paper(letter, outcome.beside))


def test_a_letter(mine: Path) -> None:
    """130/112 is 1.161; of conv 2*3888 + 144 FLOPs, of last 2*1152 + 32. A claim's id is known to
    nobody: the remark names its slide.
    """
    assert paper(mine) == LETTER


def test_a_letter_without_anything_to_say(mine: Path) -> None:
    """It has no heading that nothing follows."""
    claim = "{says: 112 weights, of: {network: small, layers: conv, quantity: params}, stated: 112}"
    head = FILE[: FILE.index("claims:")]
    mine.write_text(f"{head}claims: {{M-1: {claim}, M-2: {claim}}}\n", encoding="utf-8")
    assert (
        paper(mine)
        == """\
# A lecture

Dear colleague, we worked out 2 figures and statements in 2 places of this text again, each from \
the network itself: 2 are right.

## Everything that was checked

| Slide | Statement | As checked | It is | Verdict |
|:---|:---|:---|:---|:---|
| | “112 weights” | 112 | 112 | holds |
| | “112 weights” | 112 | 112 | holds |
"""
    )


def test_each_lecture_has_its_own_letter(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        "lecture: OTHER\nclaims: {O: {says: deep, undecidable: taste}}\n", encoding="utf-8"
    )
    first, other = decide(str(mine)), decide(str(tmp_path / "other.yaml"))
    both = first._replace(
        lectures=[*first.lectures, *other.lectures], judged=[*first.judged, *other.judged]
    )
    assert letters(both) == [*letters(first), *letters(other)]


def test_it_speaks_of_its_file_alone(run: Run, tmp_path: Path) -> None:
    """7 million is what L8-38 of the shipped lectures contradicts: 5 million."""
    claim = "{of: {network: googlenet, quantity: params}, stated: 7 million}"
    path = tmp_path / "mine.yaml"
    path.write_text(f"lecture: MINE\nclaims: {{M: {claim}}}\n", encoding="utf-8")
    assert "5 million" not in run("lecture", path, "--static", "--letter").out
    assert "5 million" not in run("lecture", path, "--static").out
    assert "5 million" in run("lecture", path, "--static", "--others").out


HOSTILE = (
    r"\\input{/etc/passwd} \\write18{id} $x^2$ % & # _ ~ <script>alert(1)</script> [a](http://e.example)"
    " @everyone ![i](u) `c` | ≈ Ω 日 \\e[31mred \\u202e --x ''y'' 115"
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.yaml"
    text = FILE
    for word in ("115 weights", "First", "A lecture", "The bias of each map counts.", "better"):
        text = text.replace(word, f'"{HOSTILE}"')
    text = text.replace('" See M-3.', ' See M-3."').replace("accuracy needs", f"{'accuracy'} needs")
    path.write_text(text, encoding="utf-8")
    return path


def test_hostile_markdown(run: Run, hostile: Path) -> None:
    text = run("lecture", hostile, "--static", "--letter", "-f", "md").out
    nothing_live(text)
    tokens, seen = rendered(text)
    assert not {"html_block", "html_inline"} & {token.type for token in tokens}
    assert "<script>alert(1)</script>" in seen
    assert "\x1b" not in text


def test_hostile_html(run: Run, hostile: Path) -> None:
    text = run("lecture", hostile, "--static", "--letter", "-f", "html").out
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert not re.search(r"<a |<img", text)


@pytest.mark.parametrize("kind", [["--letter"], ["--show-work"], []], ids=str)
def test_hostile_latex(run: Run, hostile: Path, tmp_path: Path, kind: list[str]) -> None:
    text = run("lecture", hostile, "--static", *kind, "-f", "latex").out
    assert r"\input" not in text
    assert r"\write18" not in text
    compile_document(text, tmp_path)


def test_hostile_terminal(run: Run, hostile: Path) -> None:
    text = run("lecture", hostile, "--static", "--letter").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_docx(run: Run, hostile: Path, tmp_path: Path) -> None:
    if shutil.which("pandoc") is None:
        pytest.skip("no pandoc")
    target = tmp_path / "letter.docx"
    done = run("lecture", hostile, "--static", "--letter", "-f", "docx", "-o", target)
    assert (done.code, done.out) == (0, "")
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as archive:
        words = archive.read("word/document.xml").decode()
        assert not [name for name in archive.namelist() if "media" in name]
    assert "&lt;script&gt;alert(1)" in words
    assert "112" in words
    assert "w:hyperlink" not in words


def test_docx_without_pandoc(run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    done = run("lecture", mine, "--static", "--letter", "-f", "docx", "-o", "x.docx")
    assert done.code == 2
    assert "docx is written by pandoc, which is not installed" in done.err
    assert not Path("x.docx").exists()


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("x.html", "<!doctype html>"),
        ("x.HTM", "<!doctype html>"),
        ("x.tex", "\\documentclass"),
        ("x.md", "# A lecture"),
        ("x.txt", "A lecture"),
    ],
)
def test_a_file_is_written_as_it_is_named(run: Run, mine: Path, name: str, begins: str) -> None:
    letter = mine.with_name(name)
    assert run("lecture", mine, "--static", "--letter", "-o", letter).code == 0
    assert letter.read_text(encoding="utf-8").lstrip().startswith(begins)


def test_the_format_that_is_named_counts_more(run: Run, mine: Path) -> None:
    letter = mine.with_name("x.html")
    assert run("lecture", mine, "--static", "--letter", "-f", "md", "-o", letter).code == 0
    assert letter.read_text(encoding="utf-8").startswith("# A lecture")


def test_a_claim_without_a_slide_is_named_by_its_words(run: Run, mine: Path) -> None:
    """Its id is of the file, which the author of the lecture has not seen."""
    mine.write_text(re.sub("slide: [A-Z][a-z]+, ", "", FILE), encoding="utf-8")
    text = run("lecture", mine, "--static", "--letter", "-f", "md").out
    assert not re.search("M-[0-9]", text)
    assert "The bias of each map counts. See “0.13K of them”." in text
    assert "| | “115 weights” | 112 |" in text
    assert "- One place has “115 weights”, but another has “0.13K of them”." in text
    assert "- accuracy needs training (“better”; “and faster”)" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--letter", "-f", "json"], "a letter is not written as json"),
        (["--letter", "-f", "csv"], "a letter is not written as csv"),
        (["-f", "docx"], "docx is for letters alone"),
    ],
)
def test_what_there_is_not(run: Run, mine: Path, arguments: list[str], said: str) -> None:
    done = run("lecture", mine, "--static", *arguments)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("reading", "figures", "throughout", "text"),
    [
        ("activations in place", "12", True, "Right throughout as activations in place: 1, 2."),
        ("with the heads", "1", False, "Right with the heads: 1."),
        ("at an input of 227x227", "1", False, "Right at an input of 227x227: 1."),
        ("for vgg13", "1", False, "Right for vgg13: 1."),
        ("in powers of 1024", "1", False, "Right in powers of 1024: 1."),
        ("MACs", "1234", False, "Your FLOPs are multiply-adds (1, 2, 3, 4)."),
        ("MACs", "12345", True, "Your FLOPs are multiply-adds throughout (1, 2, 3, 4 and 1 more)."),
    ],
)
def test_conventions_as_sentences(reading: str, figures: str, throughout: bool, text: str) -> None:
    assert _convention(UnnamedReading(reading, tuple(figures), throughout)) == text


@pytest.mark.parametrize(
    ("slides", "listed"),
    [
        ("AAB", "A; B"),
        ("ABC", "A; B; C"),
        ("ABCD", "A; B; C; 1 other slide"),
        ("ABCDE", "A; B; C; 2 other slides"),
    ],
)
def test_slides_of_what_could_not_be_checked(slides: str, listed: str) -> None:
    """Three are named."""
    claims = tuple(Claim(slide, Mark(""), (), slide=slide) for slide in slides)
    assert _unchecked(Unchecked("taste", claims)) == f"taste ({listed})"
    assert _unchecked(Unchecked("", claims)) == f"not decided ({listed})"


@pytest.mark.parametrize("name", ["CS231N", "G", "F", "K", "L8", "EECS498", "I"])
def test_each_shipped_letter_has_its_page(name: str, tmp_path: Path) -> None:
    """What comes before everything that was checked is one page; the break stands before it."""
    outcome = decide(name)
    (letter,) = letters(outcome)
    whole = letter_paper(letter, outcome.beside)
    first = next(i for i, part in enumerate(whole) if getattr(part, "page", False))
    assert pages(compile_document(latex_paper(whole[:first]), tmp_path)) == 1
    compile_document(latex_paper(whole), tmp_path)
