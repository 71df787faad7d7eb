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
from archprof.commands.lecture.drafting.pages import SlidePage
from archprof.commands.lecture.drafting.quantity_words import FEWER, label_quantity, quantity_of
from archprof.commands.lecture.drafting.table_rows import TableOfNetworks, tables
from archprof.commands.lecture.texts.finder import Sentence, TextFigure, read_sentences
from archprof.graph.graph import Node
from archprof.language.expand import expand
from archprof.language.find import find_shipped
from archprof.ops.base import Shape

_LAYER = re.compile(r"\b(?:conv|fc|pool|norm)[-_]?[0-9]+(?:[-_.][0-9]+)*\b", re.IGNORECASE)
_LAYER_AT_START = re.compile(rf"[-*\s]*({_LAYER.pattern})\s*:", re.IGNORECASE)
_INPUT = re.compile(r"\binput\b", re.IGNORECASE)
LONGEST_HEADING = 8  # words
LARGE = 1000  # parameters and the like that are less are neither a network's nor a layer's


class GuessedSubject(NamedTuple):
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
    subject: GuessedSubject | None


class _Beside(NamedTuple):
    """What is beside a figure: words up to the figures before and after, and networks.

    `earlier` is what its sentence has before those words. `network` is the nearest before it in its
    sentence, or that of the heading.
    """

    earlier: str
    before: str
    after: str
    networks: Sequence[NamedNetwork]
    place: int
    network: str


def proposals(pages: Iterable[SlidePage]) -> Iterator[Proposal | TableOfNetworks]:
    """Yield what the figures of pages may state, in order, tables of networks as a whole."""
    known = known_names()
    seen: set[tuple[str, ...]] = set()  # slides that are built up repeat what they say
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
                key = (proposal.says, proposal.stated, proposal.quantity, str(proposal.subject))
                if proposal.line not in taken and key not in seen:
                    seen.add(key)
                    yield proposal
            if len(networks) == 1 and _is_heading(sentence):
                network = networks[0].network
            elif _is_title(page, sentence):
                network = ""
        yield from waiting


def _is_heading(sentence: Sentence) -> bool:
    """Return whether a sentence may be the heading of what follows: a few words, no figure."""
    return not sentence.figures and len(sentence.text.split()) <= LONGEST_HEADING


def _is_title(page: SlidePage, sentence: Sentence) -> bool:
    """Return whether a new topic begins: with a page, or with a title of Markdown."""
    before = page.text[: sentence.start].rstrip()
    return not before or before.endswith("#")


def _of_sentence(
    place: str, sentence: Sentence, networks: Sequence[NamedNetwork], network: str
) -> Iterator[Proposal]:
    """Yield what the figures of a sentence may state; `network` is the one of its heading."""
    says, carried = " ".join(sentence.text.split()), label_quantity(sentence.text)
    for figure, beside in _figures_with_words(sentence, networks, network):
        if isinstance(figure.value, PrintedFigure):
            found = _number(figure.value, beside, carried)
            stated = figure.text if parse_figure(figure.text) else ""
            carried = found[0] if found and found[0] else carried
        else:
            found = _shape(figure.value, beside)
            stated = "x".join(map(str, figure.value))
        if found is not None and stated:
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
        words = text[:left], text[left:start], text[end:right]
        yield figure, _Beside(*words, networks, start, nearest)


Found = tuple[str, GuessedSubject | None]
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
    if quantity == "out":
        subject = _layer(beside)
        return (quantity, subject) if subject else None
    if not figure.power and quantity != "depth" and (not quantity or figure.value < LARGE):
        return None
    return quantity, _subject(beside) if quantity else None


def _ratio(beside: _Beside) -> GuessedSubject | None:
    """Return the two networks that are compared: "A has 12x fewer than B" is B divided by A."""
    before = [one.network for one in beside.networks if one.start < beside.place]
    behind = [one.network for one in beside.networks if one.start > beside.place]
    first = before[-1] if before else beside.network
    if not first or not behind or first == behind[0]:
        return None
    if FEWER.search(beside.before + beside.after):
        return GuessedSubject(behind[0], other=first)
    return GuessedSubject(first, other=behind[0])


def _shape(shape: Shape, beside: _Beside) -> Found | None:
    """Return what a shape states, None for the sides of a window."""
    if len(shape) == 4:
        return "filter", _layer(beside)
    if len(shape) != 3:
        return None
    is_input = _INPUT.search(beside.before) or _INPUT.match(beside.after.lstrip("] "))
    if beside.network and is_input:
        return "input", GuessedSubject(beside.network)
    return "shape", _layer(beside)


def _subject(beside: _Beside) -> GuessedSubject | None:
    """Return what a number is of: the layer that is named beside it, or the network.

    A line that begins with a layer is about it to its end: "conv1_1: 224x224x64, 1,792 parameters".
    After another layer's figures it is not clear.
    """
    if not beside.network:
        return None
    if _LAYER.search(beside.before) or _LAYER.match(beside.after.lstrip(" of(in")):
        return _layer(beside)
    heading = _LAYER_AT_START.match(beside.earlier)
    if heading:
        return _named_layer(heading.group(1), beside.network)
    if _LAYER.search(beside.earlier):
        return None
    return GuessedSubject(beside.network)


def _layer(beside: _Beside) -> GuessedSubject | None:
    """Return the layer that is named beside a figure, None where the network has none such."""
    named = _LAYER.findall(beside.before)[-1:] or _LAYER.findall(beside.after)[:1]
    return _named_layer(named[0], beside.network) if named and beside.network else None


def _named_layer(name: str, network: str) -> GuessedSubject | None:
    """Return the layer that slides call so, None where the network has none such."""
    nodes = _nodes(network)
    paths = {node.path.lower(): node.path for node in nodes}
    if name.lower() in paths:
        return GuessedSubject(network, paths[name.lower()])
    if path_of(name, nodes) in paths.values():  # as lectures call it: conv3_1
        return GuessedSubject(network, name)
    return None


@cache
def _nodes(network: str) -> list[Node]:
    return list(expand(find_shipped(network)).nodes)
