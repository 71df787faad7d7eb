"""The layout of a shipped network is the one whose picture was looked at: here of those of each
kind, in the nightly profile of all.

`python scripts/layouts.py` writes the hashes again.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.draw.fingerprint import fingerprint
from archprof.draw.tree import network_tree, open_all
from archprof.language.find import shipped
from tests.networks import shared

GOLDEN = json.loads((Path(__file__).parent.parent / "draw" / "layouts.json").read_text("utf-8"))


def test_every_network_has_hashes() -> None:
    assert set(GOLDEN) == {network.name for network in shipped()}


@pytest.mark.parametrize("name", shared.OF_EACH_KIND)
def test_the_layout_is_the_one_that_was_looked_at(name: str) -> None:
    drawn = network_tree(analyze(shared.graph(name)))
    folded = fingerprint(drawn)
    open_all(drawn.root)
    assert [folded, fingerprint(drawn)] == GOLDEN[name]
