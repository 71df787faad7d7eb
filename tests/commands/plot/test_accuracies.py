"""Published accuracies: with their source, and only of networks that there are."""

from __future__ import annotations

import csv

import pytest

from archprof.commands.plot.accuracies import accuracies
from archprof.language.find import shipped
from archprof.language.shipped_folder import specs_folder


def test_known_figures() -> None:
    """torchvision's table of weights: 76.130 for ResNet-50 (V1), 81.474 for Swin-T."""
    found = accuracies()
    assert found["resnet50"].top1 == 76.13
    assert found["resnet50"].source == "torchvision 0.28.0, IMAGENET1K_V1"
    assert found["swin_t"].top1 == 81.474
    assert found["roadmap_t4_depthwise"] == (78.28, "Liu et al. 2022, arXiv 2201.03545v2")


def test_of_shipped_networks_alone() -> None:
    names = {network.name for network in shipped()}
    assert set(accuracies()) <= names
    assert all(0 < one.top1 < 100 and one.source for one in accuracies().values())


def test_the_file_is_torchvisions() -> None:
    """`python scripts/record_accuracy.py` writes it."""
    torchvision = pytest.importorskip("torchvision")
    path = specs_folder() / "published" / "accuracy.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {"alexnet_owt": "alexnet", "googlenet_bn": "googlenet"}
    for row in rows:
        name = names.get(row["network"], row["network"])
        weights = torchvision.models.get_model_weights(name)[row["weights"]]
        assert weights.meta["_metrics"]["ImageNet-1K"]["acc@1"] == float(row["top1"])
