"""Immutable records for modules that every command imports.

`dataclasses` compiles code for each class, and its import takes as long as reading a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self, dataclass_transform

NOTHING: Mapping[Any, Any] = MappingProxyType({})  # the default of a field that is a mapping


@dataclass_transform(frozen_default=True)
class Record:
    """Values by name, as a frozen dataclass has them: annotated names, with and without defaults.

    Records are equal where they are of one class and all their values are.
    """

    _names: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _needed: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        own = tuple(cls.__annotations__)
        cls._names = (*cls._names, *own)
        cls._known = frozenset(cls._names)
        cls._needed = cls._needed | (set(own) - vars(cls).keys())

    def __init__(self, *values: Any, **named: Any) -> None:
        """Take values in the order of the names, or by name.

        Raises TypeError for one that is missing, unknown, or given twice.
        """
        given = self.__dict__
        given.update(zip(self._names, values, strict=False))
        given.update(named)
        known = len(given) == len(values) + len(named) and self._known.issuperset(given)
        if not known or not self._needed.issubset(given):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._names)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._names)
        return f"{type(self).__name__}({values})"

    def _key(self) -> tuple[Any, ...]:
        """Return the values that tell records apart."""
        return tuple(getattr(self, name) for name in self._names)

    def replaced(self, **changes: Any) -> Self:
        """Return the same record but for these values."""
        return type(self)(**{name: getattr(self, name) for name in self._names} | changes)
