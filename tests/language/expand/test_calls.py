"""Blocks, groups and whole networks stand in for layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import faults, graph, wiring

# --- several inputs and outputs ---

CELL = (
    "blocks:\n  cell: {inputs: [x, prev], layers: {y: {op: relu, from: prev}, z: {op: add, from:"
    " [x, y]}}, output: [z, x]}\n"
)


def test_two_states_run_through_a_repeat() -> None:
    found = wiring(
        CELL
        + "layers:\n  a: {op: relu}\n  b: {op: relu}\n  c: {block: cell, from: [b, a], repeat: 3}\n"
        "  d: {op: relu}\n"
    )
    assert found == {
        "a": ["input"],
        "b": ["a"],
        "c.0.y": ["a"],
        "c.0.z": ["b", "c.0.y"],
        "c.1.y": ["b"],
        "c.1.z": ["c.0.z", "c.1.y"],
        "c.2.y": ["c.0.z"],
        "c.2.z": ["c.1.z", "c.2.y"],
        "d": ["c.2.z"],
    }


def test_a_block_that_takes_more_than_there_are() -> None:
    """One source counts with its outputs, several count one each."""
    three = CELL + "  three: {inputs: [x, y, z], layers: {sum: {op: add, from: [x, y, z]}}}\n"
    both = "layers:\n  a: {op: relu}\n  b: {block: cell, from: [a, input]}\n"
    assert faults(three + both + "  c: {block: three}\n") == [
        "9:3 block `three` takes 3 inputs (x, y, z), found 2"
    ]
    assert faults(three + both + "  c: {block: three, from: [a, b]}\n") == [
        "9:3 block `three` takes 3 inputs (x, y, z), found 2"
    ]
    assert faults(three + both + "  c: {block: three, from: a}\n") == [
        "9:3 block `three` takes 3 inputs (x, y, z), found 1"
    ]


def test_the_outputs_of_one_block_are_the_inputs_of_the_next() -> None:
    found = wiring(
        CELL
        + "layers:\n  a: {op: relu}\n  b: {block: cell, from: [a, input]}\n  c: {block: cell}\n  d:"
        " {op: add}\n  e: {block: cell, from: [d, b]}\n"
    )
    assert found["c.y"] == ["a"]
    assert found["c.z"] == ["b.z", "c.y"]
    assert found["d"] == ["c.z", "b.z"]  # an op of several inputs takes them all
    assert found["e.y"] == ["b.z"]  # a name among others stands for its first output


def test_several_outputs_of_the_network() -> None:
    found = graph("layers:\n  a: {op: relu}\n  b: {op: relu}\noutput: [b, a]\n")
    assert [found.nodes[i].path for i in found.outputs] == ["b", "a"]
    assert [
        graph("layers:\n  a: {op: relu}\noutput: [input, a]\n").shape_of(i) for i in (-1, 0)
    ] == [(3, 8, 8), (3, 8, 8)]


def test_a_group_of_several_inputs() -> None:
    assert wiring(
        "layers:\n  a: {op: relu}\n  g: {from: [a, input], layers: {s: {op: add}, t: {op: add,"
        " from: [s, input]}}}\n"
    ) == {"a": ["input"], "g.s": ["a", "input"], "g.t": ["g.s", "a"]}


# --- blocks of other files ---


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    (tmp_path / "parts.yaml").write_text(
        "name: parts\nuse: deeper.yaml\nparams: {ratio: 2}\nlet: {twice: $ratio * 2}\nblocks:\n "
        " wide: {params: {out: 1}, layers: {c: {op: conv2d, out: $out * $twice + $index, kernel:"
        " 1}, d: {block: deep}, e: {block: own}}}\n  own: {layers: {r: {op: relu}}}\n"
    )
    (tmp_path / "deeper.yaml").write_text(
        "name: deeper\nblocks:\n  deep: {layers: {s: {op: sigmoid}}}\n"
    )
    return tmp_path


def test_a_used_block_sees_its_own_file(parts: Path) -> None:
    text = (
        "use: parts.yaml\nparams: {ratio: 100}\nblocks:\n  deep: {layers: {t: {op:"
        " tanh}}}\nlayers:\n  x: {block: wide, with: {out: $ratio}}\n  y: {block: deep}\n  z:"
        " {block: wide, repeat: 2, with: {out: 2}}\n"
    )
    found = graph(text, parts)
    assert [node.path for node in found.nodes] == [
        "x.c",
        "x.d.s",
        "x.e.r",
        "y.t",
        "z.0.c",
        "z.0.d.s",
        "z.0.e.r",
        "z.1.c",
        "z.1.d.s",
        "z.1.e.r",
    ]
    # 100 * (2 * 2) + 0; then 2 * 4 + 0 and 2 * 4 + 1
    assert [node.output[0] for node in found.nodes if node.kind == "conv2d"] == [400, 8, 9]


def test_a_fault_in_a_used_block_shows_its_own_line(parts: Path) -> None:
    text = (
        "name: net\ninput: 3x8x8\nuse: parts.yaml\nlayers:\n  x: {block: wide, with: {out: 0.1}}\n"
    )
    (problem,) = expand(next(networks(load_text(text, "net.yaml", parts)))).problems
    assert (problem.mark.file, problem.mark.line) == ("parts.yaml", 6)
    assert problem.source_line.startswith("  wide: ")
    assert problem.chain == ("x (block wide, net.yaml:5)",)


# --- whole networks as layers ---


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shipped networks, the second a family with initial values of its own."""
    (tmp_path / "small.yaml").write_text(
        "name: small\ninput: 3x8x8\nlayers:\n  conv: {op: conv2d, out: 4, kernel: 3, shape:"
        " 4x6x6}\n  head: {op: relu, aux: true}\n"
    )
    (tmp_path / "family.yaml").write_text(
        "name: fam\ninput: 4x6x6\nparams: {depth: , std: 0.5}\ninit: {conv2d: {weight: {normal:"
        " $std}}}\nlayers:\n- {op: conv2d, out: $depth, kernel: 1, repeat: $depth}\nvariants:\n "
        " fam2: {depth: 2}\n  fam3: {depth: 3, std: 0.25}\n"
    )
    monkeypatch.setattr("archprof.language.find.specs_folder", lambda: tmp_path)


@pytest.mark.usefixtures("shelf")
def test_a_whole_network_as_a_layer() -> None:
    found = graph(
        "init: {conv2d: {bias: 0}}\nparams: {n: fam3}\nlayers:\n  a: {network: small}\n  b:"
        " {network: fam2}\n  c: {network: $n}\n  d: {op: conv2d, out: 1, kernel: 1}\n"
    )
    assert [(node.path, node.output, node.init) for node in found.nodes] == [
        ("a.conv", (4, 6, 6), None),
        ("a.head", (4, 6, 6), None),
        ("b.0", (2, 6, 6), {"weight": {"normal": 0.5}}),
        ("b.1", (2, 6, 6), {"weight": {"normal": 0.5}}),
        ("c.0", (3, 6, 6), {"weight": {"normal": 0.25}}),
        ("c.1", (3, 6, 6), {"weight": {"normal": 0.25}}),
        ("c.2", (3, 6, 6), {"weight": {"normal": 0.25}}),
        ("d", (1, 6, 6), {"bias": 0}),
    ]
    assert [found.nodes[i].path for i in found.aux_outputs] == ["a.head"]
    assert [
        node.path
        for node in graph(
            "layers:\n- {network: small}\n- {network: fam2, flat: true}\n- {op: relu}\n"
        ).nodes
    ] == ["0.conv", "0.head", "1", "2", "3"]


@pytest.mark.usefixtures("shelf")
def test_a_networks_own_shapes_hold_at_its_own_input() -> None:
    assert not faults("layers:\n  p: {op: pad, sides: [1, 1, 1, 1]}\n  a: {network: small}\n")
    assert faults(
        "layers:\n  g: [{network: small}]\n  p: {op: max_pool2d, kernel: 5}\n  a: {network:"
        " small}\n  b: {op: conv2d, out: 1, kernel: 1, shape: 1x1x1, from: input}\n"
    ) == [
        "7:45 `b` gives 1x8x8, the spec says 1x1x1",
        "4:3 `a.conv` (conv2d) cannot take 4x1x1: a window of 3 does not fit into 1 + 2*0 = 1",
    ]


@pytest.mark.usefixtures("shelf")
def test_networks_that_are_none() -> None:
    assert faults(
        "params: {n: 3}\nlayers:\n  a: {network: smal}\n  b: {network: fam, from: input}\n  c:"
        " {network: $n, from: input}\n"
    ) == [
        "5:16 there is no network called `smal`",
        "6:16 there is no network called `fam`",
        "7:16 there is no network called `3`",
    ]


def test_a_layer_holds_no_layers() -> None:
    """Two modules of torch at one path: the one would be counted as part of the other."""
    first = "layers:\n- {op: relu}\n- {layers: [{op: layer_norm2d}], repeat: 1, name: '{$index}'}\n"
    assert faults(first) == ["5:13 `0` is a layer, so that `0.0` cannot stand inside it"]
    second = (
        "layers:\n- {layers: [{op: layer_norm2d}], repeat: 1, name: '{$index + 1}'}\n- {op:"
        " relu}\n- {op: relu}\n"
    )
    assert faults(second) == ["6:3 `1` is a layer, so that `1.0` cannot stand inside it"]
    assert faults(second.replace("- {op: relu}\n- {op: relu}\n", "- {op: relu}\n")) == []


# --- how deep blocks may nest ---


@pytest.mark.parametrize(
    ("deepest", "problems"),
    [
        (50, []),  # b0 is in no other block, b50 in 50
        # b51 would be in 51; it is used in b50, in line 4 + 50
        (51, ["54:18 blocks nested deeper than 50 levels"]),
    ],
)
def test_blocks_nest_fifty_levels(deepest: int, problems: list[str]) -> None:
    blocks = (
        "".join(f"  b{i}: {{layers: [{{block: b{i + 1}}}]}}\n" for i in range(deepest))
        + f"  b{deepest}: {{layers: {{r: {{op: relu}}}}}}\n"
    )
    assert faults("blocks:\n" + blocks + "layers:\n  x: {block: b0}\n") == problems


def test_a_network_in_a_network_takes_one_input() -> None:
    assert faults("layers:\n  a: {op: relu}\n  net: {network: lenet5, from: [a, input]}\n") == [
        "5:3 network `lenet5` takes 1 input, found 2"
    ]


def test_a_repeated_block_of_two_inputs_has_the_channels_of_the_first() -> None:
    text = """name: net
input: 3x8x8
blocks:
  two:
    params: {out: 1}
    inputs: [x, y]
    layers:
      c: {op: conv2d, from: x, out: $out, kernel: 1}
      d: {op: conv2d, from: y, out: $out, kernel: 1}
    output: [c, d]
layers:
  a: {op: conv2d, out: 4, kernel: 1}
  b: {op: conv2d, out: 5, kernel: 1, from: input}
  t: {block: two, from: [a, b], repeat: 2, with: {out: $channels + 1}}
  s: {op: add, from: [t.1.c, t.1.d]}
  u: {block: two, from: [b, s], with: {out: $channels * 2}}
  v: {op: add, from: [u.c, u.d]}
"""
    graph = expand(next(networks(load_text(text))))
    assert [(node.path, node.output[0]) for node in graph.nodes[2:]] == [
        ("t.0.c", 5),
        ("t.0.d", 5),
        ("t.1.c", 6),
        ("t.1.d", 6),
        ("s", 6),
        ("u.c", 10),
        ("u.d", 10),
        ("v", 10),
    ]


def test_of_a_source_with_several_outputs_the_first_goes_on() -> None:
    text = """name: net
input: 3x8x8
blocks:
  two:
    layers: {a: {op: conv2d, out: 3, kernel: 1}, b: {op: relu}}
    output: [a, b]
  sum:
    inputs: [x, y]
    layers: {s: {op: add, from: [x, y]}}
layers:
  t: {block: two}
  r: {op: relu, from: t.b}
  u: {block: sum, from: [t, r]}
  v: {op: add, from: [u, t]}
"""
    graph = expand(next(networks(load_text(text))))
    assert [(node.path, node.inputs) for node in graph.nodes] == [
        ("t.a", (-1,)),
        ("t.b", (0,)),
        ("r", (1,)),
        ("u.s", (0, 2)),
        ("v", (3, 0)),
    ]


def test_a_block_does_not_see_the_values_of_the_one_that_uses_it() -> None:
    blocks = (
        "blocks:\n  outer: {params: {w: 4}, layers: [{block: inner}]}\n  inner: {layers: [{op:"
        " conv2d, out: $w, kernel: 1}]}\n"
    )
    assert faults(blocks + "layers: [{block: outer}]\n") == ["5:38 `$w`: there is no value $w here"]
