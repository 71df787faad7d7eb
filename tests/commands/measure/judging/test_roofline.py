"""Rooflines by hand: which of arithmetic, memory and launch bounds a layer, what it attains, and
what cannot be true.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.analysis.analysis import analyze
from archprof.commands.measure.judging.roofline import Attained, Peaks, Roof, attained
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
    assert PEAKS.roof(10**9, 10**6) == Roof(1.0, "compute", 1.0)
    # 10 MB of them from the cache at 200 MB/s, the rest from memory at 100 MB/s: 0.05 + 0.9
    assert PEAKS.roof(10**6, 10**8) == Roof(pytest.approx(0.95), "memory", pytest.approx(0.95))
    assert PEAKS.roof(500, 0) == Roof(5e-7, "launch", 5e-7)
    assert PEAKS.roof(0, 200) == Roof(5e-7, "launch", 5e-7)
    assert PEAKS.roof(0, 0) == Roof(0.0, "none", 0.0)
    # nothing was measured that is as small: the highest rate of all
    assert PEAKS.moving(1000) == 1000 / 4e8
    assert PEAKS.roof(10**9, 10**8) == Roof(1.0, "compute", 1.0)  # on the ridge


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_more_work_takes_no_less(flops: int, moved: int, more: int) -> None:
    assert PEAKS.roof(flops + more, moved).seconds >= PEAKS.roof(flops, moved).seconds
    # a transfer that leaves the cache may not, but for its speed
    assert PEAKS.roof(flops, moved + more).seconds >= PEAKS.roof(flops, moved).seconds / 4
    assert PEAKS.roof(flops, moved).seconds >= max(flops / 1e9, moved / 4e8)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.floats(0.01, 1.0))
def test_at_the_highest_clock_it_is_no_slower(flops: int, moved: int, clock_share: float) -> None:
    roof = PEAKS._replace(clock_share=clock_share).roof(flops, moved)
    assert roof.seconds * clock_share <= roof.least <= roof.seconds


def test_attained_and_faulty() -> None:
    roof = Roof(0.5, "memory", 0.5)
    assert Attained(0, 1.0, roof).share == 0.5
    assert not Attained(0, 0.5, roof).faulty
    assert not Attained(0, 0.48, roof).faulty  # within the noise of two measurements
    assert Attained(0, 0.47, roof).faulty
    assert Attained(0, 0.0, roof).faulty
    assert (
        Attained(0, 0.0, Roof(0.0, "none", 0.0)).faulty,
        Attained(0, 1.0, Roof(0.0, "none", 0.0)).share,
    ) == (False, None)


DEVICE = PEAKS._replace(
    graph_launch_s=1e-7, convolutions=(("contiguous", 2e9), ("channels_last", 1.5e9))
)


def test_a_convolution_has_its_own_ceiling() -> None:
    """1e9 FLOPs in half a second by convolutions of 2 GFLOP/s, in one by products; where products
    are the faster, they are the ceiling of both.
    """
    assert DEVICE.conv_flops_per_s == 2e9
    assert DEVICE.roof(10**9, 0, convolution=True) == Roof(0.5, "compute", 0.5)
    assert DEVICE.roof(10**9, 0) == Roof(1.0, "compute", 1.0)
    slow = DEVICE._replace(convolutions=(("contiguous", 5e8),))
    assert slow.roof(10**9, 0, convolution=True) == Roof(1.0, "compute", 1.0)
    assert PEAKS.conv_flops_per_s is None
    assert PEAKS.roof(10**9, 0, convolution=True) == Roof(1.0, "compute", 1.0)


def test_the_launch_of_the_device_alone() -> None:
    """5e-7 s are less than the host needs to issue, 1 us, and more than the device needs from one
    kernel to the next, 0.1 us.
    """
    assert DEVICE.roof(500, 0) == Roof(5e-7, "launch", 5e-7)
    assert DEVICE.roof(500, 0, on_device=True) == Roof(5e-7, "compute", 5e-7)
    assert DEVICE.roof(50, 0, on_device=True) == Roof(5e-8, "launch", 5e-8)
    # where it is not known, the host's
    assert PEAKS.roof(500, 0, on_device=True) == Roof(5e-7, "launch", 5e-7)


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
    level = PEAKS._replace(transfers=((1, 1e8),))
    full, half = (
        attained(analyze(graph, batch=1000, dtype=dtype), [(0, 1.0)], level)[0].roof
        for dtype in ("float32", "bfloat16")
    )
    assert full.bound == half.bound == "memory"
    assert full.seconds == pytest.approx(1000 * 2 * 256 * 4 / 1e8)
    assert half.seconds == pytest.approx(full.seconds / 2)


H200 = Peaks(
    "NVIDIA H200",
    "bfloat16",
    674.05e12,
    4.2493e12,
    ((2**24, 5.05e12), (2**25, 5.80e12), (2**26, 5.43e12), (2**27, 4.03e12), (2**30, 4.25e12)),
    12.97e-6,
    1.066e-6,
    (("channels_last", 706.7e12),),
    1410 / 1980,
)
"""What one reached at its power cap of 700 W: 1410 of 1980 MHz (reports/gpu/device.md)."""


def test_what_the_layer_before_wrote_lies_in_the_cache() -> None:
    """ResNet-50's `layer2.1.add` at batch 64 in bfloat16 took 34.08 us on that device.

    It moves three tensors of 64*512*28*28*2 bytes, 154.1 MB: 36.3 us by the largest transfer. 67.1
    MB of them from the cache, at 5.43 TB/s, and 87.0 MB at 4.25 are 32.8 us.
    """
    graph = graph_of({"a": "op: relu", "b": "op: add, from: [a, input]"}, (512, 28, 28))
    (found,) = attained(analyze(graph, 64, "bfloat16"), [(1, 34.08e-6)], H200, on_device=True)
    assert found.roof.seconds == pytest.approx(32.84e-6, rel=1e-3)
    assert found.roof.bound == "memory"
    assert not found.faulty


def test_what_strides_leave_out_need_not_be_read() -> None:
    """ResNet-50's `layer2.0.downsample.0` at batch 64 took 29.34 us on that device.

    A 1x1 with stride 2 reads a quarter of its 64*256*56*56*2 bytes, 25.7 MB, and writes 51.4 MB.
    With the weights, 0.26 MB, they are 77.3 MB: 67.1 at 5.43 TB/s and 10.2 at 4.25, 14.8 us. All
    of the input would be 154.4 MB: 32.9 us at best, more than the layer took.
    """
    layer = {"c": "op: conv2d, out: 512, kernel: 1, stride: 2, bias: false"}
    analysis = analyze(graph_of(layer, (256, 56, 56)), 64, "bfloat16")
    assert analysis.layers[0].bytes_moved == 2 * (64 * 256 * 56**2 + 64 * 512 * 28**2 + 256 * 512)
    (found,) = attained(analysis, [(0, 29.34e-6)], H200, on_device=True)
    # 2*64*256*512*28*28 FLOPs at 706.7 TFLOP/s, or its bytes
    assert found.roof.seconds == pytest.approx(18.61e-6, rel=1e-3)
    assert found.roof.bound == "compute"
    assert not found.faulty


def test_a_layer_alone_runs_at_a_higher_clock_than_a_load() -> None:
    """ViT-B/16's `mlp.3` at batch 64 took 78.8 us on that device: 755 TFLOP/s.

    2*64*197*3072*768 FLOPs are 88.3 us at the 674 TFLOP/s that large products reached at 1410 MHz,
    and 62.9 us at 1980 MHz.
    """
    layer = {"l": "op: linear, out: 768, bias: false"}
    analysis = analyze(graph_of(layer, (197, 3072)), 64, "bfloat16")
    (found,) = attained(analysis, [(0, 78.8e-6)], H200, on_device=True)
    assert found.roof.seconds == pytest.approx(88.3e-6, rel=1e-3)
    assert found.roof.least == pytest.approx(62.9e-6, rel=1e-3)
    assert found.share == pytest.approx(1.12, rel=1e-2)
    assert not found.faulty
    assert attained(analysis, [(0, 59e-6)], H200, on_device=True)[0].faulty
