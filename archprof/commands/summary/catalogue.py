"""The shipped networks as a catalogue: what each is and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.analysis.totals import depth
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import shipped
from archprof.language.network import Network, names
from archprof.show.field import extent_text
from archprof.show.table import Column, Table


@dataclass(frozen=True)
class Entry:
    """One network of the catalogue; MACs at its native input."""

    name: str
    aliases: tuple[str, ...]
    family: str
    year: int
    input: tuple[int, ...]
    params: int
    macs: int
    depth: int
    title: str
    source: str
    graph: Graph

    def data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "name": self.name,
            "aliases": list(self.aliases),
            "family": self.family,
            "year": self.year,
            "input": list(self.input),
            "params": self.params,
            "macs": self.macs,
            "depth": self.depth,
            "title": self.title,
            "source": self.source,
        }


def catalogue(pattern: str, family: str | None) -> list[Entry]:
    """The shipped networks whose name, alias, family or title has `pattern` in it, in order of
    family, as their files have them.
    """
    return [_entry(network) for network in shipped() if _matches(network, pattern.lower(), family)]


def by_family(entries: Sequence[Entry], word: str) -> list[Entry]:
    """Return the entries family by family: first the one called `word`, then those of whose
    names one begins with it, then the others.
    """
    word = word.lower()
    called = {e.family for e in entries if word and e.family.lower() == word}
    begun = {
        e.family
        for e in entries
        if any(name.lower().startswith(word) for name in (e.name, *e.aliases))
    }
    return sorted(
        entries, key=lambda e: (e.family not in called, e.family not in begun, e.family.casefold())
    )


def known_words(families_only: bool) -> set[str]:
    """What a pattern may be meant to be, in lower case: every family, and every network's name."""
    return {
        word.lower()
        for network in shipped()
        for word in (_family(network), *(() if families_only else names(network)))
    }


def _matches(network: Network, pattern: str, family: str | None) -> bool:
    if family is not None and _family(network).lower() != family.lower():
        return False
    return not pattern or any(
        pattern in text.lower()
        for text in (*names(network), _family(network), str(network.stated("title") or ""))
    )


def _family(network: Network) -> str:
    return network.family


def _entry(network: Network) -> Entry:
    graph = expand(network)
    macs = sum(graph.nodes[i].facts.cost.macs for i in graph.main)
    return Entry(
        network.name,
        names(network)[1:],
        _family(network),
        network.stated("year") or 0,
        graph.input,
        sum(n.params for n in graph.nodes),
        macs,
        depth(graph),
        str(network.stated("title") or ""),
        str(network.stated("source") or ""),
        graph,
    )


def catalogue_table(entries: Sequence[Entry]) -> Table:
    """The catalogue as a table; an alias stands behind its name."""
    columns = [
        Column("Network", right=False),
        Column("Family", right=False, style="green", drop=3),
        Column("Year", drop=2),
        Column("Params"),
        Column("MACs"),
        Column("Depth"),
        Column("Input", drop=1),
    ]
    rows = [
        [
            f"{e.name} ({', '.join(e.aliases)})" if e.aliases else e.name,
            e.family,
            str(e.year or ""),
            units.count(e.params),
            units.count(e.macs),
            str(e.depth),
            units.shape(e.input),
        ]
        for e in entries
    ]
    counted = (
        f"network{'s' if len(entries) != 1 else ''}; MACs are multiply-accumulates at the native"
        " input, one image"
    )
    return Table(columns, rows, notes=[(str(len(entries)), counted)])


def confirmation(source: str) -> str:
    """Whom a network's numbers are confirmed by, beside the witnesses of `verify`: the
    implementation its source names, or what is published.
    """
    for library in ("torchvision", "timm"):
        if f"{library}/models/" in source:
            return f"{library}: keys, shapes, outputs"
    return "published figures"


def full_table(entries: Sequence[Entry]) -> Table:
    """The catalogue with memory, receptive field, source and confirmation: what
    reports/networks.md shows.
    """
    columns = [
        Column("Network", right=False),
        Column("Family", right=False, style="green", drop=6),
        Column("Year", drop=5),
        Column("Input", drop=4),
        Column("Params"),
        Column("MACs"),
        Column("FLOPs", drop=3),
        Column("Depth", drop=1),
        Column("Weights", unit="bytes", drop=7),
        Column("Peak inference", unit="bytes", drop=2),
        Column("Saved", unit="bytes", drop=8),
        Column("Field"),
        Column("Confirmed by", right=False, drop=9),
        Column("Source", right=False, drop=10),
    ]
    rows = []
    for e in entries:
        totals = analyze(e.graph, count="macs").totals
        rows.append(
            [
                e.name,
                e.family,
                str(e.year or ""),
                units.shape(e.input),
                units.exact(e.params),
                units.exact(e.macs),
                units.exact(totals.flops),
                str(e.depth),
                units.size(totals.weight_bytes),
                units.size(totals.peak_inference_bytes),
                units.size(totals.saved_bytes),
                extent_text(totals.extent),
                confirmation(e.source),
                e.source,
            ]
        )
    notes = [
        (str(len(entries)), "networks, at the native input, one image, float32"),
        (
            "MACs",
            "multiply-accumulates, what papers call FLOPs; FLOPs are all arithmetic, 2 per MAC",
        ),
        (
            "field",
            (
                "the largest receptive field of a layer that does not see everything, in pixels;"
                " all: layers that keep places apart see everything, by attention or a gate; ?:"
                " they have no regular answer"
            ),
        ),
        (
            "peak",
            (
                "weights, input and every output still needed, at the layer where that is most;"
                " saved is what autograd keeps"
            ),
        ),
    ]
    return Table(columns, rows, "Every network archprof ships", notes)
