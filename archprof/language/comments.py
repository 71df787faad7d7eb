"""Comments in a spec that speak to a tool: found where YAML sees a comment, not inside a text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import yaml

from archprof.language.text import lines
from archprof.language.yaml_parser import events

Place = tuple[int, int]  # line and column, both from 0


def comments(text: str, word: str) -> Iterator[tuple[int, int, str]]:
    """Yield the comments that begin with `word`: line and column from 1, and the text behind it."""
    beginning = re.compile(rf"(?:^|(?<=[ \t]))#[ \t]*(?={re.escape(word)})")
    found = []
    for number, line in enumerate(lines(text)):
        if word in line:
            found += [(number, match, line) for match in beginning.finditer(line)]
    if not found:  # the usual case, which is to cost nothing
        return
    spans = list(_texts(text))
    done = -1
    for number, match, line in found:
        place = number, match.start()
        before = bisect_right(spans, place, key=lambda span: span[0]) - 1
        if number != done and not (before >= 0 and place < spans[before][1]):
            done = number
            yield number + 1, match.start() + 1, line[match.end() :].rstrip()


def _texts(text: str) -> Iterator[tuple[Place, Place]]:
    """Yield where scalars begin and end, in order, up to the place where the YAML is broken."""
    try:
        for event in events(text):
            if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
                yield (
                    (event.start_mark.line, event.start_mark.column),
                    (event.end_mark.line, event.end_mark.column),
                )
    except (yaml.YAMLError, UnicodeEncodeError):
        return
