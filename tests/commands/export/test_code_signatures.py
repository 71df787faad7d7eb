"""The table of arguments is torch's."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch
from torch import nn

from archprof.commands.export.code_expressions import MISSING, Literal
from archprof.commands.export.code_signatures import OWN, SIGNATURES, arguments
from archprof.model.namespace import TORCH

FUNCTIONS = {
    "functional.pad": torch.nn.functional.pad,
    "functional.normalize": torch.nn.functional.normalize,
    "torch.linalg.vector_norm": torch.linalg.vector_norm,
}


def of_torch(name: str) -> dict[str, Any]:
    found = getattr(nn, name.removeprefix("nn."))
    return {
        key: MISSING if parameter.default is parameter.empty else parameter.default
        for key, parameter in inspect.signature(found).parameters.items()
    }


@pytest.mark.parametrize("name", SIGNATURES)
def test_names_order_and_defaults_are_torchs(name: str) -> None:
    """Where the table says that an argument has no default, it is always written."""
    theirs = of_torch(name)
    ours = SIGNATURES[name]
    assert list(ours) == [key for key in theirs if key in ours]
    assert {key: value for key, value in ours.items() if value is not MISSING} == {
        key: theirs[key] for key, value in ours.items() if value is not MISSING
    }
    # what comes by position stands before everything that is left out
    positional = [key for key, value in ours.items() if value is MISSING]
    assert list(theirs)[: len(positional)] == positional


@pytest.mark.parametrize("name", [name for name in OWN if name not in FUNCTIONS])
def test_archprofs_own_modules_take_these_arguments(name: str) -> None:
    parameters = inspect.signature(getattr(TORCH.nn, name)).parameters
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters.values()):
        base = getattr(TORCH.nn, name).__mro__[1]
        parameters = {**inspect.signature(base).parameters, **parameters}  # type: ignore[assignment]
    first = [key for key, value in OWN[name].items() if value is MISSING]
    given = [key for key in parameters if key in first]
    assert given == first


def test_a_pair_of_equal_numbers_is_one() -> None:
    values = (Literal(3, ""), Literal(8, ""), Literal((3, 3), ""))
    found = arguments("nn.Conv2d", values, {"stride": Literal((1, 2), "stride")})
    assert [(a.name, a.value.value) for a in found if isinstance(a.value, Literal)] == [
        ("in_channels", 3),
        ("out_channels", 8),
        ("kernel_size", 3),
        ("stride", (1, 2)),
    ]


def test_what_is_not_in_the_table_is_written_as_it_comes() -> None:
    found = arguments("torch.somewhere", (Literal(1, ""),), {"b": Literal((2, 2), "b")})
    assert [(a.name, a.positional) for a in found] == [("", True), ("b", False)]
