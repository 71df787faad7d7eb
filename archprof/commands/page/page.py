"""The page of one network, or of several side by side: what stands in it, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import rank
from archprof.commands.compare.comparison_data import named
from archprof.commands.compare.comparison_tables import comparison_tables
from archprof.commands.page.charts import (
    depth_figure,
    effective_figures,
    network_figures,
    side_by_side,
)
from archprof.commands.page.data import SCHEMA, Data, Latency, network_data
from archprof.commands.page.differences import difference_marks, stage_of_layers
from archprof.commands.page.figures import drawn, drawn_rows
from archprof.commands.page.step import step_of
from archprof.commands.plot.run_layers import TimedNetwork
from archprof.commands.summary.summary_table import summary_table
from archprof.draw import svg
from archprof.draw.training_step import DrawnStep
from archprof.ops.base import shown
from archprof.record import Record
from archprof.show.document import HtmlPage, html, section
from archprof.show.field import extent_text
from archprof.show.markup import Markup, element
from archprof.show.network_inputs import inputs_text
from archprof.show.sums import total_text
from archprof.show.table_markup import table_markup

WIDE = 200  # columns of a table that no terminal shows
WITHOUT_SCRIPT = (
    "The graph and what is known of each layer are drawn by JavaScript, which is off here. The"
    " pictures and tables below are all that stands without it."
)


class Extras(Record):
    """What a page may be given beside its networks.

    `timed`: by network the times of its layers, None where they were not measured; `image`: an
    image as a data URI; `marks`: by network the layers in which it differs, where that is known
    better than by paths. `effective`: with the effective fields of some layers of one network,
    which torch computes.
    """

    timed: Sequence[TimedNetwork | None] = ()
    image: str | None = None
    effective: bool = False
    marks: Sequence[Data] = ()


def page_data(analyses: Sequence[Analysis], extras: Extras) -> Data:
    """Return what the page's script is given; `archprof schema page` prints its JSON Schema."""
    return networks_data(analyses, extras, _step_of_one(analyses))


def _step_of_one(analyses: Sequence[Analysis]) -> DrawnStep | None:
    """Return the step of training that the page of one network draws; several have none."""
    return step_of(analyses[0]) if len(analyses) == 1 else None


def networks_data(
    analyses: Sequence[Analysis], extras: Extras, step: DrawnStep | None = None
) -> Data:
    """Return the data of networks, the only one's with the step that its page draws."""
    names = named(analyses)
    found: list[Data] = []
    for place, analysis in enumerate(analyses):
        timed = extras.timed[place] if extras.timed else None
        latency = _latency(analysis, timed)
        data = network_data(analysis, stage_of_layers(analysis), latency, step)
        found.append(data | {"network": units.printable(names[place])})
    return {
        "schema": SCHEMA,
        "networks": found,
        "marks": list(extras.marks) or difference_marks(analyses),
        "image": extras.image,
    }


def _latency(analysis: Analysis, timed: TimedNetwork | None) -> Latency:
    """Return by layer its milliseconds, nothing where none was measured."""
    if timed is None:
        return ()
    times = {layer.layer: 1e3 * layer.seconds for layer in timed.layers}
    return [times.get(place) for place in range(len(analysis.layers))]


def network_page(analyses: Sequence[Analysis], extras: Extras) -> str:
    """Return a page as HTML."""
    step = _step_of_one(analyses)
    data = networks_data(analyses, extras, step)
    if step is not None:
        return html(_of_one(analyses[0], data, extras, step))
    return html(_of_several(analyses, data))


def _of_one(analysis: Analysis, data: Data, extras: Extras, step: DrawnStep) -> HtmlPage:
    timed = extras.timed[0] if extras.timed else None
    effective = effective_figures(analysis) if extras.effective else []
    figures = drawn([depth_figure(analysis), *effective, *network_figures(analysis, timed, step)])
    depth, *pictures = figures.parts
    parts = [
        _totals(analysis),
        _graph(),
        element("div", _seen(), depth, class_="half"),
        *_paired(pictures[: len(effective)]),
        *pictures[len(effective) :],
        _summary(analysis, "Every layer as a table"),
    ]
    title, given = analysis.graph.network.heading, {"networks": data, "pictures": figures.packed}
    return HtmlPage(title, conditions(analysis), parts, given, svg.css())


def _paired(parts: Sequence[Markup]) -> list[Markup]:
    """Return parts of a page two at a time beside each other."""
    pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
    return [element("div", *pair, class_="half") for pair in pairs]


def _of_several(analyses: Sequence[Analysis], data: Data) -> HtmlPage:
    title = " and ".join(analysis.graph.network.heading for analysis in analyses)
    if len(analyses) > 2:
        title = ", ".join(analysis.graph.network.heading for analysis in analyses)
    totals, *tables = comparison_tables(analyses)
    pictures, packed = drawn_rows(side_by_side(analyses))
    parts = [
        section("Side by side", table_markup(totals)),
        _graph(),
        *pictures,
        _seen(),
        *(section(table.title, table_markup(table)) for table in tables),
        *(
            _summary(analysis, f"{name}, layer by layer")
            for name, analysis in zip(named(analyses), analyses, strict=True)
        ),
    ]
    first = analyses[0]
    given = {"networks": data, "pictures": packed}
    return HtmlPage(title, (f"batch {first.batch}", first.dtype), parts, given, svg.css())


def conditions(analysis: Analysis) -> list[str]:
    """Return in short what the numbers are of."""
    network = analysis.graph.network
    changed = [f"{name}={shown(value)}" for name, value in network.overrides.items()]
    return [
        network.name,
        *changed,
        inputs_text(analysis.graph),
        f"batch {analysis.batch}",
        analysis.dtype,
        units.number_of(len(analysis.layers), "layer"),
    ]


def _totals(analysis: Analysis) -> Markup:
    """Return the totals as cards: label, number, what there is to say of it."""
    totals, nodes = analysis.totals, analysis.graph.nodes
    peak = nodes[analysis.peak.node].path if analysis.peak.node >= 0 else "the input"
    saved = total_text(units.size, totals, "saved_bytes")
    cards = [
        ("Parameters", units.count(totals.params), units.exact(totals.params)),
        ("MACs", total_text(units.count, totals, "macs"), _exact_macs(analysis)),
        ("Depth", str(totals.depth), "layers with weights"),
        ("Peak, inference", units.size(totals.peak_inference_bytes), f"at {peak}"),
        (
            "Peak, training",
            _training_peak(analysis),
            f"{saved} saved for backward; {analysis.asked_step.words.optimizer}",
        ),
        ("Receptive field", extent_text(totals.extent), _image_size(analysis)),
    ]
    return element("dl", *(_card(*card) for card in cards), class_="totals")


def _training_peak(analysis: Analysis) -> str:
    text = units.size(analysis.training_peak_bytes)
    return units.at_least(text) if analysis.asked_step.without_bytes else text


def _exact_macs(analysis: Analysis) -> str:
    text = units.exact(analysis.totals.macs)
    return units.at_least(text) if analysis.totals.unknown.cost else text


def _image_size(analysis: Analysis) -> str:
    shape = analysis.graph.input
    return f"pixels, of {units.shape(shape[1:])}" if rank(analysis.graph) else "not an image"


def _card(label: str, value: str, about: str) -> Markup:
    number = element("dd", value, element("small", about))
    return element("div", element("dt", label), number)


def _graph() -> Markup:
    """Return the place where the script draws the networks."""
    return element("div", element("p", WITHOUT_SCRIPT, class_="say"), data_part="networks")


def _seen() -> Markup:
    """Return the place where the script draws what a unit sees, hidden until it does."""
    head = element("header", element("h2", "What one unit sees of the image"))
    return element("section", head, data_part="seen", hidden=True)


def _summary(analysis: Analysis, title: str) -> Markup:
    """Return the table of `archprof summary`, open for those without a script."""
    table = table_markup(summary_table(analysis, WIDE))
    return element("section", element("details", element("summary", title), table, open=True))
