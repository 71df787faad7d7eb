"""The JSON of verify is as published: whether witnesses agree or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from archprof.commands.verify.verification import Verification
from archprof.graph.graph import Graph
from tests.command_line import Run
from tests.contracts import contract, keeps, printed


@pytest.mark.parametrize(
    "arguments",
    [("tests/data/lenet.yaml",), ("tests/data/lenet.yaml", "--input", "1x36x36")],
    ids=" ".join,
)
def test_networks(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "verify"), printed(run, "verify", *arguments, code=None))


def test_notes_and_differences(
    run: Run, spec: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from archprof.commands.verify import oracle

    honest = oracle.verify

    def lying(graph: Graph, *more: object) -> Verification:
        found = honest(graph)
        return Verification((replace(found.checks[0], theirs=7), *found.checks[1:]), ("a note",))

    monkeypatch.setattr(oracle, "verify", lying)
    net = spec("conv: {op: conv2d, out: 4, kernel: 3}", "relu: {op: relu}")
    found = printed(run, "verify", net, code=1)
    assert (found["holds"], found["notes"]) == (False, ["a note"])
    keeps(contract(run, "verify"), found)


def test_a_network_that_torch_refuses(
    run: Run, spec: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from archprof.commands.verify import oracle

    def refuses(graph: Graph) -> NoReturn:
        raise RuntimeError("no")

    monkeypatch.setitem(oracle.WITNESSES, "torch modules", refuses)
    net = spec("conv: {op: conv2d, out: 4, kernel: 3}", "relu: {op: relu}")
    found = printed(run, "verify", net, code=1)
    assert (found["checks"][0]["witness"], found["checks"][0]["quantity"]) == (
        "torch modules",
        "runs",
    )
    keeps(contract(run, "verify"), found)
