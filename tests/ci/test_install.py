"""What is installed: by a hook or a CI job everything that `check` and `diff` need, no torch,
and less than 60 MB; by CI's tests what is pinned.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.ci.conftest import ROOT, checkout
from tests.history import ENVIRONMENT

MOST_BYTES = 60 * 10**6


@pytest.mark.slow
def test_install_without_torch(tmp_path: Path) -> None:
    source, target = checkout(tmp_path / "source"), tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(target)], check=True)
    python = target / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", str(source)],
        check=True,
        env=ENVIRONMENT,
    )
    sizes = {
        path: path.lstat().st_size
        for path in target.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    packages = {
        path.relative_to(target).parts[3] for path in sizes if "site-packages" in path.parts
    }
    assert not packages & {"torch", "numpy", "fvcore", "timm"}
    assert sum(sizes.values()) < MOST_BYTES, sorted(sizes.items(), key=lambda item: -item[1])[:10]
    for command in (
        ["check", str(source / "specs" / "resnet.yaml")],
        ["diff", "resnet50", "resnet101", "--format", "md"],
    ):
        subprocess.run(
            [python, "-m", "archprof", *command],
            check=True,
            capture_output=True,
            cwd=tmp_path,
            env=ENVIRONMENT,
        )


def pins() -> dict[str, str]:
    """The version of each package in constraints.txt."""
    rows = [
        line
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    return {canonicalize_name(name): version for name, version in (row.split("==") for row in rows)}


def development() -> list[Requirement]:
    """What pyproject.toml lists for `pip install '.[dev]'`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    rows = [*project["dependencies"], *extras["torch"], *extras["docs"], *extras["dev"]]
    return [Requirement(row) for row in rows if not row.startswith("archprof[")]


def test_every_requirement_of_development_is_pinned_within_its_range() -> None:
    pinned = pins()
    for requirement in development():
        assert requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0"), prereleases=True
        ), requirement


def test_what_they_require_in_turn_is_pinned() -> None:
    """Except what its own parent pins, as torch does with CUDA's libraries."""
    pinned, waiting, seen = pins(), development(), set()
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
