"""A graph as a picture for Graphviz: a cluster for each block that is open."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.commands.export.boxes import INPUT, OUTPUT, Box, Drawing
from archprof.graph.graph import Graph
from archprof.units import printable


def dot_text(graph: Graph, depth: int | None) -> str:
    """Return the graph in the language of `dot`."""
    drawing = Drawing(graph, depth)
    rows = [
        f"digraph {_quoted((graph.network.name,))} {{",
        '  node [shape=box, fontname="Helvetica"];',
        f"  {INPUT} [shape=oval, label={_quoted((graph.called(-1), units.shape(graph.input)))}];",
        *_inside(drawing, drawing.root, 0),
        f"  {OUTPUT} [shape=oval, label={_quoted((OUTPUT,))}];",
        *(f"  {source} -> {target};" for source, target in drawing.edges),
        "}",
    ]
    return "\n".join(rows) + "\n"


def _inside(drawing: Drawing, box: Box, depth: int) -> Iterator[str]:
    indent = "  " * (depth + 1)
    for inner in box.inside.values():
        if not drawing.is_open(inner, depth + 1):
            yield f"{indent}{inner.identity} [label={_quoted(inner.lines(drawing.graph))}];"
            continue
        yield f"{indent}subgraph {_quoted((f'cluster_{inner.path}',))} {{"
        yield f"{indent}  label={_quoted((inner.name, inner.block))};"
        yield from _inside(drawing, inner, depth + 1)
        yield f"{indent}}}"


def _quoted(lines: tuple[str, ...]) -> str:
    """Return lines of text as one string of dot, in which no character means anything."""
    safe = (printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines if line)
    text = r"\n".join(safe)
    return f'"{text}"'
