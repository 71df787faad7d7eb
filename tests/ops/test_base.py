"""What all ops have in common: settings refused with reasons, equality, immutability, workings
with numbers put in.
"""

from __future__ import annotations

import pytest

from archprof.ops.answers import Working, product
from archprof.ops.base import Fault, shown
from archprof.ops.convolution import Conv2d
from archprof.ops.normalization import BatchNorm2d
from archprof.ops.pooling import MaxPool2d
from archprof.ops.regularization import Dropout


def test_every_fault_is_named_with_a_way_out() -> None:
    assert Conv2d.faults({"out": 0, "kernal": 3, "stride": [1, 2, 3], "bias": 1}) == [
        Fault("out", "`out` is 0, expected a whole number of at least 1"),
        Fault("kernal", "unknown setting `kernal`", "did you mean `kernel`?"),
        Fault(
            "stride",
            "`stride` is [1, 2, 3], expected a whole number of at least 1, or [height, width]",
        ),
        Fault("bias", "`bias` is 1, expected true or false"),
        Fault(
            "kernel",
            "`kernel` is missing, expected a whole number of at least 1, or [height, width]",
        ),
    ]
    with pytest.raises(ValueError, match="`out` is missing"):
        Conv2d(kernel=3)


def test_a_setting_under_a_foreign_name_is_not_missing_too() -> None:
    assert Conv2d.faults({"out": 8, "kernel_size": 3}) == [
        Fault("kernel_size", "unknown setting `kernel_size`", "it is called `kernel` here")
    ]


def test_a_division_that_gives_no_whole_number() -> None:
    """`p` takes any number from 0 to 1: there the hint has no place."""
    hint = "in an expression, `//` divides to a whole number and `/` does not"
    for value in (4.0, 4.5):
        (fault,) = Conv2d.faults({"out": value, "kernel": 3})
        assert fault == Fault(
            "out", f"`out` is {value}, expected a whole number of at least 1", hint
        )
    for value in (-4.0, float("inf")):
        (fault,) = Conv2d.faults({"out": value, "kernel": 3})
        assert fault.hint == ""
    (fault,) = Dropout.faults({"p": 1.5})
    assert fault.hint == ""


@pytest.mark.parametrize(
    ("op", "word"), [(Conv2d, "valid"), (Conv2d, "VALID"), (MaxPool2d, "valid")]
)
def test_valid_padding_is_none(op: type[Conv2d] | type[MaxPool2d], word: str) -> None:
    assert {
        fault.name: fault.hint
        for fault in op.faults({"padding": word, "stride": "valid", "kernel": 3})
    } == {"padding": "TensorFlow's `valid` pads nothing: write 0", "stride": ""} | (
        {"out": ""} if op is Conv2d else {}
    )


def test_ops_are_values() -> None:
    first, second = (
        Conv2d(out=8, kernel=3, padding=1),
        Conv2d(padding=[1, 1], kernel=3, out=8, stride=1),
    )
    assert first == second
    assert hash(first) == hash(second)
    assert first != Conv2d(out=8, kernel=3)
    assert BatchNorm2d() != MaxPool2d(kernel=2)
    with pytest.raises(AttributeError, match="immutable"):
        first.out = 9
    assert first.given() == {"out": 8, "kernel": (3, 3), "padding": (1, 1)}
    assert repr(first) == "Conv2d(out=8, kernel=(3, 3), padding=(1, 1))"


def test_a_working_with_its_numbers() -> None:
    working = Working("floor((H + 2*P - K)/S) + 1", {"H": 227, "P": 0, "K": 11, "S": 4})
    assert working.substituted() == "floor((227 + 2*0 - 11)/4) + 1"
    assert Working("Kh*K", {"K": 3, "Kh": 5}).substituted() == "5*3"  # whole names only


def test_small_texts() -> None:
    assert (shown(None), shown(True), shown("a"), shown([1, 2])) == (
        "nothing",
        "true",
        "'a'",
        "[1, 2]",
    )
    assert len(shown("x" * 100)) == 60
    assert (product((64, 55, 55)), product(())) == ("64*55*55", "1")
