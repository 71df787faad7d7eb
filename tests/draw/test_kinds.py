"""Kinds of layers: each has a colour, a form and a name."""

from __future__ import annotations

import archprof
from archprof.draw.kinds import FORMS, NAMES, OF_FAMILY, kind, kinds
from archprof.draw.palette import KINDS
from archprof.ops.family import FAMILIES


def test_each_has_a_colour_a_form_and_a_name() -> None:
    assert list(FORMS) == list(NAMES) == list(KINDS)
    assert len(set(FORMS.values())) == len(FORMS)
    assert set(OF_FAMILY) <= set(FAMILIES)


def test_kinds_of_a_network() -> None:
    nodes = archprof.load("alexnet").graph.nodes
    assert kind(nodes[0]) == "conv"
    assert kinds(nodes)[:2] == ["conv", "linear"]
