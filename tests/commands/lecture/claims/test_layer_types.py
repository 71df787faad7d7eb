"""What tables call their layers."""

import pytest

from archprof.commands.lecture.claims.layer_types import TYPES, parse_type
from archprof.ops import OPS


@pytest.mark.parametrize(
    ("text", "ops", "settings"),
    [
        ("Conv / s2", ("conv2d",), (("stride", 2),)),
        ("Conv dw / s1", ("conv2d",), (("groups", "channels"), ("stride", 1))),
        ("7×7/2", (), (("kernel", (7, 7)), ("stride", 2))),
        ("max pool 3 x 3 / 2", ("max_pool2d",), (("kernel", (3, 3)), ("stride", 2))),
        ("FC", ("linear",), ()),
        ("Avg Pool", ("avg_pool2d", "adaptive_avg_pool2d"), ()),
    ],
)
def test_types(text: str, ops: tuple[str, ...], settings: tuple[object, ...]) -> None:
    found = parse_type(text)
    assert found is not None
    assert (found.ops, found.settings) == (ops, settings)


@pytest.mark.parametrize("text", ["", "Dense", "Conv s2", "Conv / s", 3, None])
def test_what_is_no_type(text: object) -> None:
    assert parse_type(text) is None


def test_every_type_is_an_op() -> None:
    assert {op for ops in TYPES.values() for op in ops} <= OPS.keys()
