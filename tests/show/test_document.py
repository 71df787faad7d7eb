"""A page in one file: its policy and its data."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib

from archprof.show.document import ASSETS, HtmlPage, html, packed, section
from archprof.show.markup import element


def policy(page: str) -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return found[1].replace("&#x27;", "'")


def inside(page: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    assert found
    return found[1]


def test_the_policy_allows_this_script_and_this_style_and_nothing_else() -> None:
    page = html(HtmlPage("A", (), [], style=".more{color:red}"))
    allowed = dict(part.strip().split(" ", 1) for part in policy(page).split(";"))
    assert allowed["default-src"] == "'none'"
    assert allowed["img-src"] == "data:"
    assert allowed["base-uri"] == allowed["form-action"] == "'none'"
    for kind, tag in (("script-src", "script"), ("style-src", "style")):
        content = inside(page, tag).encode()
        hashed = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert allowed[kind] == f"'sha256-{hashed}'"
    assert inside(page, "style").endswith(".more{color:red}")


def test_nothing_is_fetched() -> None:
    page = html(HtmlPage("A", (), []))
    for word in ("http://", "https://", "//cdn", "@import", "url(h", "src="):
        left = page.replace("http://www.w3.org/2000/svg", "")  # the name of SVG, no address
        assert word not in left


def test_the_script_makes_no_markup_of_texts() -> None:
    script = (ASSETS / "page.js").read_text(encoding="utf-8")
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert word not in script


def test_data_is_packed_and_has_no_character_of_html() -> None:
    data = {"name": "</script>", "many": list(range(1000))}
    text = packed(data)
    assert re.fullmatch(r"[A-Za-z0-9+/=]*", text)
    assert json.loads(zlib.decompress(base64.b64decode(text), -15)) == data
    page = html(HtmlPage("A", (), [], {"networks": data}))
    assert f'<script type="text/plain" data-name="networks">{text}</script>' in page


def test_a_title_is_no_markup() -> None:
    page = html(HtmlPage("<b>", ("<i>",), [section("<u>", element("p", "<s>"))]))
    assert "<title>&lt;b&gt; · archprof</title>" in page
    assert "<h1>&lt;b&gt;</h1>" in page
    assert "<span>&lt;i&gt;</span>" in page
    assert "<h2>&lt;u&gt;</h2></header><p>&lt;s&gt;</p>" in page


def test_the_same_page_twice() -> None:
    document = HtmlPage("A", (), [], {"networks": {"a": 1}})
    assert html(document) == html(document)
