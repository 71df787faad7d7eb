"""A review as the comment of a pull request: a table of networks, and their layers folded away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from archprof import units
from archprof.commands.diff.change_rows import ChangeRow, rows
from archprof.commands.diff.difference_tables import COLUMNS, cells, sums
from archprof.commands.diff.met_conditions import MetCondition
from archprof.commands.diff.review import Compared, Review
from archprof.commands.diff.totals_text import (
    MOST_NAMES,
    amount,
    counted,
    counted_layers,
    heading,
    overview,
    overview_change,
    totals,
)
from archprof.problem import Problem
from archprof.show.markdown import markdown
from archprof.units import printable

MARKER = "<!-- archprof diff -->"  # by which a later run finds its comment again
MOST_CHARACTERS = 60_000  # GitHub takes 65,536 in a comment
MOST_NETWORKS = 100  # rows of the table
MOST_FAULTS = 40  # problems of a kind


def comment(review: Review, met: Sequence[MetCondition] = (), full: bool = False) -> str:
    """Return the Markdown.

    Names are in code spans, where Markdown has no markup; details that would make it too long are
    left out, and the text says so.
    """
    failures = _problems("fails", [one.problem for one in met])
    errors = _problems("error", [*review.new_faults, *review.old_faults])
    head = [MARKER, f"### {_headline(review)}", "", *failures, *errors]
    differing = [one for one in review.networks if one.state != "same"]
    text = _fitting([*head, *_networks(review, differing), *_files(review), ""])
    detailed = [one for one in differing if one.found and one.found.changes]
    for i, one in enumerate(detailed):
        detail = _detail(one, full)
        if len(text) + len(detail) > MOST_CHARACTERS:
            rest = len(detailed) - i
            networks = f"{rest} more network{'' if rest == 1 else 's'}"
            return (
                f"{text}\nThe layers of {networks} are left out: this comment would be too long.\n"
            )
        text += detail
    return text


def _problems(word: str, problems: Sequence[Problem]) -> list[str]:
    """Return a list of problems, and an empty line behind it."""
    if not problems:
        return []
    found = [f"- **{word}** {code(p.message)} at {code(p.mark)}" for p in problems[:MOST_FAULTS]]
    if len(problems) > MOST_FAULTS:
        found.append(f"- and {len(problems) - MOST_FAULTS} more")
    return [*found, ""]


def _networks(review: Review, differing: Sequence[Compared]) -> list[str]:
    """Return the table of the networks that differ, and the names of the others."""
    found = []
    if differing:
        shown = overview(review)
        headings = ["Network", "", *map(heading, shown)]
        rows_of = [_overview(one, shown) for one in differing[:MOST_NETWORKS]]
        found += _table(headings, "llr", rows_of)
    if len(differing) > MOST_NETWORKS:
        found += [f"And {len(differing) - MOST_NETWORKS} more networks.", ""]
    same = [one.name for one in review.networks if one.state == "same"]
    if same:
        found += [f"Touched, with the same numbers: {_listed(same)}.", ""]
    return found


def _files(review: Review) -> list[str]:
    """Return which files touch which networks."""
    files = list(dict.fromkeys(file for one in review.networks for file in one.files))
    found = []
    for file in files[:MOST_NAMES]:
        names = [one.name for one in review.networks if file in one.files]
        found.append(f"- {code(file)} touches {_listed(names)}")
    if len(files) > MOST_NAMES:
        found.append(f"- and {len(files) - MOST_NAMES} more files")
    return found


def _fitting(lines: Sequence[str]) -> str:
    """Return the lines that a comment has room for: all, except where names are very long."""
    whole = "\n".join(lines)
    if len(whole) <= MOST_CHARACTERS:
        return whole
    return whole[: whole.rindex("\n", 0, MOST_CHARACTERS)] + "\n\n…\n"


def _headline(review: Review) -> str:
    return f"archprof: {counted(review)}, from {code(review.old)} to {code(review.new)}"


def _overview(one: Compared, shown: Sequence[str]) -> list[str]:
    """Return the row of a network, with these quantities."""
    return [code(one.name), one.state, *(_overview_cell(one, quantity) for quantity in shown)]


def _overview_cell(one: Compared, quantity: str) -> str:
    old, new = totals(one, quantity)
    if one.old is None and one.new is None:
        return ""
    if old == new or one.old is None or one.new is None:
        return markdown(amount(quantity, new if one.new else old))
    change = overview_change(quantity, old, new)
    text = f"{amount(quantity, old)} → {amount(quantity, new)}"
    return markdown(text if change == "-" else f"{text} ({change})")


def _detail(one: Compared, full: bool) -> str:
    """Return the layers of a network, folded away."""
    if one.found is None:
        raise ValueError(f"{one.name} has not been compared")
    title = (
        f"<summary><code>{escape(one.name)}</code>: {escape(counted_layers(one.found))}</summary>"
    )
    total = [f"**{cell}**" if cell else "" for cell in map(markdown, sums(one.found))]
    table = _table(
        [column.title for column in COLUMNS], "lllrrrrl", [*map(_row, rows(one.found, full)), total]
    )
    parameters = [
        f"- parameter {code(name)}: {code(old)} → {code(new)}"
        for name, old, new in one.found.parameters
    ]
    if parameters:
        parameters.append("")
    return "\n".join(["", "<details>", title, "", *parameters, *table, "</details>", ""])


def _row(row: ChangeRow) -> list[str]:
    state, where, what, *numbers, field, place = cells(row, whole=True)
    return [state, code(where), code(what), *map(markdown, numbers), markdown(field), code(place)]


def _table(titles: Sequence[str], sides: str, body: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; the last of `sides` is also that of the columns to the right."""
    rules = [":--" if side == "l" else "--:" for side in sides.ljust(len(titles), sides[-1])]
    return [f"| {' | '.join(line)} |" for line in (titles, rules, *body)] + [""]


def _listed(names: Sequence[str]) -> str:
    return units.some([code(name) for name in names], MOST_NAMES)


def code(value: object) -> str:
    """Return a foreign text as a code span, in which nothing is markup, a link or a mention.

    Characters that would end the span or the cell become similar ones.
    """
    text = printable(str(value)).replace("`", "'").replace("|", "¦").strip()
    return f"`{text[:200]}`" if text else ""
