"""A graph as a Mermaid flowchart, as GitHub draws it: a subgraph for each block that is open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archprof import units
from archprof.commands.export.boxes import INPUT, OUTPUT, Box, Drawing
from archprof.commands.export.exported import Exported
from archprof.graph.graph import Graph
from archprof.units import printable

MOST_EDGES = 500  # that Mermaid draws unless its settings allow more
MOST_CHARACTERS = 50_000  # likewise
_SPECIAL = re.compile(r"[^A-Za-z0-9_ .,:+×/()-]")


def mermaid_text(graph: Graph, depth: int | None) -> Exported:
    """Return the flowchart, with a note where it is too large for Mermaid as it comes."""
    drawing = Drawing(graph, depth)
    rows = [
        "flowchart TD",
        f"  {INPUT}_([{_quoted((graph.called(-1), units.shape(graph.input)))}])",
        *_inside(drawing, drawing.root, 0, [0]),
        f"  {OUTPUT}_([{_quoted((OUTPUT,))}])",
        *(f"  {_name(source)} --> {_name(target)}" for source, target in drawing.edges),
    ]
    text = "\n".join(rows) + "\n"
    notes = []
    if len(drawing.edges) > MOST_EDGES or len(text) > MOST_CHARACTERS:
        notes.append(
            f"{len(drawing.edges):,} edges and {len(text):,} characters: Mermaid draws at most"
            f" {MOST_EDGES} and {MOST_CHARACTERS:,}; a smaller --depth draws whole blocks"
        )
    return Exported(text, tuple(notes))


def _name(identity: str) -> str:
    """Return an identity that is not a word of Mermaid's."""
    return f"{identity}_" if identity in (INPUT, OUTPUT) else identity


def _inside(drawing: Drawing, box: Box, depth: int, opened: list[int]) -> Iterator[str]:
    """Yield the boxes in a box; `opened` counts the subgraphs so far."""
    indent = "  " * (depth + 1)
    for inner in box.inside.values():
        if not drawing.is_open(inner, depth + 1):
            yield f"{indent}{inner.identity}[{_quoted(inner.lines(drawing.graph))}]"
            continue
        opened[0] += 1
        yield f"{indent}subgraph s{opened[0]}[{_quoted((inner.name, inner.block))}]"
        yield from _inside(drawing, inner, depth + 1, opened)
        yield f"{indent}end"


def _quoted(lines: tuple[str, ...]) -> str:
    """Return lines of text in quotes, every character that could mean something by its number."""
    safe = (
        _SPECIAL.sub(lambda found: f"#{ord(found[0])};", printable(line)) for line in lines if line
    )
    return f'"{"<br/>".join(safe)}"'
