"""What YAML itself cannot read, in words for the author of a spec rather than libyaml's."""

from __future__ import annotations

import yaml

# libyaml's words, ours, the way out
_KNOWN = (
    ("found a tab character", "a tab in the indentation", "indent with spaces"),
    (
        "mapping keys are not allowed",
        "a `? ` where no key can stand",
        "a text that begins with `? ` needs quotes",
    ),
    (
        "mapping values are not allowed",
        "a `: ` where no key can stand",
        "check the indentation; a text with `: ` in it needs quotes",
    ),
    (
        "block sequence entries are not allowed",
        "a `- ` where no list can stand",
        "begin the list in a line of its own, or write it as [a, b]",
    ),
    (
        "could not find expected ':'",
        "a key without its `:`, in the line above or here",
        "every entry of a mapping is `key: value`",
    ),
    (
        "did not find expected key",
        "expected the next key of the mapping that begins in {}",
        "entries of one mapping begin in the same column",
    ),
    (
        "did not find expected '-' indicator",
        "expected the next `- ` of the list that begins in {}",
        "entries of one list begin in the same column",
    ),
    (
        "expected <document start>",
        "text after the end of the document",
        "one spec per file; remove the `...`",
    ),
    ("incompatible YAML document", "a `%YAML` line of another version", "remove it"),
    (
        "undefined tag handle",
        "a tag with a handle of its own",
        "a spec is plain data: remove the tag",
    ),
    ("directive", "`%` begins a directive", "a text that begins with `%` needs quotes"),
    (
        "while scanning a quoted scalar",
        "this text in quotes is not closed",
        "a quote is missing, or one inside the text needs doubling",
    ),
    (
        "while scanning an alias",
        "`*` begins an alias, and no name follows",
        "a text that begins with `*` needs quotes",
    ),
    (
        "unknown escape character",
        "an escape that YAML does not have",
        "in single quotes a backslash stands for itself",
    ),
    (
        "while parsing a quoted scalar",
        "an escape that YAML does not have",
        "in single quotes a backslash stands for itself",
    ),
    (
        "while scanning a block scalar",
        "`|` and `>` begin a block of text in the lines below",
        "a text that begins with them needs quotes",
    ),
    (" a tag", "`!` begins a tag", "a text that begins with `!` needs quotes"),
    (
        "while scanning an anchor",
        "`&` begins an anchor, and no name follows",
        "a text that begins with `&` needs quotes",
    ),
    (
        "while parsing a block node",
        "expected a value here",
        "a text that begins with `,`, `]` or `}` needs quotes",
    ),
)
_UNKNOWN = (
    "this cannot be read as YAML",
    "check the indentation, the quotes and the brackets here and in the lines above",
)


def explain(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[yaml.Mark | None, str, str]:
    """Return the place of the error, what is wrong there, and the way out."""
    words = ", ".join(part for part in (error.context, error.problem) if part)
    at, began = error.problem_mark or error.context_mark, error.context_mark
    line = lines[at.line] if at and at.line < len(lines) else ""
    if "cannot start any token" in words and at:
        character = line[at.column : at.column + 1]
        if character == "\t":
            return at, "a tab in the indentation", "indent with spaces"
        return at, f"no text can begin with `{character}`", "put it in quotes"
    place = f"line {began.line + 1}, column {began.column + 1}" if began else "a line above"
    if "while parsing a flow" in words:
        bracket = (
            lines[began.line][began.column : began.column + 1]
            if began and began.line < len(lines)
            else ""
        )
        ends = at is None or not any(
            row[at.column if i == 0 else 0 :].strip() for i, row in enumerate(lines[at.line :])
        )
        if ends and bracket in ("{", "["):
            return (
                began,
                f"this `{bracket}` is not closed",
                "close it where its list or mapping ends",
            )
        if ends:
            return at, "the text ends inside a list or mapping", "a bracket is not closed"
        inside = f" inside the `{bracket}` of {place}" if bracket in ("{", "[") else ""
        bare = _bare_expression(line, at.column if at else 0)
        hint = (
            f"an expression with brackets or commas needs quotes inside {{ }}: '{bare}'"
            if bare
            else ("a bracket is not closed, or a `,` is missing before this place")
        )
        return at, f"this cannot stand here{inside}", hint
    for known, message, hint in _KNOWN:
        if known in words:
            return (
                began if known == "while scanning a quoted scalar" else at,
                message.format(place),
                hint,
            )
    return at, *_UNKNOWN


def _bare_expression(line: str, column: int) -> str:
    """Return the expression without quotes at `column`, "" where there is none."""
    name = line.rfind("$", 0, column) + 1
    start = max(
        line.rfind(": ", 0, column) + 2, line.rfind("[", 0, name) + 1, line.rfind(", ", 0, name) + 2
    )
    depth = 0
    for end in range(start, len(line)):
        depth += (line[end] in "([") - (line[end] in ")]")
        if depth < 0 or (depth == 0 and line[end] in ",}"):
            part = line[start:end].strip()
            return (
                part
                if "$" in part and ("[" in part or "," in part) and not {"'", '"'} & set(part)
                else ""
            )
    return ""
