"""What is published: an sdist that holds whatever is committed, a wheel that is the same from it
as from the tree, and their metadata.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

import archprof
from tests.ci.conftest import ROOT

pytest.importorskip("build", reason="build is a development requirement")

SDIST, WHEEL = f"archprof-{archprof.__version__}.tar.gz", f"archprof-{archprof.__version__}"
MADE_BY_BUILD = {"PKG-INFO", ".gitignore"}


def built(tree: Path, folder: Path, kind: str) -> Path:
    """The sdist or the wheel of a tree, built into `folder` with the hatchling that is here."""
    words = ["build", "--no-isolation", f"--{kind}", "--outdir", str(folder), str(tree)]
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (package,) = folder.iterdir()
    return package


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def contents(wheel: Path) -> dict[str, bytes]:
    """Every file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(wheel: Path) -> Message:
    """What a wheel says of itself."""
    files = contents(wheel)
    (name,) = [name for name in files if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(files[name].decode())


def committed() -> Iterator[str]:
    """The files of the last commit, those that are there no more left out."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a checkout")
    yield from (name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@pytest.mark.slow
def test_the_sdist_holds_what_is_committed(unpacked: Path) -> None:
    """So that its own tests run: they read the action, the documentation and the reports too."""
    there = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert sorted(set(committed()) - there) == []
    parts = {PurePosixPath(name).parts[0] for name in there - MADE_BY_BUILD}
    assert parts <= {PurePosixPath(name).parts[0] for name in committed()}


@pytest.mark.slow
def test_a_wheel_of_the_sdist_is_the_one_of_the_tree(
    wheel: Path, unpacked: Path, tmp_path: Path
) -> None:
    assert contents(built(unpacked, tmp_path, "wheel")) == contents(wheel)


@pytest.mark.slow
def test_what_they_are_called(sdist: Path, wheel: Path) -> None:
    assert (sdist.name, wheel.name) == (SDIST, f"{WHEEL}-py3-none-any.whl")
    assert metadata(wheel)["Version"] == archprof.__version__


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_specs(wheel: Path) -> None:
    files = contents(wheel)
    assert {PurePosixPath(name).parts[0] for name in files} == {"archprof", f"{WHEEL}.dist-info"}
    package, specs = ROOT / "archprof", ROOT / "specs"
    expected = {
        *(f"archprof/{path.relative_to(package)}" for path in package.rglob("*.py")),
        *(f"archprof/specs/{path.relative_to(specs)}" for path in specs.rglob("*.yaml")),
    }
    assert sorted(expected - files.keys()) == []


@pytest.mark.slow
def test_metadata(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = metadata(wheel)
    stated = [row.split(", ", 1) for row in said.get_all("Project-URL", [])]
    assert dict(stated) == project["urls"]
    assert {"Repository", "Documentation", "Changelog", "Issues"} <= project["urls"].keys()
    assert said["Requires-Python"] == project["requires-python"]
    assert said["License-Expression"] == project["license"]
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(said.get_all("Provides-Extra", [])) == sorted(project["optional-dependencies"])
