"""What a spec says of a network's inputs: one or several, of any rank, whole numbers or not."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.inputs import NetworkInput, fault, network_input
from archprof.language.loader import load_text
from archprof.language.network import Network, networks
from archprof.language.override import by_order, override
from archprof.ops.elements import FRACTIONS, Elements
from archprof.problem import ProblemError

TWO = """
name: two
inputs: {image: 3x8x8, tokens: {shape: 7, dtype: int64, below: 100}}
layers:
  conv: {op: conv2d, from: image, out: 4, kernel: 3, padding: 1}
  pool: {op: adaptive_avg_pool2d, size: 1}
  flat: {op: flatten}
  embed: {op: embedding, from: tokens, num: 100, dim: 4}
  last: {op: select, index: -1}
  add: {op: add, from: [flat, last]}
"""


def network(text: str, name: str = "") -> Network:
    found = list(networks(load_text(text)))
    return next(one for one in found if name in ("", one.name))


def sound(text: str, name: str = "") -> Graph:
    graph = expand(network(text, name))
    assert not graph.problems, "\n".join(map(str, graph.problems))
    return graph


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("3x224x224", NetworkInput("x", (3, 224, 224))),
        (1000, NetworkInput("x", (1000,))),
        ("3x16x112x112", NetworkInput("x", (3, 16, 112, 112))),
        ({"shape": "8x100"}, NetworkInput("x", (8, 100))),
        (
            {"shape": 77, "dtype": "int64", "below": 49408},
            NetworkInput("x", (77,), Elements("int64", 49408, 8)),
        ),
        # truth values are below 2
        ({"shape": 5, "dtype": "bool"}, NetworkInput("x", (5,), Elements("bool", 2, 1))),
        ({"shape": 5, "dtype": "int64"}, None),
        ({"dtype": "int64", "below": 3}, None),
        ("x", None),
    ],
)
def test_one_input(stated: object, expected: NetworkInput | None) -> None:
    assert network_input("x", stated) == expected


def test_a_fault_names_its_key() -> None:
    assert fault({"shape": 5, "dtype": "int32", "below": 7}) is None
    found = fault({"shape": 5, "dtype": "int46", "below": 7})
    assert found is not None
    assert found[0] == "dtype"
    assert "int64" in found[2] or "int16" in found[2]


@pytest.mark.parametrize(
    ("size", "output"),
    [("12", (12,)), ("5x12", (5, 12)), ("3x4x5x6", (3, 4, 5, 6)), ("{shape: 4x9}", (4, 9))],
)
def test_one_input_of_any_rank(size: str, output: tuple[int, ...]) -> None:
    graph = sound(f"name: any\ninput: {size}\nlayers: [{{op: relu}}]\n")
    assert graph.input == output == graph.nodes[0].output
    assert [one.name for one in graph.inputs] == ["input"]


def test_several_inputs_are_named() -> None:
    graph = sound(TWO)
    assert [(one.index, one.name, one.shape) for one in graph.inputs] == [
        (-1, "image", (3, 8, 8)),
        (0, "tokens", (7,)),
    ]
    by_path = {node.path: node for node in graph.nodes}
    assert by_path["conv"].inputs == (-1,)
    assert by_path["embed"].inputs == (0,)
    assert [graph.called(i) for i in (-1, 0)] == ["image", "tokens"]


def test_without_a_source_the_first_layer_takes_the_first_input() -> None:
    graph = sound(
        "name: sums\ninputs: {a: 5, b: 5}\nlayers: {r: {op: relu}, add: {op: add, from: [r, b]}}\n"
    )
    assert [node.inputs for node in graph.nodes] == [(), (-1,), (1, 0)]


def test_a_block_takes_all_of_the_networks_inputs() -> None:
    graph = sound(
        """
name: paired
inputs: {a: 5, b: 5}
blocks: {sum: {inputs: [x, y], layers: {add: {op: add, from: [x, y]}}}}
layers: {sum: {block: sum, from: input}}
"""
    )
    assert graph.nodes[-1].inputs == (-1, 0)


def test_memory_counts_every_input_from_beginning_to_end() -> None:
    """The caller holds them: 3*8*8 fractions of 4 bytes and 7 tokens of 8 are 768 + 56; the peak is
    at pool, with conv's 4*8*8*4 and its own 16, and the weights 4*(112 + 400).
    """
    found = analyze(sound(TWO))
    assert found.peak.bytes == 768 + 56 + 1024 + 16 + 2048
    assert dict(found.peak.alive) == {-1: 768, 0: 56, 1: 1024, 2: 16}
    assert found.alive.input_bytes == 768 + 56
    # a batch of three, in half precision: tokens stay int64
    half = analyze(sound(TWO), batch=3, dtype="float16")
    assert half.alive.input_bytes == 3 * (3 * 8 * 8 * 2 + 7 * 8)


def test_autograd_keeps_the_tokens_and_the_image() -> None:
    found = analyze(sound(TWO))
    kept = {row.node.path: row.saved_bytes for row in found.layers}
    # pool keeps no input: its output is one unit, whose gradient is spread evenly
    assert kept == {"conv": 768, "embed": 56} | dict.fromkeys(
        ["tokens", "pool", "flat", "last", "add"], 0
    )


def test_receptive_fields_are_of_the_first_input() -> None:
    found = analyze(sound(TWO))
    assert found.totals.receptive_field == (3, 3)
    assert {found.sights[i].axes for i in (0, 4, 5)} == {("nothing", "nothing")}


def test_whole_numbers_pass_layers_that_move_them() -> None:
    graph = sound(
        """
name: moved
input: {shape: 2x6, dtype: int64, below: 10}
layers:
  first: {op: slice, stop: 1}
  row: {op: flatten}
  drop: {op: dropout}
  embed: {op: embedding, num: 12, dim: 3}
"""
    )
    assert graph.nodes[-1].output == (6, 3)


def test_a_mask_may_scale_fractions() -> None:
    graph = sound(
        "name: masked\ninputs: {x: 4x5, mask: {shape: 4x1, dtype: bool}}\n"
        "layers: {kept: {op: multiply, from: [x, mask]}}\n"
    )
    assert graph.nodes[-1].output == (4, 5)


def test_another_shape_by_name() -> None:
    found = network(TWO)
    other = override(found, {}, named={"tokens": (9,), "image": (3, 16, 16)})
    assert [one.shape for one in other.inputs] == [(3, 16, 16), (9,)]
    assert [one.elements for one in other.inputs] == [FRACTIONS, Elements("int64", 100, 8)]
    assert other.resized
    assert not other.as_specified()
    only = override(found, {}, named={"tokens": (9,)})
    assert [one.shape for one in only.inputs] == [(3, 8, 8), (9,)]
    assert only.resized
    again = override(only, {}, (3, 4, 4))
    assert [one.shape for one in again.inputs] == [(3, 4, 4), (9,)]
    assert [one.shape for one in again.at_own_input().inputs] == [(3, 8, 8), (7,)]
    with pytest.raises(ProblemError, match=r"no input `token`.*\n.*did you mean `tokens`"):
        override(found, {}, named={"token": (9,)})


def test_shapes_without_names_are_of_the_next_inputs() -> None:
    found = network(TWO)
    assert by_order(found, [("", (1,)), ("", (2,))]) == {"image": (1,), "tokens": (2,)}
    assert by_order(found, [("image", (1,)), ("", (2,))]) == {"image": (1,), "tokens": (2,)}
    with pytest.raises(ProblemError, match="found 3 inputs, expected at most 2"):
        by_order(found, [("", (1,)), ("", (2,)), ("", (3,))])
    with pytest.raises(ProblemError, match="found 2 inputs"):
        by_order(found, [("image", (1,)), ("image", (2,))])


FAMILY = """
name: family
input: 3x8x8
layers: [{op: flatten}]
variants:
  vector: {input: 12}
  pair: {inputs: {input: 3x4x4, other: 5}, title: A pair}
"""


def test_variants_state_their_own_inputs() -> None:
    assert sound(FAMILY).input == (3, 8, 8)
    assert sound(FAMILY, "vector").input == (12,)
    pair = network(FAMILY, "pair")
    assert [one.name for one in pair.inputs] == ["input", "other"]
    assert "nothing uses the output of `other`" in str(ProblemError(expand(pair).problems))


def test_a_network_of_several_inputs_as_a_layer() -> None:
    """Shipped networks are asked by name; none has several inputs, so one is refused two."""
    inputs = "inputs: {a: 1x32x32, b: 1x32x32}"
    text = f"name: twice\n{inputs}\nlayers: {{net: {{network: lenet5, from: [a, b]}}}}\n"
    message = str(ProblemError(expand(network(text)).problems))
    assert "network `lenet5` takes 1 input, found 2" in message
