"""A network at another input than its own: what that changed, in words and as data."""

from __future__ import annotations

from typing import Any

from archprof import units
from archprof.analysis.resized import resized
from archprof.graph.graph import Graph

SHOWN = 2  # layers that are named


def resized_data(graph: Graph) -> dict[str, Any] | None:
    """Return the change as data, None at the spec's own input."""
    found = resized(graph)
    if found is None:
        return None
    return {
        "own_input": list(found.own_input),
        "input": list(found.input),
        "own_params": found.own_params,
        "params": found.params,
        "layers": [layer._asdict() for layer in found.layers],
        "unchecked": list(found.unchecked),
    }


def resized_notes(
    data: dict[str, Any] | None, given: list[int] | tuple[int, ...]
) -> list[tuple[str, str]]:
    """Return labels and sentences for `resized_data` of a network at the given input, none where
    nothing changed and nothing went unchecked. Data of an older run file do not have the input.
    """
    if data is None:
        return []
    notes = []
    own, here = units.shape(data["own_input"]), units.shape(data.get("input", given))
    if data["layers"]:
        paths = [layer["path"] for layer in data["layers"]]
        rest = (
            f" and {units.number_of(len(paths) - SHOWN, 'more layer')}"
            if len(paths) > SHOWN
            else ""
        )
        have = "has" if len(paths) == 1 else "have"
        params = f"{units.count(data['own_params'])} -> {units.count(data['params'])} parameters"
        notes.append(
            (
                "resized",
                (
                    f"at {here} {', '.join(paths[:SHOWN])}{rest} {have} other weights than at"
                    f" {own}: {params}; a torch module built for {own} would refuse this input"
                ),
            )
        )
    if data["unchecked"]:
        keys = " and ".join(f"`{key}:`" for key in data["unchecked"])
        notes.append(("unchecked", f"{keys} of the spec, which are about {own}"))
    return notes


def layer_notes(graph: Graph, path: str) -> list[tuple[str, str]]:
    """Return what is to be said of one layer: something where its own weights follow from the
    given input.
    """
    found = resized(graph)
    changed = next((layer for layer in found.layers if layer.path == path), None) if found else None
    if found is None or changed is None:
        return []
    own, given = units.exact(changed.own), units.exact(changed.given)
    text = (
        f"{given} parameters, {own} at the spec's own input {units.shape(found.own_input)}: a torch"
        " module built for that would refuse this one"
    )
    return [("resized", text)]
