"""Exported code computes what archprof's own build does, under the same keys, without archprof."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
import torch
from hypothesis import given
from torch import nn

import archprof
from archprof.capturing.assemble import network as captured_network
from archprof.capturing.inputs import InputSpec
from archprof.commands.export.torch_code import torch_code
from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.language.find import shipped
from archprof.model.capturing import capture
from archprof.model.compile import build
from archprof.model.deformable import DeformConv2d
from archprof.model.inputs import drawn
from archprof.ops import OPS
from archprof.problem import ProblemError
from tests.commands.export import alone
from tests.effort import NIGHTLY
from tests.generated.networks import specs, text_of
from tests.generated.test_networks import EACH, GENERATED
from tests.generated.test_networks import graph_of as graph_of_text
from tests.language.expand.graphs import graph
from tests.networks import shared
from tests.small import graph_of, whatever

SMALL = (
    "googlenet",
    "resnet50",
    "densenet121",
    "mobilenet_v3_large",
    "efficientnet_b0",
    "convnext_tiny",
    "deit_tiny_patch16_224",
    "swin_t",
)
ALONE = (*SMALL, "alexnet", "vgg16", "vit_b_16") if NIGHTLY else SMALL
"""What runs in a process of its own; the larger ones take longer than all of these."""
NETWORKS = [network.name for network in shipped()]
RULES = "E4,E7,E9,F,I,B"  # ruff's own and the order of imports


class _DeformConv2d(DeformConv2d):
    """archprof's own under torchvision's arguments, a number for both axes among them."""

    def __init__(self, channels: int, out: int, kernel_size: Any, **settings: Any):
        pairs = {
            name: (value, value) if type(value) is int and name != "groups" else value
            for name, value in settings.items()
        }
        kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        super().__init__(channels, out, kernel, **pairs)


TORCHVISION: Any = SimpleNamespace(DeformConv2d=_DeformConv2d)
"""What exported code imports of torchvision, which need not be installed here."""


def made(code: str) -> nn.Module:
    """The network that exported code builds."""
    names: dict[str, Any] = {"__name__": "exported"}
    with mock.patch.dict(sys.modules, {"torchvision": TORCHVISION, "torchvision.ops": TORCHVISION}):
        exec(compile(code, "exported.py", "exec"), names)
    module = names["build"]()
    assert isinstance(module, nn.Module)
    return module


def keys(module: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(key, tuple(value.shape)) for key, value in module.state_dict().items()]


def assert_same(graph: Graph) -> str:
    """The code of a network, which has the keys of archprof's own build, in the same order, and
    gives the same numbers under the same weights.
    """
    code = torch_code(graph)
    ours, theirs = made(code), build(graph)
    assert keys(ours) == keys(theirs)
    assert buffers(ours) == buffers(theirs)
    alone.filled(ours)
    theirs.load_state_dict(ours.state_dict())
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(1)
        inputs = drawn(graph, 2, "cpu", torch.float32)
        results = [
            as_tuple(module(*(given.clone() for given in inputs)))
            for module in (ours, theirs.eval())
        ]
    assert len(results[0]) == len(results[1])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)
    return code


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def buffers(module: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(buffer.shape)) for name, buffer in module.named_buffers()]


def ruff(folder: Path) -> None:
    """Fail where ruff would lay out the code otherwise, or finds something unused."""
    for arguments in (["format", "--check"], ["check", "--select", RULES]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "--line-length", "100", "."],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a process says that has torch and no archprof, of the code of these networks."""
    folder = tmp_path_factory.mktemp("exported")
    for name in ALONE:
        graph = shared.graph(name)
        (folder / f"{name}.py").write_text(torch_code(graph), encoding="utf-8")
        image = torch.rand(1, *graph.input, generator=torch.Generator().manual_seed(1))
        with torch.inference_mode():
            result = alone.filled(build(graph))(image)
        assert result.isfinite().all()
        assert result.std() > 1e-3  # numbers that a mistake would change
        torch.save((image, result), folder / f"{name}.pt")
    ruff(folder)
    done = subprocess.run(
        [sys.executable, "-I", alone.__file__, str(folder), *ALONE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.mark.slow
@pytest.mark.parametrize("name", ALONE)
def test_it_gives_the_same_where_archprof_cannot_be_imported(
    answers: dict[str, str], name: str
) -> None:
    assert answers[name] == "same False"


def test_where_archprof_cannot_be_imported_it_is_not() -> None:
    with pytest.raises(ModuleNotFoundError, match="archprof"):
        alone.Blocked().find_spec("archprof.ops")
    alone.Blocked().find_spec("torch")  # anything else is left to others


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS if NIGHTLY else [*shared.FAMILIES, "amoebanet_a"])
def test_every_network_has_the_keys_and_shapes_of_its_build(name: str) -> None:
    graph = shared.graph(name)
    with torch.device("meta"):
        ours = made(torch_code(graph))
    theirs = build(graph, device="meta")
    assert keys(ours) == keys(theirs)
    assert buffers(ours) == buffers(theirs)


@pytest.mark.slow
def test_every_network_is_formatted(tmp_path: Path) -> None:
    for name in NETWORKS if NIGHTLY else shared.FAMILIES:
        code = torch_code(shared.graph(name))
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    ruff(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("op", OPS)
def test_networks_at_random(op: str, tmp_path: Path) -> None:
    """Settings that nobody thought of, groups, shared weights, branches."""
    seen = Counter[str]()

    @GENERATED
    @given(spec=specs(op))
    def agrees(spec: dict[str, Any]) -> None:
        code = assert_same(graph_of_text(text_of(spec)))
        seen["networks"] += 1
        (tmp_path / f"network{seen['networks']}.py").write_text(code, encoding="utf-8")

    agrees()
    assert seen["networks"] >= EACH
    ruff(tmp_path)


def test_resnet50_reads_as_people_write_it() -> None:
    code = torch_code(shared.graph("resnet50"))
    assert code.startswith('"""ResNet-50, written by archprof ')
    assert "self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)" in code
    assert (
        "        self.layer2 = nn.Sequential(\n"
        "            Bottleneck(256, 512, stride=2, downsample=True),\n"
        "            *[Bottleneck(512, 512) for _ in range(3)],\n"
        "        )\n"
    ) in code
    assert (
        "        downsample = self.downsample(x)\n"
        "        out += downsample\n"
        "        return self.relu3(out)\n"
    ) in code
    # the projection, the block and the network: the sixteen blocks are one class
    classes = [node.name for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    assert classes == ["Projection", "Bottleneck", "ResNet50"]


def test_blocks_that_differ_in_numbers_share_a_class() -> None:
    code = torch_code(shared.graph("densenet121"))
    assert '[(f"denselayer{i + 1}", Layer(64 + 32 * i)) for i in range(6)]' in code
    assert code.count("class Layer(nn.Module):") == 1


def test_branches_are_called_as_their_layers_are() -> None:
    code = torch_code(shared.graph("inception_v3"))
    assert (
        "        branch7x7 = self.branch7x7_1(x)\n"
        "        branch7x7 = self.branch7x7_2(branch7x7)\n"
        "        branch7x7 = self.branch7x7_3(branch7x7)\n"
    ) in code
    assert "return torch.cat([branch1x1, branch7x7, branch7x7dbl, x], dim=1)" in code


def test_parts_of_a_tensor_are_one_line() -> None:
    code = torch_code(shared.graph("swin_t"))
    assert "        query, key, value = x.chunk(3, dim=-1)\n" in code
    # what of the four stages differs: channels, of which 32 are a head, and the map's side
    assert (
        "    def __init__(self, channels: int, height: int, shifted: bool = False) -> None:\n"
        in code
    )
    assert "heads = channels // 32\n" in code


def test_auxiliary_heads_are_held_and_not_called() -> None:
    code = torch_code(shared.graph("googlenet"))
    assert "        # auxiliary heads: weights that the forward does not use\n" in code
    assert "self.aux1 = Head(512)" in code
    assert "self.aux1(" not in code


SOME = """
name: some
input: 3x4x4
blocks:
  free:
    params: {{twice: false}}
    layers:
      conv: {{op: conv2d, out: 3, kernel: 1}}
      twice: {{op: scale_by, factor: 2, when: $twice}}
      add: {{op: add, from: [twice, {other}]}}
layers:
  first: {{block: free}}
  second: {{block: free, with: {{twice: true}}}}
  third: {{block: free}}
"""


def test_a_function_that_only_some_have_is_a_condition() -> None:
    code = assert_same(graph_of_text(SOME.format(other="input")))
    assert code.count("class Free") == 1
    assert "        if self.twice:\n            out = out * 2.0\n        return out + x\n" in code
    assert "self.second = Free(twice=True)" in code


def test_where_its_input_is_read_again_there_are_two_classes() -> None:
    """One name could not stand for both, the doubled value and the other."""
    code = assert_same(graph_of_text(SOME.format(other="conv")))
    assert code.count("class Free") == 2


def test_windows_are_shifted_in_every_second_block() -> None:
    code = torch_code(shared.graph("swin_t"))
    assert code.count("class SwinBlock") == 1
    assert "        if self.shifted:\n            x = torch.roll(x, shifts=(-3, -3)" in code
    assert "SwinBlock(96, height=56, shifted=True, p=0.018181818181818184)" in code


SHARED = {
    "conv": "op: conv2d, out: 4, kernel: 3, padding: 1",
    "scale": "op: scale, size: [4, 1, 1], value: 0.1",
    "head": "op: linear, out: 3, aux: true",
    "again": "op: conv2d, out: 4, kernel: 3, padding: 1, from: [scale]",
    "shared": "op: conv2d, out: 4, kernel: 3, padding: 1, share: again",
    "bn": "op: batch_norm2d",
    "pos": "op: parameter, size: [4, 6, 8], value: 0.5",
    "sum": "op: add, from: [bn, pos]",
}


def test_a_shared_layer_is_called_twice_and_held_once() -> None:
    code = assert_same(graph_of(SHARED, (4, 6, 8)))
    assert code.count("self.again = ") == 1
    assert code.count("self.again(") == 2
    assert "self.scale = nn.Parameter(torch.full((4, 1, 1), 0.1))" in code


HEADS = """
blocks:
  head:
    layers:
      a: {op: conv2d, out: 3, kernel: 1}
      relu: {op: relu}
      b: {op: conv2d, out: 2, kernel: 1}
layers:
  low: {op: conv2d, out: 3, kernel: 1}
  high: {op: conv2d, out: 3, kernel: 1}
  one: {block: head, from: low}
  two: {block: head, from: high, share: one}
  three: {block: head, from: input, share: one}
output: [two, one, three]
"""


def test_what_a_shared_layer_gives_each_time_has_a_name_of_its_own() -> None:
    """All three are outputs: none is written over by the next call of the same layers."""
    assert_same(graph(HEADS.replace("relu}", "relu, inplace: true}")))


def test_a_shared_block_is_one_module_that_is_called_again() -> None:
    code = assert_same(graph(HEADS))
    assert code.count("class ") == 2  # the head, and the network
    assert code.count("self.one(") == 3
    assert "two" not in code.split("def forward(self, x: Tensor) -> tuple")[0]


def test_what_differs_without_weights_is_called_by_itself() -> None:
    """Of the second block the rows are reshaped to a number of their own, and its tower is the
    first one's; the middle of the third is read outside.
    """
    code = assert_same(
        graph(
            """
blocks:
  tower: {layers: {a: {op: conv2d, out: 3, kernel: 1}, relu: {op: relu}}}
  head:
    layers:
      tower: {block: tower}
      last: {op: conv2d, out: 2, kernel: 1}
      rows: {layers: {flat: {op: reshape, size: ['2 * $shape[1] * $shape[2]']}, sum: {op: relu}}}
layers:
  pool: {op: max_pool2d, kernel: 2}
  one: {block: head, from: input}
  two: {block: head, from: pool, share: one}
  three: {block: tower, from: pool, share: one.tower}
  four: {op: relu, from: three.a}
output: [one, two, three, four]
"""
        )
    )
    assert code.count("self.one.tower(") == 1
    assert "self.two.rows(" in code


def test_a_value_that_is_wanted_later_keeps_its_name() -> None:
    """`a` and `b` are read again after what is made from them."""
    layers = {
        "a": "op: conv2d, out: 3, kernel: 1",
        "b": "op: sigmoid",
        "c": "op: add, from: [a, b]",
        "d": "op: tanh, from: [a]",
        "e": "op: concat, from: [c, d, b]",
    }
    assert_same(graph_of(layers, (3, 4, 4)))


@pytest.mark.parametrize(
    "name",
    [
        "__init__subclass__x",
        "__private",
        "a-b",
        "0",
        "self",
        "super",
        "torch",
        "nn",
        "out",
        "x",
        "range",
        'q"uote',
        "quo'te",
        "back\\slash",
        "pop",
        "match",
        "ﬁ",  # Python reads it as `fi`
        "a b",
        "ümlaut",
        "{braces}",
        "print(1)",
    ],
)
def test_a_name_never_becomes_code(name: str) -> None:
    """torch.fx, which archprof's own build goes by, stumbles over some of these itself."""
    graph = hostile(name)
    code = torch_code(graph)
    module = made(code).eval()
    assert [key for key, _ in keys(module)] == [
        f"{name}.weight",
        f"{name}.bias",
        f"group.{name}_",
        f"row.{name}.weight",
        f"row.{name}.bias",
    ]
    assert module(torch.rand(2, 3, 4, 4)).shape == (2, 3, 4, 4)
    called = [node.func for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    functions = {function.id for function in called if isinstance(function, ast.Name)}
    classes = {node.name for node in ast.parse(code).body if isinstance(node, ast.ClassDef)}
    assert functions <= {"super", "OrderedDict", *classes}


def hostile(name: str) -> Graph:
    """A network whose layer, group, blocks and title have a name."""
    base = graph_of(
        {
            "one": "op: conv2d, out: 3, kernel: 1",
            "two": "op: relu",
            "three": "op: scale, size: [3, 1, 1]",
            "four": "op: conv2d, out: 3, kernel: 1",
        },
        (3, 4, 4),
    )
    one, two, three, four = base.nodes
    nodes = (
        one._replace(path=name),
        two._replace(path=f"group.{name}"),
        three._replace(path=f"group.{name}_"),
        four._replace(path=f"row.{name}"),
    )
    return base.replaced(nodes=nodes)


def test_what_the_docstring_quotes_cannot_end_it() -> None:
    graph = graph_of({"one": "op: relu"}, (3, 4, 4), title='\'"""\\"\\nimport os\\n\\\\\'')
    tree = ast.parse(torch_code(graph))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert "import os" in (ast.get_docstring(tree) or "")


class Twice(nn.Module):
    """What captured modules have and specs do not: a module that is called twice, and one whose
    forward does more than its weights do.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = Channels(4)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.conv(self.relu(self.conv(self.norm(x))))
        return self.relu(out + x)


class Channels(nn.LayerNorm):
    """A norm over channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def graph_of_module(module: nn.Module) -> Graph:
    tape = capture(module, (InputSpec("", (4, 6, 6)),), "twice", "Twice")
    return captured_network(tape).at_own_input()


def test_a_captured_module_is_written_with_its_own_keys() -> None:
    module = Twice().eval()
    ours = made(torch_code(graph_of_module(module)))
    assert keys(ours) == keys(module)
    ours.load_state_dict(module.state_dict())
    image = torch.rand(2, 4, 6, 6)
    with torch.inference_mode():
        assert torch.equal(ours.eval()(image.clone()), module(image.clone()))


class Odd(nn.Module):
    """Something that no op of archprof's says."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cumsum(x, 1)


def test_an_operator_that_cannot_be_written_is_named() -> None:
    with pytest.raises(
        ProblemError, match="operator `cumsum`, which archprof cannot write"
    ) as error:
        torch_code(graph_of_module(Odd()))
    assert "test_torch_code.py" in str(error.value)  # the line of the user's own code


def test_a_network_with_problems_is_refused() -> None:
    graph = whatever({"one": "op: conv2d, out: 3, kernel: 9"}, (3, 4, 4))
    with pytest.raises(ProblemError, match="conv2d"):
        torch_code(graph)


def test_it_needs_no_torch() -> None:
    program = (
        "import sys, archprof\n"
        "from archprof.commands.export.torch_code import torch_code\n"
        "print(len(torch_code(archprof.load('swin_t').graph)), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    length, loaded = done.stdout.split()
    assert int(length) > 1000
    assert loaded == "False"


@pytest.mark.parametrize(
    ("patterns", "lines"),
    [
        (["*"], ['self.get_submodule("").requires_grad_(False)']),
        (["fc"], ['self.get_submodule("fc").requires_grad_(False)']),
        (["fc.bias"], ['self.get_parameter("fc.bias").requires_grad_(False)']),
        (
            ["conv1", "layer1", "layer2.0.bn*"],
            [
                'for name in ["conv1", "layer1", "layer2.0.bn1", "layer2.0.bn2"]:',
                "    self.get_submodule(name).requires_grad_(False)",
            ],
        ),
    ],
)
def test_what_is_frozen_is_frozen_in_the_code(patterns: list[str], lines: list[str]) -> None:
    graph = freeze(archprof.load("resnet18").graph, patterns)
    code = torch_code(graph)
    start = code.index(f"        {lines[0]}\n")
    assert code[start:].startswith("".join(f"        {line}\n" for line in lines))
    with torch.device("meta"):
        module = made(code)
    theirs = {name: p.requires_grad for name, p in module.named_parameters()}
    own = build(graph, device="meta")
    assert theirs == {name: p.requires_grad for name, p in own.named_parameters()}
    assert not all(theirs.values())


def test_nothing_is_frozen_of_itself() -> None:
    assert "requires_grad" not in torch_code(archprof.load("resnet18").graph)
