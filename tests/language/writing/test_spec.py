"""A graph written as a spec and read again is the same graph, whatever it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from archprof.analysis.analysis import analyze
from archprof.commands.edit.formatting import formatted
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.writing.spec import first_difference, spec
from archprof.language.writing.write import written
from archprof.ops.base import Op
from archprof.problem import ProblemError
from tests.command_line import Run
from tests.effort import TIMES
from tests.generated.networks import specs, text_of
from tests.language.writing.graphs import Step, facts, made, op, read_again, use
from tests.networks import shared


def comes_back(graph: Graph) -> str:
    """The graph's spec, folded into blocks, from which the same graph was read again."""
    text = written(graph, {})
    assert facts(read_again(text)) == facts(graph), text
    assert formatted(text) == text
    return text


@pytest.mark.parametrize("name", shared.OF_EACH_KIND)
def test_shipped_networks_come_back(name: str) -> None:
    comes_back(expand(find(name)))


@settings(
    max_examples=100 * TIMES,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(spec=specs())
def test_generated_networks_come_back(spec: dict[str, Any]) -> None:
    graph = read_again(text_of(spec))
    # a head that `when` drops gives what arrives at it, which no other spec gives as a head
    assume(all(i >= 0 and graph.nodes[i].aux for i in graph.aux_outputs))
    comes_back(graph)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("resnet50", 60),
        ("convnext_t", 60),
        ("vit_b_16", 60),
        ("densenet121", 60),
        ("efficientnet_b0", 60),
        ("mobilenet_v3_large", 60),
        ("googlenet", 60),
        ("swin_t", 80),  # 22 layers of window attention and 11 of patch merging
    ],
)
def test_they_are_short(name: str, most: int) -> None:
    """A line for each layer would be hundreds: 175 of ResNet-50, 307 of Swin-T."""
    assert comes_back(expand(find(name))).count("\n") < most


@pytest.mark.parametrize("name", ["resnet18", "vit_b_16", "googlenet"])
def test_it_costs_the_same_row_for_row(name: str) -> None:
    graph = expand(find(name))
    before, after = analyze(graph, 2), analyze(read_again(spec(graph, {}).text), 2)
    for one, other in zip(before.layers, after.layers, strict=True):
        assert one.node.path == other.node.path
        assert (one.params, one.macs, one.flops, one.saved_bytes) == (
            other.params,
            other.macs,
            other.flops,
            other.saved_bytes,
        )
    assert before.totals == after.totals


def test_check_accepts_what_is_written(run: Run, tmp_path: Path) -> None:
    """ResNet-18 has 11,689,512 parameters (torchvision); the spec says so, and it must hold."""
    text = spec(expand(find("resnet18")), {"params": 11_689_512}).text
    assert "expect: {params: 11_689_512}" in text
    (tmp_path / "written.yaml").write_text(text)
    done = run("check", str(tmp_path / "written.yaml"), "--strict")
    assert done.code == 0, done.out + done.err
    (tmp_path / "written.yaml").write_text(text.replace("11_689_512", "11_689_513"))
    assert run("check", str(tmp_path / "written.yaml")).code == 1


# --- graphs that no spec stands behind ---


def test_equal_numbers_are_one() -> None:
    """A list is written where one number would say something else."""
    layers = (
        "conv: {op: conv3d, out: 4, kernel: [2, 2, 2]}",
        "mean: {op: mean, dim: [-1]}",
        "roll: {op: roll, shifts: [1], dims: [1]}",
    )
    text = comes_back(read_again("name: net\ninput: 3x4x8x8\nlayers:\n  " + "\n  ".join(layers)))
    assert "kernel: 2}" in text
    assert "dim: -1}" in text
    assert "shifts: [1], dims: [1]" in text


def test_a_flat_sequence() -> None:
    """As a captured nn.Sequential is: numbers for names, and no blocks at all."""
    graph = made(
        (3, 32, 32),
        [
            Step("0", op("conv2d", out=8, kernel=3, padding=1, bias=False)),
            Step("1", op("batch_norm2d")),
            Step("2", op("relu", inplace=True)),
            Step("3", op("adaptive_avg_pool2d", size=1)),
            Step("4", op("flatten")),
            Step("5", op("linear", out=10)),
        ],
    )
    assert comes_back(graph) == (
        "name: by_hand\n"
        "input: 3x32x32\n"
        "layers:\n"
        "- {op: conv2d, out: 8, kernel: 3, padding: 1, bias: false}\n"
        "- {op: batch_norm2d}\n"
        "- {op: relu, inplace: true}\n"
        "- {op: adaptive_avg_pool2d, size: 1}\n"
        "- {op: flatten}\n"
        "- {op: linear, out: 10}\n"
    )


def test_a_number_that_is_left_out_of_a_sequence() -> None:
    """An nn.Identity is not a layer, and the numbers behind it stay as they are."""
    graph = made(
        (3, 8, 8), [Step("0", op("relu")), Step("2", op("sigmoid")), Step("3", op("tanh"))]
    )
    assert comes_back(graph).endswith(
        "- {op: relu}\n- {op: sigmoid, name: '2'}\n- {op: tanh, name: '3'}\n"
    )


def numbered(path: str, layers: dict[str, Op]) -> list[Step]:
    """The layers of one class, by their names in it."""
    unit = use(path, "Unit")
    return [Step(f"{path}.{name}", layer, None, unit) for name, layer in layers.items()]


NORM, SLOPE, CONV = op("batch_norm2d"), op("prelu"), op("conv2d", out=4, kernel=1)
WHOLE = {"0": NORM, "1": SLOPE, "2": CONV}
KEPT = {"1": SLOPE, "2": CONV}
COUNTED = {"0": SLOPE, "1": CONV}


IN_BLOCK = {
    "kept": "    - {op: prelu, name: '1'}\n    - {op: conv2d, name: '2', out: 4, kernel: 1}\n",
    "counted": "    - {op: prelu}\n    - {op: conv2d, out: 4, kernel: 1}\n",
}
IN_PLACE = {
    "kept": "[{op: prelu, name: '1'}, {op: conv2d, name: '2', out: 4, kernel: 1}]\n",
    "counted": "[{op: prelu}, {op: conv2d, out: 4, kernel: 1}]\n",
}


@pytest.mark.parametrize("first", [KEPT, COUNTED], ids=["kept", "counted"])
def test_numbers_behind_a_layer_that_some_lack(first: dict[str, Op]) -> None:
    """They stay as they are in an nn.Sequential with an nn.Identity, and count anew in one that is
    shorter. No block can do both.
    """
    how, other = ("kept", "counted") if first is KEPT else ("counted", "kept")
    groups = [WHOLE, first, COUNTED if first is KEPT else KEPT]
    steps = [step for at, group in enumerate(groups) for step in numbered(f"unit{at}", group)]
    two = comes_back(made((4, 8, 8), steps[:5]))
    assert f"    - {{op: batch_norm2d, when: $batch_norm2d}}\n{IN_BLOCK[how]}" in two
    assert "{block: unit, repeat: 2, " in two
    three = comes_back(made((4, 8, 8), steps))
    assert IN_BLOCK[how] in three
    assert three.endswith(f"  unit2: {IN_PLACE[other]}")


def residual(path: str, at: int, out: int, stride: int, kind: str) -> list[Step]:
    """A torchvision BasicBlock's layers behind node `at`, with a projection where it strides."""
    block = use(path, kind)
    inside = use(f"{path}.downsample", "", block)
    steps = [
        Step(
            f"{path}.conv1", op("conv2d", out=out, kernel=3, stride=stride, padding=1), (at,), block
        ),
        Step(f"{path}.relu", op("relu"), None, block),
        Step(f"{path}.conv2", op("conv2d", out=out, kernel=3, padding=1), None, block),
    ]
    last = at + 3
    if stride != 1:
        steps.append(
            Step(
                f"{path}.downsample.0",
                op("conv2d", out=out, kernel=1, stride=stride),
                (at,),
                inside,
            )
        )
    steps.append(Step(f"{path}.add", op("add"), (last, last + 1 if stride != 1 else at), block))
    return steps


def test_modules_of_one_class_are_one_block() -> None:
    """The class names the block; what one lacks is dropped by `when`, and equal ones repeat."""
    steps: list[Step] = []
    for path, out, stride in (
        ("layer1.0", 16, 1),
        ("layer1.1", 16, 1),
        ("layer2.0", 32, 2),
        ("layer2.1", 32, 1),
        ("layer2.2", 32, 1),
    ):
        steps += residual(path, len(steps) - 1, out, stride, "BasicBlock")
    assert comes_back(made((16, 8, 8), steps)) == (
        "name: by_hand\n"
        "input: 16x8x8\n"
        "blocks:\n"
        "  basic_block:\n"
        "    params: {out: 32, stride: 1, downsample: false}\n"
        "    layers:\n"
        "      conv1: {op: conv2d, out: $out, kernel: 3, stride: $stride, padding: 1}\n"
        "      relu: {op: relu}\n"
        "      conv2: {op: conv2d, out: $out, kernel: 3, padding: 1}\n"
        "      downsample: {from: input, when: $downsample, layers: [{op: conv2d, out: $out,"
        " kernel: 1, stride: $stride}]}\n"
        "      add: {op: add, from: [conv2, downsample]}\n"
        "layers:\n"
        "  layer1: {block: basic_block, repeat: 2, with: {out: 16}}\n"
        "  layer2: {block: basic_block, repeat: 3, first: {stride: 2, downsample: true}}\n"
    )


def test_what_the_language_cannot_say_is_an_error_before_anything_is_written() -> None:
    graph = made((3, 8, 8), [Step("a+b", op("relu"))])
    with pytest.raises(ProblemError, match="`a\\+b` in its path is not a name"):
        spec(graph, {})


def test_a_difference_is_named() -> None:
    """Nothing is given out that would be read as another network."""
    layers = [Step("a", op("relu")), Step("b", op("tanh"))]
    graph = made((3, 8, 8), layers)
    assert first_difference(graph, graph) == ""
    other = made((3, 8, 8), [layers[0], Step("b", op("sigmoid"))])
    assert first_difference(graph, other) == "`b` would have other settings"
    other = made((3, 8, 8), [layers[0], Step("c", op("tanh"))])
    assert first_difference(graph, other) == "in the place of `b` would stand `c`"
    assert first_difference(graph, made((3, 8, 8), layers[:1])).startswith("it would have 1 layers")
    other = made((3, 8, 8), [layers[0], Step("b", op("tanh"), (-1,))])
    assert first_difference(graph, other) == "`b` would have other inputs"
    other = graph.replaced(outputs=(0,))
    assert first_difference(graph, other) == "it would have another input or output"
