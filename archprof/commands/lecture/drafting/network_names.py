"""The networks that a text names, as people write them: VGG-16, MobileNet V1."""

from __future__ import annotations

import re
from typing import NamedTuple

from archprof.language.shipped_index import indexed, shipped_names

_WORD = re.compile(r"[A-Za-z0-9]+(?:[.+][0-9A-Za-z]+)*")
MOST_WORDS = 4  # of a name: "MobileNet V3 Large 1.0"


class NamedNetwork(NamedTuple):
    """A shipped network that a text names, and where."""

    network: str
    start: int
    end: int


def known_names() -> dict[str, str]:
    """Return the shipped networks by their names, aliases and titles, as letters and digits.

    What is called V1 is also called without: MobileNet.
    """
    found: dict[str, str] = {}
    for network in indexed() or []:
        title = re.sub(r",.*|\(.*", "", network.title)
        for called in map(_bare, (*network.names, title)):
            found.setdefault(called, network.name)
    for called, name in list(found.items()):
        if called.endswith("v1"):
            found.setdefault(called.removesuffix("v1"), name)
    return found or {_bare(name): name for name in shipped_names()}


def named_networks(text: str, known: dict[str, str]) -> list[NamedNetwork]:
    """Return the networks that a text names, in order; the longest name at a place counts."""
    words = list(_WORD.finditer(text))
    found, i = [], 0
    while i < len(words):
        taken = 1
        for count in range(min(MOST_WORDS, len(words) - i), 0, -1):
            start, end = words[i].start(), words[i + count - 1].end()
            network = known.get(_bare(text[start:end]))
            if network is not None and "\n" not in text[start:end]:
                found.append(NamedNetwork(network, start, end))
                taken = count
                break
        i += taken
    return found


def _bare(name: str) -> str:
    """Return the letters and digits of a name, small."""
    return re.sub("[^a-z0-9.+]", "", name.lower())
