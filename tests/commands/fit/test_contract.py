"""The JSON of fit is as published."""

import pytest

from tests.command_line import Run
from tests.contracts import contract, keeps, printed

TRAINING = ("--train", "--memory", "1GiB")


@pytest.mark.parametrize(
    "arguments",
    [
        ("lenet5",),
        ("lenet5", "--memory", "1GiB", "--batch", "3"),
        ("alexnet", *TRAINING, "--optimizer", "adamw", "--amp", "bfloat16", "--devices", "4"),
        ("alexnet", *TRAINING, "--peaks", "312T", "--freeze", "conv*", "--accumulate", "3"),
        ("lenet5", *TRAINING, "--timeline", "3"),
        ("alexnet", *TRAINING, "--input", "192", "--input", "224", "--device", "cpu"),
    ],
    ids=" ".join,
)
def test_as_published(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "fit"), printed(run, "fit", *arguments))
