"""Budgets of a configuration that fit no network of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.check.check_options import Options
from archprof.commands.check.check_paths import check_paths
from archprof.problem import Severity
from tests.commands.check.checked import net, write

LAYER = "conv: {op: conv2d, out: 8, kernel: 3}"
BLOCKS = (
    "name: wide\nfamily: Mobile\ninput: 3x8x8\n"
    "blocks: {unit: {layers: [{op: relu}]}}\nlayers: [{block: unit}]\n"
)


def notes(folder: Path, path: str = ".", **options: str) -> list[tuple[int, str, str]]:
    found = check_paths([str(folder / path)], Options(**options)).findings  # type: ignore[arg-type]
    assert {finding.severity for finding in found} <= {Severity.note}
    return [(f.problem.mark.line, f.problem.message, f.problem.hint) for f in found]


def specs(folder: Path, budget: str) -> None:
    write(
        folder, "archprof.toml", f'select = ["budget"]\n[[budget]]\n{budget}\nmax_params = "9M"\n'
    )
    write(folder, "net.yaml", net(LAYER))
    write(folder, "wide.yaml", BLOCKS)


@pytest.mark.parametrize(
    ("budget", "wanted", "hint"),
    [
        ('network = "wied"', 'network = "wied"', "did you mean `wide`?"),
        ('network = "r*"', 'network = "r*"', "known networks: net, wide"),
        ('family = "resnet"', 'family = "resnet"', "known families: Mobile, net, wide"),
        ('block = "units"', 'block = "units"', "did you mean `unit`?"),
        (
            'network = "net"\nblock = "unit"',
            'network = "net" and block = "unit"',
            "no network fits all of them",
        ),
    ],
)
def test_a_budget_that_fits_nothing_is_noted(
    tmp_path: Path, budget: str, wanted: str, hint: str
) -> None:
    specs(tmp_path, budget)
    line = 4 + budget.count("\n")
    message = f"no network that is checked has this budget, which is for {wanted}"
    assert notes(tmp_path) == [(line, message, hint)]


@pytest.mark.parametrize("budget", ['network = "n*"', 'family = "MOBILE"', 'block = "un?t"'])
def test_a_budget_that_fits_is_not(tmp_path: Path, budget: str) -> None:
    specs(tmp_path, budget)
    assert notes(tmp_path) == []


def test_one_file_says_nothing_of_the_others(tmp_path: Path) -> None:
    specs(tmp_path, 'network = "wide"')
    assert notes(tmp_path, "net.yaml") == []


def test_what_is_broken_may_have_the_budget(tmp_path: Path) -> None:
    specs(tmp_path, 'network = "other"')
    write(tmp_path, "other.yaml", net("x: {op: nothing_such}"))
    found = check_paths([str(tmp_path)], Options()).findings
    assert {finding.problem.rule for finding in found} == {"unknown-op"}


def test_where_budgets_are_not_checked_none_is_noted(tmp_path: Path) -> None:
    specs(tmp_path, 'network = "r*"')
    found = check_paths([str(tmp_path)], Options(ignore=frozenset({"budget"}))).findings
    assert not [finding for finding in found if finding.problem.rule == "budget"]
