"""Probes do what they count."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch

from archprof.commands.measure.device import probes
from archprof.commands.measure.running.workload import MEMORY_FORMATS

CPU = torch.device("cpu")
FLOAT = torch.float32


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "EDGES", {"cpu": (64, 128), "cuda": (64,)})
    monkeypatch.setattr(probes, "CONVOLUTIONS", {"cpu": ((1, 16, 8),), "cuda": ((1, 16, 8),)})
    monkeypatch.setattr(probes, "TRANSFERS", {"cpu": range(12, 15), "cuda": range(12, 14)})


def test_there_are_as_many_as_are_foreseen() -> None:
    """On CUDA one product, a convolution in two formats, two sizes of four transfers, and the
    smallest op twice.
    """
    products = len(probes.products(CPU, FLOAT))
    formats = sum(len(probes.convolutions(CPU, FLOAT, order)) for order in MEMORY_FORMATS)
    transfers = len(probes.copies(CPU, FLOAT, 4096)) + len(probes.others(CPU, FLOAT, 4096))
    smallest = len(probes.smallest(CPU, FLOAT))
    assert probes.number(CPU) == products + formats + 3 * transfers + smallest
    assert transfers == 4
    assert probes.number(torch.device("cuda", 0)) == 1 + 2 + 2 * 4 + 2


def test_products() -> None:
    """2n^3 FLOPs, of operands that are not all alike."""
    found = probes.products(CPU, FLOAT)
    assert [work for work, _ in found] == [2 * 64**3, 2 * 128**3]
    product: Any = found[0].make()
    assert product().shape == (64, 64)
    assert len(product().unique()) > 4000


@pytest.mark.parametrize("order", MEMORY_FORMATS)
def test_convolutions(order: str) -> None:
    """18*N*C^2*H*W FLOPs of a 3x3 convolution, whose operands have the format."""
    (found,) = probes.convolutions(CPU, FLOAT, order)
    assert found.work == 18 * 16**2 * 8**2
    run: Any = found.make()
    assert run().shape == (1, 16, 8, 8)
    assert isinstance(run, partial)
    for operand in run.args:
        assert operand.is_contiguous(memory_format=MEMORY_FORMATS[order])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_transfers_are_of_random_numbers(dtype: torch.dtype) -> None:
    """A copy, by the driver or by a kernel, and an update read half of the bytes and write half, a
    sum reads all.

    Constants would draw less power than a network does: of random numbers the sign alternates and
    hardly any is zero, also after an update.
    """
    size = 4 * 2**20 * dtype.itemsize  # four tiles
    copy, kernel = probes.copies(CPU, dtype, size)
    update, total = probes.others(CPU, dtype, size)
    assert [probe.work for probe in (copy, kernel, update, total)] == [size] * 4
    copied: Any = copy.make()
    assert copied().nbytes == size // 2
    assert torch.equal(copied(), *copied.args)
    negated: Any = kernel.make()
    (source,), target = negated.args, negated.keywords["out"]
    assert negated().data_ptr() == target.data_ptr()
    assert (source.nbytes, target.nbytes) == (size // 2, size // 2)
    assert torch.equal(target, -source)
    run: Any = update.make()
    first = run().clone()
    assert first.nbytes == size // 2
    second = run()
    assert torch.equal(first, -second)
    assert 0.4 < (second > 0).float().mean() < 0.6
    summed: Any = total.make()
    (source,) = summed.args
    assert source.nbytes == size
    # a normal number's square is 1 on average
    assert 0.9 < source.float().square().mean() < 1.1
    assert summed() == source.sum()


@pytest.mark.parametrize("size", [4096, 6 * 2**20])
def test_transfers_of_no_whole_tiles(size: int) -> None:
    """Less than a tile, or one and a half of them, is as large as it says."""
    for copy in probes.copies(CPU, FLOAT, size):
        run: Any = copy.make()
        assert run().nbytes == size // 2


def test_the_smallest_op() -> None:
    (found,) = probes.smallest(CPU, FLOAT)
    run: Any = found.make()
    assert (found.work, run().shape) == (1, (1,))
