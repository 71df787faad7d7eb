"""Published accuracies of shipped networks, with who published them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from archprof.language.published import published_rows


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
    for row in published_rows("accuracy"):
        source = f"{row['source']}, {row['weights']}"
        found.setdefault(row["network"], Accuracy(float(row["top1"]), source))
    for row in published_rows("convnext_roadmap"):
        source = "Liu et al. 2022, arXiv 2201.03545v2"
        found.setdefault(row["network"], Accuracy(float(row["accuracy"]), source))
    return found
