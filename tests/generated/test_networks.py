"""Networks at random over every op: what the analysis says of each, torch says too."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from archprof.commands.verify import saved_witness, torch_witness
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.ops import OPS
from tests.effort import NIGHTLY
from tests.generated.networks import specs, text_of

EACH = 120 if NIGHTLY else 6  # networks made for every op: of 116 ops they are some 700
QUANTITIES = {
    ("torch", "params"),
    ("torch", "buffers"),
    ("torch", "output_shape"),
    ("FlopCounterMode", "flops"),
    ("autograd", "saved_bytes"),
}
GENERATED = settings(
    max_examples=EACH,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def graph_of(text: str) -> Graph:
    """The network of a spec that must be sound."""
    (network,) = networks(load_text(text, "generated.yaml"))
    graph = expand(network)
    assert not graph.problems, "\n".join(map(str, graph.problems)) + f"\n{text}"
    return graph


def knows_nothing_kept(graph: Graph) -> bool:
    """Whether a layer is among them that keeps what oneDNN alone knows."""
    return any(node.kind == "lstm" for node in graph.nodes)


@pytest.mark.slow
@pytest.mark.parametrize("op", OPS)
def test_torch_agrees(op: str) -> None:
    """Parameters, buffers, shapes, FLOPs (2 per MAC) and saved bytes, layer by layer and in
    total.
    """
    seen = Counter[str]()

    @GENERATED
    @given(spec=specs(op))
    def agrees(spec: dict[str, Any]) -> None:
        text = text_of(spec)
        graph = graph_of(text)
        checks = [
            check
            for witness in (
                torch_witness.weights,
                torch_witness.shapes_and_flops,
                saved_witness.saved_bytes,
            )
            for check in witness(graph)[0]
        ]
        unknown = {("autograd", "saved_bytes")} if knows_nothing_kept(graph) else set()
        found = {(check.witness, check.quantity) for check in checks}
        assert found == QUANTITIES - unknown
        assert not (differing := [check for check in checks if not check.holds]), (
            "\n".join(map(str, differing)) + f"\n{text}"
        )
        seen.update({node.kind for node in graph.nodes} | {"a network"})

    agrees()
    assert seen["a network"] >= EACH
    assert seen[op] == seen["a network"]


WORDS = (
    "blocks:",
    "params:",
    "let:",
    "with:",
    "first:",
    "repeat:",
    "_{$index + 1}",
    "of{$count}_",
    "when:",
    "aux:",
    "share:",
    "-x:",
    "list.l",
    "th:",
    "flat:",
    "inplace:",
    "inputs:",
    "output:",
    "from: [",
    "from: input",
    "from: l",
    "$index",
    "$count",
    "$channels",
    "shape:",
    "- {op:",
    "input: 3x",
    "batched:",
    "heads:",
    "table:",
)


def test_they_are_made_of_everything() -> None:
    """Of a thousand at random: every structure and the words of the language are among them."""
    texts: list[str] = []

    @settings(GENERATED, max_examples=1000)
    @given(spec=specs())
    def collect(spec: dict[str, Any]) -> None:
        texts.append(text_of(spec))
        graph_of(texts[-1])

    collect()
    said = "\n".join(texts)
    assert [word for word in WORDS if word not in said] == []
