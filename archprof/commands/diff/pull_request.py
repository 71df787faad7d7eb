"""A review as the comment of a pull request: a table of networks, what they fail, and the layers
folded away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from archprof import units
from archprof.commands.diff.review import Compared, Review, Verdict
from archprof.commands.diff.rows import Row, rows
from archprof.commands.diff.tables import (
    COLUMNS,
    NAMES,
    OVERVIEW,
    amount,
    cells,
    change,
    counted,
    counted_layers,
    sums,
    totals,
)
from archprof.show.markdown import markdown
from archprof.units import printable

MARKER = "<!-- archprof diff -->"  # by which a later run finds its comment again
MOST_CHARACTERS = 60_000  # GitHub takes 65,536 in a comment
# rows of the table, names in a line, complaints of a kind
MOST_NETWORKS, MOST_NAMES, MOST_FAULTS = 100, 40, 40


def comment(review: Review, verdicts: Sequence[Verdict] = (), full: bool = False) -> str:
    """The Markdown.

    Names stand in code spans, where Markdown has no markup; details that would make it too long are
    left out, and it says so.
    """
    head = [MARKER, f"### {_headline(review)}", ""]
    for word, problems in (
        ("fails", [v.problem for v in verdicts]),
        ("error", [*review.new_faults, *review.old_faults]),
    ):
        head += [
            f"- **{word}** {code(p.message)} at {code(p.mark)}" for p in problems[:MOST_FAULTS]
        ]
        head += [f"- and {len(problems) - MOST_FAULTS} more"] * (len(problems) > MOST_FAULTS)
        head += [""] * bool(problems)
    told = [one for one in review.networks if one.state != "same"]
    if told:
        head += _table(
            ["Network", "", *(NAMES.get(q, q.capitalize()) for q in OVERVIEW)],
            "llr",
            [_overview(one) for one in told[:MOST_NETWORKS]],
        )
    if len(told) > MOST_NETWORKS:
        head += [f"And {len(told) - MOST_NETWORKS} more networks.", ""]
    same = [one.name for one in review.networks if one.state == "same"]
    if same:
        head += [f"Touched, with the same numbers: {_listed(same)}.", ""]
    files = list(dict.fromkeys(file for one in review.networks for file in one.files))
    head += [
        f"- {code(file)} touches"
        f" {_listed([one.name for one in review.networks if file in one.files])}"
        for file in files[:MOST_NAMES]
    ]
    head += [f"- and {len(files) - MOST_NAMES} more files"] * (len(files) > MOST_NAMES)
    text = _fitting([*head, ""])
    detailed = [one for one in told if one.found and one.found.changes]
    for i, one in enumerate(detailed):
        detail = _detail(one, full)
        if len(text) + len(detail) > MOST_CHARACTERS:
            return (
                f"{text}\nThe layers of {len(detailed) - i} more"
                f" network{'s' * (len(detailed) > i + 1)} are left out: this comment would be too"
                " long.\n"
            )
        text += detail
    return text


def _fitting(lines: Sequence[str]) -> str:
    """The lines that a comment has room for, which are all but where names are very long."""
    whole = "\n".join(lines)
    return (
        whole
        if len(whole) <= MOST_CHARACTERS
        else whole[: whole.rindex("\n", 0, MOST_CHARACTERS)] + "\n\n…\n"
    )


def _headline(review: Review) -> str:
    return f"archprof: {counted(review)}, from {code(review.old)} to {code(review.new)}"


def _overview(one: Compared) -> list[str]:
    row = [code(one.name), one.state]
    for quantity in OVERVIEW:
        old, new = totals(one, quantity)
        if old == new or one.old is None or one.new is None:
            side = one.new or one.old
            row.append(markdown(amount(quantity, new if one.new else old)) if side else "")
            continue
        by = (
            change(quantity, old, new)
            if quantity in ("field", "depth")
            else units.relative(old, new)
        )
        row.append(
            markdown(
                f"{amount(quantity, old)} → {amount(quantity, new)}"
                + (f" ({by})" if by != "-" else "")
            )
        )
    return row


def _detail(one: Compared, full: bool) -> str:
    """The layers of a network, folded until they are asked for."""
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
    return "\n".join(
        [
            "",
            "<details>",
            title,
            "",
            *parameters,
            *([""] if parameters else []),
            *table,
            "</details>",
            "",
        ]
    )


def _row(row: Row) -> list[str]:
    state, where, what, *numbers, field, place = cells(row, whole=True)
    return [
        state,
        code(where),
        code(what),
        *map(markdown, numbers),
        markdown(field),
        code(place) if place else "",
    ]


def _table(titles: Sequence[str], sides: str, body: Iterable[Sequence[str]]) -> list[str]:
    """A table; the last of `sides` holds for the columns to the right too."""
    rules = [":--" if side == "l" else "--:" for side in sides.ljust(len(titles), sides[-1])]
    return [f"| {' | '.join(line)} |" for line in (titles, rules, *body)] + [""]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(map(code, names[:MOST_NAMES])) + (f" and {rest} more" if rest > 0 else "")


def code(value: object) -> str:
    """A foreign text as a code span, in which nothing is markup, a link or a mention; what would
    end the span or the cell becomes its look-alike.
    """
    text = printable(str(value)).replace("`", "'").replace("|", "¦").strip()
    return f"`{text[:200]}`" if text else ""
