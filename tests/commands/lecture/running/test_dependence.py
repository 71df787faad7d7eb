"""What an output depends on, each beside a twin that is otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from tests.commands.lecture.running.outcomes import outcome_of

NETWORKS = """
  batch: {spec: {input: 4x6x6, layers: {c: {op: conv2d, out: 4, kernel: 3}, b: {op: batch_norm2d}}}}
  group: {spec: {input: 4x6x6, layers: {c: {op: conv2d, out: 4, kernel: 3},
    g: {op: group_norm, groups: 2}}}}
  layer: {spec: {input: 4x6x6, layers: {l: {op: layer_norm2d}}}}
  instance: {spec: {input: 4x6x6, layers: {i: {op: instance_norm2d}}}}
  dropout: {spec: {input: 4x6x6, layers: {d: {op: dropout}}}}
  path: {spec: {input: 4x6x6, layers: {c: {op: conv2d, out: 4, kernel: 3, padding: 1},
    d: {op: drop_path, p: 0.5}, a: {op: add, from: [d, input]}}}}
  max: {spec: {input: 4x6x6, layers: {p: {op: max_pool2d, kernel: 2}}}}
  mean: {spec: {input: 4x6x6, layers: {p: {op: avg_pool2d, kernel: 3}}}}
  strided: {spec: {input: 4x6x6, layers: {c: {op: conv2d, out: 4, kernel: 2, stride: 2}}}}
  overlapping: {spec: {input: 4x6x6, layers: {p: {op: max_pool2d, kernel: 3, stride: 2}}}}
  uneven: {spec: {input: 4x7x6, layers: {p: {op: max_pool2d, kernel: 2}}}}
  padded: {spec: {input: 4x6x6, layers: {p: {op: max_pool2d, kernel: 2, padding: 1}}}}
  everywhere: {spec: {input: 4x6x6, layers: {p: {op: adaptive_avg_pool2d, size: 1}}}}
  depthwise: {spec: {input: 4x6x6, layers: {c: {op: conv2d, out: 4, kernel: 3, groups: 4}}}}
  pointwise: {spec: {input: 4x6x6, layers: {c: {op: conv2d, out: 4, kernel: 1}}}}
  grey: {spec: {input: 1x6x6, layers: {c: {op: conv2d, out: 4, kernel: 1}}}}
  flat: {spec: {input: 12, layers: {l: {op: linear, out: 4}}}}
"""


def outcome(folder: Path, network: str, changed: str, mode: str | None = None) -> str:
    given = {"network": network, "changed": changed, **({"mode": mode} if mode else {})}
    return outcome_of(NETWORKS, folder, run="depends", **given)


@pytest.mark.parametrize(
    ("network", "changed", "mode", "expected"),
    [
        # the statistics of training are the batch's, those of evaluation are kept ones
        ("batch", "batch", "training", "depends"),
        ("batch", "batch", "evaluation", "independent"),
        ("batch", "batch", None, "independent"),
        ("group", "batch", "training", "independent"),
        ("layer", "batch", "training", "independent"),
        ("instance", "batch", "training", "independent"),
        ("batch", "mode", None, "depends"),
        ("group", "mode", None, "independent"),
        ("layer", "mode", None, "independent"),
        ("dropout", "mode", None, "depends"),
        ("dropout", "chance", "training", "depends"),
        ("dropout", "chance", "evaluation", "independent"),
        ("path", "chance", "training", "depends"),
        ("path", "batch", "training", "independent"),  # by the same seed
        ("batch", "chance", "training", "independent"),
    ],
)
def test_modes_batches_and_chance(
    tmp_path: Path, network: str, changed: str, mode: str | None, expected: str
) -> None:
    assert outcome(tmp_path, network, changed, mode) == expected


@pytest.mark.parametrize(
    ("network", "changed", "expected"),
    [
        ("max", "place", "independent"),
        ("mean", "place", "independent"),
        ("strided", "place", "depends"),  # its window has a weight for each place
        ("max", "shift", "depends"),
        ("mean", "shift", "depends"),
        ("everywhere", "shift", "independent"),
        ("strided", "shift", "depends"),
        ("max", "channels", "independent"),
        ("depthwise", "channels", "independent"),
        ("pointwise", "channels", "depends"),  # as many channels as it receives, and mixes them
        ("group", "channels", "depends"),
    ],
)
def test_places_and_channels(tmp_path: Path, network: str, changed: str, expected: str) -> None:
    assert outcome(tmp_path, network, changed) == expected


@pytest.mark.parametrize(
    ("network", "changed", "mode", "message"),
    [
        ("batch", "mode", "training", "both modes are compared"),
        ("grey", "channels", None, "the input has one channel"),
        ("flat", "place", None, "no layer has a window that slides over an image"),
        ("overlapping", "place", None, "windows of 3x3 do not tile the image of 4x6x6"),
        ("uneven", "place", None, "windows of 2x2 do not tile the image of 4x7x6"),
        ("padded", "place", None, "windows of 2x2 do not tile the image of 4x6x6"),
        ("max", "palce", None, "`changed` is 'palce'"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, network: str, changed: str, mode: str | None, message: str
) -> None:
    with pytest.raises(ProblemError) as error:
        outcome(tmp_path, network, changed, mode)
    (problem,) = error.value.problems
    assert message in problem.message
    assert problem.mark.line
