"""A short paper of headings, paragraphs, lists and tables, in each format that it is written in.

Every text is foreign: nothing of it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.show.table import Line, Table, hanging, lines, render


class Heading(NamedTuple):
    """A heading, 1 the highest; one that begins a `page` begins a new one on paper."""

    text: str
    level: int = 2
    page: bool = False


class Items(NamedTuple):
    """A list of texts."""

    texts: Sequence[str]


Part = Heading | Items | Table | str
"""A part of a paper; a text is a paragraph."""


def text_lines(parts: Sequence[Part], width: int) -> Iterator[Line]:
    """Yield a paper line by line for a terminal."""
    for i, part in enumerate(parts):
        if i:
            yield []
        if isinstance(part, Table):
            yield from lines(part, width)
        elif isinstance(part, Items):
            for text in part.texts:
                yield from hanging("- ", text, width)
        elif isinstance(part, Heading):
            yield from hanging("", part.text, width, "bold")
        else:
            yield from hanging("", part, width)


def markdown_paper(parts: Sequence[Part]) -> str:
    """Return a paper in Markdown."""
    from archprof.show.markdown import markdown, paragraph

    written = []
    for part in parts:
        if isinstance(part, Table):
            written.append(_compact(render(part, "md")))
        elif isinstance(part, Items):
            written.append("\n".join(f"- {paragraph(text)}" for text in part.texts))
        elif isinstance(part, Heading):
            written.append(f"{'#' * part.level} {markdown(part.text)}")
        else:
            written.append(paragraph(part))
    return "\n\n".join(text.strip("\n") for text in written) + "\n"


def _compact(table: str) -> str:
    """Return a table without the spaces that align it: it is read rendered."""
    return re.sub(r"-{3,}", "---", re.sub(r" {2,}", " ", table))


def html_paper(parts: Sequence[Part]) -> str:
    """Return a paper that begins with a heading as a page in one file."""
    from archprof.show.document import HtmlPage, html
    from archprof.show.markup import Markup, element
    from archprof.show.table_markup import table_markup

    title, *rest = parts
    sections: list[list[Markup]] = [[]]
    for part in rest:
        if isinstance(part, Heading):
            sections.append([element("header", element(f"h{part.level}", part.text))])
        elif isinstance(part, Table):
            sections[-1].append(table_markup(part))
        elif isinstance(part, Items):
            sections[-1].append(element("ul", *(element("li", text) for text in part.texts)))
        else:
            sections[-1].append(element("p", part))
    return html(
        HtmlPage(
            title.text if isinstance(title, Heading) else "",
            (),
            [element("section", *part) for part in sections if part],
        )
    )


def latex_paper(parts: Sequence[Part]) -> str:
    """Return a paper as a LaTeX document: upright, its tables in lines as long as the page's.

    The letters are small, and smaller where the first page has much to hold.
    """
    from archprof.show.latex_table import SMALLEST, UPRIGHT, breakable, document, latex_table

    sizes = zip((*UPRIGHT[1:], SMALLEST), MOST_ON_A_PAGE, strict=False)
    page = next((page for page, most in sizes if _first_page(parts) <= most), SMALLEST)
    written = [_CLOSE % page.size]
    for part in parts:
        if isinstance(part, Table):
            written.append(latex_table(part, (page,)))
        elif isinstance(part, Items):
            items = "\n".join(rf"\item {breakable(item)}" for item in part.texts)
            written.append(f"{_LIST}\n{items}\n\\end{{list}}")
        elif isinstance(part, Heading):
            written.append(_latex_heading(part))
        else:
            written.append(breakable(part) + r"\par\smallskip")
    return document(written)


def _first_page(parts: Sequence[Part]) -> int:
    """Return how many characters come before the first page break."""
    total = 0
    for part in parts:
        if isinstance(part, Heading) and part.page:
            break
        if isinstance(part, Table):
            total += sum(len(cell) for row in part.rows for cell in row)
        elif isinstance(part, Items):
            total += sum(map(len, part.texts))
    return total


def _latex_heading(heading: Heading) -> str:
    from archprof.show.latex_table import breakable

    size = r"\large" if heading.level == 1 else r"\normalsize"
    page = r"\clearpage" if heading.page else r"\par\smallskip"
    text = rf"{{{size}\bfseries {breakable(heading.text)}\par}}\nopagebreak"
    return f"{page}\n{text}"


_CLOSE = r"""\%s
\setlength{\LTpre}{2pt}\setlength{\LTpost}{2pt}"""
"""Small letters, and little room around a table: a page has to do."""
_LIST = r"\begin{list}{$\bullet$}{\leftmargin1em\topsep0pt\itemsep0pt\parsep0pt}"
MOST_ON_A_PAGE = (2500, 4000)
"""Characters of a first page in small letters, and in smaller ones: many are in narrow columns."""
