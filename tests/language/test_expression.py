"""The expression language gives what Python gives, or says why not."""

from __future__ import annotations

import ast
import math
import re
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.language.document import Template
from archprof.language.expression import Expression, is_expression
from archprof.language.functions import (
    FUNCTIONS,
    MAX_ITEMS,
    USAGE,
    ExpressionError,
    bounded,
    make_divisible,
)
from archprof.problem import Mark
from tests.language.expressions import EXPRESSIONS, SCOPE


def value(text: str, **scope: Any) -> Any:
    return Expression(text)(scope)


class _TruthValues(ast.NodeTransformer):
    """`and` and `or` give true or false in the language, one of their operands in Python."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.Call(ast.Name("bool", ast.Load()), [node], []), node)


def python(text: str) -> Any:
    """What Python makes of it. Raises what Python raises."""
    for word, name in (("true", "True"), ("false", "False"), ("null", "None")):
        text = re.sub(rf"\b{word}\b", name, text)
    tree = ast.fix_missing_locations(
        _TruthValues().visit(ast.parse(text.replace("$", ""), mode="eval"))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python foresees some of the faults
        code = compile(tree, "", "eval")
    return eval(code, {"__builtins__": {}, **SCOPE, **FUNCTIONS, "bool": bool})


def worked_out(text: str) -> tuple[ExpressionError | None, Any]:
    try:
        return None, Expression(text)(SCOPE)
    except ExpressionError as error:
        return error, None


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(text=EXPRESSIONS)
def test_what_has_a_value_has_pythons(text: str) -> None:
    fault, found = worked_out(text)
    if fault is not None:
        assert str(fault)
        assert 0 <= fault.column <= len(text)
        return
    expected = python(text)
    assert found == expected
    assert type(found) is type(expected)


NUMBERS = st.recursive(
    st.one_of(
        st.integers(0, 1000).map(str),
        st.floats(0, 100, allow_nan=False).map(lambda x: f"{x:.3f}"),
        st.sampled_from(["$w", "$n", "$h", "$z"]),
    ),
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner
        ),
        inner.map("-({})".format),
        st.builds("({} if {} < {} else {})".format, inner, inner, inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["floor", "ceil", "round", "abs"]), inner),
    ),
    max_leaves=10,
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(text=NUMBERS)
def test_arithmetic_is_pythons_both_ways(text: str) -> None:
    try:
        expected = python(text)
    except (ZeroDivisionError, OverflowError):
        with pytest.raises(ExpressionError, match=r"divides by zero|too large|cannot evaluate"):
            Expression(text)(SCOPE)
        return
    fault, found = worked_out(text)
    if fault is not None:
        assert any(
            words in str(fault) for words in ("more than 62 bits", "beyond 1e+30", "nested deeper")
        )
        return
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a * $b // 3", 4),
        ("-$a // 3", -2),
        ("-$a % 3", 2),
        ("$a / 2", 2.0),
        ("'x' + 'y'", "xy"),
        ("[1] + $l", [1, 1, 2, 3]),
        ("$l[-1]", 3),
        ("$l[1:]", [2, 3]),
        ("$l[::-1]", [3, 2, 1]),
        ("$l[:9]", [1, 2, 3]),
        ("sum($l[:2])", 3),
        ("len($l)", 3),
        ("range($a)", [0, 1, 2, 3]),
        ("range(4, 0, -2)", [4, 2]),
        ("min($l)", 1),
        ("max(1, 2.5)", 2.5),
        ("floor(2.5)", 2),
        ("ceil(2.1)", 3),
        ("round(2.5)", 2),
        ("round(3.5)", 4),
        ("sqrt(9)", 3.0),
        ("abs(-3)", 3),
        ("$a == 4 and not $f", True),
        ("$f or $a", True),
        ("$l and $a", True),
        ("1 < $a <= 4", True),
        ("$a in $l", False),
        ("2 not in $l", False),
        ("'b' in 'abc'", True),
        ("1 if $f else 2", 2),
        ("null == $f", False),
        ("[$a, [$b]][1][0]", 3),
        ("$f != true", True),
        ("$a if $a > 3 else $nothing", 4),
        ("$f and $nothing", False),
        ("'$a' + $s", "$ax"),
        ('"it\'s"', "it's"),
        ("$a ** 2", 16),
        ("2 ** -1", 0.5),
        ("-2 ** 2", -4),
        ("9 ** 0.5", 3.0),
        ("(-1) ** 999", -1),
        ("exp(0)", 1.0),
        ("log(1)", 0.0),
        ("log(9, 3)", 2.0),
        ("log2(8)", 3.0),
        ("sorted([3, 1, 2])", [1, 2, 3]),
        ("[$x * 2 for x in $l]", [2, 4, 6]),
        ("[$x for x in $l if $x > 1 if $x < $b]", [2]),
        ("[$x * $y for x in $l if $x != 2 for y in range($x)]", [0, 0, 3, 6]),
        ("[[$x * $y for y in range($x)] for x in $l]", [[0], [0, 2], [0, 3, 6]]),
        ("[$x for x in range(3)] + [$x for x in $l[:1]]", [0, 1, 2, 1]),
        ("[sum($l[:$i]) for i in range(len($l))]", [0, 1, 3]),
        ("[1 for x in []]", []),
    ],
)
def test_values(text: str, expected: Any) -> None:
    found = value(text, a=4, b=3, l=[1, 2, 3], f=False, s="x")
    assert found == expected
    assert type(found) is type(expected)


# https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/mobilenet_v2.py: the
# channels of MobileNetV2 at three widths, as
# Keras' MobileNetV2(alpha) has them; 24 * 0.75 = 18 would be 16, which is less than nine tenths of
# 18, so it is 24
@pytest.mark.parametrize(
    ("width", "channels"),
    [
        (0.35, [16, 8, 8, 16, 24, 32, 56, 112]),
        (0.75, [24, 16, 24, 24, 48, 72, 120, 240]),
        (1.0, [32, 16, 24, 32, 64, 96, 160, 320]),
        (1.4, [48, 24, 32, 48, 88, 136, 224, 448]),
    ],
)
def test_make_divisible_gives_the_channels_of_mobilenet_v2(
    width: float, channels: list[int]
) -> None:
    assert [
        value("make_divisible($c * $width, 8)", c=c, width=width)
        for c in (32, 16, 24, 32, 64, 96, 160, 320)
    ] == channels


# torchvision/models/mobilenetv3.py: the squeeze channels, a quarter of the expanded ones, of the
# large and the small network
@pytest.mark.parametrize(
    ("expanded", "squeeze"),
    [
        (72, 24),
        (120, 32),
        (480, 120),
        (672, 168),
        (960, 240),
        (16, 8),
        (96, 24),
        (240, 64),
        (144, 40),
        (288, 72),
        (576, 144),
    ],
)
def test_make_divisible_gives_the_squeezes_of_mobilenet_v3(expanded: int, squeeze: int) -> None:
    assert value("make_divisible($expanded // 4)", expanded=expanded) == squeeze


@settings(deadline=None, derandomize=True)
@given(number=st.one_of(st.integers(0, 10**6), st.floats(0, 10**6)), divisor=st.integers(1, 64))
def test_make_divisible_is_near_and_divisible(number: float, divisor: int) -> None:
    found = make_divisible(number, divisor)
    assert found % divisor == 0
    assert found >= divisor
    assert found >= 0.9 * number
    assert found <= max(divisor, number + divisor)


def test_names_and_their_columns() -> None:
    assert Expression(" $width * ($depth + $width)").names == {"width": 0, "depth": 10}
    assert Expression("'$width'").names == {}
    found = Expression("[$a + $x for x in [$w] for y in $x if $y] + [$z]")
    assert found.names == {"a": 1, "w": 19, "z": 45}
    assert found.loops == {"x": 13, "y": 27}


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("$a + $b", 5),
        ("$a + ($a / $z)", 6),
        ("$a + max($l, $a)", 5),
        ("$a * $l[7]", 5),
        ("-$s", 0),
        ("[1, $a + $s]", 4),
    ],
)
def test_a_fault_knows_its_column(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(text, a=1, z=0, l=[1], s="x")
    assert caught.value.column == column


def test_a_loop_leaves_the_values_around_it_alone() -> None:
    scope = {"l": [1, 2]}
    assert Expression("[$x for x in $l]")(scope) == [1, 2]
    assert scope == {"l": [1, 2]}


def test_every_loop_ends() -> None:
    """10^12 turns that give nothing, without any allowance around them."""
    with pytest.raises(ExpressionError, match="or turns of loops") as caught:
        value("[0 for a in $l for b in $l for c in $l if $a < 0]", l=list(range(10_000)))
    assert caught.value.limit


@pytest.mark.parametrize(
    "text", ["$a ** 999999999", "2 ** 4611686018427387903", "-2 ** 63", "9 ** 9 ** 9 ** 9"]
)
def test_a_power_is_refused_before_it_is_computed(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"is too large|more than 62 bits"):
        value(text, a=3)


# the widths, depths and groups of torchvision's regnet_x_400mf and regnet_x_8gf, which
# torchvision.models.regnet.BlockParams.from_init_params gives for these five numbers
@pytest.mark.parametrize(
    ("given", "widths", "depths", "groups"),
    [
        ((22, 24, 24.48, 2.54, 16), [32, 64, 160, 400], [1, 2, 7, 12], [16, 16, 16, 16]),
        ((23, 80, 49.56, 2.88, 120), [80, 240, 720, 1920], [2, 5, 15, 1], [80, 120, 120, 120]),
    ],
)
def test_the_rule_of_regnet_can_be_written(
    given: tuple[float, ...], widths: list[int], depths: list[int], groups: list[int]
) -> None:
    scope: dict[str, Any] = dict(zip(("depth", "w0", "wa", "wm", "group"), given, strict=True))
    for name, text in (
        ("steps", "[round(log(($w0 + $wa * $i) / $w0) / log($wm)) for i in range($depth)]"),
        ("blocks", "[round($w0 * $wm ** $s / 8) * 8 for s in $steps]"),
        ("stages", "[$blocks[$i] for i in range($depth) if $blocks[$i] not in $blocks[:$i]]"),
        ("depths", "[len([$b for b in $blocks if $b == $w]) for w in $stages]"),
        ("groups", "[min($group, $w) for w in $stages]"),
        ("widths", "[make_divisible($w, min($group, $w)) for w in $stages]"),
    ):
        scope[name] = value(text, **scope)
    assert (scope["widths"], scope["depths"], scope["groups"]) == (widths, depths, groups)


def test_what_is_an_expression() -> None:
    assert is_expression("$a")
    assert is_expression("a{$b}")
    assert not is_expression("a")
    assert not is_expression(5)
    assert not is_expression(None)


def test_every_function_says_how_it_is_called() -> None:
    assert USAGE.keys() == FUNCTIONS.keys()
    assert all(text.startswith(f"{name}(") for name, text in USAGE.items())


def test_no_value_grows_without_end() -> None:
    assert bounded(list(range(MAX_ITEMS))) == list(range(MAX_ITEMS))
    for value_ in (
        [0] * (MAX_ITEMS + 1),
        [[0] * 100] * 100,
        "x" * (MAX_ITEMS + 1),
        2**62,
        -(2**62),
        math.inf,
        math.nan,
        1e30,
    ):
        with pytest.raises(ExpressionError):
            bounded(value_)
    nested: list[Any] = [0]
    # 1 item, then each time 2 and twice those before: 3*2^k - 2 after k times, 6,142 after eleven
    # and 12,286 after twelve
    for _ in range(11):
        nested = value("[$x, $x]", x=nested)
    with pytest.raises(ExpressionError, match="a list of more than 10,000 items"):
        value("[$x, $x]", x=nested)
    template = Template([Template(Expression("$x"), Mark("f"), False)] * 200, Mark("f"), False)
    with pytest.raises(ExpressionError, match="a list of more than 10,000 items"):
        template.evaluate({"x": [0] * 100})


def test_a_fault_inside_a_list_names_its_own_entry() -> None:
    inner = Template(Expression("1 / $z"), Mark("f", 3, 4), False)
    with pytest.raises(ExpressionError) as caught:
        Template([Template(1, Mark("f", 3, 1), True), inner], Mark("f", 3, 0), False).evaluate(
            {"z": 0}
        )
    assert caught.value.at is inner
