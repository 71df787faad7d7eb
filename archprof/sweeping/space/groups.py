"""Groups of rows that were worked out apart, put together where their values are of one form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archprof.column import is_number, is_whole, merged
from archprof.sweeping.space.variant import NoVariant
from archprof.sweeping.variants import Variants

Array = NDArray[Any]
Settings = dict[str, Any]


class Groups:
    """Groups of rows with the settings of their networks, or why they have none."""

    def __init__(self) -> None:
        self.parts: dict[Any, list[tuple[Array, Settings]]] = {}
        self.without: dict[tuple[str, str], list[Array]] = {}

    def add(self, positions: Array, result: Settings | NoVariant) -> None:
        """Add a group; the `input` is one of the settings."""
        if not len(positions):
            return
        if isinstance(result, NoVariant):
            self.without.setdefault(result.fault, []).append(positions)
        else:
            self.parts.setdefault(_form(result), []).append((positions, result))

    def merged(self) -> Iterator[tuple[Array, Variants | None, tuple[str, str]]]:
        """Yield the positions of each form in order, with their variants or the reason."""
        for fault, groups in self.without.items():
            yield np.sort(np.concatenate(groups)), None, fault
        for parts in self.parts.values():
            positions = np.concatenate([part for part, _ in parts])
            order = np.argsort(positions)
            settings = dict(parts[0][1]) if len(parts) == 1 else _together(parts, order)
            shape = settings.pop("input", None)
            variants = Variants(len(order), settings, None if shape is None else tuple(shape))
            yield positions[order], variants, ("", "")


def _together(parts: list[tuple[Array, Settings]], order: Array) -> Settings:
    """Return the settings of groups as those of one, whose rows are sorted in this order."""
    ends = np.cumsum([len(part) for part, _ in parts])[:-1]
    places = np.split(np.argsort(order), ends)  # of each group among all rows
    return {
        name: merged(
            [(at, group[name]) for at, (_, group) in zip(places, parts, strict=True)], len(order)
        )
        for name in parts[0][1]
    }


def _form(value: Any) -> Any:
    """Return what values have in common that differ in their numbers alone."""
    if isinstance(value, dict):
        return tuple((name, _form(one)) for name, one in value.items())
    if isinstance(value, list):
        return tuple(map(_form, value))
    if is_number(value):
        return is_whole(value)
    return type(value), value
