"""The line of a claim that is not so: what it prints, what it should, and how sure that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.letters.corrections import Correction, first_sentence, quoted
from archprof.commands.lecture.letters.letter import letters

# parameters: (3*3*3 + 1)*4 = 112, (3*3*4 + 1)*2 = 74, and 3*2 = 6 of a 1x1 convolution to 2 maps;
# FLOPs of the first: two for each of 3*3*3*4*6*6 = 3888 MACs, one for each bias added, 4*6*6
FILE = """lecture: MINE
networks:
  small:
    spec:
      input: 3x8x8
      layers:
        conv: {op: conv2d, out: 4, kernel: 3}
        last: {op: conv2d, out: 2, kernel: 3}
        point: {op: conv2d, out: 2, kernel: 1}
claims:
"""


def corrected(tmp_path: Path, claim: str) -> Correction:
    path = tmp_path / "claims.yaml"
    path.write_text(f"{FILE}  A: {claim}\n", encoding="utf-8")
    (letter,) = letters(decide(str(path)))
    (found,) = letter.change
    return found


def part(layer: str, stated: object) -> str:
    return f"{{of: {{network: small, layers: {layer}, quantity: params}}, stated: {stated}}}"


_TWO = f"a: {part('conv', 1150)}, b: {part('last', 1750)}"
TWO = f"parts: {{{_TWO}}}"
FOUR = f"parts: {{{_TWO}, c: {part('point', 1060)}, d: {part('conv', 1990)}}}"


@pytest.mark.parametrize(
    ("claim", "prints", "reads"),
    [
        (f"{{{TWO}}}", "a: 1150; b: 1750", "a: 112; b: 74"),
        # the sentence prints none of them as the file does, or one at least
        (f"{{says: '1,150, 1,750', {TWO}}}", "“1,150, 1,750”, a: 1150; b: 1750", "a: 112; b: 74"),
        (f"{{says: '1150, 1,750', {TWO}}}", "“1150, 1,750”", "a: 112; b: 74"),
        (f"{{says: '1,150, 1,750', instead: few, {TWO}}}", "“1,150, 1,750”", "few"),
        # what is right is left out, and what is alike is there once
        (f"{{parts: {{a: {part('conv', 112)}, b: {part('last', 75)}}}}}", "75", "74"),
        (f"{{parts: {{a: {part('conv', 115)}, b: {part('conv', 115)}}}}}", "115", "112"),
        (
            f"{{parts: {{a: {part('conv', 115)}, b: {part('conv', 115)}, c: {part('last', 75)}}}}}",
            "a, b: 115; c: 75",
            "a, b: 112; c: 74",
        ),
        # three of a claim; the sentence has no room for more either
        (
            f"{{says: '1,150, 1,750, 1,060, 1,990', {FOUR}}}",
            "“1,150, 1,750, 1,060, 1,990”, a: 1150; b: 1750; c: 1060",
            "a: 112; b: 74; c: 6; 1 more below",
        ),
        (
            f"{{{FOUR}}}",
            "a: 1150; b: 1750; c: 1060; 1 more below",
            "a: 112; b: 74; c: 6; 1 more below",
        ),
    ],
)
def test_what_should_be_read(tmp_path: Path, claim: str, prints: str, reads: str) -> None:
    found = corrected(tmp_path, claim)
    assert (found.prints, found.reads, found.sure) == (prints, reads, True)


def test_no_figure_says_what_is_right(tmp_path: Path) -> None:
    """There is no value that a wrong relation should have: its own words are left."""
    sides = ", ".join(
        f"{{network: small, layers: {x}, quantity: params}}" for x in ("last", "conv")
    )
    order = f"{{says: the last has more, order: {{sides: [{sides}], relation: '>'}}}}"
    found = corrected(tmp_path, order)
    assert (found.prints, found.reads) == ("“the last has more”", "")


def test_words_that_say_a_figure(tmp_path: Path) -> None:
    """The sentence has the word, and the file the figure: 74/112 = 0.66 is not a half."""
    ratio = ", ".join(
        f"{{network: small, layers: {x}, quantity: params}}" for x in ("last", "conv")
    )
    claim = f"{{says: half of them, of: {{ratio: [{ratio}]}}, stated: 0.5, reads: half}}"
    found = corrected(tmp_path, claim)
    assert (found.prints, found.reads) == ("“half of them”", "0.7")


def test_what_no_figure_says_beside_one_that_does(tmp_path: Path) -> None:
    sides = ", ".join(
        f"{{network: small, layers: {x}, quantity: params}}" for x in ("last", "conv")
    )
    order = f"b: {{order: {{sides: [{sides}], relation: '>'}}}}"
    found = corrected(tmp_path, f"{{parts: {{a: {part('conv', 115)}, {order}}}}}")
    assert (found.prints, found.reads) == ("115", "112")


def test_one_guess_makes_a_line_unsure(tmp_path: Path) -> None:
    """By its own formula the first is 108, by the network 112."""
    guessed = f"{part('conv', 115)[:-1]}, formula: 3*3*3*4}}"
    found = corrected(tmp_path, f"{{parts: {{a: {guessed}, b: {part('last', 75)}}}}}")
    assert (found.reads, found.sure) == ("a: 108; b: 74", False)


def test_why(tmp_path: Path) -> None:
    """A note says it, by its first sentence; without one what archprof found does."""
    found = corrected(tmp_path, part("conv", 115))
    assert found.why == "it is 112"
    noted = corrected(tmp_path, f"{part('conv', 115)[:-1]}, note: Maps have biases. And so on.}}")
    assert noted.why == "Maps have biases."


def test_a_long_sentence_is_cut_between_words() -> None:
    """At most 110 characters: twelve words of eight and a space, 12*9 = 108, and two more."""
    words = "abcdefgh " * 12
    assert quoted(f"{words}xy") == f"“{words}xy”"
    assert quoted(f"{words}xyz") == f"“{words.strip()} …”"
    assert quoted("abc def", 7) == "“abc def”"
    assert quoted("abc def", 6) == "“abc …”"
    assert quoted("") == ""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("Why? 3 of them.", "Why?"),
        ("Of 1.5 GB. and more", "Of 1.5 GB. and more"),
        ("One", "One"),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first
