"""Training on several devices, against the figures of Rajbhandari et al. 2020."""

import pytest

from archprof.training.sharding import SCHEMES, DeviceBytes, divided, sent_bytes

DDP, ZERO1, ZERO2, ZERO3 = SCHEMES
PSI = 7_500_000_000


@pytest.mark.parametrize(
    ("scheme", "gigabytes"), [(DDP, 120), (ZERO1, 31.4), (ZERO2, 16.6), (ZERO3, 1.88)]
)
def test_the_papers_first_figure(scheme: object, gigabytes: float) -> None:
    """Figure 1: 7.5 billion parameters, 64 devices, mixed precision Adam: 2 bytes of weights, 2 of
    gradients and K = 12 of state (float32 weights, momentum, variance) for each parameter. The
    paper prints 120, 31.4, 16.6 and 1.88 GB (1.9 in its text).
    """
    alone = DeviceBytes(2 * PSI, 2 * PSI, 12 * PSI, 0)
    found = sum(divided(alone, scheme, 64, layer=0)) / 1e9  # type: ignore[arg-type]
    assert found == pytest.approx(gigabytes, abs=0.05 if gigabytes > 2 else 0.005)


@pytest.mark.parametrize(
    ("scheme", "volume"), [(DDP, 2), (ZERO1, 2), (ZERO2, 2), (ZERO3, 3)], ids=str
)
def test_the_papers_communication(scheme: object, volume: int) -> None:
    """Section 7: 2 Psi, 2 Psi, 2 Psi and 3 Psi, which a ring of n sends as (n - 1)/n of each."""
    sent = sent_bytes(scheme, 1_000, 1_000, 10)  # type: ignore[arg-type]
    assert sent == volume * 1_000 * 9 // 10


def test_one_device_sends_nothing_and_holds_all() -> None:
    alone = DeviceBytes(10, 20, 30, 40)
    for scheme in SCHEMES:
        assert sent_bytes(scheme, 10, 20, 1) == 0
        assert divided(alone, scheme, 1, layer=5) == alone


def test_a_part_is_rounded_up_and_the_rest_stays() -> None:
    """10, 20 and 31 bytes over 3 devices: 4, 7 and 11 with padding; the layer of 5 is whole."""
    alone = DeviceBytes(10, 20, 31, 40)
    assert divided(alone, ZERO3, 3, layer=5) == DeviceBytes(4, 7, 11, 40, 5)
    assert divided(alone, ZERO2, 3, layer=5) == DeviceBytes(10, 7, 11, 40)
    assert divided(alone, ZERO1, 3, layer=5) == DeviceBytes(10, 20, 11, 40)


def test_of_several_passes_what_is_not_kept_whole_is_sent_in_each() -> None:
    """3 passes over 2 devices, half of everything: 2 x 20; (3 + 1) x 20; 3 x (2 x 10 + 20)."""
    assert sent_bytes(DDP, 10, 20, 2, passes=3) == 20
    assert sent_bytes(ZERO1, 10, 20, 2, passes=3) == 20
    assert sent_bytes(ZERO2, 10, 20, 2, passes=3) == 40
    assert sent_bytes(ZERO3, 10, 20, 2, passes=3) == 60
