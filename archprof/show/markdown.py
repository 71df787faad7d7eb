"""Foreign text in Markdown: it reads the same, and nothing of it is markup, a link, a mention or
a reference.
"""

from __future__ import annotations

import re

from archprof.units import printable

_ESCAPES = {"&": "&amp;", "<": "&lt;", **{c: f"\\{c}" for c in "\\`*_[]>|#$~"}}

_LIVE = re.compile(
    r"@"  # a mention, an address
    # what GitHub Flavored Markdown links without brackets: its section 6.9
    r"|://|www\.|mailto:|xmpp:"
    # an issue; GitLab's merge requests, milestones, epics, labels
    r"|[#!%&]\d|\bGH-\d|(?<!~)~[A-Za-z_]"
    r"|:[\w+-]+:"  # an emoji by name
    r"|(?<![0-9A-Za-z])(?!\d+(?![0-9A-Za-z]))[0-9a-f]{7,40}(?![0-9A-Za-z])",  # a commit
    re.IGNORECASE,
)
_WORDS = re.compile(r"([^\s`|]+)")
_BLOCK = re.compile(r"[-+=]|\d{1,9}[.)]")


def markdown(text: str) -> str:
    """Return a text that Markdown prints as it is, for the middle of a line or a cell.

    GitHub and GitLab look for mentions, links and references in what has been rendered, where an
    escaped character is as live as any, but not in code: a word that they could take for one
    becomes a code span.
    """
    parts = _WORDS.split(printable(text))
    return "".join(f"`{part}`" if _LIVE.search(part) else _escaped(part) for part in parts)


def paragraph(text: str) -> str:
    """Return the same for the beginning of a line, where a dash, a plus or a number would start
    a list, and a line of = a heading.
    """
    text = printable(text).strip()
    marker = _BLOCK.match(text)
    if marker is None:
        return markdown(text)
    sign = marker.end() - 1
    return f"{text[:sign]}\\{text[sign]}{markdown(text[sign + 1 :])}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in text)
