"""Numbers and foreign text as text for people."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof import units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (999, "999"),
        (1000, "1.00 K"),
        (1234, "1.23 K"),
        (9_994, "9.99 K"),
        (9_995, "10.0 K"),
        (45_600_000, "45.6 M"),
        (99_950, "100 K"),
        (999_499, "999 K"),
        (999_500, "1.00 M"),
        (999_999, "1.00 M"),
        (61_100_840, "61.1 M"),
        (4_089_184_256, "4.09 G"),
        (7_800_000_000, "7.80 G"),
        (10**12, "1.00 T"),
        (10**15, "1.00 P"),
        (10**18, "1.00 E"),
        (123 * 10**20, "12300 E"),
        (-1234, "-1.23 K"),
    ],
)
def test_count(value: int, text: str) -> None:
    assert units.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (1239, "1.21 KiB"),
        (1024**2 - 1, "1.00 MiB"),
        (102_236_160, "97.5 MiB"),
        (1024**3, "1.00 GiB"),
        (1024**4, "1.00 TiB"),
    ],
)
def test_size(value: int, text: str) -> None:
    assert units.size(value) == text


@given(st.integers(0, 10**20))
def test_three_digits_are_right_and_short(value: int) -> None:
    """Within half a unit of the third digit, and never wider than six characters, which columns
    rely on.
    """
    text = units.count(value)
    number, _, name = text.partition(" ")
    shown = Fraction(number) * 1000 ** ("", "K", "M", "G", "T", "P", "E").index(name)
    assert abs(shown - value) <= Fraction(value, 199)
    assert value >= 10**21 or len(text) <= 6
    assert (text.value, units.exact(value).value, units.size(value).value) == (value, value, value)


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_larger_never_looks_smaller(a: int, b: int) -> None:
    def seen(text: str) -> Fraction:
        number, _, name = text.partition(" ")
        return Fraction(number) * 1000 ** ("", "K", "M", "G", "T", "P", "E").index(name)

    assert (seen(units.count(a)) <= seen(units.count(b))) or a > b


def test_exact() -> None:
    assert (units.exact(61_100_840), units.exact(0), units.exact(-1000)) == (
        "61,100,840",
        "0",
        "-1,000",
    )


def test_figures_are_texts_with_their_number() -> None:
    figure = units.count(25_557_032)
    assert (f"{figure:>8}", figure + "!", len(figure), figure.value) == (
        "  25.6 M",
        "25.6 M!",
        6,
        25_557_032,
    )


@pytest.mark.parametrize(
    ("dims", "text"), [((3, 224, 224), "3x224x224"), ([10], "10"), ((), "scalar"), ((1, 1), "1x1")]
)
def test_shape(dims: tuple[int, ...], text: str) -> None:
    assert units.shape(dims) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (Fraction(4, 2), "2"),
        (Fraction(1, 2), "0.5"),
        (Fraction(217, 4), "54.25"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-7, 3), "-7/3"),
        (Fraction(1, 16), "0.0625"),
        (Fraction(1, 32), "1/32"),
        (Fraction(10**20 + 1, 2), f"{10**20 + 1}/2"),
    ],
)
def test_fraction(value: Fraction | int, text: str) -> None:
    assert units.fraction(value) == text


def test_pair() -> None:
    assert (units.pair(7, 7), units.pair(7, 1), units.pair("all", "all")) == ("7", "7x1", "all")


@pytest.mark.parametrize(
    ("part", "whole", "text", "ratio"),
    [
        (1, 2, "50.0%", 0.5),
        (0, 7, "0.0%", 0),
        (7, 7, "100.0%", 1),
        (1, 3, "33.3%", 0.333333),
        (5, 0, "-", 0),
    ],
)
def test_share(part: int, whole: int, text: str, ratio: float) -> None:
    found = units.share(part, whole)
    assert (found, found.value) == (text, ratio)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, éü, 网络, ✓ 😀", "plain, éü, 网络, ✓ 😀"),
        ("a\tb", "a b"),
        ("a\nb\r", r"a\x0ab\x0d"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066\u2069\u200f\u061c", r"\u2066\u2069\u200f\u061c"),
        ("a\u200bb\ufeff\xad", r"a\u200bb\ufeff\xad"),
        ("\u2028\x85", r"\u2028\x85"),
        ("\udce9", r"\udce9"),
        ("\U000e0041", r"\U000e0041"),
        ("[red]", "[red]"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert units.printable(text) == shown
    assert units.printable(shown) == shown


@given(st.text())
def test_printable_is_one_line_that_can_be_encoded(text: str) -> None:
    found = units.printable(text)
    assert len(found.splitlines()) <= 1
    found.encode("utf-8")


def test_changes_have_signs() -> None:
    assert [units.signed(n) for n in (1234, -1234, 0)] == ["+1.23 K", "-1.23 K", "-"]
    assert units.signed(2048, units.size) == "+2.00 KiB"
    assert units.signed(-3, str).value == -3


SMALLEST = ["-0.00006%", "-0.00000001%"]


def test_changes_in_percent() -> None:
    texts = [
        units.relative(old, new)
        for old, new in (
            (100, 105),
            (100, 95),
            (100, 100),
            (0, 5),
            (1_000_000, 1_000_001),
            (100_000_000, 99_999_940),  # -0.00006 %
            (10_000_000_000, 9_999_999_999),  # -0.00000001 %
            (1, 1000),
            (10, 0),
        )
    ]
    assert texts == ["+5.0%", "-5.0%", "-", "-", "+0.0001%", *SMALLEST, "+99,900%", "-100.0%"]
    assert units.relative(100, 105).value == 0.05


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ns"),
        (1e-4, "100 ns"),
        (0.0123, "12.3 µs"),
        (0.9994, "999 µs"),
        (0.9996, "1.00 ms"),
        (9.994, "9.99 ms"),
        (9.996, "10.0 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (12_345, "12.3 s"),
    ],
)
def test_duration(milliseconds: float, text: str) -> None:
    """Three digits in the unit that suits; the number itself in milliseconds."""
    assert (units.duration(milliseconds), units.duration(milliseconds).value) == (
        text,
        milliseconds,
    )


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (0.5, "0.50"),
        (9.994, "9.99"),
        (99.96, "100"),
        (999.4, "999"),
        (999.6, "1.00 K"),
        (12_345.6, "12.3 K"),
    ],
)
def test_rate(per_second: float, text: str) -> None:
    assert (units.rate(per_second), units.rate(per_second).value) == (text, per_second)


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 layers"), (1, "1 layer"), (2, "2 layers"), (21, "21 layers")]
)
def test_number_of(n: int, text: str) -> None:
    assert units.number_of(n, "layer") == text


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        (["a", "b", "c", "d", "e"], "a, b and 3 more"),
    ],
)
def test_the_first_names(names: list[str], text: str) -> None:
    assert units.some(names, 2) == text


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        (["a"], "`a` is unknown"),
        (["a", "b"], "`a` and 1 more layer are unknown"),
        (["a", "b", "c"], "`a` and 2 more layers are unknown"),
    ],
)
def test_whose_answer_is_unknown(paths: list[str], text: str) -> None:
    assert units.unknown_of(paths) == text


def test_a_lower_bound_is_no_figure() -> None:
    bound = units.at_least(units.count(3_860_000_000))
    assert bound == "≥ 3.86 G"
    assert isinstance(bound, units.Inexact)
    assert isinstance(units.UNKNOWN, units.Inexact)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (6, 3, "2"),
        (0, 7, "0"),
        (-6, 3, "-2"),
        (5, 4, "1.25"),
        (-5, 4, "-1.25"),
        (-1, 2, "-0.5"),
        (1, 10_000, "0.0001"),
        (1, 20_000, "1/20000"),  # 0.00005 has a fifth decimal
        (1, 3, "1/3"),
        (-4, 6, "-2/3"),
        (105, 10, "10.5"),
        (100, 80, "1.25"),
        (10**20 + 1, 2, "100000000000000000001/2"),  # more digits than a float has
    ],
)
def test_exact_ratios(part: int, whole: int, text: str) -> None:
    assert units.quotient(part, whole) == text
    assert units.fraction(Fraction(part, whole)) == text


@pytest.mark.parametrize(
    ("value", "base", "text"),
    [
        (3, 2, "1.50"),
        (0, 7, "0.00"),
        (1, 10, "0.10"),
        (87, 1_000, "0.087"),
        (25_600, 11_700_000, "0.0022"),  # 0.002188
        (-1, 3_000, "-0.00033"),
        (9_999, 100_000, "0.10"),  # 0.09999, whose two digits are 10
    ],
)
def test_a_ratio_is_zero_only_of_nothing(value: float, base: float, text: str) -> None:
    assert units.ratio(value, base) == text
