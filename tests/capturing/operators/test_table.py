"""The table of operators: every row is one of torch's operators, and answers in torch's words."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from archprof.capturing.operands import Operands
from archprof.capturing.operators import OPERATORS, SILENT, base_name, row
from archprof.capturing.operators.creation import CREATION
from archprof.capturing.operators.moves import MOVES
from archprof.capturing.operators.norms import NORMS
from archprof.capturing.operators.pointwise import POINTWISE
from archprof.capturing.operators.pooling import POOLING
from archprof.capturing.operators.products import PRODUCTS
from archprof.capturing.operators.reductions import REDUCTIONS
from archprof.capturing.operators.views import VIEWS
from archprof.capturing.tape import Operation
from archprof.ops.answers import Cost
from archprof.ops.family import Family

FAMILIES = [CREATION, MOVES, NORMS, POINTWISE, POOLING, PRODUCTS, REDUCTIONS, VIEWS]

# torchvision's operators: torchvision/csrc/ops
OF_TORCHVISION = {"deform_conv2d", "roi_align"}
# functions of torch.nn.functional, under whose names files of other frameworks are read
FUNCTIONS = {"local_response_norm"}


@pytest.mark.parametrize("name", OPERATORS)
def test_a_row_is_an_operator_of_torch(name: str) -> None:
    known = hasattr(torch.ops.aten, name) or hasattr(torch.ops.aten, f"{name}_")
    function = name in FUNCTIONS and hasattr(torch.nn.functional, name)
    assert known or function or name in OF_TORCHVISION


@pytest.mark.parametrize("name", OPERATORS)
def test_a_row_says_what_it_counts_in_words(name: str) -> None:
    found = OPERATORS[name]
    assert found.formula
    assert found.family in get_args(Family)


def test_no_operator_has_two_rows() -> None:
    assert sum(map(len, FAMILIES)) == len(OPERATORS)
    assert not SILENT & OPERATORS.keys()


def test_what_costs_nothing_says_so() -> None:
    """The formula "0" and a cost of nothing, asked without tensors, go together."""
    nothing = Operands(Operation("aten.none", {}, (), -1, "", 0), (), {})
    for name, found in OPERATORS.items():
        try:
            free = found.cost(nothing) == Cost(0, 0)
        except (LookupError, ValueError):
            continue  # it asks for tensors, so it counts something
        assert free == (found.formula == "0"), name


@pytest.mark.parametrize(
    ("operator", "name"),
    [
        ("aten.conv2d.default", "conv2d"),
        ("aten.add_.Tensor", "add_"),
        ("torchvision.roi_align.default", "roi_align"),
        ("mylib.fused_block.default", "mylib.fused_block.default"),
        ("aten", "aten"),
    ],
)
def test_base_name_leaves_out_namespace_and_overload(operator: str, name: str) -> None:
    assert base_name(operator) == name


def test_an_operator_in_place_has_the_row_of_the_one_that_is_not() -> None:
    assert row("aten.relu_.default") is OPERATORS["relu"]
    assert row("aten.add_.Tensor") is OPERATORS["add"]


def test_an_operator_that_nobody_described_has_no_row() -> None:
    assert row("mylib.relu.default") is None
    assert row("aten.nonesuch.default") is None
    assert row("aten.__relu__.default") is None
