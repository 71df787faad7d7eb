"""The guide to the language: every example is a whole spec that holds."""

import re
from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.loader import load_file, load_text
from archprof.language.network import networks

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "specs" / "README.md").read_text(encoding="utf-8")
# that belong together
FILES = dict(re.findall(r"```yaml\n# (\S+\.yaml)\n(.*?)```", GUIDE, re.DOTALL))
EXAMPLES = [
    text
    for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    if not re.match(r"# \S+\.yaml\n", text)
]


def paths(name: str) -> list[str]:
    """The paths of the example called `name`."""
    text = next(e for e in EXAMPLES if e.startswith(f"name: {name}\n"))
    return [node.path for node in expand(next(networks(load_text(text, "guide.yaml")))).nodes]


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


def test_the_paths_are_those_the_guide_says() -> None:
    assert [p for p in paths("tiny") if p in ("0", "4")] == ["0", "4"]
    assert {"features.0", "features.1", "head.fc"} <= set(paths("grouped"))
    assert {"stage1.0.conv", "stage1.1.conv"} <= set(paths("blocks"))
    assert [p for p in paths("spliced") if p.startswith("features")] == [
        f"features.{i}" for i in range(10)
    ]
    assert "denseblock.denselayer1.conv" in paths("spliced")
    assert {"cell_0.concat", "cell_3.concat"} <= set(paths("cells"))


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
