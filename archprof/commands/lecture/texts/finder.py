"""The sentences of a text, the figures in each, and whether an analysis could check it."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from typing import NamedTuple

from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.texts.left_out import left_out
from archprof.commands.lecture.texts.line_numbers import LineNumbers
from archprof.ops.base import Shape

_TIMES = r"(?:[x×]|\\times)"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,20})"
_FIGURE = re.compile(
    # not inside a name (conv1, VGG-16, v3.2) nor a formula's exponent
    r"(?<![A-Za-z0-9_^])(?<!\d[.])"
    rf"(?:(?P<mantissa>{_NUMBER}(?:\.\d{{1,20}})?) ?(?:{_TIMES}|[*·]|\\cdot) ?10\^"
    r"(?:\{(?P<braced>[-−]?\d{1,2})\}|(?P<power>[-−]?\d{1,2}))"
    # with a space on the left alone it is a count of its own: "layers 121 ×6 ×12"
    rf"|(?P<shape>\d{{1,7}}(?:(?: {_TIMES} |{_TIMES} ?)\d{{1,7}}){{1,4}})(?!\d|\^|\.\d)"
    r"|(?P<listed>[\[(](?:-1, ?)?\d{1,7}(?:, ?\d{1,7}){1,4},?[\])])"
    rf"|(?P<about>(?:~|≈|\\approx|\babout ) ?)?(?P<sign>(?<![\w)\]}}])[-−])?"
    rf"(?P<digits>{_NUMBER}(?:\.\d{{1,20}})?(?:[eE][+−-]?\d{{1,2}}(?!\w))?)"
    r" ?(?P<unit>[A-Za-z]{1,20}|\\?%)?)"
)
_UNITS = {"percent": "%", "\\%": "%", "times": "x"}
"""Units that texts write in other ways than files of claims."""

_BLOCK_BEGINS = re.compile(r"[ \t]*(?:[-*•◆#>|]|---|\d{1,2}[.)] |\$\$|```|$)")
_MARKERS = re.compile(r"(?:[\s*#>•◆|]|-(?!\d))*")
_ENDS = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bvs)(?<!\bFig)[.!?][\"”)*]{0,3}\s+(?=[\"“(\[*]{0,3}[A-Z$])"
    r"|\s(?:---|\*|#{1,6})\s+(?=[A-Z\[$*#])"  # slides printed in one line
)
_NARROW = 45
"""No text is wrapped at fewer characters, columns of papers neither: a shorter line ends where its
author ended it, if the next one begins as a sentence does."""
_BEGINS = re.compile(r"[\"“(\[*]{0,3}[A-Z]")
_COMPARES = re.compile(
    r"\b(?:more|less|fewer|most|least|than|same|equal|equals|identical|equivalent|every|each|all"
    r"|both|only|no|none|without|instead|twice|doubl\w+|half|hal(?:f|ves)|quadrupl\w+"
    r"|tripl\w+|larger|smaller|higher|lower|wider|deeper|shallower|expensive|costly|cheap\w*"
    r"|efficien\w+|faster|slower|increas\w+|reduc\w+|decreas\w+|eliminat\w+|grows?|shrinks?|keeps?"
    r"|before|after|followed|one|two|three|four)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:param\w*|weights?|bias(?:es)?|layers?|filters?|channels?|kernels?|strides?|pad\w*"
    r"|conv|convolutions?|pool\w*|memory|flops?|macs?|comput(?:e[ds]?|ing|ation\w*)|operations?|activations?|norms?"
    r"|normaliz\w+|batchnorm|fields?|maps?|width|depth|resolution|sizes?|neurons?|nodes?"
    r"|connect\w*|gradients?|dropout|blocks?|identity|dimension\w*|softmax|relus?|gelus?)\b",
    re.IGNORECASE,
)
_CAPTION_OR_QUESTION = re.compile(r"^(?:Fig(?:ure)?\b|The figure)|\?\W*$")


class TextFigure(NamedTuple):
    """A figure of a text, as printed, with its value and its place.

    `start` and `end` count characters from the beginning of the text, `line` counts from 1.
    """

    text: str
    value: PrintedFigure | Shape
    start: int
    end: int
    line: int


class Sentence(NamedTuple):
    """A sentence, a list's item or a table's row, with its figures and its place.

    `checkable` says that it compares or counts what an analysis knows: "fewer parameters".
    """

    text: str
    start: int
    end: int
    line: int
    figures: tuple[TextFigure, ...]
    checkable: bool


def read_sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text in order; those of a bibliography are left out."""
    figures = find_figures(text)
    starts = [figure.start for figure in figures]
    lines = LineNumbers(text)
    bibliography = left_out(text)[-1][0]
    found = []
    for start, end in _spans(text[:bibliography]):
        inside = figures[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)]
        words = text[start:end]
        heading = "#" in text[max(0, start - 4) : start]
        line = lines.of(start)
        found.append(
            Sentence(words, start, end, line, tuple(inside), not heading and _checkable(words))
        )
    return found


def _checkable(words: str) -> bool:
    """Return whether a sentence compares or counts what an analysis knows."""
    if _CAPTION_OR_QUESTION.search(words):
        return False
    return bool(_COMPARES.search(words) and _COUNTED.search(words))


def find_figures(text: str) -> list[TextFigure]:
    """Return the figures of a text in order; what `left_out` names is not among them."""
    places = left_out(text)
    starts = [start for start, _ in places]
    lines = LineNumbers(text)
    found = []
    for match in _FIGURE.finditer(text):
        start = match.start()
        value, end = _value(match)
        place = bisect_right(starts, start) - 1
        if value is None or (place >= 0 and start < places[place][1]):
            continue
        found.append(TextFigure(text[start:end], value, start, end, lines.of(start)))
    return found


def _value(match: re.Match[str]) -> tuple[PrintedFigure | Shape | None, int]:
    """Return a figure's value, and where it ends in the text."""
    if match["shape"] or match["listed"]:
        numbers = re.findall(r"(?<!-)\d+", match[0])
        return tuple(map(int, numbers)), match.end()
    if match["mantissa"]:
        power = (match["braced"] or match["power"]).replace("−", "-")
        return _parsed(f"{match['mantissa']}e{power}", match[0]), match.end()
    number = f"{match['sign'] or ''}{match['digits']}".replace("−", "-")
    if match["about"]:
        number = f"~{number}"
    if match["unit"]:
        figure = _parsed(f"{number} {_UNITS.get(match['unit'], match['unit'])}", match[0])
        if figure is not None:
            return figure, match.end()
    end = match.end("digits")
    return _parsed(number, match[0][: end - match.start()]), end


def _parsed(text: str, printed: str) -> PrintedFigure | None:
    figure = parse_figure(text)
    return None if figure is None else figure._replace(text=printed)


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where each sentence starts and ends, without the marks and the space around it."""
    cuts = {0, len(text)}
    place, before = 0, ""
    for line in text.splitlines(keepends=True):
        heading = before.lstrip().startswith("#")
        ended = len(before) < _NARROW and _BEGINS.match(line)
        if _BLOCK_BEGINS.match(line.rstrip("\r\n")) or heading or ended or "\t" in before + line:
            cuts.add(place)
        place, before = place + len(line), line
    cuts |= {match.end() for match in _ENDS.finditer(text)}
    ordered = sorted(cuts)
    spans = []
    for start, end in itertools.pairwise(ordered):
        words = _MARKERS.sub("", text[start:end], count=1)
        begin = end - len(words)
        words = words.rstrip(" \t\r\n*#>-")
        if words:
            spans.append((begin, begin + len(words)))
    return spans
