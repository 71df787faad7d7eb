"""Steps in which some parameters are frozen, against torch's own: what is alive after every kernel,
and what autograd keeps.
"""

from __future__ import annotations

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

import archprof
from archprof.analysis.memory import saved_for_backward
from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import assemble
from archprof.model.step_tracker import track_step
from archprof.training.conditions import StepConditions
from archprof.training.step import Timeline, simulate
from tests.training.tracked import differences

BATCH = 2
ALL_BUT_HEAD = {
    "resnet18": ["conv1", "bn1", "layer*"],
    "mobilenet_v2": ["features"],
    "convnextv2_atto": ["stem*", "stages*"],
    "lenet5": ["c1", "c3", "c5"],
}
FIRST = {
    "resnet18": ["conv1", "bn1", "layer[12]"],
    "mobilenet_v2": ["features.[0-8]"],
    "convnextv2_atto": ["stem*", "stages.[01]"],
    "lenet5": ["c1", "c3"],
}
NORMS = {
    "resnet18": ["*bn*", "*.downsample.1"],
    "mobilenet_v2": ["*.conv.0.1", "*.conv.1.1"],
    "convnextv2_atto": ["*norm*", "*grn*"],
}


def frozen(name: str, patterns: list[str]) -> Graph:
    """A small image keeps the step short; its rules are those of a large one."""
    size = None if name == "lenet5" else "3x64x64"
    return freeze(archprof.load(name, input=size).graph, patterns)


def without(name: str, patterns: list[str]) -> list[str]:
    """Patterns for every parameter that these do not name."""
    kept = {
        node.weight_path(weight) for node in frozen(name, patterns).nodes for weight in node.frozen
    }
    graph = archprof.load(name).graph
    paths = (node.weight_path(weight) for node in graph.nodes for weight in node.facts.trainable)
    return [path for path in paths if path not in kept]


def compared(graph: Graph, autocast: bool = False) -> tuple[str, Timeline]:
    """Where torch's step, added in place as nobody looks, and the simulated one differ first."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # by one thread other kernels are run for 1x1 convolutions
    try:
        model = assemble(graph, aux_heads=True).train()
        tracked = track_step(
            model,
            model,
            torch.empty(BATCH, *graph.input),
            torch.zeros(BATCH, dtype=torch.int64),
            autocast=torch.bfloat16 if autocast else None,
            unobserved=True,
        )
    finally:
        torch.set_num_threads(threads)
    timeline = simulate(graph, StepConditions(batch=BATCH, autocast=autocast))
    return differences(tracked, timeline), timeline


def trained(name: str, what: str) -> Graph:
    """A network of which only `what` is trained; "biases": of every layer."""
    patterns = {
        "head": ALL_BUT_HEAD[name],
        "later stages": FIRST[name],
        "norms": without(name, NORMS[name]),
        "all but norms": NORMS[name],
        "biases": ["*.weight"],
    }
    return frozen(name, patterns[what])


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "convnextv2_atto"])
@pytest.mark.parametrize("what", ["head", "later stages", "norms", "all but norms", "biases"])
def test_every_birth_is_torchs(name: str, what: str) -> None:
    said, _ = compared(trained(name, what))
    assert not said


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("resnet18", "later stages"),
        ("resnet18", "norms"),
        ("convnextv2_atto", "head"),
        ("convnextv2_atto", "all but norms"),
    ],
)
def test_every_birth_is_torchs_under_autocast(name: str, what: str) -> None:
    said, _ = compared(trained(name, what), autocast=True)
    assert not said


@pytest.mark.parametrize("patterns", [ALL_BUT_HEAD["lenet5"], FIRST["lenet5"], ["*.weight"]])
def test_table_convolutions_too(patterns: list[str]) -> None:
    said, _ = compared(frozen("lenet5", patterns))
    assert not said


def kept_by_torch(graph: Graph) -> int:
    """The bytes of all that autograd keeps of a forward pass, weights left out, each storage once;
    in training mode.
    """
    model = assemble(graph, aux_heads=True).train()
    own = {p.untyped_storage()._cdata for p in (*model.parameters(), *model.buffers())}
    found: dict[int, int] = {}
    alive = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            found[storage._cdata] = storage.nbytes()
            alive.append(storage)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(torch.zeros(BATCH, *graph.input))
    del output
    return sum(found.values())


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("resnet18", []),
        ("resnet18", ALL_BUT_HEAD["resnet18"]),
        ("resnet18", FIRST["resnet18"]),
        ("resnet18", ["*conv*"]),
        ("convnextv2_atto", FIRST["convnextv2_atto"]),
        ("convnextv2_atto", ["*.weight"]),
        ("convnextv2_atto", ["*grn*"]),
        ("lenet5", ["*.weight"]),
        ("lenet5", FIRST["lenet5"]),
    ],
)
def test_saved_bytes_are_what_torch_keeps(name: str, patterns: list[str]) -> None:
    graph = frozen(name, patterns)
    saved = saved_for_backward(graph, BATCH, 4)
    assert sum(each or 0 for each in saved) == kept_by_torch(graph)


ATTENTION = """name: net
input: 3x8x8
layers:
  patches: {op: conv2d, out: 8, kernel: 2, stride: 2}
  tokens: {op: reshape, size: [8, 16]}
  order: {op: permute, order: [1, 0]}
  norm: {op: rms_norm}
  attend: {op: multihead_attention, heads: 2}
  scale: {op: scale, size: [8]}
  wide: {op: linear, out: 16}
  gelu: {op: gelu}
  last: {op: linear, out: 8}
"""


@pytest.mark.parametrize(
    "patterns",
    [
        [],
        ["patches"],
        ["patches", "norm"],
        ["patches", "norm", "attend"],
        ["patches", "norm", "attend.in_proj*"],
        ["patches", "norm", "attend.in_proj_weight"],
        ["attend.out_proj*", "scale"],
        ["attend*", "last.weight"],
        ["norm", "wide.weight", "scale"],
        ["*weight"],
        ["*"],
    ],
    ids=lambda patterns: " ".join(patterns),
)
def test_each_weight_keeps_what_its_gradient_needs(patterns: list[str]) -> None:
    graph = freeze(expand(next(networks(load_text(ATTENTION)))), patterns)
    saved = saved_for_backward(graph, BATCH, 4)
    assert sum(each or 0 for each in saved) == kept_by_torch(graph)


def test_a_frozen_prefix_keeps_nothing() -> None:
    graph = frozen("resnet18", ALL_BUT_HEAD["resnet18"])
    saved = saved_for_backward(graph, BATCH, 4)
    # nothing but the input of the last layer, 512 numbers for each image
    assert [(node.path, kept) for node, kept in zip(graph.nodes, saved, strict=True) if kept] == [
        ("fc", BATCH * 512 * 4)
    ]
    said, timeline = compared(graph)
    assert not said
    # fc's gradients: of the weights one product of a matrix, and none of its input
    assert timeline.backward.macs == BATCH * 512 * 1000


def test_the_backward_pass_stops_where_nothing_trains() -> None:
    """Of a chain of three convolutions the first is frozen: the second has a gradient of its
    weights alone, the third two; of the head, which follows, two as well.
    """
    text = """name: net
input: 3x4x4
layers:
  a: {op: conv2d, out: 5, kernel: 1, frozen: true}
  b: {op: conv2d, out: 7, kernel: 1}
  c: {op: conv2d, out: 6, kernel: 1}
  flatten: {op: flatten}
  fc: {op: linear, out: 2}
"""
    timeline = simulate(expand(next(networks(load_text(text)))), StepConditions(batch=1))
    pixels = 4 * 4
    forward = (3 * 5 + 5 * 7 + 7 * 6) * pixels + 6 * pixels * 2
    assert timeline.forward.macs == forward
    assert timeline.backward.macs == (5 * 7 + 2 * 7 * 6) * pixels + 2 * 6 * pixels * 2
