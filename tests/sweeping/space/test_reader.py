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

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def test_there_are_many_cases() -> None:
    assert len(NAMES) >= 50
    assert written(EXPECTED.read_text(encoding="utf-8")).keys() == set(NAMES)


def test_most_mistakes_have_a_way_out() -> None:
    """Where the message already says what is expected, a hint would repeat it."""
    for name, text in written(EXPECTED.read_text(encoding="utf-8")).items():
        for problem in re.split(r"\n(?=\S+.yaml:)", text):
            assert re.search("hint: |expected|at most|there is no file", problem), (name, problem)


def test_missing_and_directory(folder: Path) -> None:
    with pytest.raises(ProblemError, match=r"none.yaml: error: there is no such file \[file\]"):
        load_space(Path("none.yaml"))
    (folder / "folder.yaml").mkdir()
    with pytest.raises(ProblemError, match="a directory"):
        load_space(Path("folder.yaml"))


def test_a_network_beside_the_space(folder: Path) -> None:
    """A path is relative to the space, wherever the program runs."""
    (folder / "deep").mkdir()
    text = "name: s\nnetwork: ../family.yaml:small\nspace: {width: 2..4}\n"
    (folder / "deep" / "s.yaml").write_text(text, encoding="utf-8")
    space = load_space(folder / "deep" / "s.yaml")
    assert (space.network.name, space.columns) == ("small", ("width",))


# --- what no file can do ---

SPACE = """\
name: s
network: resnet50
space:
  depths: [1..8, {range: 1..4, when: $index > 0}, {choice: [2, 3]}, 2]
  groups: {choice: [1, 2]}
  base_width: {range: 16..64, step: 16}
  se: {choice: [true, false]}
  input: {range: 64.0..128.0, log: true}
let: {sum_: 'sum($depths)'}
set: {input: '32 * round($input / 32)'}
where: [$sum_ <= 12, 'len($depths) == 4']
budget: {max_params: 40M, min_receptive_field: 20}
conditions: {batch: 2, dtype: float16, count: macs, optimizer: adam, ema: true}
sample: {random: 50, seed: 3}
front: [min macs, max params]
"""
WORDS = re.findall(r"\w+|[^\w\s]|\s+", SPACE)
PIECES = [
    *sorted(set(WORDS)),
    "..",
    "1..",
    "- ",
    "$",
    "null",
    "&a ",
    "*a",
    "1e999",
    "!!python",
    "\0",
    "é",
]


def refused_or_read(raw: bytes) -> None:
    """Read bytes as a space, and draw from it where it is one: only ProblemError is raised."""
    path = Path("fuzzed.yaml")
    path.write_bytes(raw)
    try:
        space = load_space(path)
        rows = np.arange(min(space.count, 20))
        found = [batch.positions for batch in space.variants(rows)]
    except ProblemError:
        return
    if found:
        assert sorted(np.concatenate(found).tolist()) == rows.tolist()


@pytest.mark.usefixtures("folder")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_changed_space_is_a_traceback(data: st.DataObject) -> None:
    words = list(WORDS)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(words) - 1))
        words[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.lists(st.sampled_from(PIECES), max_size=3)
        )
    refused_or_read("".join(words).encode("utf-8"))


@pytest.mark.usefixtures("folder")
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(max_size=200))
def test_no_bytes_are_a_traceback(raw: bytes) -> None:
    refused_or_read(raw)
    refused_or_read(SPACE.encode("utf-8") + raw)


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
