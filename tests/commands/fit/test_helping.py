"""Changes that are tried: which they are, and what they cost in words."""

import json

import pytest

import archprof
from archprof.commands.fit.helping import _cost_of_passes, _smaller
from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from tests.command_line import Run


@pytest.mark.parametrize(
    ("shape", "smaller"),
    [
        ((3, 224, 224), (3, 192, 192)),
        ((3, 225, 256), (3, 224, 224)),  # each side to the next multiple of 32 below
        ((1, 65, 96), (1, 64, 64)),
        ((3, 64, 224), ()),  # no image of a network that halves it five times
        ((784,), ()),
        ((16, 768), ()),
    ],
)
def test_the_next_smaller_image(shape: Shape, smaller: Shape) -> None:
    assert _smaller(shape) == smaller


def test_batch_norms_see_fewer_images() -> None:
    def graph(name: str) -> Graph:
        return archprof.load(name).analyze().graph

    assert _cost_of_passes(graph("resnet18"), 4, 1_000) == (
        "4 passes for a step; batch norms see 1,000 images at a time"
    )
    assert _cost_of_passes(graph("alexnet"), 4, 1_000) == "4 passes for a step"


def test_passes_run_again_what_one_does(run: Run) -> None:
    """Each pass of a checkpointed step runs the same parts again: the share is that of one pass."""
    words = "fit resnet18 --train --memory 4GiB --batch 2000 --checkpoint basic --format json"
    helps = json.loads(run(*words.split()).out)["answers"][0]["helps"]
    shares = {one["change"].split()[0]: one["recomputed_share"] for one in helps}
    assert shares["--batch"] == shares["as"] > 0.1
