"""Render the pictures of docs/plots.md into docs/plots/.

`python scripts/render_plots.py` writes them again; tests/test_plots_page.py compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import archprof
from archprof.commands.plot.plots import PlotOptions
from archprof.commands.plot.roadmap_plot import roadmap_plot
from archprof.commands.plot.step_plot import step_plot
from archprof.draw.bars import bars_picture
from archprof.draw.canvas import CANVASES
from archprof.draw.graph import graph_picture
from archprof.draw.shapes import Picture
from archprof.draw.svg import standalone
from archprof.draw.timeline import timeline_picture

FOLDER = Path(__file__).parents[1] / "docs" / "plots"
PAGE = CANVASES["page"]
RESNET = "resnet50"
STEP = PlotOptions(batch=200, train=True, optimizer="adamw", memory=24 * 2**30)
PICTURES: dict[str, Callable[[], Picture]] = {
    "graph.svg": lambda: graph_picture(archprof.load(RESNET).analyze()),
    "bars.svg": lambda: bars_picture(archprof.load(RESNET).analyze(), PAGE),
    "step.svg": lambda: step_plot(archprof.load(RESNET).analyze().graph, STEP),
    "timeline.svg": lambda: timeline_picture(archprof.load(RESNET).analyze(), PAGE),
    "roadmap.svg": lambda: roadmap_plot(["t"], PAGE),
}


def render(name: str) -> str:
    """Return one of the pictures, light or dark as its reader's system is."""
    return standalone(PICTURES[name](), "auto")


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        (FOLDER / name).write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    main()
