"""The copies of input and outputs that a caller waits for besides the network."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import archprof
from archprof.commands.measure.on_device.cuda_graphs import Replay
from archprof.commands.measure.running.copies import transferring
from archprof.commands.measure.running.workload import Case, Workload, prepare

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(archprof.load("tests/data/lenet.yaml").graph, batch=2)


def test_copies_go_both_ways(case: Case) -> None:
    workload = transferring(prepare(case, DEVICE), pinned=False)
    assert workload.upload is not None
    assert workload.download is not None
    before = workload.input.clone()
    workload.input.zero_()
    workload.upload()
    assert torch.equal(workload.input, before)
    workload.download()


def test_the_download_has_every_output() -> None:
    """In its dtype; of its own, for what a run leaves may be gone with the next."""
    outputs = torch.ones(2, 3, dtype=torch.bfloat16), torch.zeros(2)
    seen: list[torch.Tensor] = []
    honest = torch.Tensor.copy_

    class Noting(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, types: Any, given: Any, named: Any = None
        ) -> Any:
            if function is honest:
                seen.append(given[1])
                assert given[0].dtype == given[1].dtype
            return function(*given, **(named or {}))

    graph = Replay(None, (outputs,))
    workload = transferring(
        Workload((("forward", graph),), None, torch.randn(4)),  # type: ignore[arg-type]
        pinned=False,
    )
    assert workload.download is not None
    with Noting():
        workload.download()
    assert [(one.shape, one.dtype) for one in seen] == [(o.shape, o.dtype) for o in outputs]
    assert not {one.data_ptr() for one in seen} & {one.data_ptr() for one in outputs}


def test_a_training_step_downloads_nothing(case: Case) -> None:
    workload = transferring(prepare(case._replace(train=True), DEVICE), pinned=False)
    assert workload.upload is not None
    assert workload.download is None
    assert prepare(case, DEVICE).upload is None  # nobody asked
