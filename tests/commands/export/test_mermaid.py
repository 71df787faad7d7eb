"""Mermaid's flowcharts: lines that its grammar has, labels in which no character means anything.

Mermaid's own parser (11) reads what is written of every shipped network that has few enough edges,
and the hostile names below as the texts that they are; it needs Node.js and is not run here.
"""

from __future__ import annotations

import re

import pytest

from archprof.commands.export.mermaid import mermaid_text
from archprof.language.expand import expand
from archprof.language.find import find
from tests.commands.export.pictures import hostile

TEXT = r'"(?:[A-Za-z0-9_ .,:+×/()-]|#[0-9]+;|<br/>)*"'
LINES = (
    r"flowchart TD",
    rf"  (?:input|output)_\(\[{TEXT}\]\)",
    rf" *n[0-9]+\[{TEXT}\]",
    rf" *subgraph s[0-9]+\[{TEXT}\]",
    r" *end",
    r"  (?:n[0-9]+|input_) --> (?:n[0-9]+|output_)",
)
GRAMMAR = re.compile("|".join(f"(?:{line})" for line in LINES))


def check(text: str) -> None:
    depth = 0
    for line in text.splitlines():
        assert GRAMMAR.fullmatch(line), line
        depth += line.strip().startswith("subgraph")
        depth -= line.strip() == "end"
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "nasnetamobile"])
@pytest.mark.parametrize("depth", [None, 2, 50])
def test_grammar(name: str, depth: int | None) -> None:
    check(mermaid_text(expand(find(name)), depth).content)


def test_hostile_names_are_texts() -> None:
    text = mermaid_text(hostile(), 50).content
    check(text)
    assert 'subgraph s1["a#34;#93;#59;end"]' in text  # a"];end
    assert "#60;script#62;" in text
    assert "#35;quot#59;" in text  # no entity of the name's own


def test_subgraphs_are_the_open_blocks() -> None:
    text = mermaid_text(expand(find("resnet18")), 2).content
    assert '  subgraph s1["layer1"]\n    n4["0<br/>basic, 7 layers<br/>64x56x56"]\n' in text


def test_too_large_for_mermaid_is_said() -> None:
    """It draws 500 edges unless it is set to draw more, which no diagram can do by itself."""
    assert not mermaid_text(expand(find("resnet18")), None).notes
    (note,) = mermaid_text(expand(find("nasnetamobile")), 50).notes
    assert "Mermaid draws at most 500" in note
