"""Sheets of captured networks: read where specs would be, and never a reason to run code."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import Tensor, nn

from archprof.capturing.tape_writer import tape_text
from tests.captured import tape_of
from tests.command_line import Run

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with code that leaves a mark when it runs, and a tape."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for path in (tmp_path / "ran.py", tmp_path / "sub" / "ran.py"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"open({str(tmp_path / 'ran.txt')!r}, 'w').close()\n"
            "from torch import Tensor, nn\ndef Net(): return nn.Linear(8, 16)\n",
            encoding="utf-8",
        )
    text = tape_text(tape_of(nn.Sequential(nn.Linear(8, 16), nn.ReLU()), (1, 8)))
    (tmp_path / "net.tape.json").write_text(text, encoding="utf-8")
    (tmp_path.parent / "out.tape.json").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "network",
    [
        "ran:Net",
        "ran.py:Net",
        "./ran.py:Net",
        "sub/ran.py:Net",
        "sub.ran:Net",
        "ran:Net:0",
        "ran.py:Net:x.tape",
        "net.pt2",
        "torchvision:resnet18",
    ],
)
def test_a_sheet_makes_no_code_run(run: Run, course: Path, network: str) -> None:
    sheet = course / "sheet.csv"
    sheet.write_text(
        f"archprof quiz 1,network={network},blank=3,seed=4,ask=output\nLayer,Op,Output\n",
        encoding="utf-8",
    )
    done = run("grade", sheet)
    assert done.code == 2
    assert not (course / "ran.txt").exists()
    assert "a sheet makes no code run" in done.err
    assert "archprof capture" in done.err


def test_a_sheet_of_a_tape(run: Run, course: Path) -> None:
    made = run(
        "quiz",
        "net.tape.json",
        "--blank",
        "3",
        "--format",
        "csv",
        "-o",
        "sheet.csv",
        "--key",
        "key.csv",
    )
    assert made.code == 0, made.err
    assert "network=net.tape.json" in (course / "sheet.csv").read_text(encoding="utf-8")
    graded = run("grade", "key.csv")
    assert graded.code == 0, graded.err


class Heads(nn.Module):
    """Has four layers that nothing uses, of 12, 20, 2 and 2 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 16)
        self.act = nn.ReLU()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(4, 4)
        self.third = nn.Linear(1, 1)
        self.fourth = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.fc(x))


def test_layers_that_nothing_uses_are_named(run: Run, course: Path) -> None:
    """Of 8*16 + 16 + 12 + 20 + 2 + 2 parameters the sheet has 144, so it says where 36 are."""
    (course / "heads.tape.json").write_text(tape_text(tape_of(Heads(), (1, 8))), encoding="utf-8")
    made = run("quiz", "heads.tape.json", "--blank", "1", "--ask", "op")
    assert made.code == 0, made.err
    said = " ".join(made.out.split())
    assert "144" in said
    assert (
        "left out first, second, third, 1 more layer: evaluation does not run them; 36 parameters,"
        " in no row or total"
    ) in said


def test_a_module_gets_its_input(run: Run, course: Path) -> None:
    """A module that no library has an input for is captured with the one that is given."""
    made = run("quiz", "ran.py:Net", "--input", "8", "--blank", "1", "--ask", "params")
    assert made.code == 0, made.err
    assert "linear" in made.out
    assert "--input 8" in made.out


@pytest.mark.parametrize("network", ["../out.tape.json", "none.tape.json", "/etc/x.tape.json"])
def test_tapes_outside_of_the_project_are_not_read(run: Run, course: Path, network: str) -> None:
    sheet = course / "sheet.csv"
    sheet.write_text(
        f"archprof quiz 1,network={network},blank=3,seed=4,ask=output\nLayer,Op,Output\n",
        encoding="utf-8",
    )
    done = run("grade", sheet)
    assert done.code == 2
    assert "there is no such file in this project" in done.err


CLAIMS = """
lecture: X
title: t
source: s
shapes: CxHxW
networks:
  n: {{network: "{network}"}}
claims:
  C1: {{says: x, parts: {{p: {{of: {{network: {of}, quantity: params}}, stated: 20}}}}}}
"""


@pytest.mark.parametrize("network", ["ran:Net", "ran.py:Net", "./ran.py:Net", "sub/ran.py:Net"])
@pytest.mark.parametrize("direct", [False, True])
def test_claims_make_no_code_run(run: Run, course: Path, network: str, direct: bool) -> None:
    of = f'"{network}"' if direct else "n"
    stated = "lenet5" if direct else network
    (course / "claims.yaml").write_text(CLAIMS.format(network=stated, of=of), encoding="utf-8")
    done = run("lecture", "claims.yaml", "--static")
    assert done.code != 0
    assert not (course / "ran.txt").exists()


@pytest.mark.parametrize("network", ["ran:Net", "ran.py:Net", "./ran.py:Net"])
def test_specs_make_no_code_run(run: Run, course: Path, network: str) -> None:
    (course / "net.yaml").write_text(
        f"name: net\ninput: 3x8x8\nuse: ['{network}']\nlayers: {{a: {{network: '{network}'}}}}\n",
        encoding="utf-8",
    )
    assert run("summary", "net.yaml").code == 2
    run("check", "net.yaml")
    assert not (course / "ran.txt").exists()


def test_completing_makes_no_code_run(course: Path) -> None:
    from archprof.cli.options import complete_layer, complete_network

    class Context:
        params = {"net": "ran.py:Net"}  # noqa: RUF012

    assert complete_layer(Context(), "") == []
    assert complete_network("ran.py:N") == []
    assert not (course / "ran.txt").exists()
