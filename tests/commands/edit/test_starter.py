"""New specs: the starter keeps to every rule, and a copy is the network it was copied from."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.check.base import Finding
from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import outcome
from archprof.commands.check.config import Config
from archprof.commands.edit.formatting import formatted
from archprof.commands.edit.new_command import _reduced
from archprof.commands.edit.starter import copied, starter
from archprof.language.expand import expand
from archprof.language.files import Source
from archprof.language.find import find
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.effort import NIGHTLY
from tests.networks import shared


def found(text: str) -> tuple[Finding, ...]:
    work, options = (Source(None, "new.yaml", text.encode()), Config()), Options(strict=True)
    return outcome([work], [check(*work, options)], options).findings


def analysis(text: str) -> Analysis:
    (network,) = networks(load_text(text, "new.yaml"))
    return analyze(expand(network))


def test_the_starter_keeps_to_every_rule() -> None:
    text = starter("mine")
    assert found(text) == ()
    assert formatted(text) == text
    assert max(map(len, text.splitlines())) <= 100
    totals = analysis(text).totals
    # the stem, twice two convolutions of 32 with their norms, a block that widens with its
    # projection, one of 64, the classifier
    assert (
        totals.params
        == (27 + 1) * 32
        + 2 * 2 * (9 * 32 * 32 + 64)
        + (9 * 32 * 64 + 9 * 64 * 64 + 2 * 128 + 33 * 64)
        + 2 * (9 * 64 * 64 + 128)
        + 65 * 10
    )
    assert text.count("#") > 10  # it explains itself


@pytest.mark.parametrize("name", shared.OF_EACH_KIND if NIGHTLY else shared.FAMILIES)
def test_a_copy_is_the_same_network(name: str) -> None:
    """Layer by layer, and its shapes hold as well; of the original it says nothing, so that a
    first change fails no `expect`.
    """
    original = analyze(expand(find(name)))
    text = _reduced(copied(find(name), "mine"))
    copy = analysis(text)
    assert copy.totals == original.totals
    assert [(row.node.path, row.node.op, row.params, row.macs) for row in copy.layers] == [
        (row.node.path, row.node.op, row.params, row.macs) for row in original.layers
    ]
    assert copy.graph.network.stated("input") == original.graph.network.stated("input")
    assert {
        copy.graph.network.stated(key)
        for key in ("title", "source", "year", "expect", "aliases", "family")
    } == {None}
    assert text.startswith(
        f"# {name} as archprof ships it, but for title, source, year and expect, which are the"
        " original's\n"
    )
    assert found(text) == ()
    assert formatted(text) == text


def test_a_copy_is_reduced_to_its_variant() -> None:
    text = _reduced(copied(find("resnet50"), "mine"))
    assert "resnet50 as archprof ships it" in text
    assert "params: {block: bottleneck, depths: [3, 4, 6, 3]" in text
    for gone in (
        "variants:",
        "resnet101",
        "basic:",
        "family:",
        "yaml-language-server",
        "shortcut:",
    ):
        assert gone not in text, gone
    assert "# the 3x3 convolution of a bottleneck is" in text  # comments stay
    assert "use:" in text
    # which takes no block from there
    assert "use:" not in _reduced(copied(find("resnet18"), "mine"))


def test_what_the_starter_says_of_channels() -> None:
    """A squeeze to 4 channels: `$channels` of the layer after it is 4, a default of `params` has
    the 16 that the block is given.
    """
    comment = starter("mine").partition("# A named piece")[2].partition("residual:")[0]
    words = " ".join(comment.replace("#", "").split())
    assert "$channels how many channels arrive at the layer that says it" in words
    assert "a parameter `planes: $channels` has those of the block's input in every layer" in words
    text = """
name: gate
input: 16x8x8
blocks:
  gate:
    params: {planes: $channels}
    layers:
      squeeze: {op: conv2d, out: 4, kernel: 1}
      here: {op: conv2d, out: $channels, kernel: 1, shape: 4x8x8}
      back: {op: conv2d, out: $planes, kernel: 1, shape: 16x8x8}
layers: [{block: gate}]
"""
    (network,) = networks(load_text(text, "gate.yaml"))
    graph = expand(network)
    assert not graph.problems
    assert [node.output[0] for node in graph.nodes] == [4, 4, 16]
