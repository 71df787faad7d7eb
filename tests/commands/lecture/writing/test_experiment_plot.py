"""The pictures of experiments on gradients."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run

pytest.importorskip("torch")
CLAIMS = """
lecture: X
networks:
  short: {spec: {input: 4, layers: {a: {op: linear, out: 4}, b: {op: linear, out: 4}}}}
  long: {spec: {input: 4, layers: {a: {op: linear, out: 4}, b: {op: linear, out: 4},
    c: {op: linear, out: 4}}}}
claims:
  X-1:
    parts:
      a: {experiment: {run: flow, network: short, of: gradients}, stated: steady}
      b: {experiment: {run: flow, network: long, of: gradients}, stated: steady}
      again: {experiment: {run: flow, network: long, of: gradients}, stated: vanishing}
  X-2: {experiment: {run: shatters, network: short}, stated: correlated}
  X-3: {experiment: {run: gain, op: relu}, stated: 1.71}
  X-4: {experiment: {run: flow, network: short, of: activations}, stated: steady}
"""


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    path = tmp_path / "claims.yaml"
    path.write_text(CLAIMS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("claim", "shown", "circles"),
    [
        ("X-1", "short: at a ", 2 + 3),  # a mark for each layer of each network
        ("X-2", "short: 1.00 between neighbours, correlated.", 16),  # lags from 0 to 15
        ("X-4", "short: at b ", 2),
    ],
)
def test_pictures(
    run: Run, claims: Path, tmp_path: Path, claim: str, shown: str, circles: int
) -> None:
    path = tmp_path / "a.svg"
    done = run("lecture", claims, claim, "--plot", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    text = path.read_text(encoding="utf-8")
    assert shown in text
    assert text.count("<circle") == circles


def test_several_pictures_are_several_files(run: Run, claims: Path, tmp_path: Path) -> None:
    done = run("lecture", claims, "--plot", tmp_path / "a.svg")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        "a-activations.svg",
        "a-gradients.svg",
        "a-shattering.svg",
    ]


@pytest.mark.parametrize(
    ("claim", "name", "message"),
    [
        ("X-3", "a.svg", "no claim here runs flow or shatters"),
        ("X-1", "a.gif", "`.gif` at the end of the file's name"),
    ],
)
def test_what_is_refused(
    run: Run, claims: Path, tmp_path: Path, claim: str, name: str, message: str
) -> None:
    done = run("lecture", claims, claim, "--plot", tmp_path / name)
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / name).exists()
