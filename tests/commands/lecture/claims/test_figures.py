"""Printed figures: value, precision, and what rounds to them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.lecture.claims.figures import (
    parse_figure,
    parse_filter,
    parse_volume,
    volume_text,
)


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        (55, 55, 0),
        ("4,096", 4096, 0),
        ("1_000", 1000, 0),
        ("35K", 35_000, 1000),
        ("138M", 138 * 10**6, 10**6),
        ("5 million", 5 * 10**6, 10**6),
        ("13.6G", 13_600_000_000, 10**8),
        ("1.8e9", 18 * 10**8, 10**8),
        ("96 MB", 96 * 10**6, 10**6),
        ("784 KiB", 784 * 1024, 1024),
        ("418 MFLOP", 418 * 10**6, 10**6),
        ("0.7 G multiply-adds", None, None),
        ("12x", 12, 1),
        ("62.4%", Fraction(624, 1000), Fraction(1, 1000)),
        ("~2", 2, 1),
        ("3 GB", 3 * 10**9, 10**9),
        ("93 MB / image", 93 * 10**6, 10**6),
        # zeros behind the first two digits state nothing: the slides print 802,816 as 800K and
        # 100,352
        # as 100K
        ("800K", 800_000, 10_000),
        ("100K", 100_000, 10_000),
        ("150K", 150_000, 10_000),
        ("25K", 25_000, 1000),
        ("1.60M", 1_600_000, 10_000),
        ("3.8 × 10^9", 38 * 10**8, 10**8),
        ("3.8x10^9", 38 * 10**8, 10**8),
        ("1.5·10⁹ FLOPs", 15 * 10**8, 10**8),
        ("11.3*10^9", 113 * 10**8, 10**8),
        ("138M parameters", 138 * 10**6, 10**6),
        ("8 times", 8, 1),
        ("3.8 × 9^9", None, None),
        ("3.8 × 10", None, None),
        ("fast", None, None),
        ("", None, None),
        (None, None, None),
        (True, None, None),
        ("12 parsecs", None, None),
        ("1.2.3", None, None),
    ],
)
def test_figures_are_read_with_their_precision(
    text: object, value: Fraction | None, step: Fraction | None
) -> None:
    figure = parse_figure(text)
    assert (
        (figure.value, figure.step) == (value, step)
        if value is not None and figure
        else figure is None
    )


@pytest.mark.parametrize(
    ("prefix", "factor"),
    [
        *((prefix, 10**3) for prefix in ("k", "K", " thousand")),
        *((prefix, 10**6) for prefix in ("M", " million")),
        *((prefix, 10**9) for prefix in ("G", "B", " billion")),
        *((prefix, 10**12) for prefix in ("T", " trillion")),
        ("Ki", 2**10),
        ("Mi", 2**20),
        ("Gi", 2**30),
        ("Ti", 2**40),
    ],
)
def test_every_prefix(prefix: str, factor: int) -> None:
    """The last digit of 1.5 is a tenth of it."""
    found = parse_figure(f"1.5{prefix}")
    assert found is not None
    assert (found.value, found.step) == (Fraction(3, 2) * factor, Fraction(1, 10) * factor)
    assert found.base == (1024 if prefix.endswith("i") else 1000)


@given(st.integers(10, 999), st.sampled_from(["K", "M", "G"]), st.integers(-499, 499))
def test_a_figure_holds_what_rounds_to_it_and_nothing_else(
    digits: int, prefix: str, off: int
) -> None:
    scale = {"K": 10**3, "M": 10**6, "G": 10**9}[prefix]
    figure = parse_figure(f"{digits}.0{prefix}")
    assert figure is not None
    near = Fraction(digits * scale) + Fraction(off, 1000) * figure.step
    assert figure.rounds(near)
    assert not figure.rounds(near + (2 if off >= 0 else -2) * figure.step)


@pytest.mark.parametrize(
    ("text", "value", "rounds"),
    [
        ("35K", 35_499, True),
        ("35K", 35_501, False),
        ("34K", 34_944, False),  # the wrong last digit of 35K
        ("800K", 802_816, True),
        ("800K", 794_999, False),  # prints as 790K at two digits
        ("810K", 802_816, False),
        ("96 MB", 96_400_000, True),
        ("96 MB", 97_000_000, False),
        ("3.8e9", 3_849_999_999, True),
        ("3.8e9", 3_850_000_001, False),
        # below a power of ten the digits are finer: 96M is not 100M, and 6e-3 not 1e-2
        ("100M", 96_000_000, False),
        ("100M", 99_600_000, True),
        ("100M", 104_000_000, True),
        ("1e-2", Fraction(6, 1000), False),
        ("1e-2", Fraction(996, 100_000), True),
        ("1.0e9", 960_000_000, False),
        ("~2", Fraction(5, 2), True),
        ("~2", Fraction(251, 100), False),
        ("~5000", 4_960, True),  # 50 hundred
        ("~5000", 4_940, False),
        ("5000", 4_999, False),  # exact
        ("1.0M", 960_000, True),  # one digit behind the point
        ("1.0M", 949_999, False),
        ("94%", Fraction(935, 1000), True),
        ("94%", Fraction(934, 1000), False),
    ],
)
def test_what_printed_digits_claim(text: str, value: Fraction | int, rounds: bool) -> None:
    figure = parse_figure(text)
    assert figure is not None
    assert figure.rounds(Fraction(value)) is rounds


def test_powers_of_1024() -> None:
    figure = parse_figure("35K")
    assert figure is not None
    assert figure.scaled(1024).value == 35 * 1024
    assert figure.scaled(1024).rounds(Fraction(35 * 1024 + 512))
    assert not figure.scaled(1024).rounds(Fraction(35_000))


def test_cutting_is_not_rounding() -> None:
    figure = parse_figure("3.6e9")
    assert figure is not None
    macs = Fraction(3_663_761_408)  # ResNet-34
    assert figure.cuts(macs)
    assert not figure.rounds(macs)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("418 MFLOP", "418"), ("3.8 × 10^9", "38"), ("1.8e9", "18"), ("93 MB / 2 images", "93")],
)
def test_digits_are_those_of_the_number_alone(text: str, digits: str) -> None:
    figure = parse_figure(text)
    assert figure is not None
    assert figure.digits() == digits


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("3 × 3 × 3 × 32", (3, 3, 3, 32)),
        ("3×3×512 dw", (3, 3, 1, 512)),
        ("3x3x512", (3, 3, 512)),
        ("1024 × 1000", (1024, 1000)),
        ("Pool 7 × 7", (7, 7)),
        ("seven", None),
        (7, None),
    ],
)
def test_filters_as_papers_print_them(text: object, shape: tuple[int, ...] | None) -> None:
    assert parse_filter(text) == shape


def test_shapes_as_lectures_write_them() -> None:
    assert parse_volume("55 × 55 × 96", channels_last=True) == (96, 55, 55)
    assert parse_volume("112×112", channels_last=True) == (112, 112)
    assert parse_volume("55x55x96", channels_last=True) == (96, 55, 55)
    assert parse_volume("96x55x55", channels_last=False) == (96, 55, 55)
    assert parse_volume(4096, channels_last=True) == (4096,)
    assert volume_text((96, 55, 55), channels_last=True) == "55x55x96"
    assert parse_volume("wide", channels_last=True) is None
