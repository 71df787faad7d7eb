"""HTML in which no text is markup."""

from __future__ import annotations

from archprof.show.markup import Markup, element, joined, text


def test_texts_and_attributes_are_escaped() -> None:
    written = element("p", "a < b & c", title='"x" > y')
    assert written == '<p title="&quot;x&quot; &gt; y">a &lt; b &amp; c</p>'


def test_what_is_markup_already_stands_as_it_is() -> None:
    assert element("p", element("b", "x"), " & y") == "<p><b>x</b> &amp; y</p>"
    assert joined([Markup("<i></i>"), "<i></i>"]) == "<i></i>&lt;i&gt;&lt;/i&gt;"


def test_invisible_characters_are_written_out() -> None:
    assert text("a\u202eb\x00") == "a\\u202eb\\x00"


def test_names_of_attributes() -> None:
    written = element("td", class_="r", aria_label="n", data_i=0, hidden=True, id=None, open=False)
    assert written == '<td class="r" aria-label="n" data-i="0" hidden></td>'


def test_an_empty_element_has_no_end() -> None:
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
