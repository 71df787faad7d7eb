"""Statements that cannot fail are refused; those next to them are not."""

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.reader import load_lecture
from archprof.problem import ProblemError


def reason(tmp_path: Path, claim: str) -> str:
    """Return why a claim is refused, "" where it is not."""
    path = tmp_path / "mine.yaml"
    path.write_text(f"lecture: X\nclaims:\n  A: {claim}\n", encoding="utf-8")
    try:
        load_lecture(path)
    except ProblemError as error:
        (problem,) = error.problems
        assert problem.rule == "tautology"
        return problem.message.partition(": ")[2]
    return ""


ONE = "{network: vgg16, quantity: params}"
TWO = "{network: vgg19, quantity: params}"
EQUAL = "{experiment: {run: equal, left: vgg16, right: vgg16%s}, stated: equal}"
ITSELF = "it compares a quantity with itself"


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (f'{{order: {{relation: ">=", sides: [{ONE}, {ONE}]}}}}', ITSELF),
        (f"{{order: {{relation: <, sides: [{ONE}, {TWO}, {TWO}]}}}}", ITSELF),
        (f"{{order: {{relation: <, sides: [{ONE}, {TWO}, {ONE}]}}}}", ""),
        (f"{{order: {{relation: <, sides: [{ONE}, {TWO}]}}}}", ""),
        (
            f"{{of: {{ratio: [{ONE}, {ONE}]}}, stated: 1x}}",
            "it is the ratio of a quantity and itself",
        ),
        (
            f"{{of: {{sum: [3, {{difference: [{ONE}, {ONE}]}}]}}, stated: 3}}",
            "it is the difference of a quantity and itself",
        ),
        (f"{{of: {{ratio: [{TWO}, {ONE}]}}, stated: 1x}}", ""),
        (f"{{of: {{sum: [{ONE}, {ONE}]}}, stated: 276M}}", ""),
        (
            "{of: {network: vgg16, op: dropout, quantity: flops}, stated: 0}",
            "archprof counts no arithmetic of this op, whatever it does",
        ),
        ("{of: {network: vgg16, op: [dropout, relu], quantity: flops}, stated: 0}", ""),
        ("{of: {network: vgg16, op: dropout, quantity: flops}, stated: 1}", ""),
        ("{of: {network: vgg16, op: max_pool2d, quantity: params}, stated: 0}", ""),
        (
            "{every: {network: vgg16, where: {kernel: 3}, is: {kernel: 3}}}",
            "it says of layers only what they are selected by",
        ),
        (
            "{every: {network: vgg16, op: relu, is: {op: relu}}}",
            "it says of layers only what they are selected by",
        ),
        ("{every: {network: vgg16, op: conv2d, is: {kernel: 3}}}", ""),
        ("{every: {network: vgg16, layers: features.0, is: {op: conv2d}}}", ""),
        ("{every: {network: vgg16, op: conv2d, followed_by: relu}}", ""),
        (
            "{law: {network: vgg16, op: conv2d, formula: W, names: {W: width}, gives: width}}",
            "its formula is width itself",
        ),
        (
            "{law: {network: vgg16, op: conv2d, formula: W, names: {W: input_width},"
            " gives: width}}",
            "",
        ),
        (EQUAL % "", "it compares a network with itself"),
        (EQUAL % ", identity: features.0", ""),
    ],
)
def test_what_cannot_fail(tmp_path: Path, claim: str, why: str) -> None:
    assert reason(tmp_path, claim) == why
