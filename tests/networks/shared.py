"""What several tests of a network need of it."""

from functools import lru_cache

import archprof
from archprof.graph.graph import Graph

# where the plain name is the paper's or the lecture's network, and not the public one
OURS = {"alexnet": "alexnet_owt", "googlenet": "googlenet_bn"}


@lru_cache(maxsize=4)
def graph(name: str) -> Graph:
    """Return a shipped network, loaded once for the tests that follow each other."""
    return archprof.load(name).graph
