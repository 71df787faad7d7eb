"""Networks are large: each is loaded once for the tests of it, which follow each other, and what a
test built is given back before the next one builds.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from torch import Tensor
from torch.nn import init

from archprof.language.find import shipped

HERE = Path(__file__).parent
NAMES = {network.name: number for number, network in enumerate(shipped())}

INITIALIZERS = [
    "constant_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "trunc_normal_",
    "uniform_",
    "xavier_uniform_",
    "zeros_",
]
"""What torch's modules fill their weights with."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests of a network together, so that `shared.graph` still has it."""
    places = [place for place, item in enumerate(items) if HERE in item.path.parents]
    ordered = sorted((items[place] for place in places), key=position)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


def position(item: pytest.Item) -> int:
    """Return where the network stands that the parameters of a test name; -1 for those of none."""
    words = item.name.rpartition("[")[2].removesuffix("]").split("-")
    return next((NAMES[word] for word in words if word in NAMES), -1)


@pytest.fixture(autouse=True)
def _memory_given_back() -> Iterator[None]:
    """A GraphModule and its graph refer to each other, so that only the collector frees their
    weights. What is left then, imports and cached graphs, stays or is freed without it.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture
def no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave weights as they are allocated: shapes and bytes do not depend on their values, and
    torch takes longer to draw them than for the rest of a layer.
    """
    for name in INITIALIZERS:
        monkeypatch.setattr(init, name, _as_it_is)


def _as_it_is(tensor: Tensor, *_: object, **__: object) -> Tensor:
    return tensor
