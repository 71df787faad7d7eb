"""Conditions of `--fail-on`: what they mean, to the last digit, and what is said of those that
mean nothing.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archprof
from archprof.analysis.receptive import Extent
from archprof.analysis.totals import Totals
from archprof.commands.diff.fail_conditions import COMPARISONS, QUANTITIES, parse_condition
from archprof.problem import ProblemError

TOTALS = archprof.load("resnet18").analyze().totals


def totals(**values: object) -> Totals:
    return TOTALS.replaced(**values)


@pytest.mark.parametrize(
    ("text", "old", "new", "met"),
    [
        ("macs>+5%", 1000, 1050, False),
        ("macs>+5%", 1000, 1051, True),
        ("macs>=+5%", 1000, 1050, True),
        ("macs>5%", 1000, 1051, True),  # a percentage is always of the change
        ("macs>+50", 1000, 1050, False),
        ("macs>+50", 1000, 1051, True),
        ("macs > +1K", 1000, 2001, True),
        ("macs>1K", 1000, 1000, False),  # no sign: the new value itself
        ("macs>1K", 1000, 1001, True),
        ("macs>1.5K", 0, 1501, True),
        ("macs>1_000", 0, 1001, True),
        ("macs<-10%", 1000, 900, False),
        ("macs<-10%", 1000, 899, True),
        ("macs<=-10%", 1000, 900, True),
        ("macs!=+0", 1000, 1000, False),
        ("macs!=+0", 1000, 999, True),
        ("macs>+0%", 0, 0, False),
        ("macs>+900%", 0, 1, True),  # from nothing any growth is more than any percentage
    ],
)
def test_arithmetic(text: str, old: int, new: int, met: bool) -> None:
    assert parse_condition(text).met(totals(macs=old), totals(macs=new)) is met


def test_sizes_count_in_powers_of_1024() -> None:
    condition = parse_condition("peak>+10MiB")
    assert [
        condition.met(totals(peak_inference_bytes=0), totals(peak_inference_bytes=n))
        for n in (10 * 1024**2, 10 * 1024**2 + 1)
    ] == [False, True]


@pytest.mark.parametrize(("unit", "size"), [("M", 10**6), ("mb", 10**6), ("Mi", 2**20)])
def test_a_size_without_a_b(unit: str, size: int) -> None:
    """In any case of letters: M is MB, as in `--memory`."""
    condition = parse_condition(f"peak>+1{unit}")
    assert [
        condition.met(totals(peak_inference_bytes=0), totals(peak_inference_bytes=n))
        for n in (size, size + 1)
    ] == [False, True]


def test_field_is_its_smaller_side() -> None:
    condition = parse_condition("field<-10")
    before = totals(extent=Extent((100, 200), "local"))
    assert condition.met(before, totals(extent=Extent((90, 300), "local"))) is False
    assert condition.met(before, totals(extent=Extent((89, 300), "local"))) is True
    # gates came in: it sees more, not less
    assert condition.met(before, totals(extent=Extent((19, 19), "all"))) is None


def test_what_cannot_be_told_is_not_met() -> None:
    """A new network has not grown; one that sees everything has no field of a size."""
    assert parse_condition("macs>+5%").met(None, TOTALS) is None
    assert parse_condition("macs>1").met(None, TOTALS) is True
    assert parse_condition("macs>1").met(TOTALS, None) is None
    assert parse_condition("field<-1").met(TOTALS, totals(extent=Extent(None, "local"))) is None


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_is_a_total(quantity: str) -> None:
    assert parse_condition(f"{quantity}>=0").met(None, TOTALS) is True
    # as `expect:` calls it
    assert parse_condition(f"{QUANTITIES[quantity]}>=0").quantity == quantity


@given(
    st.sampled_from(sorted(QUANTITIES)),
    st.sampled_from(sorted(COMPARISONS)),
    st.sampled_from(["", "+", "-"]),
    st.integers(0, 10**15),
    st.sampled_from(["", "%"]),
)
def test_whatever_is_written_is_read(
    quantity: str, comparison: str, sign: str, number: int, unit: str
) -> None:
    found = parse_condition(f" {quantity} {comparison} {sign}{number}{unit} ")
    assert (found.quantity, found.comparison, found.amount, found.percent) == (
        quantity,
        comparison,
        -number if sign == "-" else number,
        bool(unit),
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "'' is not a condition", "macs>+5%"),
        ("5%", "'5%' is not a condition", "macs>+5%"),
        ("mcas>5%", "there is no quantity `mcas`", "did you mean `macs`?"),
        ("latency>5%", "there is no quantity `latency`", "known quantities: buffers, depth"),
        ("macs", "has no comparison, expected one of > >= < <= !=", "macs>+5%"),
        ("macs=5", "compares by '='", "macs>+5%"),
        ("macs=>5", "compares by '=>'", "macs>+5%"),
        ("macs>", "compares with nothing, expected a number", "macs>+5%"),
        ("macs>five", "compares with 'five', expected a number", "macs>+5%"),
        ("macs>+5MiB", "macs is not counted in 'MiB'", "known: K, M, G, T, %"),
        ("peak>+5X", "peak is not counted in 'X'", "known: B, kB, KiB, MB, MiB,"),
        ("depth>1K", "depth is not counted in 'K'", "a plain number, or %"),
        ("macs>1e9", "macs is not counted in 'e9'", "known: K, M, G, T, %"),
        ("macs>5%%", "macs is not counted in '%%'", "known"),
        ("macs>5 % of 3", "is not a condition", "macs>+5%"),
        ("macs>\x1b[31m5", "compares with", "macs>+5%"),
        ("x" * 10_000, "there is no quantity", "known quantities"),
    ],
)
def test_what_means_nothing(text: str, message: str, hint: str) -> None:
    with pytest.raises(ProblemError) as caught:
        parse_condition(text)
    (problem,) = caught.value.problems
    assert (problem.mark.file, problem.rule) == ("--fail-on", "condition")
    assert message in problem.message
    assert hint in problem.hint
    assert len(str(problem)) < 800
    assert "\x1b" not in str(problem)
