"""Every kind of mistake a space can have, each with the whole text that its author reads; and what
no file can do.

`python -m tests.sweeping.space.test_reader` writes malformed.txt again, to be read before it is
believed.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.space.reader import load_space

HERE = Path(__file__).parent
FOLDER = HERE / "malformed"
EXPECTED = HERE / "malformed.txt"
BESIDE = {  # files that the cases name
    "faulty.yaml": "name: faulty\ninput: 3x8x8\nlayers: {a: {op: rellu}}\n",
    "family.yaml": (
        "name: family\ninput: 3x8x8\nparams: {width: }\nlayers: {a: {op: conv2d, out: $width,"
        " kernel: 3}}\nvariants: {small: {width: 2}, middle: {width: 4}}\n"
    ),
}
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def complaints(name: str) -> str:
    """All that is said about a file."""
    try:
        load_space(Path(f"{name}.yaml"))
    except ProblemError as error:
        return str(error)
    return ""


def written(text: str) -> dict[str, str]:
    """The messages of malformed.txt by the name of their file."""
    return dict(re.findall(r"^=== (.+)\n((?:.*\n)*?)(?=^=== |\Z)", text, re.MULTILINE))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    for name, text in BESIDE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "archprof.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", NAMES)
def test_message(name: str, folder: Path) -> None:
    expected = written(EXPECTED.read_text(encoding="utf-8"))
    found = complaints(name).replace(str(folder), "FOLDER")
    assert found + "\n" == expected[name]


def write() -> None:
    """Write malformed.txt again."""
    with tempfile.TemporaryDirectory() as folder:
        for path in FOLDER.glob("*.yaml"):
            shutil.copy(path, folder)
        for name, text in BESIDE.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        (Path(folder) / "archprof.toml").touch()
        os.chdir(folder)
        parts = [f"=== {n}\n{complaints(n)}\n".replace(folder, "FOLDER") for n in NAMES]
    EXPECTED.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    write()
