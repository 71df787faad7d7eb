"""A page of Markdown as GitHub shows it: what is seen, and whether anything in it is a link, a
mention or a reference.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

# what GitHub looks for in the text of a rendered page, which is not in code: its mentions and
# references, and GFM 6.9
MENTION = re.compile(r"(?:^|[^\w`])@[a-z0-9]", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w|(?:mailto|xmpp):", re.IGNORECASE)
LINK = re.compile(r"(?:^|[\s*_~(])www\.\S|\b(?:https?|ftp)://\S", re.IGNORECASE)
REFERENCE = re.compile(r"(?:^|[^\w&])(?:[\w.-]+/[\w.-]+)?#\d|\bGH-\d", re.IGNORECASE)
COMMIT = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{7,40}\b")
EMOJI = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)

LIVE = (MENTION, ADDRESS, LINK, REFERENCE, COMMIT, EMOJI)


def rendered(text: str) -> tuple[list[Token], str]:
    """Every token of a page, and what a reader sees of it."""
    found: list[Token] = []
    for token in (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    ):
        found += [token, *(token.children or ())]
    return found, "".join(
        token.content for token in found if token.type in ("text", "code_inline", "text_special")
    )


def nothing_live(text: str) -> list[Token]:
    """Every token of a page in whose text, code left out, nothing comes alive."""
    found, _ = rendered(text)
    for token in found:
        assert token.type not in ("link_open", "image"), token
        if token.type == "inline":
            lively = "".join(
                "\0" if child.type == "code_inline" else child.content
                for child in token.children or ()
            )
            for pattern in LIVE:
                assert not pattern.search(lively), (pattern.pattern, lively)
    return found
