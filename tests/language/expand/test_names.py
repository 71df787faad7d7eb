"""Layers have a name in a mapping, a number in a list, and a path."""

from __future__ import annotations

from tests.language.expand.graphs import LIST, TWO, faults, paths, wiring


def test_a_mapping_names_and_a_list_numbers() -> None:
    assert paths(
        "layers:\n  a: {op: relu}\n"
        "  b: [{op: relu}, [{op: relu}, {op: relu}], {layers: {c: {op: relu}}}]\n"
    ) == ["a", "b.0", "b.1.0", "b.1.1", "b.2.c"]
    assert paths("layers:\n- {op: relu}\n- {op: relu, name: last}\n- {op: relu}\n") == [
        "0",
        "last",
        "1",
    ]


def test_numbers_count_what_stands() -> None:
    """As nn.Sequential does: a layer that `when` drops takes no number."""
    assert paths(
        "params: {x: false}\nlayers:\n- {op: relu, when: $x}\n- {op: relu}\n- [{op: relu, when:"
        " $x}, {op: relu}]\n- {op: relu}\n"
    ) == ["0", "1.0", "2"]
    assert paths(
        LIST + "layers:\n  a: {block: list}\n  b: {block: list, with: {extra: false}}\n"
    ) == ["a.0", "a.1", "a.2", "b.0", "b.1"]


def test_a_repeat_in_a_mapping_numbers_its_turns() -> None:
    assert paths(
        TWO + "layers:\n  x: {block: two, repeat: 2}\n  y: {op: relu, repeat: 2}\n  z: {repeat: 2,"
        " layers: {c: {op: relu}}}\n"
    ) == ["x.0.a", "x.0.b", "x.1.a", "x.1.b", "y.0", "y.1", "z.0.c", "z.1.c"]


def test_a_repeat_in_a_list_numbers_on() -> None:
    assert paths(
        TWO
        + "layers:\n- {op: relu}\n- {block: two, repeat: 2}\n- {op: relu, repeat: 2}\n- {op: relu,"
        " repeat: 0}\n- {op: relu}\n"
    ) == ["0", "1.a", "1.b", "2.a", "2.b", "3", "4", "5"]


def test_names_of_repeats() -> None:
    assert paths(
        TWO + "layers:\n  x: {block: two, repeat: 2, name: 'layer{$index + 1}'}\n  y: {op: relu,"
        " repeat: 2, name: '{$count}_{$index}'}\n"
    ) == ["x.layer1.a", "x.layer1.b", "x.layer2.a", "x.layer2.b", "y.2_0", "y.2_1"]
    assert paths(
        TWO + "params: {t: [u, v]}\nlayers:\n- {op: relu}\n- {op: relu, repeat: 2, name:"
        " '{$t[$index]}'}\n- {op: relu}\n"
    ) == ["0", "u", "v", "1"]
    assert paths("params: {i: 3}\nlayers:\n- {op: relu, name: 'a{$i * 2}'}\n") == ["a6"]


def test_a_name_may_have_dashes_and_begin_with_a_digit() -> None:
    """As in torchvision's RegNet: `trunk_output.block1.block1-0`."""
    assert paths(
        "layers:\n"
        "  block1: {op: relu, repeat: 2, name: 'block1-{$index}'}\n"
        "  '0': {op: relu}\n"
        "  2nd-act: {op: relu}\n"
        "  row: [{op: relu, name: a-b}, {op: relu}]\n"
    ) == ["block1.block1-0", "block1.block1-1", "0", "2nd-act", "row.a-b", "row.0"]


def test_such_names_are_referred_to() -> None:
    assert wiring(
        "layers:\n"
        "  block1: {op: relu, repeat: 2, name: 'block1-{$index}'}\n"
        "  '0': {op: relu, from: block1.block1-0}\n"
        "  add-1: {op: add, from: ['0', block1]}\n"
        "  again: {op: add, from: [0, add-1]}\n"
    ) == {
        "block1.block1-0": ["input"],
        "block1.block1-1": ["block1.block1-0"],
        "0": ["block1.block1-0"],
        "add-1": ["0", "block1.block1-1"],
        "again": ["0", "add-1"],
    }


TURN = (
    "blocks:\n  turn:\n    layers:\n    - {op: conv2d, name: 'convs.{$index}', out: 3, kernel: 1}\n"
    "    - {op: relu, name: 'acts.{$index}'}\n"
)


def test_a_module_list_is_visited_in_turns() -> None:
    """As in timm's Res2Net, whose `convs` and `bns` alternate."""
    visited = "  convs.0: {op: relu}\n  bns.0: {op: tanh}\n  convs.1: {op: relu}\n"
    assert paths(f"layers:\n{visited}") == ["convs.0", "bns.0", "convs.1"]
    assert paths(
        TURN + "layers:\n  a: {layers: {turns: {block: turn, flat: true, repeat: 2}}}\n"
    ) == [
        "a.convs.0",
        "a.acts.0",
        "a.convs.1",
        "a.acts.1",
    ]
    assert paths("layers:\n- {op: relu, name: p.q}\n- {op: relu}\n- {op: relu, name: p.0}\n") == [
        "p.q",
        "0",
        "p.0",
    ]
    assert paths("layers: {a: {op: relu, repeat: 2, name: 'of{$index}.b'}}\n") == [
        "a.of0.b",
        "a.of1.b",
    ]


def test_a_group_is_opened_again() -> None:
    grouped = "layers:\n  convs: {layers: {first: {op: relu}}}\n  convs.1: {op: tanh}\n"
    assert wiring(grouped + "  end: {op: add, from: [convs, convs.first, convs.1]}\n") == {
        "convs.first": ["input"],
        "convs.1": ["convs.first"],
        "end": ["convs.first", "convs.first", "convs.1"],
    }
    before = "layers:\n  convs.1: {op: tanh}\n  convs: {layers: {first: {op: relu}}}\n"
    assert wiring(before + "  end: {op: add, from: [convs, convs.first, convs.1]}\n") == {
        "convs.1": ["input"],
        "convs.first": ["convs.1"],
        "end": ["convs.first", "convs.first", "convs.1"],
    }


def test_turns_are_referred_to_by_name() -> None:
    """Where a block is spliced in, each turn adds to what the others began."""
    assert wiring(
        TURN
        + "layers:\n"
        + "  turns: {block: turn, flat: true, repeat: 3}\n"
        + "  convs.3: {op: relu, from: convs.0}\n"
        + "  add: {op: add, from: [acts.0, acts.2, convs.3, turns.convs.1]}\n"
    )["add"] == ["acts.0", "acts.2", "convs.3", "convs.1"]
    assert wiring(
        "params: {n: 5}\nlayers:\n- {op: relu, name: 'p.{$n}'}\n- {op: add, from: [p.5, input]}\n"
    ) == {"p.5": ["input"], "0": ["p.5", "input"]}


def test_a_dropped_turn_passes_its_input_on() -> None:
    assert wiring(
        "layers:\n  convs.0: {op: relu}\n  convs.1: {op: tanh, when: false}\n"
        "  end: {op: add, from: [convs.1, input]}\n"
    ) == {"convs.0": ["input"], "end": ["convs.0", "input"]}


def test_a_dropped_entry_whose_name_is_worked_out_is_known() -> None:
    """As the additions of a Res2Net's first block, which its other blocks have."""
    group = (
        "layers:\n  turns:\n    flat: true\n    repeat: 2\n    layers:\n"
        "    - {op: add, name: 'sums.{$index}', from: [previous, input], when: $index > 0}\n"
        "    - {op: tanh, name: 'acts.{$index}'}\n"
        "  end: {op: add, from: [sums.0, sums.1, acts.1]}\n"
    )
    assert wiring(group) == {
        "acts.0": ["input"],
        "sums.1": ["acts.0", "acts.0"],
        "acts.1": ["sums.1"],
        "end": ["input", "sums.1", "acts.1"],
    }


def test_a_name_that_is_worked_out_begins_with_no_dash() -> None:
    assert faults("params: {p: '-'}\nlayers: [{op: relu, name: '{$p}0'}]\n") == [
        "4:27 layer `-0` is not a name, expected letters, digits, _ and -, the first no -"
    ]


def test_flat_repeats_are_named_in_the_parent() -> None:
    assert paths(
        TWO + "layers:\n  x: {block: two, flat: true, repeat: 2, name: 'cell_{$index}'}\n"
        "  y: {op: relu, flat: true, repeat: 2, name: 'y{$index}'}\n"
    ) == ["cell_0.a", "cell_0.b", "cell_1.a", "cell_1.b", "y0", "y1"]


def test_flat_splices_a_block_into_its_parent() -> None:
    assert paths(TWO + "layers:\n  x: {block: two, flat: true}\n  y: {op: relu}\n") == [
        "a",
        "b",
        "y",
    ]
    assert paths(
        TWO + "layers:\n  x: {layers: {w: {op: relu}, v: {block: two, flat: true}}}\n"
        "  y: {flat: true, layers: {c: {op: relu}}}\n"
    ) == ["x.w", "x.a", "x.b", "c"]


def test_flat_lists_number_on_in_their_parent() -> None:
    """VGG's `features`: a block of two layers, several times, numbered through."""
    assert paths(
        LIST
        + "layers:\n  features:\n  - {op: identity}\n  - {block: list, flat: true, repeat: 2, with:"
        " {extra: false}}\n  - {block: list, flat: true}\n  - {op: relu}\n"
    ) == [
        "features.0",
        "features.1",
        "features.2",
        "features.3",
        "features.4",
        "features.5",
        "features.6",
        "features.7",
        "features.8",
    ]
    assert paths(
        "layers:\n- {op: relu}\n- {flat: true, layers: [{op: relu}, {op: relu}]}\n- {op: relu}\n"
    ) == ["0", "1", "2", "3"]


def test_a_block_may_be_chosen_by_a_value() -> None:
    text = (
        TWO
        + LIST.removeprefix("blocks:\n")
        + "params: {b: two, act: relu}\nlayers:\n  x: {block: $b}\n  y: {op: $act}\n"
    )
    assert paths(text) == ["x.a", "x.b", "y"]
    assert paths(text.replace("b: two", "b: list")) == ["x.0", "x.1", "x.2", "y"]


def test_a_layer_that_fails_takes_the_number_it_would_have() -> None:
    """So that the layers behind it are called what they will be when it is mended."""
    too_large = "{op: conv2d, out: 8, kernel: 9, from: input}"
    for failing, number in (
        ("{op: relu, when: $x}", 1),
        ("{op: conv2d, out: 3, kernel: 9}", 1),
        # a `flat` entry gives its numbers to the layers in it
        ("{repeat: 2, flat: true, when: $x, layers: [{op: relu}]}", 0),
    ):
        _, fault = faults(f"params: {{x: 5}}\nlayers:\n- {failing}\n- {too_large}\n")
        assert fault.startswith(f"6:3 `{number}` (conv2d) cannot take 3x8x8")
