"""The kinds of layers in words."""

import archprof
from archprof.analysis.layer_kind import describe_kind


def test_windows_and_groups_are_part_of_a_kind() -> None:
    rows = archprof.load("mobilenet_v2").analyze().layers
    found = {describe_kind(row) for row in rows}
    assert {"conv2d 3x3", "conv2d 3x3 depthwise", "conv2d 1x1", "batch_norm2d", "add"} <= found
    grouped = {describe_kind(row) for row in archprof.load("resnext50_32x4d").analyze().layers}
    assert {"conv2d 3x3 grouped", "max_pool2d 3x3"} <= grouped
