"""Graphviz's language: every line is one that its grammar has, whatever the names are."""

from __future__ import annotations

import re

import pytest

from archprof.commands.export.dot import dot_text
from archprof.language.expand import expand
from archprof.language.find import find
from tests.commands.export.pictures import hostile

TEXT = r'"(?:[^"\\]|\\["\\n])*"'
"""A quoted string with no other escape than those of quote, backslash and line break."""

LINES = (
    rf"digraph {TEXT} \{{",
    r'  node \[shape=box, fontname="Helvetica"\];',
    rf"  (?:input|output) \[shape=oval, label={TEXT}\];",
    rf" *n[0-9]+ \[label={TEXT}\];",
    rf" *subgraph {TEXT} \{{",
    rf" *label={TEXT};",
    r"  (?:n[0-9]+|input) -> (?:n[0-9]+|output);",
    r" *\}",
)
GRAMMAR = re.compile("|".join(f"(?:{line})" for line in LINES))


def check(text: str) -> None:
    """Every line is one of those above, braces close, and edges join what was declared."""
    depth = 0
    for line in text.splitlines():
        assert GRAMMAR.fullmatch(line), line
        depth += line.endswith("{")
        depth -= line.strip() == "}"
        assert depth >= 0
    assert depth == 0
    declared = set(re.findall(r"^ *(\w+) \[", text, re.MULTILINE))
    used = {end for edge in re.findall(r"^  (\w+) -> (\w+);", text, re.MULTILINE) for end in edge}
    assert used <= declared


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "nasnetamobile"])
@pytest.mark.parametrize("depth", [None, 2, 50])
def test_grammar(name: str, depth: int | None) -> None:
    check(dot_text(expand(find(name)), depth))


def test_hostile_names_are_texts() -> None:
    text = dot_text(hostile(), 50)
    check(text)
    assert r'label="a\"];end"' in text
    assert r'label="b\\"' in text
    assert "\u202e" not in text


def test_clusters_are_the_open_blocks() -> None:
    text = dot_text(expand(find("resnet18")), 2)
    assert text.count("subgraph") == 4
    assert '  subgraph "cluster_layer1" {\n    label="layer1";\n' in text
    assert r'    n4 [label="0\nbasic, 7 layers\n64x56x56"];' in text
