"""What an op declares that totals do not read of a setting, none of its answers reads."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from archprof.autograd.layout import contiguous
from archprof.ops import OPS
from archprof.ops.base import Op, Shape
from tests.ops.cases import SINGLE

OTHERS = {"nothing": (0.25, 0.5), "ends": (0.2, 0.7)}
YES_OR_NO = (False, True)
BATCH, ITEMSIZE = 2, 4


def declared(wanted: str) -> list[tuple[str, str]]:
    """The settings, with their ops, of which totals read so much."""
    return [
        (op, name)
        for op, kind in OPS.items()
        for name, setting in kind.settings.items()
        # `parameter` takes no input: its value is no more than how its elements start
        if setting.totals == wanted and op != "parameter"
    ]


def answers(op: Op, shape: Shape) -> list[Any]:
    """All that totals are computed from."""
    output = op.output_shape(shape)
    laid = (contiguous((BATCH, *shape))._replace(trains=True),)
    whole = (BATCH, *output)
    return [
        output,
        op.weights(shape),
        op.cost((shape,), output),
        op.reads((shape,), output),
        op.saved((shape,), output),
        op.algorithm(laid),
        op.inside(laid, whole, ITEMSIZE),
        [(op.storage(training), op.layout(laid, whole, training)) for training in (False, True)],
    ]


@pytest.mark.parametrize("wanted", OTHERS)
def test_answers_do_not_read_it(wanted: str) -> None:
    """Two values between the ends, for instance two epsilons, two rates of dropout."""
    tried = set()
    for op, name in declared(wanted):
        for text, shape in SINGLE.get(op, [("", (4, 6, 8))]):
            given = yaml.safe_load(f"{{{text}}}") or {}
            values = YES_OR_NO if OPS[op].settings[name].default is False else OTHERS[wanted]
            one, other = (OPS[op](**{**given, name: value}) for value in values)
            assert getattr(one, name) != getattr(other, name)
            assert answers(one, shape) == answers(other, shape), (op, name, text)
            tried.add((op, name))
    assert tried == set(declared(wanted))
    assert tried


def test_the_ends_of_a_rate_are_read() -> None:
    """At 0 a dropout keeps nothing, between it keeps a mask, and at 1 one number."""
    kept = [OPS["dropout"](p=p).saved(((4, 6, 8),), (4, 6, 8)) for p in (0, 0.5, 1)]
    assert [sum(item.elements for item in items) for items in kept] == [0, 4 * 6 * 8, 1]
