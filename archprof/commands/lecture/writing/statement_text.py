"""Statements and terms as text for people."""

from __future__ import annotations

from archprof import units
from archprof.commands.lecture.claims.document import (
    Combined,
    Every,
    Experiment,
    Law,
    Modules,
    NotModelled,
    Order,
    Published,
    Quantity,
    Selection,
    Series,
    Stated,
    Statement,
    Subject,
    Term,
    Undecidable,
)

SIGNS = {"ratio": " / ", "difference": " - ", "sum": " + ", "product": " * "}
"""How each kind of combined term is written."""


def term_text(term: Term) -> str:
    """Return a term for people: params of alexnet conv1."""
    if isinstance(term, Combined):
        return _combined_text(term)
    if isinstance(term, Quantity):
        return _quantity_text(term)
    return term.figure.text


def _combined_text(term: Combined) -> str:
    parts = []
    for part in term.parts:
        text = term_text(part)
        if isinstance(part, Combined) and not _binds(part.how, term.how):
            text = f"({text})"
        parts.append(text)
    return SIGNS[term.how].join(parts)


def _binds(inner: str, outer: str) -> bool:
    """Return whether a term inside another needs no brackets."""
    return (inner in ("product", "ratio") and outer in ("sum", "difference")) or (
        inner == outer and inner in ("sum", "product")
    )


def _quantity_text(term: Quantity) -> str:
    selection = term.selection
    words = [term.name.replace("_", " "), "of", term.subject.network, ", ".join(selection.paths)]
    if selection.first or selection.last:
        words.append(f"{selection.first or 'start'}..{selection.last or 'end'}")
    words += ["+".join(selection.ops), _settings_text(selection.where)]
    if selection.block:
        words.append(f"in {selection.block}")
    if term.each:
        words.append(f"per {term.each}")
    if selection.aux:
        words.append("with auxiliary heads")
    return " ".join(filter(None, [*words, *_conditions(term.subject)]))


def _conditions(subject: Subject) -> list[str]:
    """Return the conditions of a subject that are not the usual ones."""
    found = []
    if subject.input:
        found.append(f"at {units.shape(subject.input)}")
    if subject.batch > 1:
        found.append(f"batch {subject.batch}")
    if subject.dtype != "float32":
        found.append(subject.dtype)
    return found + [f"{name}={setting_text(value)}" for name, value in subject.values]


def describe(statement: Statement) -> str:
    """Return what a statement says, in a line."""
    match statement:
        case Stated():
            return statement.text
        case Order():
            return f" {statement.relation} ".join(map(term_text, statement.sides))
        case Experiment():
            arguments = [f"{name} {setting_text(value)}" for name, value in statement.arguments]
            return f"{statement.name}: {', '.join(arguments)}"
        case Every():
            return f"every {_layers_of(statement)}: {', '.join(_every_states(statement))}"
        case Modules():
            ops = [str(dict(entry).get("op")) for entry in statement.entries]
            return f"{len(ops)} modules: {', '.join(ops)}"
        case Law():
            formula = statement.formula.text
            return f"{statement.gives} = {formula} for every {_layers_of(statement)}"
        case Series():
            of = statement.of.replace("_", " ")
            return f"{of} of {_layers_of(statement)}: {statement.trend}"
        case Published():
            return statement.stated
        case Undecidable() | NotModelled():
            return ""


def _every_states(statement: Every) -> list[str]:
    stated = [f"{name} {setting_text(value)}" for name, value in statement.settings]
    stated += statement.ops
    if statement.followed_by:
        stated.append(f"followed by {' or '.join(statement.followed_by)}")
    return stated


def _layers_of(statement: Every | Law | Series) -> str:
    return f"{_selected(statement.selection)} of {statement.subject.network}"


def _selected(selection: Selection) -> str:
    words = [
        " or ".join(selection.ops),
        " ".join(selection.paths),
        _settings_text(selection.where),
    ]
    return " ".join(filter(None, words)) or "layer"


def _settings_text(settings: tuple[tuple[str, object], ...]) -> str:
    return " ".join(f"{name} {setting_text(value)}" for name, value in settings)


def setting_text(value: object) -> str:
    """Return a setting as a spec writes it."""
    if isinstance(value, list):
        return ", ".join(map(setting_text, value))
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
