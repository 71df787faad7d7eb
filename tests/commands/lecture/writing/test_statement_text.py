"""Statements and terms as text."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.claims.document import (
    Combined,
    Constant,
    Every,
    Experiment,
    Formula,
    Law,
    Modules,
    Order,
    Quantity,
    Selection,
    Series,
    Stated,
    Statement,
    Subject,
    Term,
    Undecidable,
)
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.writing.statement_text import describe, setting_text, term_text
from archprof.language.expression import Expression
from archprof.problem import Mark

HERE = Mark("")
NET = Subject("net", HERE)


def quantity(name: str = "params", each: str = "", **selection: object) -> Quantity:
    return Quantity(name, NET, Selection(**selection), HERE, each)  # type: ignore[arg-type]


A, B, C = quantity("params"), quantity("macs"), quantity("flops")


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (quantity("output_bytes"), "output bytes of net"),
        (quantity(paths=("a", "b.*")), "params of net a, b.*"),
        (quantity(first="a"), "params of net a..end"),
        (quantity(last="b"), "params of net start..b"),
        (quantity(first="a", last="b"), "params of net a..b"),
        (quantity(ops=("conv2d", "linear")), "params of net conv2d+linear"),
        (
            quantity(where=(("kernel", (3, 3)), ("bias", False))),
            "params of net kernel 3x3 bias false",
        ),
        (quantity(block="unit"), "params of net in unit"),
        (quantity(each="unit"), "params of net per unit"),
        (quantity(aux=True), "params of net with auxiliary heads"),
        (
            A._replace(subject=Subject("net", HERE, (3, 8, 8), (("w", 2),), 4, "float16")),
            "params of net at 3x8x8 batch 4 float16 w=2",
        ),
        (A._replace(subject=NET._replace(batch=2)), "params of net batch 2"),
        (Constant(parse_figure("35K")), "35K"),  # type: ignore[arg-type]
        (Combined("ratio", (A, B)), "params of net / macs of net"),
        (Combined("difference", (A, B)), "params of net - macs of net"),
        (Combined("sum", (A, B, C)), "params of net + macs of net + flops of net"),
        (Combined("product", (A, B)), "params of net * macs of net"),
        # a product binds, a sum in a sum needs no brackets, all else does
        (
            Combined("sum", (Combined("product", (A, B)), C)),
            "params of net * macs of net + flops of net",
        ),
        (
            Combined("difference", (Combined("ratio", (A, B)), C)),
            "params of net / macs of net - flops of net",
        ),
        (
            Combined("sum", (Combined("sum", (A, B)), C)),
            "params of net + macs of net + flops of net",
        ),
        (
            Combined("product", (Combined("product", (A, B)), C)),
            "params of net * macs of net * flops of net",
        ),
        (
            Combined("product", (Combined("sum", (A, B)), C)),
            "(params of net + macs of net) * flops of net",
        ),
        (
            Combined("difference", (A, Combined("difference", (B, C)))),
            "params of net - (macs of net - flops of net)",
        ),
        (
            Combined("ratio", (A, Combined("ratio", (B, C)))),
            "params of net / (macs of net / flops of net)",
        ),
        (
            Combined("ratio", (A, Combined("product", (B, C)))),
            "params of net / (macs of net * flops of net)",
        ),
    ],
)
def test_terms(term: Term, text: str) -> None:
    assert term_text(term) == text


FORMULA = Formula("K*K", (), Expression("$K*$K"), HERE)
CONVS = Selection(ops=("conv2d", "linear"), paths=("a", "b"), where=(("kernel", (3, 3)),))


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (Stated(A, None, None, "55x55"), "55x55"),
        (Order("<", (A, B, C)), "params of net < macs of net < flops of net"),
        (
            Experiment("gain", (("op", "relu"), ("flag", True)), "1.7", HERE),
            "gain: op relu, flag true",
        ),
        (
            Every(
                NET,
                CONVS,
                (("stride", (2, 2)), ("bias", True)),
                ("conv2d",),
                ("relu", "gelu"),
                HERE,
            ),
            "every conv2d or linear a b kernel 3x3 of net: stride 2x2, bias true, conv2d,"
            " followed by relu or gelu",
        ),
        (Every(NET, Selection(), (), ("conv2d",), (), HERE), "every layer of net: conv2d"),
        (
            Modules(
                NET, "", Selection(), ((("op", "relu"),), (("op", "conv2d"), ("out", 3))), HERE
            ),
            "2 modules: relu, conv2d",
        ),
        (
            Law(NET, Selection(ops=("conv2d",)), FORMULA, (), "params", HERE),
            "params = K*K for every conv2d of net",
        ),
        (
            Series(NET, Selection(paths=("a",)), "output_bytes", "constant", HERE),
            "output bytes of a of net: constant",
        ),
        (Undecidable("needs training"), ""),
    ],
)
def test_statements(statement: Statement, text: str) -> None:
    assert describe(statement) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((3, 5), "3x5"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        ("same", "same"),
        ([(3, 5), True, "a"], "3x5, true, a"),
    ],
)
def test_settings(value: object, text: str) -> None:
    assert setting_text(value) == text
