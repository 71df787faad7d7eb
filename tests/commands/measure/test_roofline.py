"""Rooflines by hand: which of arithmetic, memory and launch bounds a layer, what it attains, and
what cannot be true.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.analysis.analysis import analyze
from archprof.commands.measure.roofline import Attained, Peaks, Roof, attained
from tests.small import graph_of

# 1 GFLOP/s; 100 MB/s from memory and 400 MB/s from a cache of 1 MB; 1 us for the smallest op
PEAKS = Peaks(
    "paper", "float32", 1e9, 1e8, ((10**5, 3e8), (10**6, 4e8), (10**7, 2e8), (10**8, 1e8)), 1e-6
)


def test_bandwidth_is_that_of_the_size_or_of_any_larger() -> None:
    assert PEAKS.bandwidth(10**9) == PEAKS.bandwidth(10**8) == 1e8
    # between two sizes the smaller, which is the faster
    assert PEAKS.bandwidth(10**8 - 1) == PEAKS.bandwidth(10**7) == 2e8
    assert PEAKS.bandwidth(10**6) == 4e8
    # small transfers are slow by their launch, not by the memory
    assert PEAKS.bandwidth(10**5) == PEAKS.bandwidth(1) == 4e8


def test_what_bounds() -> None:
    assert PEAKS.ridge == 10
    assert PEAKS.roof(10**9, 10**6) == Roof(1.0, "compute")
    assert PEAKS.roof(10**6, 10**8) == Roof(1.0, "memory")
    assert PEAKS.roof(500, 0) == Roof(5e-7, "launch")
    assert PEAKS.roof(0, 200) == Roof(5e-7, "launch")
    assert PEAKS.roof(0, 0) == Roof(0.0, "none")
    assert PEAKS.roof(10**9, 10**8) == Roof(1.0, "compute")  # on the ridge


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_work_takes_no_less(flops: int, moved: int, more: int) -> None:
    assert PEAKS.roof(flops + more, moved).seconds >= PEAKS.roof(flops, moved).seconds
    # a transfer that leaves the cache may not, but for its speed
    assert PEAKS.roof(flops, moved + more).seconds >= PEAKS.roof(flops, moved).seconds / 4
    assert PEAKS.roof(flops, moved).seconds >= max(flops / 1e9, moved / 4e8)


def test_attained_and_faulty() -> None:
    roof = Roof(0.5, "memory")
    assert Attained(0, 1.0, roof).share == 0.5
    assert not Attained(0, 0.5, roof).faulty
    assert not Attained(0, 0.48, roof).faulty  # within the noise of two measurements
    assert Attained(0, 0.47, roof).faulty
    assert Attained(0, 0.0, roof).faulty
    assert (
        Attained(0, 0.0, Roof(0.0, "none")).faulty,
        Attained(0, 1.0, Roof(0.0, "none")).share,
    ) == (False, None)


DEVICE = PEAKS._replace(
    graph_launch_s=1e-7, convolutions=(("contiguous", 2e9), ("channels_last", 1.5e9))
)


def test_a_convolution_has_its_own_ceiling() -> None:
    """1e9 FLOPs in half a second by convolutions of 2 GFLOP/s, in one by products; where products
    are the faster, they are the ceiling of both.
    """
    assert DEVICE.conv_flops_per_s == 2e9
    assert DEVICE.roof(10**9, 0, convolution=True) == Roof(0.5, "compute")
    assert DEVICE.roof(10**9, 0) == Roof(1.0, "compute")
    slow = DEVICE._replace(convolutions=(("contiguous", 5e8),))
    assert slow.roof(10**9, 0, convolution=True) == Roof(1.0, "compute")
    assert PEAKS.conv_flops_per_s is None
    assert PEAKS.roof(10**9, 0, convolution=True) == Roof(1.0, "compute")


def test_the_launch_of_the_device_alone() -> None:
    """5e-7 s are less than the host needs to issue, 1 us, and more than the device needs from one
    kernel to the next, 0.1 us.
    """
    assert DEVICE.roof(500, 0) == Roof(5e-7, "launch")
    assert DEVICE.roof(500, 0, on_device=True) == Roof(5e-7, "compute")
    assert DEVICE.roof(50, 0, on_device=True) == Roof(5e-8, "launch")
    # where it is not known, the host's
    assert PEAKS.roof(500, 0, on_device=True) == Roof(5e-7, "launch")


def test_layers_under_the_ceiling_of_their_kind() -> None:
    """A convolution's 2*16*64 FLOPs at 2 GFLOP/s are 1.02 us, a linear layer's 2*256*10 at 1
    GFLOP/s 5.12 us; nothing is moved that takes as long.
    """
    fast = DEVICE._replace(transfers=((1, 1e15),))
    layers = {
        "c": "op: conv2d, out: 4, kernel: 1, bias: false",
        "f": "op: flatten",
        "l": "op: linear, out: 10, bias: false",
    }
    analysis = analyze(graph_of(layers, (4, 8, 8)))
    conv, linear = attained(analysis, [(0, 1.0), (2, 1.0)], fast)
    assert conv.roof.seconds == pytest.approx(2 * 16 * 64 / 2e9)
    assert (linear.roof.seconds, linear.roof.bound) == (pytest.approx(5.12e-6), "compute")
    slow = fast._replace(launch_s=1e-3)
    assert attained(analysis, [(0, 1.0)], slow)[0].roof.bound == "launch"
    assert attained(analysis, [(0, 1.0)], slow, on_device=True)[0].roof.bound == "compute"


def test_layers_by_what_the_analysis_says_of_them() -> None:
    """conv: 2*16*64 + 4*64 FLOPs over (256 + 256 + 20)*4 bytes, at batch 2 twice the
    activations; a flatten moves nothing.
    """
    graph = graph_of({"c": "op: conv2d, out: 4, kernel: 1", "f": "op: flatten"}, (4, 8, 8))
    conv, flat = attained(analyze(graph, batch=2), [(0, 2e-4), (1, 1e-6)], PEAKS)
    assert conv.roof.seconds == pytest.approx(
        max(2 * (2 * 16 * 64 + 4 * 64) / 1e9, (4 * 256 + 20) * 4 / 4e8)
    )
    assert conv.share == pytest.approx(conv.roof.seconds / 2e-4)
    assert (flat.roof.bound, flat.share, flat.faulty) == ("none", None, False)
    assert analyze(graph).layers[0].intensity == Fraction(
        2 * 16 * 64 + 4 * 64, (256 + 256 + 20) * 4
    )


def test_half_the_bytes_are_half_the_roof() -> None:
    graph = graph_of({"r": "op: relu"}, (4, 8, 8))
    full, half = (
        attained(analyze(graph, batch=1000, dtype=dtype), [(0, 1.0)], PEAKS)[0].roof
        for dtype in ("float32", "bfloat16")
    )
    assert full.bound == half.bound == "memory"
    assert full.seconds / half.seconds == pytest.approx(
        2 * PEAKS.bandwidth(1000 * 1024) / PEAKS.bandwidth(1000 * 2048)
    )
