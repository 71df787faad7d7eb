"""Every shipped network built as a module and captured again: the numbers are the spec's own.

What a spec says in one op and torch in several, or only in training, is listed here with its reason
and its amount, so that any other difference fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.api import capture
from archprof.graph.graph import Node
from archprof.language.find import shipped
from archprof.model.compile import assemble
from tests.captured import OLD
from tests.effort import NIGHTLY
from tests.networks import shared

NAMES = sorted(network.name for network in shipped()) if NIGHTLY else sorted(shared.FAMILIES)
"""One of each kind; in the nightly profile every network."""

FIGURES = (
    "params",
    "buffers",
    "macs",
    "flops",
    "weight_bytes",
    "peak_inference_bytes",
    "saved_bytes",
    "depth",
    "aux_params",
    "receptive_field",
)

SAID_OTHERWISE = {
    "attention": "a function: heads divided, torch's attention, heads joined",
    "chunk": "slices, one for each part",
    "drop_path": "runs in training only",
    "identity": "runs no operator",
    "normalize": "a function: a norm, its maximum with eps, a division",
    "pad_same": "pads by the numbers that it comes to",
    "position_encoding2d": "a function: its waves are computed in every pass",
    "relative_position_bias": "a function: a table, indexed",
    "reshape": "a flatten where it joins dimensions",
    "scale": "a function where its parameter lies along another dimension than the last",
    "split": "slices, one for each part",
    "table_conv2d": "which inputs a filter has is data, and a capture has none",
    "window_mask": "a function: a mask is computed in every pass",
    "window_partition": "a function: a view, a permutation and a copy",
    "window_reverse": "a function: a view, a permutation and a copy",
}
"""The ops that are not captured as such, and why."""

# a mask of so many windows of 49 x 49 tokens has its comparison and its filling, one FLOP each: of
# 56 x 56 tokens 64 windows, of 28 x 28 tokens 16, of 14 x 14 tokens 4; one block in two has one
_MASK = 2 * 49**2
# archprof's modules run no auxiliary head unless they are told to, so that it keeps nothing: of
# inception the pooled map, the first convolution's output before and behind its norm, the norm's
# two statistics, the same of the second, whose output is a vector, and that pooled
_INCEPTION_HEAD = 4 * (768 * 25 + 2 * 128 * 25 + 2 * 128 + 2 * 768 + 2 * 768 + 768)
# of googlenet the pooled map (512 or 528 channels), the convolution's output, and three vectors:
# behind the first linear layer, the mask of its dropout, and what remains
_GOOGLENET_HEADS = 4 * ((512 + 528) * 16 + 2 * (128 * 16 + 3 * 1024))


def _swin_v2(heads: int, blocks: int) -> int:
    """Return the FLOPs of a Swin V2 of 256 x 256 pixels that its spec does not count.

    `heads` are those of the first stage, which has 64 x 64 tokens, `blocks` those of the third
    stage; the others have two. Queries and keys are normalized, which leaves out a square root and
    a maximum of each vector. A mask of windows of 64 x 64 tokens has its comparison and its
    filling, as Swin's have.
    """
    vectors = 2 * heads * (2 * 64**2 + 2 * 2 * 32**2 + blocks * 4 * 16**2 + 2 * 8 * 8**2)
    return 2 * vectors + 2 * 64**2 * (64 + 16 + blocks // 2 * 4)


def _edgenext(widths: tuple[int, ...], side: int) -> int:
    """Return the FLOPs of an EdgeNeXt that its spec does not count.

    The channels of queries and keys are normalized in one block of each of these `widths`: a
    square root and a maximum of each. The position encoding of a map of `side` x `side` pixels has
    16 angles for each row and column: a division, a sine and a cosine of each; before them, of each
    axis, a division and a product for its places, and a division and a power for 16 periods.
    """
    return 2 * 2 * sum(widths) + 3 * 16 * 2 * side + 2 * (2 * side + 2 * 16)


DIFFERENCES: dict[str, dict[str, Any]] = {
    "swin_t": {"flops": _MASK * (64 + 16 + 3 * 4)},
    "swin_s": {"flops": _MASK * (64 + 16 + 9 * 4)},
    "swin_b": {"flops": _MASK * (64 + 16 + 9 * 4)},
    "swin_v2_t": {"flops": _swin_v2(3, 6)},
    "swin_v2_s": {"flops": _swin_v2(3, 18)},
    "swin_v2_b": {"flops": _swin_v2(4, 18)},
    "edgenext_xx_small": {"flops": _edgenext((48, 88, 168), 32)},
    "edgenext_x_small": {"flops": _edgenext((64, 100, 192), 32)},
    "edgenext_small": {"flops": _edgenext((96, 160, 304), 32)},
    "edgenext_base": {"flops": _edgenext((160, 288, 584), 32)},
    "googlenet": {"saved_bytes": -_GOOGLENET_HEADS},
    # with batch norms: of each head the convolution's output once more, and two statistics
    "googlenet_bn": {"saved_bytes": -_GOOGLENET_HEADS - 4 * 2 * (128 * 16 + 2 * 128)},
    "inception_v3": {"saved_bytes": -_INCEPTION_HEAD},
    "fusion_2016": {"saved_bytes": -_INCEPTION_HEAD},
    # C3's table: the inputs of its 60 connections are copied, its 60 maps of 10 x 10 kept until
    # they are summed, of which the spec has 60 additions per place less; through an index the field
    # is not known
    "lenet5": {"flops": 6000, "peak_inference_bytes": -4704, "receptive_field": (6, 6)},
}
"""By network what is more, or is instead, where it is captured."""


class Pair(NamedTuple):
    """A network's name, the analysis of its spec, and that of its module captured."""

    name: str
    spec: Analysis
    found: Analysis


pytestmark = pytest.mark.skipif(OLD, reason="torch notes no modules of an fx.GraphModule")


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest) -> Pair:
    graph = shared.graph(request.param)
    module = assemble(graph, device="meta")
    found = capture(module, graph.input, request.param).analyze()
    return Pair(request.param, analyze(graph), found)


def test_totals_are_equal_to_the_integer(pair: Pair) -> None:
    differences = DIFFERENCES.get(pair.name, {})
    for figure in FIGURES:
        expected = getattr(pair.spec.totals, figure)
        if isinstance(differences.get(figure), int):
            expected += differences[figure]
        else:
            expected = differences.get(figure, expected)
        assert getattr(pair.found.totals, figure) == expected, figure
    assert pair.found.totals.unknown.cost == pair.found.totals.unknown.saved == ()
    if pair.name != "lenet5":
        assert pair.found.totals.extent.sees == pair.spec.totals.extent.sees


def test_layers_are_those_of_the_spec(pair: Pair) -> None:
    captured = {node.path: node for node in pair.found.graph.nodes}
    for node in pair.spec.graph.nodes:
        if not node.op.is_module or node.aux or node.kind in SAID_OTHERWISE:
            continue
        if node.op.given().get("unbiased"):  # a part of the bias is set to 0 before
            product = captured[f"{node.path}_1"]
            assert (product.kind, product.output) == (node.kind, node.output)
            assert product.facts.known_cost.macs == node.facts.known_cost.macs
            continue
        expected = dict(facts(node))
        if node.path.endswith(".cpb_mlp.0"):
            expected["settings"] = {}  # on a table without a batch: torch's operator, no layer
        assert facts(captured[node.path]) == expected


def test_no_other_op_is_captured_differently(pair: Pair) -> None:
    wanted = Counter(node.kind for node in pair.spec.graph.nodes if not node.aux)
    missing = wanted - Counter(node.kind for node in pair.found.graph.nodes)
    assert missing.keys() <= SAID_OTHERWISE.keys()


def facts(node: Node) -> Mapping[str, Any]:
    return {
        "path": node.path,
        "op": node.op.name,
        "settings": settings(node),
        "output": node.output,
        "params": node.params,
        "macs": node.facts.known_cost.macs,
    }


def settings(node: Node) -> dict[str, Any]:
    """Return what a layer's op was given; a pooling's stride is its kernel where none is stated,
    and the padding `same` of an odd kernel half of what the kernel reaches.
    """
    found = {name: rounded(value) for name, value in node.op.given().items()}
    if found.get("padding") == "same":
        dilations = found.get("dilation", (1,) * len(found["kernel"]))
        pairs = zip(found["kernel"], dilations, strict=True)
        found["padding"] = tuple((k - 1) * d // 2 for k, d in pairs)
    if node.kind.endswith("pool2d") and found.get("stride") == found.get("kernel"):
        found.pop("stride", None)
    return found


def rounded(value: Any) -> Any:
    """Return a setting; a number that a capture works out is one to its last digits."""
    return round(value, 12) if isinstance(value, float) else value


def test_every_op_said_otherwise_is_in_a_network() -> None:
    """So that the list does not outlive its reasons."""
    kinds = {node.kind for network in shipped() for node in shared.graph(network.name).nodes}
    assert SAID_OTHERWISE.keys() <= kinds
