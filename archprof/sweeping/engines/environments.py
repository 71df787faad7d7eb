"""Whether machines have the packages on which the numbers, and the bytes, of a sweep depend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from archprof.problem import Mark, Problem

PACKAGES = ("archprof", "numpy", "scipy", "pyarrow", "distributed")
"""scipy draws points, pyarrow writes parts."""


@cache
def here() -> Mapping[str, str | None]:
    """Return the versions of this process, None for a package that is not installed."""
    return {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def differences(
    address: str,
    expected: Mapping[str, str | None],
    found: Mapping[str, Mapping[str, str | None]],
) -> list[Problem]:
    """Return a problem for each way in which places have other versions than expected.

    `found` has the versions by place; those of a place are compared by the names of `expected`.
    """
    places: dict[str, list[str]] = defaultdict(list)
    for place, versions in found.items():
        wrong = [
            f"{name} is {versions.get(name) or 'missing'} instead of {wanted or 'none'}"
            for name, wanted in expected.items()
            if versions.get(name) != wanted
        ]
        if wrong:
            places[", ".join(wrong)].append(place)
    return [
        Problem(Mark(address), "engine", f"{_some(names)}: {wrong}", same_environment())
        for wrong, names in places.items()
    ]


def same_environment() -> str:
    """Return the way out of different environments."""
    packages = " ".join(f"{name}=={number}" for name, number in here().items() if number)
    return f"on all machines, the scheduler's too: pip install {packages}"


def _some(names: list[str]) -> str:
    """Return a name, and how many others there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
