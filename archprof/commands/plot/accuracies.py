"""Published accuracies of shipped networks, with who published them."""

from __future__ import annotations

import csv
from functools import cache
from typing import NamedTuple

from archprof.language.shipped_folder import specs_folder


class Accuracy(NamedTuple):
    """A top-1 accuracy on ImageNet-1K in percent, and its source."""

    top1: float
    source: str


@cache
def accuracies() -> dict[str, Accuracy]:
    """Return what is published, by network: of several recipes the oldest, as papers compare it.

    torchvision's figures come before those of the ConvNeXt paper's roadmap.
    """
    found: dict[str, Accuracy] = {}
    for row in _rows("accuracy.csv"):
        source = f"{row['source']}, {row['weights']}"
        found.setdefault(row["network"], Accuracy(float(row["top1"]), source))
    for row in _rows("convnext_roadmap.csv"):
        source = "Liu et al. 2022, arXiv 2201.03545v2"
        found.setdefault(row["network"], Accuracy(float(row["accuracy"]), source))
    return found


def _rows(name: str) -> list[dict[str, str]]:
    path = specs_folder() / "published" / name
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
