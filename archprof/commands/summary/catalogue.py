"""The shipped networks as a catalogue: what each is, and what it costs."""

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
class CatalogueEntry:
    """A network of the catalogue, its MACs at the native input."""

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
        """Return the entry as data, without its graph."""
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


def catalogue(pattern: str, family: str | None) -> list[CatalogueEntry]:
    """Return the shipped networks whose name, alias, family or title contains `pattern`.

    With `family` only those of this family. They are in the order of their files.
    """
    return [_entry(network) for network in shipped() if _matches(network, pattern.lower(), family)]


def by_family(entries: Sequence[CatalogueEntry], word: str) -> list[CatalogueEntry]:
    """Return the entries family by family.

    First is the family called `word`, then those with a name that begins with it, then the others.
    """
    word = word.lower()
    called = {e.family for e in entries if word and e.family.lower() == word}
    begun = set()
    for e in entries:
        if any(name.lower().startswith(word) for name in (e.name, *e.aliases)):
            begun.add(e.family)

    def key(entry: CatalogueEntry) -> tuple[bool, bool, str]:
        family = entry.family
        return family not in called, family not in begun, family.casefold()

    return sorted(entries, key=key)


def known_words(families_only: bool) -> set[str]:
    """Return every family and, unless `families_only`, every network's name, in lower case."""
    found = set()
    for network in shipped():
        found.add(network.family.lower())
        if not families_only:
            found |= {name.lower() for name in names(network)}
    return found


def _matches(network: Network, pattern: str, family: str | None) -> bool:
    if family is not None and network.family.lower() != family.lower():
        return False
    texts = (*names(network), network.family, str(network.stated("title") or ""))
    return not pattern or any(pattern in text.lower() for text in texts)


def _entry(network: Network) -> CatalogueEntry:
    graph = expand(network)
    macs = sum(graph.nodes[i].facts.known_cost.macs for i in graph.main)
    return CatalogueEntry(
        network.name,
        names(network)[1:],
        network.family,
        network.stated("year") or 0,
        graph.input,
        sum(n.params for n in graph.nodes),
        macs,
        depth(graph),
        str(network.stated("title") or ""),
        str(network.stated("source") or ""),
        graph,
    )


def catalogue_table(entries: Sequence[CatalogueEntry]) -> Table:
    """Return the catalogue as a table, aliases in brackets behind the name."""
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
    networks = "network" if len(entries) == 1 else "networks"
    counted = f"{networks}; MACs are multiply-accumulates at the native input, one image"
    return Table(columns, rows, notes=[(str(len(entries)), counted)])


def confirmation(source: str) -> str:
    """Return what confirms a network's numbers, beside the witnesses of `verify`.

    That is the implementation that its source names, or what is published.
    """
    for library in ("torchvision", "timm"):
        if f"{library}/models/" in source:
            return f"{library}: keys, shapes, outputs"
    return "published figures"


def full_table(entries: Sequence[CatalogueEntry]) -> Table:
    """Return the catalogue with memory, receptive field, source and confirmation.

    `reports/networks.md` is this table.
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
        totals = analyze(e.graph, count="macs").known_totals
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
