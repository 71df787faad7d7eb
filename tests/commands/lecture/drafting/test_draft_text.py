"""A draft is a file of claims that is read at once, whatever the slides say."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Stated, Undecidable
from archprof.commands.lecture.claims.reader import read_lecture
from archprof.commands.lecture.drafting.draft_text import draft_text
from archprof.commands.lecture.drafting.pages import SlidePage
from archprof.commands.lecture.drafting.proposals import proposals
from tests.command_line import Run
from tests.commands.lecture.drafting.files import pdf, slides

TEXT = """\
VGG-16 has 138M parameters. Mine: 5.5M parameters.
AlexNet CONV1 makes [55x55x96].

Model  Params  FLOPs
ResNet-18  11.7M  1.8G
"""
DRAFT = """\
# Drafted from week 8.txt: 4 claims, 1 to fill in.
# Read each beside the slide, then run `archprof lecture` on this file.
lecture: week-8
title: week 8.txt
shapes: HxWxC
claims:
  D-01:
    slide: line 1
    says: VGG-16 has 138M parameters.
    of: {network: vgg16, quantity: params}
    stated: 138M
  D-02:
    slide: line 1
    says: 'Mine: 5.5M parameters.'
    undecidable: FILL IN what 5.5M is of
    # of: {network: NETWORK, quantity: params}
    # stated: 5.5M
  D-03:
    slide: line 2
    says: 'AlexNet CONV1 makes [55x55x96].'
    of: {network: alexnet, layers: conv1, quantity: shape}
    stated: 55x55x96
  D-04:
    slide: line 4
    says: Model Params FLOPs
    table:
      rows:
      - {label: ResNet-18, network: resnet18, params: 11.7M, flops: 1.8G}
"""


def drafted(text: str, name: str = "week 8.txt", place: str = "") -> str:
    return draft_text(name, proposals([SlidePage(place, text)]))


def test_the_whole() -> None:
    assert drafted(TEXT) == DRAFT
    lecture = read_lecture(DRAFT, Path("draft.yaml"), "draft.yaml")
    kinds = [type(claim.parts[0].statement) for claim in lecture.claims.values()]
    assert kinds == [Stated, Undecidable, Stated, Stated]
    assert lecture.channels_last


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a: b.txt", "VGG-16 has 138M parameters: \"a\" # b 'c' {d} [e] \\n"),
        ("#.txt", "VGG-16 has 138M parameters"),
        ("....pdf", "- VGG-16 has 138M parameters\t*x &y !z %w @v `u`"),
        ("ä.txt", "VGG-16 hat 138M parameters \x00 \x1b[31m \u202e \u2028 ende"),
        ("x.txt", "VGG-16 has 138M parameters " + "and more " * 500),
        ("y.txt", "VGG-16: 138M parameters, 1e9 FLOPs, 0x10 layers, 1,000K parameters"),
        ("z.txt", "Model Params FLOPs\nA: {b} #c ResNet-18 11.7M 1.8G"),
    ],
)
def test_whatever_the_slides_say_the_draft_can_be_read(name: str, text: str) -> None:
    written = drafted(text, name)
    lecture = read_lecture(written, Path("draft.yaml"), "draft.yaml")
    assert lecture.claims
    assert all(claim.parts for claim in lecture.claims.values())
    assert max(map(len, written.split("\n"))) < 400


def test_a_long_quotation_keeps_its_figure() -> None:
    written = drafted("word " * 200 + "VGG-16 has 138M parameters " + "word " * 200)
    [says] = [line for line in written.split("\n") if "says:" in line]
    assert "VGG-16 has 138M parameters" in says
    assert says.count("…") == 2


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("s.txt", TEXT.encode(), "line 1"),
        ("s.pdf", pdf("Title", TEXT), "page 2, line 1"),
        ("s.pptx", slides("Title", TEXT), "slide 2, line 1"),
    ],
)
def test_the_command_and_what_follows(
    run: Run, tmp_path: Path, name: str, content: bytes, place: str
) -> None:
    source, claims = tmp_path / name, tmp_path / "claims.yaml"
    source.write_bytes(content)
    assert run("lecture", "--draft", source, "-o", claims).code == 0
    assert f"slide: {place}\n" in claims.read_text(encoding="utf-8").replace("'", "")
    done = run("lecture", claims, "--static", "--record")
    assert done.code == 0
    assert "4 new verdicts" in done.err  # two single claims and two cells; one is to fill in
    done = run("lecture", claims, "--static")
    assert done.code == 0
    # 138,357,544 and 11,689,512 rounded, 55x55x96; 1,814,073,344 MACs; one to fill in
    assert "1 holds, 2 holds rounded, 1 holds as …, 1 undecidable" in done.out


def test_a_draft_replaces_no_file(run: Run, tmp_path: Path) -> None:
    source, claims = tmp_path / "s.txt", tmp_path / "claims.yaml"
    source.write_text(TEXT, encoding="utf-8")
    claims.write_text("mine", encoding="utf-8")
    done = run("lecture", "--draft", source, "-o", claims)
    assert (done.code, claims.read_text(encoding="utf-8")) == (2, "mine")
    assert "a draft would replace it" in done.err


def test_slides_without_a_figure(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "s.txt"
    source.write_text("Nothing to see here.", encoding="utf-8")
    done = run("lecture", "--draft", source)
    assert done.code == 2
    assert "there is no figure in it that a network has" in done.err


def test_what_is_to_fill_in_is_neither_recorded_nor_written_to_the_author(
    run: Run, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(DRAFT, encoding="utf-8")
    done = run("lecture", mine, "--static", "--letter")
    assert (done.code, done.out) == (2, "")
    assert "--letter: error: to fill in yet: D-02" in done.err
    done = run("lecture", mine, "--static", "--record")
    assert "to fill in: D-02\n" in done.err
    claims = mine.read_text(encoding="utf-8").split("  D-0")
    assert ["verdict:" in claim for claim in claims] == [False, True, False, True, True]


def test_slides_in_place_of_a_file_of_claims(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "week.txt"
    text.write_text(TEXT, encoding="utf-8")
    done = run("lecture", text)
    assert done.code == 2
    assert f"archprof lecture --draft {text}" in done.err
