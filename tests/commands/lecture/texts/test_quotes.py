"""Quotations are found verbatim but for case, spaces and markup, and nothing else is."""

from pathlib import Path

import pytest

from archprof.commands.lecture.texts.quotes import (
    LectureText,
    nearest_sentence,
    passages,
    quotations,
)
from tests.command_line import Run

TEXT = """# Case Study: AlexNet

Parameters:  $(11 \\cdot 11 \\cdot 3 + 1) \\cdot 96 = \\mathbf{35K}$

- **Finetune:** Update all
  parameters, see [the paper](https://arxiv.org/abs/1505.04597) of 2012
- Scale by $\\frac{1}{p}$ -- it isn’t “simple”

## Pooling

[55x55x96] CONV1
[27x27x96] **MAX POOL1**: 3x3 filters

$W_2 = (W_1 - F) / S + 1$, $\\alpha \\cdot \\beta^2 \\approx 2$
"""


def spans(words: str) -> list[str]:
    text = LectureText("slides.txt", TEXT)
    return [text.text[start:end] for start, end in text.spans(words)]


@pytest.mark.parametrize(
    "words",
    [
        "Parameters: (11*11*3 + 1)*96 = 35K",
        "finetune: update all parameters",
        "see the paper of 2012",
        "Scale by 1/p",
        "it isn't 'simple'",
        "[55x55x96] CONV1 [27x27x96] MAX POOL1",
        "W2 = (W1 - F)/S + 1",
        "alpha * beta^2 ~ 2",
        "α·β² ≈ 2",
    ],
)
def test_found(words: str) -> None:
    assert len(spans(words)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Parameters: (11*11*3 + 1)*96 = 36K",
        "(11*11*3 - 1)*96",
        "5x55x96",  # a part of 55x55x96
        "tune: update",  # a part of a word
        "Update all the parameters",
        "see the paper, of 2013",
        "W2 = (W1 + F)/S + 1",
        "",
    ],
)
def test_not_found(words: str) -> None:
    assert spans(words) == []


def test_a_quotation_has_its_closing_brackets() -> None:
    assert spans("[55x55x96") == ["55x55x96]"]
    assert spans("W1 - F") == ["W_1 - F)"]


def test_every_place_is_found() -> None:
    assert spans("x96]") == []  # it begins within a word
    assert spans("96") == ["96"]  # not those of the shapes, whose digits go on
    assert len(LectureText("t", "one 3x3, two 3x3\n\nand 3x3").spans("3x3")) == 3


def test_pieces_and_passages() -> None:
    text = LectureText("slides.txt", TEXT)
    pieces = quotations(text, "[55x55x96] CONV1 … MAX POOL1; nowhere")
    assert [(piece.words, len(piece.spans)) for piece in pieces] == [
        ("[55x55x96] CONV1", 1),
        ("MAX POOL1", 1),
        ("nowhere", 0),
    ]
    ((start, end),) = passages(pieces[:2])
    assert text.text[start:end] == "55x55x96] CONV1\n[27x27x96] **MAX POOL1"
    assert list(passages(pieces)) == []
    assert list(passages(pieces[1::-1])) == []  # in the other order


def test_places() -> None:
    text = LectureText("slides.txt", TEXT)
    (place, _), *_ = text.spans("MAX POOL1")
    assert (text.line(place), text.heading(place)) == (12, "Pooling")
    assert text.heading(0) == ""


def test_nearest() -> None:
    text = LectureText("slides.txt", TEXT)
    nearest = nearest_sentence(text, "Finetune the parameters")
    assert nearest is not None
    assert nearest.line == 5
    assert nearest_sentence(text, "xyz") is None


FILE = """lecture: MINE
text: slides.txt
claims:
  A: {of: {network: alexnet, layers: conv1, quantity: params}, stated: 35K, verdict: holds rounded,
      says: "Parameters: (11*11*3 + 1)*96 = 35K"}
"""


def lecture(run: Run, folder: Path, file: str) -> str:
    (folder / "slides.txt").write_text(TEXT, encoding="utf-8")
    (folder / "mine.yaml").write_text(file, encoding="utf-8")
    done = run("lecture", folder / "mine.yaml", "A", "--static")
    return str(done.out + done.err)


def test_the_cells_of_a_table_are_in_the_passage_that_is_quoted(run: Run, tmp_path: Path) -> None:
    """Its first and its last row are quoted; 27x27x96 stands between them or behind them."""
    table = """lecture: MINE
text: slides.txt
shapes: HxWxC
claims:
  A:
    says: "[55x55x96] CONV1 … %s"
    table: {network: alexnet, rows: [{layers: conv1, shape: 55x55x96}, {layers: pool1, shape: %s}]}
"""
    assert "error" not in lecture(run, tmp_path, table % ("MAX POOL1", "27x27x96"))
    assert "mine.yaml:7:88: error: '27x27x97' is stated, and not quoted [quote]" in lecture(
        run, tmp_path, table % ("MAX POOL1", "27x27x97")
    )


def test_a_file_that_names_its_text(run: Run, tmp_path: Path) -> None:
    """The heading above a quotation is where it stands, unless the claim says."""
    assert "35K” (Case Study: AlexNet, line 3)" in lecture(run, tmp_path, FILE)
    own = FILE.replace("{of", "{slide: slide 7, of")
    assert "35K” (slide 7, line 3)" in lecture(run, tmp_path, own)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "Parameters: (11",
            "Weights: (11",
            "mine.yaml:4:3: error: slides.txt does not have “Weights: (11*11*3 + 1)*96 = 35K”",
        ),
        # a figure that the passage does not have, in a quotation that is right
        ("stated: 35K", "stated: 36K", "error: '36K' is stated, and not quoted [quote]"),
        ("slides.txt", "slide.txt", "mine.yaml:2:7: error: `slide.txt`: there is no such file"),
        ("slides.txt", "../../../etc/passwd", "which leads out of the project"),
        ("slides.txt", "[a]", "`text` is ['a'], expected a text"),
    ],
)
def test_what_is_refused(run: Run, tmp_path: Path, before: str, after: str, message: str) -> None:
    found = lecture(run, tmp_path, FILE.replace(before, after))
    assert message in found
    assert found.count("error:") == 1


def test_a_misquoted_figure_is_one_error(run: Run, tmp_path: Path) -> None:
    """36K is not in the text; that 35K is not in the quotation follows from that."""
    found = lecture(run, tmp_path, FILE.replace('= 35K"', '= 36K"'))
    assert found.count("error:") == 1
    assert "slides.txt does not have “Parameters: (11*11*3 + 1)*96 = 36K”" in found


def test_every_kind_of_figure_is_looked_for_in_the_text(run: Run, tmp_path: Path) -> None:
    published = """lecture: MINE
text: slides.txt
claims:
  A: {says: "Parameters: (11*11*3 + 1)*96 = 35K", published: {source: P, value: 36K}, stated: 36K}
"""
    assert "'36K' is stated, and not quoted" in lecture(run, tmp_path, published)
