"""Claims proposed from the sentences of slides: whose figure it is, as far as that is clear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from archprof.allowance import check
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.deciding.layer_names import path_of
from archprof.commands.lecture.drafting.network_names import (
    NamedNetwork,
    known_names,
    named_networks,
)
from archprof.commands.lecture.drafting.pages import Page
from archprof.commands.lecture.drafting.quantity_words import FEWER, quantity_of
from archprof.commands.lecture.drafting.table_rows import TableOfNetworks, tables
from archprof.commands.lecture.texts.finder import Sentence, TextFigure, read_sentences
from archprof.graph.graph import Node
from archprof.language.expand import expand
from archprof.language.find import find_shipped
from archprof.ops.base import Shape

_LAYER = re.compile(r"\b(?:conv|fc|pool|linear)[-_]?[0-9]+(?:[-_.][0-9]+)*\b", re.IGNORECASE)
_INPUT = re.compile(r"\binput\b", re.IGNORECASE)
LONGEST_HEADING = 8  # words
LARGE = 1000  # a plain number from here on is proposed although nothing says what it counts


class Subject(NamedTuple):
    """What a figure is of: a network, one of its layers, or a network divided by another."""

    network: str
    layer: str = ""
    other: str = ""


class Proposal(NamedTuple):
    """A figure and what it states, with its place.

    `quantity` is "" and `subject` None where they are not clear. `line` counts from 1 on the page.
    """

    place: str
    line: int
    says: str
    stated: str
    quantity: str
    subject: Subject | None


class _Beside(NamedTuple):
    """What is beside a figure: words up to the figures before and after, and networks.

    `network` is the nearest before it in its sentence, or that of the heading.
    """

    before: str
    after: str
    networks: Sequence[NamedNetwork]
    place: int
    network: str


def proposals(pages: Iterable[Page]) -> Iterator[Proposal | TableOfNetworks]:
    """Yield what the figures of pages may state, in order, tables of networks as a whole."""
    known = known_names()
    for page in pages:
        found = tables(page, known)
        taken = {line for table in found for line in table.lines}
        waiting = list(found)
        network = ""
        for sentence in read_sentences(page.text):
            check()
            while waiting and waiting[0].line <= sentence.line:
                yield waiting.pop(0)
            networks = named_networks(sentence.text, known)
            for proposal in _of_sentence(page.place, sentence, networks, network):
                if proposal.line not in taken:
                    yield proposal
            if _is_heading(sentence):
                network = networks[0].network if len(networks) == 1 else ""
        yield from waiting


def _is_heading(sentence: Sentence) -> bool:
    """Return whether a sentence is the title of what follows: a few words without a figure."""
    return not sentence.figures and len(sentence.text.split()) <= LONGEST_HEADING


def _of_sentence(
    place: str, sentence: Sentence, networks: Sequence[NamedNetwork], network: str
) -> Iterator[Proposal]:
    """Yield what the figures of a sentence may state; `network` is the one of its heading."""
    says, carried = " ".join(sentence.text.split()), ""
    for figure, beside in _figures_with_words(sentence, networks, network):
        if isinstance(figure.value, PrintedFigure):
            found = _number(figure.value, beside, carried)
            stated = figure.text if parse_figure(figure.text) else ""
        else:
            found = _shape(figure.value, beside)
            stated = "x".join(map(str, figure.value))
        if found is not None and stated:
            carried = found[0] or carried
            yield Proposal(place, figure.line, says, stated, *found)


def _figures_with_words(
    sentence: Sentence, networks: Sequence[NamedNetwork], network: str
) -> Iterator[tuple[TextFigure, _Beside]]:
    text, figures = sentence.text, sentence.figures
    for i, figure in enumerate(figures):
        start, end = figure.start - sentence.start, figure.end - sentence.start
        left = figures[i - 1].end - sentence.start if i else 0
        right = figures[i + 1].start - sentence.start if i + 1 < len(figures) else len(text)
        named = [one.network for one in networks if one.start < start]
        nearest = named[-1] if named else network
        yield figure, _Beside(text[left:start], text[end:right], networks, start, nearest)


Found = tuple[str, Subject | None]
"""A quantity, "" where it is not clear, and its subject, None where that is not."""


def _number(figure: PrintedFigure, beside: _Beside, carried: str) -> Found | None:
    """Return what a number states, None where it is none of a network's."""
    if figure.unit == "%":
        return None
    quantity = quantity_of(figure, beside.before, beside.after) or carried
    if figure.unit == "x":
        return (quantity, _ratio(beside)) if quantity else None
    if quantity == "depth" and beside.before.rstrip().lower().endswith(("fc", "conv")):
        return None
    if not quantity and not figure.power and figure.value < LARGE:
        return None
    if figure.value < LARGE and quantity not in ("depth", "") and not figure.power:
        return None  # "3 parameters": of what, no analysis knows
    return quantity, _subject(beside) if quantity else None


def _ratio(beside: _Beside) -> Subject | None:
    """Return the two networks that are compared: "A has 12x fewer than B" is B divided by A."""
    before = [one.network for one in beside.networks if one.start < beside.place]
    behind = [one.network for one in beside.networks if one.start > beside.place]
    first = before[-1] if before else beside.network
    if not first or not behind or first == behind[0]:
        return None
    if FEWER.search(beside.before + beside.after):
        return Subject(behind[0], other=first)
    return Subject(first, other=behind[0])


def _shape(shape: Shape, beside: _Beside) -> Found | None:
    """Return what a shape states, None for the sides of a window."""
    if len(shape) == 4:
        return "filter", _layer(beside)
    if len(shape) != 3:
        return None
    if (subject := _layer(beside)) is not None:
        return "shape", subject
    if beside.network and _INPUT.search(beside.before[-30:] + beside.after[:30]):
        return "input", Subject(beside.network)
    return "shape", None


def _subject(beside: _Beside) -> Subject | None:
    """Return what a number is of: the layer that is named beside it, or the network."""
    if not beside.network:
        return None
    if _LAYER.search(beside.before) or _LAYER.match(beside.after.lstrip(" of(in")):
        return _layer(beside)
    return Subject(beside.network)


def _layer(beside: _Beside) -> Subject | None:
    """Return the layer that is named beside a figure, None where the network has none such."""
    named = _LAYER.findall(beside.before)[-1:] or _LAYER.findall(beside.after)[:1]
    if not named or not beside.network:
        return None
    nodes = _nodes(beside.network)
    paths = {node.path.lower(): node.path for node in nodes}
    path = paths.get(named[0].lower()) or path_of(named[0], nodes)
    known = any(node.path == path for node in nodes)
    return (
        Subject(beside.network, path if named[0].lower() in paths else named[0]) if known else None
    )


@cache
def _nodes(network: str) -> list[Node]:
    return list(expand(find_shipped(network)).nodes)
