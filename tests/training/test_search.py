"""The largest batch: two points and a proof, or a search where steps differ."""

import pytest

import archprof
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import UpdateRule
from archprof.training.search import MOST, BatchPeaks
from archprof.training.step import simulate

ROOM = 8 * 2**30


class Counted:
    """Moments by batch, and for which batches they were asked."""

    def __init__(self, *lines: tuple[int, int]) -> None:
        self.lines, self.asked = lines, list[int]()

    def __call__(self, batch: int) -> list[int]:
        self.asked.append(batch)
        return [fixed + batch * slope for fixed, slope in self.lines]


def test_of_several_moments_the_first_that_is_full_decides() -> None:
    """100 + 10 b within 1,000 until b = 90; 400 + 7 b until 85."""
    lives = Counted((100, 10), (400, 7))
    assert BatchPeaks(lives).largest(1_000) == 85
    assert lives.asked == [2, 4, 85]


def test_what_lies_between_proven_batches_is_not_simulated_again() -> None:
    """100 + 10 b: 190 at most within 2,000; 90 within 1,000, and 600 bytes at 50, on one line."""
    lives = Counted((100, 10))
    peaks = BatchPeaks(lives)
    assert (peaks.largest(2_000), peaks.largest(1_000), peaks.peak(50)) == (190, 90, 600)
    assert lives.asked == [2, 4, 190]
    assert peaks.peak(191) == 2_010
    assert lives.asked == [2, 4, 190, 191]


def test_a_full_byte_fits() -> None:
    assert BatchPeaks(Counted((100, 10))).largest(1_000) == 90
    assert BatchPeaks(Counted((100, 10))).largest(999) == 89


def test_what_does_not_grow_is_bounded() -> None:
    assert BatchPeaks(Counted((100, 0))).largest(100) == MOST
    assert BatchPeaks(Counted((0, 1))).largest(10 * MOST) == MOST
    assert BatchPeaks(Counted((100, 0))).largest(99) == 0


@pytest.mark.parametrize("room", [-5, 0, 109, 110, 119, 120, 130, 140, 149, 150])
def test_few_images(room: int) -> None:
    """100 bytes, and 10 for each image."""
    assert BatchPeaks(Counted((100, 10))).largest(room) == max(0, (room - 100) // 10)


def test_a_step_that_changes_is_searched() -> None:
    """From 50 images on another kernel takes 200 bytes more: 100 + 10 b + 200 within 1,000 until
    70, where the line of smaller batches says 90.
    """

    def lives(batch: int) -> list[int]:
        return [100 + 10 * batch + (200 if batch >= 50 else 0)]

    peaks = BatchPeaks(lives)
    assert peaks.largest(1_000) == 70
    assert peaks.peak(70) <= 1_000 < peaks.peak(71)


def test_a_step_of_other_moments_is_searched() -> None:
    """Two moments at small batches, three at large ones, the third of 20 bytes an image."""

    def lives(batch: int) -> list[int]:
        return [100 + 10 * batch, 50] + ([20 * batch] if batch > 3 else [])

    assert BatchPeaks(lives).largest(1_000) == 50


def test_what_shrinks_is_not_monotone() -> None:
    peaks = BatchPeaks(lambda batch: [1_000 - batch])
    peaks.peak(1)
    assert peaks.monotone
    peaks.peak(2)
    assert not peaks.monotone


@pytest.mark.parametrize("name", ["resnet50", "swin_t", "efficientnet_b0", "vgg11"])
@pytest.mark.parametrize("autocast", [False, True])
def test_the_batch_after_the_largest_does_not_fit(name: str, autocast: bool) -> None:
    """By whole simulations on both sides of the answer."""
    graph = archprof.load(name).analyze().graph

    def peak(batch: int) -> int:
        rule = UpdateRule("adamw")
        conditions = StepConditions(batch=batch, autocast=autocast, optimizer=rule)
        return simulate(graph, conditions).peak.live

    asked = []

    def lives(batch: int) -> list[int]:
        asked.append(batch)
        rule = UpdateRule("adamw")
        conditions = StepConditions(batch=batch, autocast=autocast, optimizer=rule)
        return [birth.live for birth in simulate(graph, conditions).births]

    found = BatchPeaks(lives).largest(ROOM)
    assert peak(found) <= ROOM < peak(found + 1)
    assert len(asked) <= 4
