"""The published shape of a page's data."""

from __future__ import annotations

import pytest

from tests.command_line import Run
from tests.contracts import contract, fault, keeps, printed


@pytest.mark.parametrize(
    "names", [["alexnet"], ["googlenet"], ["swin_t"], ["resnet18", "resnet34"]], ids="-".join
)
def test_the_json_is_as_published(run: Run, names: list[str]) -> None:
    assert fault(contract(run, "page"), printed(run, "page", *names)) == ""


def test_nothing_more_is_accepted(run: Run) -> None:
    keeps(contract(run, "page"), printed(run, "page", "alexnet", "alexnet"))
