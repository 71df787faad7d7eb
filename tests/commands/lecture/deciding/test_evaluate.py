"""Terms worked out: which layers a selection means, every quantity and every letter of a law by
its arithmetic, and what witnesses say.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from archprof.commands.lecture.claims.document import (
    Combined,
    Constant,
    Formula,
    Lecture,
    Quantity,
    Selection,
    Subject,
    Term,
)
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.claims.layer_facts import COMMON, FACTS
from archprof.commands.lecture.claims.quantities import QUANTITIES, fact
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.evaluate import (
    WitnessValues,
    combine,
    each,
    evaluate,
    work_out,
)
from archprof.commands.lecture.deciding.selection import select, setting_is
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import Result
from archprof.language.expression import Expression
from archprof.problem import Mark, ProblemError

TEXT = """lecture: T
title: test
networks:
  net:
    spec:
      input: 4x8x6
      blocks:
        unit:
          layers:
            conv: {op: conv2d, out: 4, kernel: [3, 1], padding: [1, 0], groups: 2}
            drop: {op: drop_path, p: 0.25}
            sum: {op: add, from: [drop, input]}
      layers:
        stem: {op: conv2d, out: 4, kernel: 3, stride: 2, padding: 1, dilation: 1, bias: false}
        norm: {op: batch_norm2d}
        body: {block: unit, repeat: 2}
        pool: {op: max_pool2d, kernel: [2, 3]}
        lose: {op: dropout, p: 0.5}
        flat: {op: flatten}
        fc: {op: linear, out: 5}
claims:
  A: {of: {network: net, quantity: depth}, stated: 4}
"""
# shapes: stem and norm 4x4x3, body 4x4x3, pool 4x2x1, flat 8, fc 5


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Lecture:
    path = tmp_path_factory.mktemp("claims") / "claims.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return load_lecture(path)


@pytest.fixture(scope="module")
def subjects(lecture: Lecture) -> Subjects:
    return Subjects(lecture)


def term(name: str, each: str = "", batch: int = 1, **selection: Any) -> Quantity:
    return Quantity(
        name, Subject("net", Mark(""), batch=batch), Selection(**selection), Mark(""), each
    )


# parameters: 3x3 over 4 channels; 3x1 over 2 of 4 with a bias; 8 features to 5
STEM, CONV, FC = 4 * 9 * 4, (4 * 2 * 3) + 4, 8 * 5 + 5
STEM_MACS, CONV_MACS, FC_MACS = STEM * 12, 4 * 2 * 3 * 12, 40  # 4x3 = 12 pixels


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("params", STEM + 8 + 2 * CONV + FC),
        ("biases", 4 + 2 * 4 + 5),
        ("weights", STEM + 4 + 2 * 24 + 40),
        ("buffers", 4 + 4 + 1),
        ("macs", STEM_MACS + 2 * CONV_MACS + FC_MACS),
        ("own_params", 0),
        ("layers", 12),
        ("connections", 14),
        ("depth", 4),
        ("input", (4, 8, 6)),
        ("input_elements", 4 * 8 * 6),
        ("aux_params", 0),
        # a convolution in a branch runs with 0.75; what all depends on always
        ("expected_macs", STEM_MACS + 2 * CONV_MACS * Fraction(3, 4) + FC_MACS),
        ("expected_layers", 1 + 2 * Fraction(3, 4) + 1),
        ("elements", 48 + 48 + 2 * 3 * 48 + 8 + 8 + 8 + 5),
        ("output_bytes", 4 * (8 * 48 + 3 * 8 + 5)),
        ("shape", (5,)),
        ("channels", 5),
        ("height", None),
        ("field", None),
    ],
)
def test_quantities_of_the_network(subjects: Subjects, name: str, value: Result | None) -> None:
    assert evaluate(subjects, term(name)) == value


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("channels", "stem", 4),
        ("height", "stem", 4),
        ("width", "stem", 3),
        ("shape", "stem", (4, 4, 3)),
        ("field", "stem", 3),
        ("field", "body.0.conv", (7, 3)),  # 3 + 2*2 along the height, where a step is 2
        ("own_params", "stem", STEM),
        ("biases", "norm", 4),
        ("weights", "norm", 4),
        ("height", "flat", None),
        ("channels", "flat", 8),
    ],
)
def test_quantities_of_a_layer(
    subjects: Subjects, name: str, path: str, value: Result | None
) -> None:
    assert evaluate(subjects, term(name, paths=(path,))) == value


@pytest.mark.parametrize("name", ["macs", "flops", "elements", "output_bytes", "input_elements"])
def test_what_grows_with_the_batch(subjects: Subjects, name: str) -> None:
    one, three = (evaluate(subjects, term(name, batch=batch)) for batch in (1, 3))
    assert isinstance(one, (int, Fraction))
    assert three == 3 * one
    assert evaluate(subjects, term("params", batch=3)) == evaluate(subjects, term("params"))


def test_block_by_block(subjects: Subjects) -> None:
    """Each block with the first of its layers."""
    assert each(subjects, term("params", each="unit")) == [
        ("body.0.conv", CONV),
        ("body.1.conv", CONV),
    ]
    assert each(subjects, term("params", paths=("fc",))) == [("", FC)]
    assert each(subjects, term("layers", each="unit", paths=("body.1",))) == [
        ("body.0.conv", 0),
        ("body.1.conv", 3),
    ]


def test_once_per_block_where_all_agree(subjects: Subjects) -> None:
    assert evaluate(subjects, term("params", each="unit")) == CONV
    assert evaluate(subjects, term("params", each="unit", ops=("conv2d",))) == CONV
    assert evaluate(subjects, term("layers", each="unit", ops=("add",))) == 1
    assert evaluate(subjects, term("shape", ops=("tanh",))) is None  # of no layer
    # 3 in one, none in the other
    assert evaluate(subjects, term("layers", each="unit", paths=("body.0",))) is None
    with pytest.raises(ProblemError, match="net has no block `units`"):
        evaluate(subjects, term("params", each="units"))


@pytest.mark.parametrize(
    ("selection", "paths"),
    [
        ({"paths": ("stem",)}, ["stem"]),
        ({"paths": ("body.1",)}, ["body.1.conv", "body.1.drop", "body.1.sum"]),
        ({"paths": ("body.*.conv",)}, ["body.0.conv", "body.1.conv"]),
        ({"paths": ("bod*",), "ops": ("add",)}, ["body.0.sum", "body.1.sum"]),
        ({"first": "pool", "last": "flat"}, ["pool", "lose", "flat"]),
        ({"first": "body", "last": "body.0"}, ["body.0.conv", "body.0.drop", "body.0.sum"]),
        ({"last": "norm"}, ["stem", "norm"]),
        ({"first": "flat"}, ["flat", "fc"]),
        ({"ops": ("conv2d", "linear")}, ["stem", "body.0.conv", "body.1.conv", "fc"]),
        ({"block": "unit", "ops": ("conv2d",)}, ["body.0.conv", "body.1.conv"]),
        ({"where": (("kernel", 3),)}, ["stem"]),
        ({"where": (("kernel", (3, 1)), ("groups", 2))}, ["body.0.conv", "body.1.conv"]),
        ({"where": (("out", "channels"),)}, ["stem", "body.0.conv", "body.1.conv"]),
        ({"where": (("stride", (2, 3)),)}, ["pool"]),  # a pooling steps by its window
        ({"where": (("op", "linear"),)}, ["fc"]),
        ({"where": (("kernel", "wide"),)}, []),
    ],
)
def test_selections(subjects: Subjects, selection: dict[str, Any], paths: list[str]) -> None:
    quantity = term("params", **selection)
    assert [
        row.node.path
        for row in select(
            subjects, subjects.analysis(quantity.subject), quantity.selection, Mark("")
        )
    ] == paths


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"paths": ("steam",)}, "net has no layer `steam` on its main path"),
        ({"paths": ("steam",), "aux": True}, "net has no layer `steam`"),
        ({"first": "body2"}, "there is no layer `body2` to begin or end with"),
        ({"first": "fc", "last": "stem"}, "`stem` is before `fc` in net"),
        ({"block": "unity"}, "net has no block `unity`"),
    ],
)
def test_what_fits_nothing(subjects: Subjects, selection: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        evaluate(subjects, term("params", **selection))
    assert raised.value.problems[0].message == message


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("input_channels", "stem", 4),
        ("input_height", "stem", 8),
        ("input_width", "stem", 6),
        ("input_channels", "fc", 8),
        ("input_height", "fc", None),
        ("kernel", "body.0.conv", 3),
        ("kernel_height", "body.0.conv", 3),
        ("kernel_width", "body.0.conv", 1),
        ("stride", "stem", 2),
        ("stride", "pool", 2),
        ("padding", "stem", 1),
        ("dilation", "stem", 1),
        ("groups", "body.1.conv", 2),
        ("out", "fc", 5),
        ("p", "lose", 0.5),
        ("input_features", "fc", 8),
        ("input_features", "stem", 6),
        ("kernel", "fc", None),
        ("macs", "fc", 40),
        ("depth", "stem", 4),
        ("size", "stem", None),
        ("factor", "stem", None),
    ],
)
def test_letters_of_a_law(subjects: Subjects, name: str, path: str, value: object) -> None:
    analysis = subjects.analysis(Subject("net", Mark("")))
    row = next(row for row in analysis.layers if row.node.path == path)
    assert fact(name, row, analysis) == value


def test_every_letter_is_tested() -> None:
    marks = next(mark for mark in test_letters_of_a_law.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    assert {name for name, _, _ in marks.args[1]} >= FACTS.keys()
    assert FACTS.keys() & QUANTITIES.keys() == COMMON.keys()  # and mean the same


def test_a_setting_it_does_not_have(subjects: Subjects) -> None:
    row = subjects.analysis(Subject("net", Mark(""))).layers[-1]
    assert row.node.kind == "linear"
    assert not setting_is(row, "kernel", 1)
    assert setting_is(row, "bias", True)


@pytest.mark.parametrize(
    ("text", "numbers", "result"),
    [
        ("($W - $F + 2*$P)/$S + 1", {"W": 227, "F": 11, "P": 0, "S": 4}, Fraction(55)),
        ("$A + $B", {"A": 0.1, "B": 0.2}, Fraction(3, 10)),  # as decimals, not 0.30000000000000004
        ("$A/3", {"A": 2}, Fraction(2, 3)),
        ("$A", {"A": 1e-12}, Fraction(1, 10**12)),
        ("$A", {"A": 1 / (10**12 + 1)}, Fraction(1, 10**12)),  # the finest there is
    ],
)
def test_a_hand_calculation_gives_the_fraction_that_is_meant(
    subjects: Subjects, text: str, numbers: dict[str, int | float], result: Fraction
) -> None:
    assert (
        work_out(subjects, Formula(text, tuple(numbers.items()), Expression(text), Mark("")))
        == result
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$A/0", "`$A/0`: 5 / 0 divides by zero"),
        ("$A > 3", "`$A > 3` gives true, expected a number"),
        ("'A'", "`'A'` gives 'A', expected a number"),
    ],
)
def test_a_hand_calculation_that_gives_no_number(
    subjects: Subjects, text: str, message: str
) -> None:
    with pytest.raises(ProblemError) as raised:
        work_out(subjects, Formula(text, (), Expression(text), Mark("")), {"A": 5})
    assert raised.value.problems[0].message == message


# --- what witnesses say ---

SAYS = WitnessValues(
    {
        ("params", "stem"): 144,
        ("params", "norm"): 8,
        ("macs", "stem"): 10,
        ("macs", "norm"): 0,
        ("shape", "stem"): (4, 4, 3),
        ("shape", "norm"): (4, 4, 3),
        ("shape", "flat"): (8,),
        ("field", "stem"): 3,
        ("depth", ""): 4,
    }
)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (term("params", last="norm"), 152),
        (term("params", last="norm", batch=5), 152),
        (term("macs", last="norm", batch=5), 50),
        (term("params"), None),  # it says nothing of the others
        (term("channels", paths=("stem",)), 4),
        (term("height", paths=("stem",)), 4),
        (term("width", paths=("stem",)), 3),
        (term("shape", paths=("stem",)), (4, 4, 3)),
        (term("field", paths=("stem",)), 3),
        (term("channels", paths=("flat",)), 8),
        (term("width", paths=("flat",)), None),
        (term("shape", paths=("fc",)), None),
        (term("elements", last="norm"), 96),
        (term("elements", last="norm", batch=2), 192),
        (term("output_bytes", last="norm"), 4 * 96),
        (term("elements"), None),
        (term("depth"), 4),
        (term("input"), None),
        (term("own_params", paths=("stem",)), None),
    ],
)
def test_the_same_over_what_a_witness_says(
    subjects: Subjects, asked: Quantity, value: Result | None
) -> None:
    said = {asked.subject: SAYS}
    assert evaluate(subjects, asked, None, said) == value
    assert evaluate(subjects, asked, None, {}) is None  # of another network


# --- put together ---


@pytest.mark.parametrize(
    ("how", "values", "result"),
    [
        ("ratio", [6, 4], Fraction(3, 2)),
        ("ratio", [6, 0], None),
        ("difference", [6, 4], 2),
        ("sum", [6, 4, 1], 11),
        ("product", [6, 4, 2], 48),
        ("sum", [], 0),
        ("product", [], 1),
    ],
)
def test_combinations(how: str, values: list[int], result: Fraction | None) -> None:
    assert combine(how, [Fraction(value) for value in values]) == result


def test_combined_terms(subjects: Subjects) -> None:
    figure = parse_figure("10")
    assert figure is not None
    parts: tuple[Term, ...] = (term("params", paths=("fc",)), Constant(figure))
    assert evaluate(subjects, Combined("product", parts)) == 450
    # of a shape there is no product
    assert (
        evaluate(subjects, Combined("product", (term("shape", paths=("stem",)), Constant(figure))))
        is None
    )
