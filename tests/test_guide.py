"""The guide to the language: every example is a whole spec that holds."""

import re
from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.graph.expand import expand
from archprof.spec.loader import load_file, load_text, networks

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "specs" / "README.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```yaml\n# (\S+\.yaml)\n(.*?)```", GUIDE, re.DOTALL))  # that belong together
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if not re.match(r"# \S+\.yaml\n", text)]


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
    assert [node.path for node in expand(network).nodes] == ["stem.conv", "stem.bn", "down.conv", "down.bn"]
    assert list(networks(load_file(tmp_path / "blocks" / "unit.yaml"))) == []


def test_the_paths_are_those_the_guide_says() -> None:
    assert [p for p in paths("tiny") if p in ("0", "4")] == ["0", "4"]
    assert {"features.0", "features.1", "head.fc"} <= set(paths("grouped"))
    assert {"stage1.0.conv", "stage1.1.conv"} <= set(paths("blocks"))
    assert [p for p in paths("spliced") if p.startswith("features")] == [f"features.{i}" for i in range(10)]
    assert "denseblock.denselayer1.conv" in paths("spliced")
    assert {"cell_0.concat", "cell_3.concat"} <= set(paths("cells"))


def test_every_word_of_the_language_is_taught() -> None:
    from archprof.spec.functions import FUNCTIONS
    from archprof.spec.reader import BLOCK, COMMON, ONLY, TOP

    for word in {*TOP, *BLOCK, *COMMON, *(w for words in ONLY.values() for w in words), *FUNCTIONS} - {"family"}:
        assert re.search(rf"\b{word}\b", GUIDE), word
