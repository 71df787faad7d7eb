"""What notes of the shipped claims add in figures, worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest

import archprof
from tests.commands.lecture.turning import shipped

STAGES = ((3, 96, 56), (3, 192, 28), (9, 384, 14), (3, 768, 7))
"""ConvNeXt-T: blocks, channels, pixels."""


def note(name: str, claim: str) -> str:
    return " ".join(shipped(f"{name}.yaml").claims[claim].note.split())


def conv(out: int, channels: int, kernel: int, side: int) -> int:
    """Multiply-adds."""
    return out * channels * kernel * kernel * side * side


def percent(share: Fraction) -> str:
    return f"{float(100 * share):.1f} %"


@cache
def params(network: str) -> int:
    return archprof.load(network).analyze().totals.params


@cache
def macs(network: str) -> int:
    return archprof.load(network).analyze().totals.macs


def resnet34(projections: bool) -> int:
    """Multiply-adds, with the shortcuts A, which have none, or the projections B."""
    total, channels = conv(64, 3, 7, 112) + 512 * 1000, 64
    for blocks, width, side in ((3, 64, 56), (4, 128, 28), (6, 256, 14), (3, 512, 7)):
        if projections and channels != width:
            total += conv(width, channels, 1, side)
        for _ in range(blocks):
            total += conv(width, channels, 3, side) + conv(width, width, 3, side)
            channels = width
    return total


def test_vgg_without_one_convolution() -> None:
    widths = ((64, 3, 224), (64, 64, 224), (128, 64, 112), (128, 128, 112), (256, 128, 56))
    missing = conv(256, 256, 3, 56)
    whole = sum(conv(out, channels, 3, side) for out, channels, side in widths) + 2 * missing
    for figure in (whole, missing, whole - missing):
        assert f"{figure / 1e6:.0f} M" in note("cs7643_l8", "L8-44")


def test_first_feature_maps() -> None:
    text = note("cs7643_l8", "L8-101")
    assert f"{55 * 55 * 96 / (3 * 227 * 227):.1f} times" in text
    assert f"{64 / 3:.0f} times" in text


def test_shortcuts_of_resnet34() -> None:
    for projections in (False, True):
        assert f"{resnet34(projections) / 1e9:.3f} G" in note("cs7643_cnns", "K-08")


def test_shares() -> None:
    assert percent(Fraction((2048 + 1) * 1000, 25_557_032)) in note("cs7643_cnns", "K-42")
    # for each pixel 8 C^2 multiply-adds in the 1x1s and 49 C in the 7x7
    pointwise = sum(blocks * 8 * c * c * side * side for blocks, c, side in STAGES)
    depthwise = sum(blocks * 49 * c * side * side for blocks, c, side in STAGES)
    for part in (pointwise, depthwise):
        assert percent(Fraction(part, pointwise + depthwise)) in note("cs462_l14", "F-07")


def test_dense_convnext() -> None:
    """Every 7x7 of C channels has 49 C (C - 1) weights more where it is dense."""
    more = sum(blocks * 49 * c * (c - 1) for blocks, c, _ in STAGES)
    text = note("cs282a_l10", "G-19")
    assert f"{(28_589_128 + more) / 1e6:.1f} M" in text
    assert f"it is {1 + more / 28_589_128:.1f}:" in text


def test_of_whole_networks() -> None:
    resnext = note("cs7643_l8", "L8-59")
    assert f"{params('resnext50_32x4d') / params('resnet50'):.2f} times its parameters" in resnext
    assert f"{macs('resnext50_32x4d') / macs('resnet50'):.2f} times its multiply" in resnext
    assert macs("wide_resnet50_2") / macs("resnet152") == pytest.approx(0.99, abs=0.001)
    assert params("wide_resnet50_2") > params("resnet152")
