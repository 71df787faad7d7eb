"""Proposed claims as a file that `archprof lecture` reads at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archprof.commands.lecture.claims.drafts import FILL_IN
from archprof.commands.lecture.drafting.proposals import GuessedSubject, Proposal
from archprof.commands.lecture.drafting.table_rows import TableOfNetworks
from archprof.language.writing.literals import quoted
from archprof.units import number_of

LONGEST = 240  # characters of a quotation


def draft_text(name: str, found: Iterable[Proposal | TableOfNetworks]) -> str:
    """Return the text of a file of claims, drafted from the file `name`."""
    found = list(found)
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", name.partition(".")[0]).strip("-._")
    lecture = stem[:60] or "draft"
    open_ones = sum(isinstance(one, Proposal) and not _is_clear(one) for one in found)
    lines = [
        f"# Drafted from {quoted(name, False)}: {number_of(len(found), 'claim')},"
        f" {open_ones} to fill in.",
        "# Read each beside the slide, then run `archprof lecture` on this file.",
        f"lecture: {quoted(lecture)}",
        f"title: {quoted(name, False)}",
    ]
    if _channels_last(found):
        lines.append("shapes: HxWxC")
    lines.append("claims:")
    for number, one in enumerate(found, 1):
        lines.append(f"  D-{number:02}:")
        lines += [f"    {line}" for line in _claim(one)]
    return "\n".join(lines) + "\n"


def _claim(one: Proposal | TableOfNetworks) -> Iterator[str]:
    place = f"{one.place}, line {one.line}" if one.place else f"line {one.line}"
    yield f"slide: {quoted(place, False)}"
    if isinstance(one, TableOfNetworks):
        yield f"says: {quoted(_cut(one.head, ''), False)}"
        yield "table:"
        yield "  rows:"
        for row in one.rows:
            cells = "".join(f", {name}: {_figure(text)}" for name, text in row.cells.items())
            yield f"  - {{label: {quoted(row.label)}, network: {row.network}{cells}}}"
        return
    yield f"says: {quoted(_cut(one.says, one.stated), False)}"
    if _is_clear(one):
        yield f"of: {_term(one.quantity, one.subject)}"
        yield f"stated: {_figure(one.stated)}"
        return
    # a valid claim until then; what to write instead is beside it
    network = one.subject or GuessedSubject("NETWORK")
    wanted = one.quantity or "QUANTITY"
    yield f"undecidable: {quoted(f'{FILL_IN} what {one.stated} is of', False)}"
    yield f"# of: {_term(wanted, network)}"
    yield f"# stated: {_figure(one.stated)}"


def _figure(text: str) -> str:
    """Return a figure as YAML; a number needs no quotes, for it is read as it is written."""
    return text if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else quoted(text)


def _is_clear(one: Proposal) -> bool:
    return bool(one.quantity) and one.subject is not None


def _term(quantity: str, subject: GuessedSubject | None) -> str:
    """Return what a figure is of, in braces."""
    if subject is None:
        return ""
    layer = f", layers: {quoted(subject.layer)}" if subject.layer else ""
    term = f"{{network: {subject.network}{layer}, quantity: {quantity}}}"
    if not subject.other:
        return term
    return f"{{ratio: [{term}, {{network: {subject.other}, quantity: {quantity}}}]}}"


def _cut(text: str, figure: str) -> str:
    """Return a quotation, a long one cut around its figure."""
    if len(text) <= LONGEST:
        return text
    start = max(0, min(text.find(figure) - LONGEST // 2, len(text) - LONGEST))
    return ("… " if start else "") + text[start : start + LONGEST].strip() + " …"


def _channels_last(found: Iterable[Proposal | TableOfNetworks]) -> bool:
    """Return whether most shapes have their channels behind their equal sides."""
    last = first = 0
    for one in found:
        if isinstance(one, Proposal) and one.quantity in ("shape", "input"):
            sides = one.stated.split("x")
            last += sides[0] == sides[1] != sides[2]
            first += sides[1] == sides[2] != sides[0]
    return last > first
