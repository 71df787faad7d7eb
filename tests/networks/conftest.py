"""Networks are large: each is loaded once for the tests of it, which follow each other, and what a
test built is given back before the next one builds.
"""

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from archprof.language.find import shipped

HERE = str(Path(__file__).parent) + os.sep


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests of a network together, so that `shared.graph` still has it."""
    places = [place for place, item in enumerate(items) if str(item.path).startswith(HERE)]
    ordered = sorted((items[place] for place in places), key=position)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


def position(item: pytest.Item) -> int:
    """Return where the network stands that the parameters of a test name; -1 for those of none."""
    words = item.name.rpartition("[")[2].removesuffix("]").split("-")
    return next((numbers()[word] for word in words if word in numbers()), -1)


@cache
def numbers() -> dict[str, int]:
    """Number the shipped networks by their names."""
    return {network.name: number for number, network in enumerate(shipped())}


@pytest.fixture(autouse=True)
def _memory_given_back() -> Iterator[None]:
    """A GraphModule and its graph refer to each other, so that only the collector frees their
    weights. What is left then, imports and cached graphs, stays or is freed without it.
    """
    yield
    gc.collect()
    gc.freeze()
