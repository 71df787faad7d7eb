"""The pages of ops for a terminal and as Markdown, and the list of all ops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archprof.commands.reference.op_page import OpPage, SettingRow, by_family, summary
from archprof.show.markdown_page import code, fenced, heading, pipe_table, prose
from archprof.show.table import Line, Table, TableColumn, hanging, lines

NO_SETTINGS = "It has no settings."
MUST_BE_GIVEN = "must be given"
KEPT = "Kept for the backward pass of one image, beside the weights"


def ops_table() -> Table:
    """Return every op, family by family."""
    columns = [
        TableColumn("Op", right=False, style="bold"),
        TableColumn("Family", right=False, style="green"),
        TableColumn("What it is", right=False, wraps=True),
    ]
    rows = [[op.name, op.family, summary(op)] for op in by_family()]
    notes = [(str(len(rows)), "ops; `archprof ops OP` shows one's settings and formulas")]
    return Table(columns, rows, notes=notes)


def list_markdown(linked: bool = False) -> str:
    """Return every op as Markdown; `linked` to the headings of a page that has all of them."""
    rows = [
        [f"[`{op.name}`](#{op.name})" if linked else code(op.name), op.family, prose(summary(op))]
        for op in by_family()
    ]
    return pipe_table(("Op", "Family", "What it is"), rows) + "\n"


def settings_table(page: OpPage) -> Table:
    """Return the settings of an op."""
    columns = [
        TableColumn("Setting", right=False, style="bold"),
        TableColumn("Default", right=False),
        TableColumn("Takes", right=False, wraps=True),
        TableColumn("Meaning", right=False, wraps=True),
    ]
    return Table(columns, _settings(page))


def working_table(page: OpPage) -> Table:
    """Return the formulas of the example's layers, with their numbers."""
    columns = [
        TableColumn("Layer", right=False, style="bold"),
        TableColumn("Quantity", right=False),
        TableColumn("Formula", right=False, wraps=True),
        TableColumn("With numbers", right=False, wraps=True),
        TableColumn("Result"),
    ]
    return Table(columns, _working(page), "Formulas, at the example")


def _settings(page: OpPage) -> list[list[str]]:
    return [[row.name, row.default or MUST_BE_GIVEN, row.takes, row.about] for row in page.settings]


def _working(page: OpPage) -> list[list[str]]:
    rows = []
    for layer in page.layers:
        names = [layer.path, *("" for _ in layer.steps[1:])]
        rows += [[name, *step] for name, step in zip(names, layer.steps, strict=True)]
    return rows


def _kept(page: OpPage) -> list[tuple[str, str]]:
    """Return by layer what autograd keeps, of layers that keep the same but one."""
    kept = dict.fromkeys(layer.kept for layer in page.layers)
    if len(kept) == 1:
        return [("", text) for text in page.layers[0].kept]
    return [(layer.path, text) for layer in page.layers for text in layer.kept]


# --- for a terminal ---


def page_lines(page: OpPage, width: int) -> Iterator[Line]:
    """Yield the page of an op as lines at most `width` wide; the example is not wrapped."""
    yield [(page.name, "bold"), (f" · {page.family} · inputs: {page.inputs}", "")]
    for text in page.about:
        yield from hanging("", text, width)
        yield []
    if page.settings:
        yield from lines(settings_table(page), width)
    else:
        yield [(NO_SETTINGS, "")]
    yield []
    yield [("Example", "bold")]
    for line in page.example.splitlines():
        yield [(line, "green")]
    yield []
    yield from lines(working_table(page), width)
    yield from _weights(page)
    yield []
    yield [(KEPT, "bold")]
    for path, text in _kept(page):
        yield from hanging(f"{path}: " if path else "", text, width)


def _weights(page: OpPage) -> Iterator[Line]:
    for layer in page.layers:
        if layer.weights:
            named = ", ".join(f"{name} {shape}" for name, shape in layer.weights)
            yield []
            yield [("Weights", "bold"), (f" of {layer.path}: {named}", "")]


# --- Markdown ---


def page_markdown(page: OpPage, level: int = 1) -> str:
    """Return the page of an op as Markdown, under a heading of this level."""
    parts = [
        heading(level, page.name),
        f"Family: {page.family}. Inputs: {page.inputs}.",
        *map(prose, page.about),
        _settings_markdown(page),
        fenced("yaml", page.example),
        pipe_table(
            ("Layer", "Quantity", "Formula", "With numbers", "Result"),
            [
                [code(layer), quantity, code(formula), code(numbers), result]
                for layer, quantity, formula, numbers, result in _working(page)
            ],
        ),
        *_weights_markdown(page),
        f"{KEPT}:",
        _listed(_kept(page)),
    ]
    return "\n\n".join(parts) + "\n"


def _settings_markdown(page: OpPage) -> str:
    if not page.settings:
        return NO_SETTINGS
    rows = [
        [code(row.name), _default(row), prose(row.takes), prose(row.about)] for row in page.settings
    ]
    return pipe_table(("Setting", "Default", "Takes", "Meaning"), rows)


def _default(row: SettingRow) -> str:
    return MUST_BE_GIVEN if row.default is None else code(row.default)


def _weights_markdown(page: OpPage) -> Iterator[str]:
    for layer in page.layers:
        if layer.weights:
            named = ", ".join(f"`{name}` {shape}" for name, shape in layer.weights)
            yield f"Weights of `{layer.path}`: {named}."


def _listed(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- `{path}`: {text}" if path else f"- {text}" for path, text in rows)
