"""What is folded and how it is named, each case a small spec that is written again."""

from __future__ import annotations

import textwrap

import pytest

from archprof.language.writing.write import written
from tests.language.writing.graphs import Step, facts, made, op, read_again, use


def again(text: str) -> str:
    """The blocks and layers of the spec that is written of a spec; it is the same network."""
    graph = read_again("name: n\n" + textwrap.dedent(text))
    result = written(graph, {})
    assert facts(read_again(result)) == facts(graph), result
    return result.split("\n", 2)[2]


def test_a_value_that_follows_from_the_input_needs_no_parameter() -> None:
    """As many groups as channels arrive, and four times as many outputs as features."""
    assert again(
        """
        input: 8x6x6
        blocks:
          unit:
            layers:
              depthwise: {op: conv2d, out: $channels, kernel: 3, padding: 1, groups: $channels}
              wide: {op: conv2d, out: 2 * $channels, kernel: 1}
        layers: {a: {block: unit}, b: {block: unit}}
        """
    ) == textwrap.dedent(
        """\
        blocks:
          unit:
            layers:
              depthwise: {op: conv2d, out: $channels, kernel: 3, padding: 1, groups: $channels}
              wide: {op: conv2d, out: 2 * $channels, kernel: 1}
        layers:
          a: {block: unit}
          b: {block: unit}
        """
    )


def test_a_padding_follows_its_kernel() -> None:
    assert "padding: $kernel // 2" in again(
        """
        input: 8x6x6
        blocks:
          unit:
            params: {kernel: }
            layers:
            - {op: conv2d, out: 8, kernel: $kernel, padding: $kernel // 2}
            - {op: relu}
        layers: {a: {block: unit, with: {kernel: 3}}, b: {block: unit, with: {kernel: 5}}}
        """
    )


def test_a_rate_that_rises_is_written_as_the_public_code_does() -> None:
    """Stochastic depth of the i-th of n blocks: rate*i/(n - 1)."""
    written = again(
        """
        input: 8x6x6
        blocks:
          unit: {params: {p: }, layers: [{op: relu}, {op: drop_path, p: $p}]}
        layers: {stage: {block: unit, repeat: 4, with: {p: 0.3 * $index / 3}}}
        """
    )
    assert "stage: {block: unit, repeat: 4, with: {p: 0.3 * $index / 3}}" in written


def test_values_of_no_rule_are_listed_by_turn() -> None:
    written = again(
        """
        input: 8x6x6
        blocks:
          unit: {params: {p: }, layers: [{op: relu}, {op: drop_path, p: $p}]}
        layers: {stage: {block: unit, repeat: 3, with: {p: '[0.31, 0.07, 0.4][$index]'}}}
        """
    )
    assert "with: {p: '[0.31, 0.07, 0.4][$index]'}" in written


def test_turns_that_alternate() -> None:
    written = again(
        """
        input: 8x6x6
        blocks:
          unit: {params: {odd: }, layers: [{op: batch_norm2d}, {op: sigmoid, when: $odd}]}
        layers: {stage: {block: unit, repeat: 5, with: {odd: $index % 2 == 1}}}
        """
    )
    assert "stage: {block: unit, repeat: 5, with: {activated: $index % 2 == 1}}" in written


def test_activations_are_a_parameter() -> None:
    """Two blocks that differ in the activation alone are one."""
    written = again(
        """
        input: 8x6x6
        blocks:
          unit: {params: {act: }, layers: {conv: {op: conv2d, out: 8, kernel: 1}, act: {op: $act}}}
        layers: {a: {block: unit, with: {act: relu}}, b: {block: unit, with: {act: silu}}}
        """
    )
    assert "act: {op: $act}" in written
    assert "b: {block: unit, with: {act: silu}}" in written


def test_a_block_of_several_inputs_names_them() -> None:
    written = again(
        """
        input: 8x6x6
        blocks:
          cell:
            inputs: [now, before]
            layers:
              left: {op: conv2d, from: now, out: 8, kernel: 1}
              right: {op: conv2d, from: before, out: 8, kernel: 1}
              more: {op: relu}
              add: {op: add, from: [left, more]}
        layers:
          stem: {op: relu}
          one: {block: cell, from: [stem, input]}
          two: {block: cell, from: [one, stem]}
        """
    )
    assert "inputs: [x, y]" in written
    assert "two: {block: cell, from: [one, stem]}" in written


def test_an_input_that_a_group_hides_gets_a_name() -> None:
    """Inside `path` the word `input` is the group's own, so that the block's needs another."""
    written = again(
        """
        input: 8x6x6
        blocks:
          unit:
            inputs: [x]
            layers:
              conv: {op: conv2d, out: 8, kernel: 1}
              path: {layers: {relu: {op: relu}, add: {op: add, from: [relu, x]}, tanh: {op: tanh}}}
        layers: {a: {block: unit}, b: {block: unit}}
        """
    )
    assert "inputs: [x]" in written
    assert "from: [relu, x]" in written


def test_paths_that_come_again() -> None:
    """A feature pyramid runs the layers of one list and of another in turns."""
    steps = [
        Step("fpn.inner.0", op("conv2d", out=4, kernel=1)),
        Step("fpn.layer.0", op("conv2d", out=4, kernel=3, padding=1)),
        Step("fpn.inner.1", op("conv2d", out=4, kernel=1), (0,)),
        Step("fpn.add", op("add"), (1, 2)),
        Step("fpn.layer.1", op("conv2d", out=4, kernel=3, padding=1)),
    ]
    graph = made((4, 8, 8), steps)
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    for name in ("inner.0", "layer.0", "inner.1", "layer.1"):
        assert f"{name}: {{op: conv2d" in text
    assert "flat" not in text


def test_paths_that_come_again_inside_paths_that_come_again() -> None:
    """Four parts are the most that one name has; what is deeper is in flat groups."""
    steps = [
        Step(path, op("relu"))
        for path in ("a.b.c.d.e", "x", "a.b.c.d.f", "y", "a.b.c.g.h", "z", "a.b.c.g.i")
    ]
    graph = made((4, 8, 8), steps)
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert "flat: true" in text


def test_an_auxiliary_head_that_comes_again_stays_one() -> None:
    """Of two of its layers in one flat group only the last is an output."""
    graph = read_again(
        textwrap.dedent(
            """
            name: n
            input: 4x8x8
            layers:
              a: {op: relu}
              side: {flat: true, aux: true, layers: {head: [{op: relu}, {op: tanh, name: y}]}}
              b: {op: relu, from: a}
              head: {layers: {z: {op: relu}}}
            """
        )
    )
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert text.count("aux: true") == 1


def test_an_end_that_modules_have_in_common_is_a_block() -> None:
    """As in DenseNet, where every layer concatenates one tensor more than the one before."""
    steps = [Step("stem", op("conv2d", out=4, kernel=1))]
    for number in range(5):
        block = use(f"layer{number}", "DenseLayer")
        ends = tuple(range(0, len(steps), 5)) if number else (0,)
        ends = (0, *(5 * i for i in range(1, number + 1)))
        steps += [
            Step(f"layer{number}.concat", op("concat"), ends, block),
            Step(f"layer{number}.norm", op("batch_norm2d"), None, block),
            Step(f"layer{number}.relu", op("relu"), None, block),
            Step(f"layer{number}.conv", op("conv2d", out=4, kernel=1), None, block),
            Step(f"layer{number}.last", op("tanh"), None, block),
        ]
    graph = made((4, 8, 8), steps)
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert text.count("op: batch_norm2d") == 1  # of five
    assert "rest: {block: dense_layer, flat: true}" in text


@pytest.mark.parametrize("plain", [False, True])
def test_heads_weights_and_outputs(plain: bool) -> None:
    """Auxiliary heads, shared weights and several outputs are all said again."""
    graph = read_again(
        textwrap.dedent(
            """
            name: n
            input: 3x8x8
            init: {conv2d: {weight: {normal: 0.02}, bias: 0}}
            layers:
              one: {op: conv2d, out: 3, kernel: 3, padding: 1}
              head:
                aux: true
                layers: {pool: {op: adaptive_avg_pool2d, size: 1}, flatten: {op: flatten}}
              two: {op: conv2d, out: 3, kernel: 3, padding: 1, share: one}
              three: {op: conv2d, out: 3, kernel: 3, init: {bias: 1}}
            output: [two, three]
            """
        )
    )
    text = written(graph, {}, plain)
    assert facts(read_again(text)) == facts(graph)
    assert "output: [two, three]" in text
    assert "init: {bias: 1}" in text
    assert "  conv2d: {weight: {normal: 0.02}, bias: 0}" in text


def test_windows_are_no_sizes() -> None:
    """A stride of 2 and 4 is not an eighth of 16 and 32 channels, though it is by chance."""
    written = again(
        """
        input: 8x16x16
        blocks:
          unit:
            params: {out: , stride: }
            layers: {conv: {op: conv2d, out: $out, kernel: 1, stride: $stride}, relu: {op: relu}}
        layers:
          a: {block: unit, with: {out: 16, stride: 2}}
          b: {block: unit, with: {out: 32, stride: 4}}
        """
    )
    assert "stride: $stride" in written


def test_a_unit_of_a_numbered_list_is_spliced_into_it() -> None:
    """The numbers of the layers go on through the block, as those of one nn.Sequential do."""
    steps: list[Step] = []
    for out in (4, 4, 8, 8, 8, 16, 16):
        steps.append(Step(str(len(steps)), op("conv2d", out=out, kernel=3, padding=1)))
        steps.append(Step(str(len(steps)), op("batch_norm2d")))
        steps.append(Step(str(len(steps)), op("relu")))
    steps.append(Step("21", op("max_pool2d", kernel=2)))
    graph = made((3, 8, 8), steps)
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert text.endswith(
        "blocks:\n"
        "  conv2d_batch_norm2d_relu:\n"
        "    params: {out: }\n"
        "    layers:\n"
        "    - {op: conv2d, out: $out, kernel: 3, padding: 1}\n"
        "    - {op: batch_norm2d}\n"
        "    - {op: relu}\n"
        "layers:\n"
        "- {block: conv2d_batch_norm2d_relu, repeat: 2, flat: true, with: {out: 4}}\n"
        "- {block: conv2d_batch_norm2d_relu, repeat: 3, flat: true, with: {out: 8}}\n"
        "- {block: conv2d_batch_norm2d_relu, repeat: 2, flat: true, with: {out: 16}}\n"
        "- {op: max_pool2d, kernel: 2}\n"
    )


def test_what_is_read_again_inside_a_unit_has_its_number() -> None:
    """A skip that starts in the middle of a spliced block names the layer by its number."""
    steps: list[Step] = []
    for _ in range(8):
        steps.append(Step(str(len(steps)), op("conv2d", out=3, kernel=3, padding=1)))
        steps.append(Step(str(len(steps)), op("relu")))
    steps.append(Step("16", op("add"), (15, 4)))
    graph = made((3, 8, 8), steps)
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert "flat: true" in text


def test_a_large_graph_takes_a_moment() -> None:
    """Nothing here is quadratic: 20,000 layers of no pattern and 20,000 of one."""
    kinds = [op("relu"), op("tanh"), op("sigmoid"), op("silu"), op("batch_norm2d")]
    steps = [Step(str(i), kinds[(i * i // 7) % 5]) for i in range(20_000)]
    text = written(made((3, 4, 4), steps), {})
    assert text.count("\n") < 20_010


def test_a_name_that_a_group_hides_makes_the_group_a_block() -> None:
    """Inside `group` the name `conv` is its own layer: the one outside comes as an input."""
    steps = [
        Step("stem", op("relu")),
        Step("conv", op("conv2d", out=3, kernel=1)),
        Step("group.conv", op("conv2d", out=3, kernel=1), (0,)),
        Step("group.add", op("add"), (2, 1)),
    ]
    graph = made((3, 8, 8), steps)
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert "group: {block: group, from: [stem, conv]}" in text
    assert "add: {op: add, from: [conv, y]}" in text


def test_what_others_read_of_a_group_is_its_output() -> None:
    """A tensor that is not the last of its module, and the only one that goes on."""
    steps = [
        Step("unit.a", op("relu")),
        Step("unit.b", op("tanh"), (0,)),
        Step("unit.add", op("add"), (0, 1)),
        Step("last", op("relu"), (0,)),
    ]
    graph = made((3, 8, 8), steps).replaced(outputs=(2, 3))
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph)
    assert "output: [unit, last]" in text
    assert "last: {op: relu, from: unit.a}" in text


def test_a_chain_of_names_ends() -> None:
    """Every group has the name of what the one before has inside: no call for each of them."""
    steps = [Step(f"n{i}.n{i + 1}.a", op("relu")) for i in range(2_000)]
    assert written(made((3, 4, 4), steps), {}).count("op: relu") == 2_000
