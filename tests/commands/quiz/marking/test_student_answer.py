"""Answers as students write them: numbers, shapes, and the conventions they may follow."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.analysis.analysis import analyze
from archprof.analysis.counting import CONVENTIONS
from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC, BY_HAND
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.conventions import conventions
from archprof.commands.quiz.marking.student_answer import (
    SCALES,
    Reading,
    agreeing,
    counted,
    fits,
    number_readings,
    parse_ints,
    parse_number,
    shape_readings,
)
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.problem import Mark

CONV = expand(find("alexnet")).nodes[0]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("96x55x55", (96, 55, 55)),
        ("55 x 55 x 96", (55, 55, 96)),
        ("[55x55x96]", (55, 55, 96)),
        ("(96, 55, 55)", (96, 55, 55)),
        ("96×55×55", (96, 55, 55)),
        ("96*55*55", (96, 55, 55)),
        ("4096", (4096,)),
        ("1X1X4096", (1, 1, 4096)),
        ("55 55 96", (55, 55, 96)),
        ("", None),
        ("96 by 55", None),
        ("x", None),
        ("9" * 30, None),
        ("1x2x3x4x5", None),
    ],
)
def test_shapes(text: str, numbers: tuple[int, ...] | None) -> None:
    assert parse_ints(text) == numbers


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("34944", 34944, 0),
        ("34,944", 34944, 0),
        ("34 944", 34944, 0),
        ("34'944", 34944, 0),
        ("35K", 35000, 1000),
        ("0.1 G", 10**8, 10**8),
        ("1.05e8", 105 * 10**6, 10**6),
        ("-", 0, 0),
        ("none", 0, 0),
        ("105,400,000", 105_400_000, 100_000),
        ("3000", 3000, 0),
        ("784 KiB", 784 * 1024, 1024),
    ],
)
def test_numbers(text: str, value: int, step: int) -> None:
    figure = parse_number(text)
    assert figure is not None
    assert (figure.value, figure.step) == (value, step)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        # three zeros, and two digits before them
        ("12,300", 0),
        ("12,000", 1000),
        ("1,000", 0),
        ("10,000", 0),
        ("11,000", 1000),
        ("120,000", 10**4),
        ("100,000", 0),  # "1" is no two digits: nobody rounds to one
        ("12,345,000", 1000),
        ("1,230,000", 10**4),
        ("12,300,000", 10**5),
    ],
)
def test_a_whole_number_is_rounded_where_three_zeros_follow_two_digits(
    text: str, step: int
) -> None:
    figure = parse_number(text)
    assert figure is not None
    assert figure.step == step


@pytest.mark.parametrize("text", ["", "many", "35 KG", "=1+1", "1/2", "34.9.4", "?"])
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def readings(text: str, column: str) -> list[Reading]:
    figure = parse_number(text)
    assert figure is not None
    return list(
        number_readings(figure, counted(column, CONV.op, CONV.facts.inputs, CONV.output), column)
    )


MACS, OUTPUTS = 11 * 11 * 3 * 96 * 55 * 55, 96 * 55 * 55


@pytest.mark.parametrize(
    ("column", "conditions", "numbers"),
    [
        ("params", {}, {"with biases": 34_944, "without biases": 34_944 - 96}),
        ("params", {"batch": 2}, {"with biases": 34_944, "without biases": 34_944 - 96}),
        ("params", {"shared": True}, {"with biases": 0, "without biases": 0}),
        (
            "macs",
            {},
            {
                "": MACS,
                "2 per MAC": 2 * MACS,
                "FLOPs of all arithmetic": 2 * MACS + OUTPUTS,
                "MACs and k*k per pooled output": MACS,
                "fvcore's count": MACS,
            },
        ),
        (
            "flops",
            {"batch": 3},
            {
                "MACs": 3 * MACS,
                "2 per MAC": 6 * MACS,
                "": 6 * MACS + 3 * OUTPUTS,
                "MACs and k*k per pooled output": 3 * MACS,
                "fvcore's count": 3 * MACS,
            },
        ),
        (
            "memory",
            {},
            {
                "": 4 * OUTPUTS,
                "1 byte per element": OUTPUTS,
                "2 bytes per element": 2 * OUTPUTS,
                "8 bytes per element": 8 * OUTPUTS,
                "outputs of conv, pool and fc alone": 4 * OUTPUTS,
                "outputs of conv and fc alone": 4 * OUTPUTS,
            },
        ),
        (
            "memory",
            {"batch": 5, "dtype": "float16"},
            {
                "": 10 * OUTPUTS,
                "1 byte per element": 5 * OUTPUTS,
                "4 bytes per element": 20 * OUTPUTS,
                "8 bytes per element": 40 * OUTPUTS,
                "outputs of conv, pool and fc alone": 10 * OUTPUTS,
                "outputs of conv and fc alone": 10 * OUTPUTS,
            },
        ),
    ],
)
def test_what_a_convolution_has_by_every_convention(
    column: str, conditions: dict[str, Any], numbers: dict[str, int]
) -> None:
    found = counted(column, CONV.op, CONV.facts.inputs, CONV.output, **conditions)
    assert {name: value for (_, name), value in found.items()} == numbers
    assert {dimension for dimension, _ in found} == {
        {"params": "parameters", "memory": "memory"}.get(column, "arithmetic")
    }


@pytest.mark.parametrize(
    ("layer", "pooled", "bare"), [("pool1", 1, 0), ("relu1", 0, 0), ("fc6", 1, 1)]
)
def test_whose_outputs_count(layer: str, pooled: int, bare: int) -> None:
    node = next(node for node in expand(find("alexnet")).nodes if node.path == layer)
    found = counted("memory", node.op, node.facts.inputs, node.output)
    own = found["memory", ""]
    assert [
        found["memory", f"outputs of {what} alone"] for what in ("conv, pool and fc", "conv and fc")
    ] == [pooled * own, bare * own]


PARAMS = {"with biases": 34_944, "without biases": 34_848}


@pytest.mark.parametrize(
    ("text", "conventions", "exact"),
    [
        ("34944", {"parameters": "with biases"}, True),
        ("34,848", {"parameters": "without biases"}, True),
        ("34.9K", {"parameters": "with biases", "prefixes": "powers of 1000"}, False),
        # 34,944 / 1024 = 34.125
        ("34.1K", {"parameters": "with biases", "prefixes": "powers of 1024"}, False),
        ("34.8K", {"parameters": "without biases", "prefixes": "powers of 1000"}, False),
        ("34.94", {"parameters": "with biases", "units": "in thousands"}, False),
    ],
)
def test_parameters(text: str, conventions: dict[str, str], exact: bool) -> None:
    assert Reading(tuple(conventions.items()), exact) in readings(text, "params")


@pytest.mark.parametrize(
    ("text", "conventions", "exact"),
    [
        ("1161600", {"memory": ""}, True),
        ("1134.375 KB", {"memory": "", "byte prefixes": "powers of 1024"}, True),
        ("1134 KiB", {"memory": ""}, False),
        ("1.16 MB", {"memory": "", "byte prefixes": "powers of 1000"}, False),
        ("290400", {"memory": "1 byte per element"}, True),
        ("580,800", {"memory": "2 bytes per element"}, True),
        ("1134", {"memory": "", "units": "in KiB"}, False),
    ],
)
def test_memory(text: str, conventions: dict[str, str], exact: bool) -> None:
    assert Reading(tuple(conventions.items()), exact) in readings(text, "memory")


@pytest.mark.parametrize("text", ["34945", "35.0K", "36K", "33K", "0", "349", "34.9M"])
def test_what_is_none_of_them(text: str) -> None:
    assert readings(text, "params") == []


@pytest.mark.parametrize("count", ["full", "macs", "torch", "fvcore", "timm", "lecture"])
def test_every_count_that_people_use_is_accepted(count: str) -> None:
    """Conventions of `summary --count`, in the column of MACs and in that of FLOPs; what other
    tools add by mistake is not a convention of a sheet.
    """
    for column in ("macs", "flops"):
        assert readings(str(CONVENTIONS[count].counted(CONV.facts)), column)


def test_a_tools_bias_is_not_accepted() -> None:
    """ptflops adds the bias to the MACs: 105,415,200 + 96*55*55."""
    assert readings("105,705,600", "macs") == []


TOOLS = {label for name, label in ARITHMETIC.items() if name not in (*BY_HAND, "flops_fvcore")}


@pytest.mark.parametrize(
    ("quantity", "column"),
    [
        *((name, "macs") for name in (*BY_HAND, "flops_fvcore")),
        ("params", "params"),
        ("output_bytes", "memory"),
    ],
)
def test_every_reading_of_the_solver_is_accepted(quantity: str, column: str) -> None:
    """Layer by layer: what the solver declares as a reading is right here too."""
    analysis = analyze(expand(find("alexnet")), count="macs")
    rows = [row for row in analysis.layers if row.node.kind not in ("relu", "dropout")]
    term = Quantity(quantity, Subject("alexnet", Mark("")), Selection(), Mark(""))
    subjects = Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))
    for label, _, parts in conventions(subjects, term, rows, analysis, most=9):
        # those are a total's
        if label in TOOLS or label.startswith(("outputs of", "activations in place")):
            continue
        for row, value in zip(rows, parts, strict=True):
            values = counted(column, row.node.op, row.node.facts.inputs, row.node.output)
            figure = parse_number(str(int(value)))
            assert figure is not None
            assert any(r.exact for r in number_readings(figure, values, column)), (
                label,
                row.node.path,
                value,
            )


@given(st.tuples(*[st.integers(2, 600)] * 3))
def test_a_shape_in_either_order_and_no_other(shape: tuple[int, int, int]) -> None:
    c, h, w = shape
    for order, name in ((shape, "CxHxW"), ((h, w, c), "HxWxC")):
        found = list(shape_readings(order, shape))
        assert found
        assert found[0].exact
        assert found[0].conventions in ((("shapes", name),), (("shapes", "CxHxW"),), ())
    assert not list(shape_readings((c + 1, h, w), shape))
    assert not list(shape_readings((c, h), shape))


@pytest.mark.parametrize(
    ("given", "right", "convention"),
    [
        ((96, 55, 55), (96, 55, 55), "CxHxW"),
        ((55, 55, 96), (96, 55, 55), "HxWxC"),
        ((4, 5, 3), (3, 4, 5), "HxWxC"),
        # which says nothing of the order
        ((3, 4, 5), (3, 4, 5), "CxHxW"),
        ((7, 7, 7), (7, 7, 7), None),
        ((4096,), (4096,), None),
        ((197, 768), (197, 768), None),
    ],
)
def test_the_order_of_a_shape(
    given: tuple[int, ...], right: tuple[int, ...], convention: str | None
) -> None:
    assert list(shape_readings(given, right)) == [
        Reading((("shapes", convention),) if convention else (), True)
    ]


@pytest.mark.parametrize(
    ("given", "right"),
    [((5, 4, 3), (3, 4, 5)), ((4, 3, 5), (3, 4, 5)), ((768, 197), (197, 768)), ((3, 4), (3, 4, 5))],
)
def test_no_other_order_is_a_shape(given: tuple[int, ...], right: tuple[int, ...]) -> None:
    assert list(shape_readings(given, right)) == []


def test_axes_of_one_may_be_left_out() -> None:
    assert list(shape_readings((4096,), (4096, 1, 1)))
    assert list(shape_readings((1, 1, 4096), (4096,)))
    assert not list(shape_readings((1, 4096, 1), (2048,)))


@given(st.integers(1000, 10**11))
def test_rounding_to_the_written_digits(value: int) -> None:
    """The number to three digits with its prefix is right, and one unit further off it is not."""
    power = min(3, (len(str(value)) - 1) // 3)
    unit = 10 ** (3 * power)
    text = f"{value / unit:.2f}"
    digits = Fraction(text)
    here = {("arithmetic", ""): Fraction(value)}
    prefix = ("", "K", "M", "G")[power]
    figure = parse_number(f"{text}{prefix}")
    assert figure is not None
    assert list(number_readings(figure, here, "macs"))
    further = parse_number(f"{float(digits + Fraction(2, 100)):.2f}{prefix}")
    assert further is not None
    assert not [
        r
        for r in number_readings(further, here, "macs")
        if dict(r.conventions).get("prefixes") != "powers of 1024"
    ]


def test_the_convention_of_most_is_the_one_in_use() -> None:
    def order(name: str) -> list[Reading]:
        return [Reading((("shapes", name),), True)]

    used = agreeing([order("HxWxC"), order("HxWxC"), order("CxHxW"), [Reading((), True)]])
    assert used["shapes"] == "HxWxC"
    assert not fits(order("CxHxW")[0], used)
    assert fits(Reading((), True), used)
    # the sheet's own where they are as many
    assert agreeing([order("HxWxC"), order("CxHxW")])["shapes"] == "CxHxW"


def test_units_are_those_of_the_column() -> None:
    assert {*SCALES} == {"params", "macs", "memory"}


# --- where the lines are drawn ---


def of(text: str, value: int, column: str = "macs") -> list[Reading]:
    """The readings of an answer, where `value` is right by the column's own convention."""
    figure = parse_number(text)
    assert figure is not None
    return list(number_readings(figure, {("arithmetic", ""): Fraction(value)}, column))


@pytest.mark.parametrize(
    ("value", "right"),
    [
        # 12.5M is half of 0.1M from 12.45M and 12.55M, halves either way
        (12_449_999, False),
        (12_450_000, True),
        (12_550_000, True),
        (12_550_001, False),
    ],
)
def test_rounded_to_half_of_the_last_digit(value: int, right: bool) -> None:
    assert (Reading((("prefixes", "powers of 1000"),), False) in of("12.5M", value)) == right


@pytest.mark.parametrize(
    ("value", "conventions"),
    [
        (12_550_000, ()),  # rounds
        (12_550_001, (("digits", "cut off"),)),
        (12_599_999, (("digits", "cut off"),)),
        (12_600_000, None),  # would be cut off to 12.6M
    ],
)
def test_cut_off_up_to_the_next_digit(
    value: int, conventions: tuple[tuple[str, str], ...] | None
) -> None:
    tails = [
        r.conventions[1:] if r.conventions and r.conventions[0][0] == "prefixes" else r.conventions
        for r in of("12.5M", value)
    ]
    assert tails == ([] if conventions is None else [conventions])


@pytest.mark.parametrize(
    ("text", "value", "conventions"),
    [
        ("15", 14_500, (("units", "in thousands"),)),  # half of 1,000 from 15,000
        ("15", 14_499, None),
        ("15", 15_500, (("units", "in thousands"),)),
        ("15", 15_501, None),
        ("7", 7_000, None),  # one digit is too little to go by
        ("70", 70_000, None),  # zeros tell nothing
        ("705", 705_000, (("units", "in thousands"),)),
        ("1.5", 1_500_000, (("units", "in millions"),)),
        ("1.5", 1_449_999, None),  # half of 0.1 million from 1.5
        ("1.5", 1_450_000, (("units", "in millions"),)),
    ],
)
def test_a_bare_number_in_thousands_or_millions(
    text: str, value: int, conventions: tuple[tuple[str, str], ...] | None
) -> None:
    assert [r.conventions for r in of(text, value)] == (
        [] if conventions is None else [conventions]
    )


@pytest.mark.parametrize(
    ("text", "column", "value", "unit"),
    [
        ("12.5", "params", 12_500, "in thousands"),
        ("12.5", "params", 12_500_000, "in millions"),
        ("12.5", "params", 12_500_000_000, None),
        ("12.5", "macs", 12_500, "in thousands"),
        ("12.5", "macs", 12_500_000, "in millions"),
        ("12.5", "flops", 12_500_000_000, "in billions"),
        ("12.5", "memory", 12_500, "in KB"),
        ("12.5", "memory", 12_500_000, "in MB"),
        ("12.5", "macs", 1_250, None),
        # 12.5*1024 and 12.5*1024*1024
        ("12.5", "memory", 12_800, "in KiB"),
        ("12.5", "memory", 13_107_200, "in MiB"),
    ],
)
def test_every_unit_of_a_bare_number(text: str, column: str, value: int, unit: str | None) -> None:
    exact = [dict(r.conventions).get("units") for r in of(text, value, column) if r.exact]
    assert exact == ([unit] if unit else [])


def test_the_cost_of_a_reading_is_its_distance_from_the_sheet() -> None:
    assert Reading((), True).cost() == (0, False)
    assert Reading((("shapes", "CxHxW"),), True).cost() == (0, False)
    assert Reading((("shapes", "HxWxC"),), True).cost() == (1, False)
    assert Reading(
        (("memory", "1 byte per element"), ("byte prefixes", "powers of 1000")), False
    ).cost() == (2, True)


def test_axes_of_one_that_are_left_out_are_exactly_right() -> None:
    """120x1x1 written as 120 has no convention of its own, and is not a rounding."""
    assert list(shape_readings((120,), (120, 1, 1))) == [Reading((), True)]
    assert list(shape_readings((120,), (121, 1, 1))) == []
