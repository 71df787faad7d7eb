"""What to print in place of a figure: as many digits as it has, and its unit."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.letters.letter import letters
from archprof.commands.lecture.letters.should_read import printed_like


@pytest.mark.parametrize(
    ("stated", "exactly", "printed"),
    [
        ("24M", 28_701_160, "29M"),
        ("96MB", 114_804_640, "115MB"),  # two digits, and none before the point rounded away
        ("7485 MFLOP", 9_335_144_448, "9335 MFLOP"),
        ("5 million", 6_998_552, "7 million"),
        ("about 5 million", 6_998_552, "about 7 million"),
        ("12x", Fraction(62_378_344, 6_998_552), "8.9x"),  # 8.913
        ("27x", Fraction(138_357_544, 6_998_552), "20x"),  # 19.77
        ("94%", Fraction(8_912, 10_000), "89%"),
        ("1.9 MB", 1_968_384, "2.0 MB"),
        ("1.8e9", 3_644_493_824, "3.6e9"),
        ("0.7 GFLOP", 714_000_000, "0.7 GFLOP"),
        ("800K", 1_234_567, "1235K"),
        ("1,234", 56_789, "56,789"),
        ("2", 1, "1"),
        ("55", Fraction(217, 4), "54.25"),
        ("0", 3, "3"),
    ],
)
def test_as_many_digits_as_the_slide(stated: str, exactly: Fraction | int, printed: str) -> None:
    figure = parse_figure(stated)
    assert figure is not None
    assert printed_like(figure, Fraction(exactly)) == printed


# 3x8x8, 4x6x6, 2x4x4: MACs 3*3*3*4*6*6 = 3888 and 3*3*4*2*4*4 = 1152, and 2*2 of each of the 2*2*2
# pooled outputs, 32; FLOPs 2*3888 + 4*36 = 7920 and 2*1152 + 2*16 = 2336
FILE = """lecture: MINE
shapes: HxWxC
networks:
  small:
    spec:
      input: 3x8x8
      layers:
        conv: {op: conv2d, out: 4, kernel: 3}
        last: {op: conv2d, out: 2, kernel: 3}
        pool: {op: max_pool2d, kernel: 2}
claims:
"""


def reads(tmp_path: Path, claim: str) -> tuple[str, str, bool]:
    """Return what the letter says of a claim: printed, to be read, sure."""
    path = tmp_path / "claims.yaml"
    path.write_text(f"{FILE}  A: {claim}\n", encoding="utf-8")
    (letter,) = letters(decide(str(path)))
    (correction,) = letter.change
    return correction.prints, correction.reads, correction.sure


@pytest.mark.parametrize(
    ("of", "stated", "reading", "sure"),
    [
        ("layers: conv, quantity: params", "115", "112", True),
        ("layers: conv, quantity: shape", "5x5x4", "6x6x4", True),
        ("layers: conv, quantity: height", "7", "6", True),
        ("layers: conv, quantity: channels", "~5", "~4", True),
        ("layers: conv, quantity: params", "130-140", "112", True),
        # nothing explains these: of the conventions people count by, MACs are nearest
        ("layers: conv, quantity: flops", "3.6 KFLOP", "3.9 K multiply-adds", False),
        ("layers: conv, quantity: flops", "9.2K", "7.9K", True),
    ],
)
def test_values(tmp_path: Path, of: str, stated: str, reading: str, sure: bool) -> None:
    claim = f"{{of: {{network: small, {of}}}, stated: {stated}}}"
    assert reads(tmp_path, claim) == (stated, reading, sure)


def test_with_pooling(tmp_path: Path) -> None:
    """5072 is 3888 + 1152 + 32; its two middle digits exchanged are the slip that is found."""
    claim = "{of: {network: small, quantity: flops}, stated: 5.702 KFLOP}"
    prints, text, sure = reads(tmp_path, claim)
    assert (prints, sure) == ("5.702 KFLOP", False)
    assert text == "5.040 K multiply-adds (5.072 with pooling)"


def test_its_own_formula(tmp_path: Path) -> None:
    claim = "{of: {network: small, layers: conv, quantity: params}, stated: 115, formula: 3*3*3*4}"
    assert reads(tmp_path, claim) == ("115", "108", False)


def test_words_of_the_file(tmp_path: Path) -> None:
    """`instead` says what no figure can."""
    claim = (
        "{says: all of them, instead: only the first, order: {sides: [{network: small, layers:"
        " last, quantity: params}, {network: small, layers: conv, quantity: params}]}}"
    )
    assert reads(tmp_path, claim) == ("“all of them”", "only the first", True)
