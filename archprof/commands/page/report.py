"""Pages of what other commands print: their tables, and what pictures and graphs there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from archprof.analysis.analysis import Analysis
from archprof.commands.page.charts import timed_figures
from archprof.commands.page.data import Data
from archprof.commands.page.figures import NARROW, WIDE, Illustration, drawn
from archprof.commands.page.page import Extras, networks_data
from archprof.commands.plot.roadmap_plot import roadmap_plot
from archprof.commands.plot.run_layers import TimedNetwork, timed_by
from archprof.draw import svg
from archprof.draw.canvas import CANVASES
from archprof.show.document import HtmlPage, html, section
from archprof.show.markup import Markup, element
from archprof.show.table import Table
from archprof.show.table_markup import table_markup


def diff_page(tables: Sequence[Table], analyses: Sequence[Analysis], marks: Sequence[Data]) -> str:
    """Return the page of a change: its tables, and both networks with what differs marked.

    `marks` has by network the places of its layers that changed, and of those that only it has.
    """
    first, *others = tables
    title, *conditions = first.title.split(" · ")
    parts = [
        section("The change", table_markup(first)),
        element("div", data_part="networks"),
        *(section(table.title, table_markup(table)) for table in others),
    ]
    data = networks_data(analyses, Extras(marks=marks))
    return html(HtmlPage(title, conditions, parts, {"networks": data}))


def roadmap_page(tables: Sequence[Table], regimes: Sequence[str]) -> str:
    """Return the page of the ConvNeXt roadmap: a chart and a table for each regime."""
    figures = [
        Illustration(
            f"roadmap-{regime}",
            table.title,
            roadmap_plot([regime], CANVASES[WIDE]),
            roadmap_plot([regime], CANVASES[NARROW]),
        )
        for table, regime in zip(tables, regimes, strict=True)
    ]
    return _with_figures("The ConvNeXt roadmap", (), figures, tables)


def run_page(tables: Sequence[Table], run: dict[str, Any], analyses: Iterable[Analysis]) -> str:
    """Return the page of a run of `bench`: its tables, and what each layer took.

    `analyses` are of what was measured; those whose layers were timed have a graph and pictures.
    """
    title, *conditions = tables[0].title.split(" · ")
    found = [pair for analysis in analyses for pair in _timed(analysis, run)]
    if not found:
        return _with_figures(title, conditions, (), tables)
    figures = [
        figure
        for place, (analysis, timed) in enumerate(found)
        for figure in timed_figures(analysis, timed, place)
    ]
    shown = [analysis for analysis, _ in found]
    data = networks_data(shown, Extras([timed for _, timed in found]))
    return _with_figures(title, conditions, figures, tables, data)


def _timed(analysis: Analysis, run: dict[str, Any]) -> Iterator[tuple[Analysis, TimedNetwork]]:
    """Yield a network with the times of its layers, nothing where a run has none."""
    device = run["manifest"]["device"]["name"]
    for entry in run["layers"]:
        if _is_of(entry, analysis) and not entry["contradictions"]:
            yield analysis, timed_by(analysis.graph, entry, device, "bench")
            return


def _is_of(entry: dict[str, Any], analysis: Analysis) -> bool:
    """Whether the times of an entry are of this network, as it was measured."""
    named = entry["network"] == analysis.graph.network.name
    alike = (entry["batch"], entry["input"]) == (analysis.batch, list(analysis.graph.input))
    return named and alike


def _with_figures(
    title: str,
    conditions: Sequence[str],
    figures: Sequence[Illustration],
    tables: Sequence[Table],
    networks: Data | None = None,
) -> str:
    pictures = drawn(figures)
    parts: list[Markup] = [
        *([element("div", data_part="networks")] if networks else []),
        *pictures.parts,
        *(section(table.title, table_markup(table)) for table in tables),
    ]
    data = {"networks": networks, "pictures": pictures.packed}
    given = {name: content for name, content in data.items() if content}
    return html(HtmlPage(title, conditions, parts, given, svg.css() if figures else ""))
