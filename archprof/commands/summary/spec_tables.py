"""The tables of a spec: what it states of itself, its parameters, its variants, its blocks."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from archprof.commands.summary.spec_page import ParameterRow, SpecPage, VariantRow
from archprof.show.table import Table, TableColumn

MUST_BE_GIVEN = "must be given"


def spec_tables(page: SpecPage, target: str) -> list[Table]:
    """Return the tables of a spec; those of parameters, variants and blocks where it has any.

    `target` is how the command line names it.
    """
    tables = [_about(page)]
    if page.parameters:
        tables.append(_parameters(page, target))
    if page.variants:
        tables.append(_variants(page.variants))
    if page.blocks:
        columns = [TableColumn("Block", right=False), _text("Inputs"), _text("Parameters")]
        rows = [[b.name, ", ".join(b.inputs), _listed(b.parameters)] for b in page.blocks]
        tables.append(Table(columns, rows, "Blocks"))
    return tables


def _about(page: SpecPage) -> Table:
    stated = {
        "title": page.title,
        "aliases": ", ".join(page.aliases),
        "family": page.family,
        "year": str(page.year or ""),
        "input": page.input,
        "source": page.source,
        "spec": f"{page.file}:{page.line}",
    }
    rows = [[key, text] for key, text in stated.items() if text]
    return Table(
        [TableColumn("Network" if page.network else "Spec", right=False), _text(page.name)], rows
    )


def _parameters(page: SpecPage, target: str) -> Table:
    columns = [TableColumn("Parameter", right=False), _text("Default")]
    rows = [[row.name, _default(row)] for row in page.parameters]
    if not page.network:
        return Table(columns, rows, "Parameters")
    columns.append(_text(page.name))
    for row, parameter in zip(rows, page.parameters, strict=True):
        row.append(parameter.value or "")
    first = page.parameters[0]
    setting = shlex.quote(f"{first.name}={first.value}")
    note = f"archprof summary {shlex.quote(target)} --set {setting} takes another value"
    return Table(columns, rows, "Parameters", [("set", note)])


def _variants(variants: Sequence[VariantRow]) -> Table:
    columns = [TableColumn("Variant", right=False), _text("Title"), _text("Input"), _text("Values")]
    rows = []
    for variant in variants:
        name = " or ".join((variant.name, *variant.aliases))
        values = ", ".join(f"{name}: {value}" for name, value in variant.values.items())
        rows.append([name, variant.title, variant.input, values])
    return Table(columns, rows, "Variants; what they do not give has its default")


def _default(row: ParameterRow) -> str:
    return MUST_BE_GIVEN if row.default is None else row.default


def _listed(parameters: Sequence[ParameterRow]) -> str:
    """Return parameters as a block declares them: out, stride: 1."""
    return ", ".join(
        row.name if row.default is None else f"{row.name}: {row.default}" for row in parameters
    )


def _text(title: str) -> TableColumn:
    return TableColumn(title, right=False, wraps=True)
