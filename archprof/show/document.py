"""A page in one file: its policy, its style and its script stand in it, and nothing is fetched.

The script and the style are built from the folder `web` of the repository, and committed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from archprof.record import NOTHING, Record
from archprof.show.markup import Markup, element, joined

ASSETS = Path(__file__).parent / "assets"
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:;"
    " base-uri 'none'; form-action 'none'"
)


class HtmlPage(Record):
    """What a page shows: its heading, in short under what conditions, its parts from top to
    bottom, and by name the data that its script draws from.

    `style`: rules beside the page's own, for what only some pages have.
    """

    title: str
    conditions: Sequence[str]
    parts: Sequence[Markup]
    data: Mapping[str, Any] = NOTHING
    style: str = ""


def html(document: HtmlPage) -> str:
    """Return the page as one HTML text, which works from a file and without a network."""
    style, script = _asset("page.css") + document.style, _asset("page.js")
    policy = POLICY.format(script=_hash(script), style=_hash(style))
    head = joined(
        [
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="generator", content="archprof"),
            element("title", f"{document.title} · archprof"),
            Markup(f"<style>{style}</style>"),
        ]
    )
    body = joined(
        [
            element(
                "div", _header(document), element("main", *document.parts), _footer(), class_="wrap"
            ),
            *(_data(name, data) for name, data in document.data.items()),
            Markup(f"<script>{script}</script>"),
        ]
    )
    return f'<!doctype html>\n<html lang="en">\n{head}\n{body}\n</html>\n'


def packed(data: Any) -> str:
    """Return data as JSON, deflated, in base64, in which no character is one of HTML's."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(squeezed.compress(text.encode()) + squeezed.flush()).decode("ascii")


def section(title: str, *parts: str, name: str = "", class_: str | None = None) -> Markup:
    """Return a part of a page under its heading; `name` is what the script finds it by."""
    head = element("header", element("h2", title))
    return element("section", head, *parts, class_=class_, data_part=name or None)


def _data(name: str, data: Any) -> Markup:
    return element("script", Markup(packed(data)), type="text/plain", data_name=name)


def _header(document: HtmlPage) -> Markup:
    conditions = [element("span", condition) for condition in document.conditions]
    return element(
        "header",
        element("h1", document.title),
        element("div", *conditions, class_="conditions"),
        class_="top",
    )


def _footer() -> Markup:
    return element("footer", "Made by archprof. One file: nothing is fetched.")


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").strip()


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
