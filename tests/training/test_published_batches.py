"""Batches that somebody else found: timm's, on a card of 24 GB (tests/data/published).

Each is the largest of a ladder that ran: the next one did not, but for 512, where the ladder began.
A prediction is right where the batch fits and the next one does not.
"""

import csv
import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import archprof
from archprof.graph.graph import Graph
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import UpdateRule
from archprof.training.overhead import CUDA
from archprof.training.step import simulate

PUBLISHED = Path(__file__).parents[1] / "data" / "published" / "training_batches.csv"
FIRST = 512
LADDER = sorted({2**k for k in range(1, 11)} | {3 * 2**k for k in range(9)})
GIB = 2**30
MEMORY = 24 * GIB

SCORES = {
    "deit_tiny_patch16_224": 12 * 3 * 197**2,
    "deit_small_patch16_224": 12 * 6 * 197**2,
    "deit_base_patch16_224": 12 * 12 * 197**2,
    "vit_b_16": 12 * 12 * 197**2,
    "vit_b_32": 12 * 12 * 50**2,
    "vit_l_16": 24 * 16 * 197**2,
    "vit_l_32": 24 * 16 * 50**2,
}
"""Blocks x heads x tokens x tokens of an image. torch 1.12 had no fused attention, which came with
2.0: autograd kept the softmax's output in float32, and its copy in float16 for the product.
"""
BYTES_OF_A_SCORE = 4 + 2


class Published(NamedTuple):
    """A network, and the peaks of the batch that ran and of the next one, in GiB."""

    network: str
    ran: float
    refused: float


@cache
def measured() -> list[tuple[Graph, int]]:
    """List the networks that were measured at their spec's size, and the batch that ran."""
    with PUBLISHED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    loaded = [(archprof.load(row["network"]).analyze().graph, row) for row in rows]
    return [
        (graph, int(row["train_batch_size"]))
        for graph, row in loaded
        if graph.input[1] == int(row["train_img_size"])
    ]


def peak(graph: Graph, batch: int, autocast: bool = True) -> float:
    """Return the peak of a step in GiB: SGD with momentum, autocast by CUDA's rules, gradients
    zeroed and kept: torch 1.12's way.
    """
    conditions = StepConditions(
        batch=batch,
        autocast=autocast,
        device="cuda",
        set_to_none=False,
        optimizer=UpdateRule("momentum"),
    )
    scores = SCORES.get(graph.network.name, 0) * BYTES_OF_A_SCORE
    return (simulate(graph, conditions).peak.live + scores * batch) / GIB


@cache
def published() -> list[Published]:
    """List the networks with their peaks."""
    found = []
    for graph, ran in measured():
        following = next(batch for batch in LADDER if batch > ran)
        refused = peak(graph, following) if ran < FIRST else math.inf
        found.append(Published(graph.network.name, peak(graph, ran), refused))
    return found


def right(capacity: float) -> list[str]:
    """The networks of which a memory of so many GiB of tensors says what was found."""
    return [one.network for one in published() if one.ran <= capacity < one.refused]


def test_so_many_are_compared() -> None:
    """72 are published; EfficientNet B1 to B4 were measured at other sizes than their papers'."""
    assert len(published()) == 68
    assert sum(one.refused < math.inf for one in published()) == 56


def test_at_22_gib_nothing_that_ran_is_called_too_large() -> None:
    assert [one.network for one in published() if one.ran > 22] == []


def test_one_capacity_tells_nearly_all() -> None:
    """Which ones it does not tell lies within half a GiB of it: the allocator's fragmentation."""
    told = right(21.75)
    assert len(told) == 65
    others = {one.network: one for one in published() if one.network not in told}
    assert others.keys() == {"swin_s", "dm_nfnet_f5", "vgg13"}
    assert 21.75 < others["swin_s"].ran < 21.85  # ran all the same
    assert 21.3 < others["dm_nfnet_f5"].refused < 21.75  # did not
    assert 21.5 < others["vgg13"].refused < 21.75


def test_no_verdict_is_contradicted() -> None:
    """What is said to fit for sure ran, and what is said not to fit did not."""
    for one in published():
        assert CUDA.least(round(one.ran * GIB)) <= MEMORY, one
        if one.refused < math.inf:
            assert CUDA.most(round(one.refused * GIB)) > MEMORY, one


def test_a_smaller_overhead_would_be_contradicted() -> None:
    """The batches that did not run begin at 21.37 GiB of tensors, so that with 24 GiB the most
    that lies beside them is no less than (24 - 914/1024 - 21.37) / 21.37 = 8.1 %.
    """
    least = min(one.refused for one in published())
    assert least == pytest.approx(21.37, abs=0.01)


def test_the_check_tells_autocast_from_float32() -> None:
    """In float32 networks that ran would take up to 42 GiB."""
    ran = [peak(graph, batch, autocast=False) for graph, batch in measured()]
    assert sum(gib > 24 for gib in ran) > 40
    assert 40 < max(ran) < 45
