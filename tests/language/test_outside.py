"""A family from outside: a spec in another directory that uses shipped blocks, by path."""

from pathlib import Path

from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.find import find

SPEC = """
name: outside
input: 16x32x32
use: blocks/squeeze_excitation.yaml
layers:
  conv: {op: conv2d, out: 32, kernel: 3, padding: 1}
"""


def test_a_spec_elsewhere_uses_shipped_blocks(tmp_path: Path) -> None:
    from archprof.language.loader import load_file
    from archprof.language.shipped_folder import specs_folder

    shipped = load_file(specs_folder() / "blocks" / "squeeze_excitation.yaml")
    name, block = next(iter(shipped.blocks.items()))
    values = ", ".join(f"{p}: 8" for p, default in block.params.items() if default is None)
    path = tmp_path / "networks" / "mine.yaml"
    path.parent.mkdir()
    path.write_text(f"{SPEC}  gate: {{block: {name}, with: {{{values}}}}}\n", encoding="utf-8")
    graph = expand(find(str(path)))
    assert graph.problems == ()
    assert any(node.path.startswith("gate.") for node in graph.nodes)
    # the gate squeezes 32 channels to 8 and back: (32 + 1)*8 + (8 + 1)*32 with biases
    assert analyze(graph).totals.params == (16 * 9 + 1) * 32 + (32 + 1) * 8 + (8 + 1) * 32
