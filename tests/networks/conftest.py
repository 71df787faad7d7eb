"""Networks are large: what a test built is given back before the next one builds."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _memory_given_back() -> Iterator[None]:
    """A GraphModule and its graph refer to each other, so that only the collector frees their
    weights.
    """
    yield
    gc.collect()
