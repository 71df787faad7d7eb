"""The shipped networks as a catalogue: what each is, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archprof import units
from archprof.allowance import share
from archprof.language.shipped_folder import specs_folder
from archprof.language.shipped_index import ShippedNetwork, indexed
from archprof.show.table import Table, TableColumn

if TYPE_CHECKING:
    from archprof.language.network import Network


def catalogue(pattern: str, family: str | None) -> list[ShippedNetwork]:
    """Return the shipped networks whose name, alias, family or title contains `pattern`.

    With `family` only those of this family. They are in the order of their files.
    """
    return [network for network in everything() if _matches(network, pattern.lower(), family)]


def everything() -> list[ShippedNetwork]:
    """Return all shipped networks, from their index where it holds."""
    index = indexed()
    return computed() if index is None else index


def computed() -> list[ShippedNetwork]:
    """Return all shipped networks, their totals computed from their specs."""
    from archprof.language.find import shipped

    networks = shipped()
    share(len(networks))
    return [_computed(network) for network in networks]


def _computed(network: Network) -> ShippedNetwork:
    from archprof.analysis.totals import depth
    from archprof.language.expand import expand
    from archprof.language.network import names

    graph = expand(network)
    return ShippedNetwork(
        network.name,
        names(network)[1:],
        network.family,
        network.stated("year") or 0,
        graph.input,
        params=sum(node.params for node in graph.nodes),
        macs=sum(graph.nodes[i].facts.known_cost.macs for i in graph.main),
        depth=depth(graph),
        title=str(network.stated("title") or ""),
        source=str(network.stated("source") or ""),
    )


def by_family(entries: Sequence[ShippedNetwork], word: str) -> list[ShippedNetwork]:
    """Return the entries family by family.

    First is the family called `word`, then those with a name that begins with it, then the others.
    """
    word = word.lower()
    called = {e.family for e in entries if word and e.family.lower() == word}
    begun = set()
    for e in entries:
        if any(name.lower().startswith(word) for name in e.names):
            begun.add(e.family)

    def key(entry: ShippedNetwork) -> tuple[bool, bool, str]:
        family = entry.family
        return family not in called, family not in begun, family.casefold()

    return sorted(entries, key=key)


def known_words(families_only: bool) -> set[str]:
    """Return every family and, unless `families_only`, every network's name, in lower case."""
    found = set()
    for network in everything():
        found.add(network.family.lower())
        if not families_only:
            found |= {name.lower() for name in network.names}
    return found


def _matches(network: ShippedNetwork, pattern: str, family: str | None) -> bool:
    if family is not None and network.family.lower() != family.lower():
        return False
    texts = (*network.names, network.family, network.title)
    return not pattern or any(pattern in text.lower() for text in texts)


def catalogue_table(entries: Sequence[ShippedNetwork]) -> Table:
    """Return the catalogue as a table, aliases in brackets behind the name."""
    columns = [
        TableColumn("Network", right=False),
        TableColumn("Family", right=False, style="green", drop=3),
        TableColumn("Year", drop=2),
        TableColumn("Params"),
        TableColumn("MACs"),
        TableColumn("Depth"),
        TableColumn("Input", drop=1),
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


RECORDS = "published/records.txt"
"""The shipped networks that the tests compare with a record of the public implementation."""


def recorded() -> frozenset[str]:
    """Return the names of the networks in RECORDS."""
    lines = (specs_folder() / RECORDS).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def confirmation(name: str, source: str, records: frozenset[str]) -> str:
    """Return what confirms a network's numbers, beside the witnesses of `verify`.

    That is a record of the implementation that its source names, that implementation's code, or
    what is published.
    """
    for library in ("torchvision", "timm"):
        if f"{library}/models/" in source:
            compared = "keys, shapes, outputs" if name in records else "written from its code"
            return f"{library}: {compared}"
    return "published figures"


def full_table(entries: Sequence[ShippedNetwork]) -> Table:
    """Return the catalogue with memory, receptive field, source and confirmation.

    `reports/networks.md` is this table.
    """
    from archprof.analysis.analysis import analyze
    from archprof.language.expand import expand
    from archprof.language.find import find_shipped
    from archprof.show.field import extent_text
    from archprof.show.sums import total_text

    share(len(entries))
    records = recorded()
    columns = [
        TableColumn("Network", right=False),
        TableColumn("Family", right=False, style="green", drop=6),
        TableColumn("Year", drop=5),
        TableColumn("Input", drop=4),
        TableColumn("Params"),
        TableColumn("MACs"),
        TableColumn("FLOPs", drop=3),
        TableColumn("Depth", drop=1),
        TableColumn("Weights", unit="bytes", drop=7),
        TableColumn("Peak inference", unit="bytes", drop=2),
        TableColumn("Saved", unit="bytes", drop=8),
        TableColumn("Field"),
        TableColumn("Confirmed by", right=False, drop=9),
        TableColumn("Source", right=False, drop=10),
    ]
    rows = []
    for e in entries:
        totals = analyze(expand(find_shipped(e.name)), count="macs").totals
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
                total_text(units.size, totals, "saved_bytes"),
                extent_text(totals.extent),
                confirmation(e.name, e.source, records),
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
