"""A tree of YAML values that know their place."""

from __future__ import annotations

from typing import Any, NamedTuple

from archprof.problem import Mark


class Value(NamedTuple):
    """A YAML value with its place.

    `data` is None, bool, int, float, str, a list of Values, or a dict of str to Value. `keys` has
    the place of each key of a dict; `size` counts the values inside and `height` their levels,
    aliases expanded.
    """

    data: Any
    mark: Mark
    keys: dict[str, Mark] | None = None
    size: int = 1
    height: int = 0

    def plain(self) -> Any:
        """Return the value without its places."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        if isinstance(self.data, list):
            return [value.plain() for value in self.data]
        return self.data

    def places(self) -> dict[str, Mark]:
        """Return the place of each key of a mapping; empty for any other value."""
        return self.keys or {}
