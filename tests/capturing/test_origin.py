"""What stands behind a captured graph, as every command asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.capturing.assemble import network
from archprof.capturing.origin import CapturedEntry, CapturedNetwork
from archprof.capturing.tape_reader import tape_of
from archprof.capturing.targets import target
from archprof.problem import Mark
from tests.tapes import recorded, recorded_text

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def found() -> CapturedNetwork:
    return network(tape_of(recorded_text().encode(), "f"), target=target("net.tape.json"))


def test_it_is_called_as_it_was_captured(found: CapturedNetwork) -> None:
    assert (found.name, found.heading, found.family, found.siblings) == (
        "net",
        "Net",
        "net",
        ("net",),
    )
    assert (found.mark, found.file, found.path) == (Mark("net"), "net", Path("net"))
    assert found.overrides == {"depth": 3, "name": "x", "sizes": [1, [2]], "none": None}
    assert found.module is None


def test_it_states_nothing(found: CapturedNetwork) -> None:
    assert found.stated("title") is None
    assert found.expected() == {}
    assert found.texts() == {}
    assert found.input is None
    assert found.as_specified()


def test_its_graph_is_that_of_its_tape(found: CapturedNetwork) -> None:
    graph = found.at_own_input()
    assert graph.network is found
    assert graph.input == (3, 6, 6)
    # all weights once: the tied one is the table's, the unused layer is counted too
    conv, norm, attention = 3 * 9 * 8 + 8, 2 * 8, (8 * 24 + 24) + (8 * 8 + 8)
    lstm, table, bias, unused = 4 * 4 * (8 + 4) + 2 * 4 * 4, 5 * 4, 5, 2 * 2 + 2
    assert sum(node.params for node in graph.nodes) == (
        conv + norm + attention + lstm + table + bias + unused
    )


def test_names_have_no_characters_that_are_not_seen() -> None:
    made = network(recorded().replaced(name="a\x1b[31m\nb\u202e"))
    assert made.name == "a\\x1b[31m\\x0ab\\u202e"
    assert made.mark.file == made.name


def test_a_layers_entry() -> None:
    entry = CapturedEntry(Mark("net.py", 3))
    assert not entry.states_shape
    assert entry.setting_mark("kernel") is None
    assert entry.remarks == ()
