"""CI's tests install what is pinned; what a hook or a CI job installs is in `test_smoke.py`."""

from __future__ import annotations

import tomllib
from importlib import metadata
from importlib.util import find_spec

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.ci.conftest import ROOT


def pins() -> dict[str, str]:
    """The version of each package in constraints.txt."""
    rows = [
        line
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    return {canonicalize_name(name): version for name, version in (row.split("==") for row in rows)}


DEVELOPMENT: tuple[str, ...] = ("torch", "docs", "dev")
if find_spec("onnxruntime") is not None:  # part of `dev`; an older environment may lack it
    DEVELOPMENT = (*DEVELOPMENT, "onnx")


def listed(names: tuple[str, ...]) -> list[Requirement]:
    """What pyproject.toml lists for archprof itself and for these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    optional = [row for name in names for row in extras[name]]
    rows = [*project["dependencies"], *optional]
    return [Requirement(row) for row in rows if not row.startswith("archprof[")]


def test_every_requirement_of_development_is_pinned_within_its_range() -> None:
    pinned = pins()
    for requirement in listed((*DEVELOPMENT, "onnx", "release")):
        assert requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0"), prereleases=True
        ), requirement


def test_what_they_require_in_turn_is_pinned() -> None:
    """Except what its own parent pins, as torch does with CUDA's libraries. What a release takes
    is installed only for that.
    """
    pinned, waiting, seen = pins(), listed(DEVELOPMENT), set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, *requirement.extras) in seen:
            continue
        seen.add((name, *requirement.extras))
        exact = any(
            part.operator == "==" and "*" not in part.version for part in requirement.specifier
        )
        assert name in pinned or exact, requirement
        for row in metadata.requires(name) or []:
            inner = Requirement(row)
            if inner.marker is None or any(
                inner.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
            ):
                waiting.append(inner)
