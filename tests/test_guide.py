"""The guide to the language: every example is a whole spec that holds."""

import re
from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.graph.graph import Graph
from archprof.language.document import BUILT_IN, EXPECTABLE
from archprof.language.expand import expand
from archprof.language.loader import load_file, load_text
from archprof.language.network import networks
from archprof.language.override import override
from archprof.language.words import INITIALIZERS
from archprof.problem import ProblemError

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "reference" / "language.md").read_text(encoding="utf-8")
# that belong together
FILES = dict(re.findall(r"```yaml\n# (\S+\.yaml)\n(.*?)```", GUIDE, re.DOTALL))
EXAMPLES = [
    text
    for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    if not re.match(r"# \S+\.yaml\n", text)
]


def paths(name: str) -> list[str]:
    """The paths of the example called `name`."""
    found = next(networks(load_text(example(name), "guide.yaml")))
    return [node.path for node in expand(found).nodes]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda t: t.split("\n")[0].removeprefix("name: "))
def test_example_holds(text: str) -> None:
    found = list(networks(load_text(text, "guide.yaml", ROOT / "specs")))
    assert found
    for network in found:
        assert analyze(expand(network)).problems() == ()


def test_a_file_of_blocks_and_its_user(tmp_path: Path) -> None:
    assert list(FILES) == ["blocks/unit.yaml", "user.yaml"]
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (network,) = networks(load_file(tmp_path / "user.yaml"))
    assert [node.path for node in expand(network).nodes] == [
        "stem.conv",
        "stem.bn",
        "down.conv",
        "down.bn",
    ]
    assert list(networks(load_file(tmp_path / "blocks" / "unit.yaml"))) == []


def example(name: str) -> str:
    """The example called `name`."""
    return next(e for e in EXAMPLES if e.startswith(f"name: {name}\n"))


def named(name: str, network: str) -> Graph:
    """The graph of one network of an example."""
    found = {n.name: n for n in networks(load_text(example(name), "guide.yaml"))}
    return expand(found[network])


def test_the_paths_are_those_the_guide_says() -> None:
    assert paths("numbered") == ["0", "act", "1", "2"]
    assert [p for p in paths("tiny") if p in ("0", "4")] == ["0", "4"]
    assert {"features.0", "features.1", "head.fc"} <= set(paths("grouped"))
    assert {"stage1.0.conv", "stage1.1.conv"} <= set(paths("blocks"))
    assert [p for p in paths("spliced") if p.startswith("features")] == [
        f"features.{i}" for i in range(10)
    ]
    assert "denseblock.denselayer1.conv" in paths("spliced")
    assert {"cell_0.concat", "cell_3.concat"} <= set(paths("cells"))


def source_of(graph: Graph, path: str) -> list[str]:
    """The layers that a layer reads."""
    layer = next(node for node in graph.nodes if node.path == path)
    return [graph.nodes[i].path if i >= 0 else "input" for i in layer.inputs]


def test_what_is_left_out_passes_its_first_input_through() -> None:
    assert source_of(named("dropped", "dropped"), "relu") == ["conv"]
    assert source_of(named("dropped", "dropped_none"), "add") == ["more.1", "input"]
    assert source_of(named("grouped_branch", "grouped_branch"), "side.0") == ["input"]
    # without its `from` the group's input is what the layer above it gives
    moved = example("grouped_branch").replace("side: {from: input, ", "side: {")
    assert moved != example("grouped_branch")
    graph = expand(next(networks(load_text(moved))))
    assert source_of(graph, "side.0") == ["main.1"]


def test_branches_side_by_side_all_read_the_same() -> None:
    graph = named("parallel", "parallel")
    assert [source_of(graph, f"branches.{i}.conv") for i in range(3)] == [["input"]] * 3
    assert source_of(graph, "add") == ["identity", *(f"branches.{i}.bn" for i in range(3))]
    assert source_of(graph, "concat") == [f"dilated.{i}" for i in range(4)]
    assert source_of(graph, "first") == ["dilated.0"]


def test_names_of_layers_are_computed() -> None:
    graph = named("fused", "fused")
    assert source_of(graph, "joined") == ["wide", "rest.0", "rest.1"]
    assert source_of(graph, "fuse.1.paths.2.conv") == ["scales.2"]
    assert source_of(named("optional", "optional"), "add") == ["conv", "pointwise"]
    assert source_of(named("optional", "optional_all"), "add") == ["conv", "pointwise", "identity"]
    assert source_of(named("optional", "optional_none"), "relu") == ["conv"]


def test_a_network_may_have_several_outputs() -> None:
    graph = named("two_outputs", "two_outputs")
    assert [graph.nodes[i].output for i in graph.outputs] == [(8, 32, 32), (16, 16, 16)]


def test_an_op_and_a_block_may_be_chosen() -> None:
    def ops(network: str) -> list[str]:
        return [node.op.name for node in named("choosing", network).nodes]

    assert ops("choosing") == ["conv2d", "relu", "conv2d", "relu", "avg_pool2d"]
    assert ops("choosing_gelu")[-2:] == ["gelu", "max_pool2d"]
    assert ops("choosing_shallow") == ["conv2d", "relu", "avg_pool2d"]


def test_indices_count_from_either_end() -> None:
    assert named("arithmetic", "arithmetic").nodes[-1].output == (48, 1, 1)


def test_another_input_moves_what_follows_from_it() -> None:
    """48*48 tokens of a stride of 2 from 96x96."""
    found = next(networks(load_text(example("resizable"), "guide.yaml")))
    graph = expand(override(found, {}, (3, 96, 96)))
    assert analyze(graph).problems() == ()
    assert next(n.output for n in graph.nodes if n.path == "position") == (2304, 8)


def test_the_python_of_the_guide_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})  # the guide's own


@pytest.mark.parametrize(
    ("layers", "rule"),
    [
        ("[{op: relu, repeat: '(lambda: $width)()'}]", "expression"),
        ("{a+b: {op: relu}}", "name"),
        ("{a.b: {op: relu}, a: {layers: {b: {op: relu}}}}", "duplicate"),
        ("{lambda: {op: conv2d, out: 8, kernel: 3}}", "name"),
        ("{half: {op: conv2d, out: 8, kernel: 3}}", "name"),
        ("{index: {op: relu}}", "name"),
        ("[{block: itself}]\nblocks: {itself: {layers: [{block: itself}]}}", "cycle"),
    ],
)
def test_what_the_language_has_not(layers: str, rule: str) -> None:
    text = f"name: net\ninput: 3x8x8\nparams: {{width: 2}}\nlayers: {layers}\n"
    with pytest.raises(ProblemError) as found:
        raise ProblemError(expand(next(networks(load_text(text)))).problems)
    assert rule in {problem.rule for problem in found.value.problems}


def test_every_scheme_and_every_total_is_named() -> None:
    for word in (*INITIALIZERS, *EXPECTABLE, *BUILT_IN):
        assert re.search(rf"\b{word}\b", GUIDE), word


def test_every_word_of_the_language_is_taught() -> None:
    from archprof.language.functions import FUNCTIONS
    from archprof.language.words import BLOCK, COMMON, ONLY, TOP

    for word in {
        *TOP,
        *BLOCK,
        *COMMON,
        *(w for words in ONLY.values() for w in words),
        *FUNCTIONS,
    } - {"family"}:
        assert re.search(rf"\b{word}\b", GUIDE), word


def shapes(text: str) -> dict[str, tuple[int, ...]]:
    """The shape each layer of a network gives."""
    return {
        node.path: node.output
        for node in expand(
            next(networks(load_text("name: net\ninput: 3x8x6\nlayers:\n" + text)))
        ).nodes
    }


def test_what_the_guide_says_in_half_a_sentence() -> None:
    """Named and dropped entries take no number; dimensions are counted without the batch; a
    group's `input`; what a dropped layer passes on.
    """
    assert list(
        shapes(
            "- {op: relu}\n- {op: relu, name: act}\n- {op: relu, when: false}\n- {op: relu, repeat:"
            " 0}\n- {op: relu}\n"
        )
    ) == ["0", "act", "1"]
    assert shapes("- {op: slice, dim: 0, stop: 2}\n- {op: slice, dim: 1, stop: 5}\n") == {
        "0": (2, 8, 6),
        "1": (2, 5, 6),
    }
    above, outer = (
        "  stem: {op: conv2d, out: 4, kernel: 1}\n",
        "  g: {from: input, layers: [{op: relu, from: input}]}\n",
    )
    assert shapes(above + "  g: [{op: relu, from: input}]\n") == {
        "stem": (4, 8, 6),
        "g.0": (4, 8, 6),
    }
    assert shapes(above + outer + "  cat: {op: concat, from: [stem, g]}\n") == {
        "stem": (4, 8, 6),
        "g.0": (3, 8, 6),
        "cat": (7, 8, 6),
    }
    dropped = "  cat: {op: concat, from: [stem, input], when: false}\n"
    assert shapes(above + dropped + "  end: {op: concat, from: [cat, input]}\n")["end"] == (7, 8, 6)


def test_families_and_files_that_are_networks_themselves() -> None:
    text = (
        "name: net\ninput: 3x8x8\nparams: {width: %s}\nlayers: [{op: conv2d, out: $width, kernel:"
        " 1}]\nvariants: {net_wide: {width: 9}}\n"
    )
    assert [network.name for network in networks(load_text(text % ""))] == ["net_wide"]
    assert [network.name for network in networks(load_text(text % "3"))] == ["net", "net_wide"]
