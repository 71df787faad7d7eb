"""Networks on the command line of `check` that are captured: their budgets, and no code unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from torch import nn

from archprof.capturing.tape_writer import tape_text
from archprof.capturing.targets import target
from archprof.commands.check.captured_source import CapturedSource
from tests.captured import tape_of
from tests.command_line import Run

pytestmark = pytest.mark.filterwarnings("ignore")

PARAMS = 8 * 16 + 16
BUDGET = '[[budget]]\nnetwork = "{network}"\nmax_params = {most}\n'


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.tape.json"
    path.write_text(tape_text(tape_of(nn.Linear(8, 16), (1, 8))), encoding="utf-8")
    return path


def source(text: str) -> CapturedSource:
    found = target(text)
    assert found is not None
    return CapturedSource(found)


def test_what_runs_code_and_where_its_configuration_is(tape: Path) -> None:
    assert source("model.py:build").is_code
    assert source("package:Net").is_code
    assert not source("net.tape.json").is_code
    assert not source("net.onnx").is_code
    assert source("nets/model.py:build").folder == tape.parent / "nets"
    assert source("package:Net").folder == tape.parent
    assert source("net.tape.json").graph(None).input == (8,)


@pytest.mark.parametrize("network", ["net.tape.json", "net", "*"])
@pytest.mark.parametrize(("most", "code"), [(PARAMS, 0), (PARAMS - 1, 1)])
def test_a_budget_by_target_or_by_what_was_captured(
    run: Run, tape: Path, network: str, most: int, code: int
) -> None:
    tape.with_name("archprof.toml").write_text(
        BUDGET.format(network=network, most=most), encoding="utf-8"
    )
    done = run("check", "net.tape.json")
    assert done.code == code, done.out + done.err
    assert ("params" in done.out) is bool(code)


def test_a_budget_on_a_lower_bound_can_fail_and_never_pass(run: Run, tape: Path) -> None:
    data = json.loads(tape.read_text(encoding="utf-8"))
    data["operations"][-1][0] = "own.op.default"
    tape.write_text(json.dumps(data), encoding="utf-8")
    for most in (1, 10**9):
        tape.with_name("archprof.toml").write_text(
            f'[[budget]]\nnetwork = "*"\nmax_macs = {most}\n', encoding="utf-8"
        )
        assert run("check", "net.tape.json").code == 1


@pytest.mark.usefixtures("code")
def test_a_module_named_on_the_command_line_is_checked(run: Run, code: Path) -> None:
    (code / "archprof.toml").write_text(
        BUDGET.format(network="model.py:Configured", most=1), encoding="utf-8"
    )
    done = run("check", "model.py:Configured")
    assert done.code == 1
    # 3*9*4 weights and 4 biases
    assert f"{3 * 9 * 4 + 4}" in done.out


@pytest.mark.usefixtures("code")
def test_no_configuration_makes_code_run(run: Run, code: Path) -> None:
    (code / "ran.py").write_text("open('ran.txt', 'w').close()\nNet = None\n", encoding="utf-8")
    (code / "net.yaml").write_text(
        "name: net\ninput: 3x8x8\nlayers: {a: {op: relu}}\n", encoding="utf-8"
    )
    for network in ("ran.py:Net", "ran:Net", "./ran.py:Net"):
        (code / "archprof.toml").write_text(
            BUDGET.format(network=network, most=1), encoding="utf-8"
        )
        run("check", ".")
        run("check", "net.yaml")
        assert not (code / "ran.txt").exists()


@pytest.mark.usefixtures("code")
def test_a_module_of_several_inputs_gets_each(run: Run, code: Path) -> None:
    (code / "pair.py").write_text(
        "from torch import nn\n"
        "class Pair(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.words = nn.Embedding(10, 4)\n"
        "        self.look = nn.Conv2d(3, 4, 1)\n"
        "    def forward(self, image, ids):\n"
        "        return self.look(image), self.words(ids)\n",
        encoding="utf-8",
    )
    # 3*4 MACs at each of 5*6 pixels
    (code / "archprof.toml").write_text(
        '[[budget]]\nnetwork = "*"\nmax_macs = 359\n', encoding="utf-8"
    )
    given = ("--input", "image=3x5x6", "--input", "ids=7:int64")
    done = run("check", "pair.py:Pair", *given)
    assert done.code == 1
    assert "360" in done.out
    assert "is not given `ids`" in run("check", "pair.py:Pair", *given[:2]).out


def test_inputs_are_for_modules(run: Run, tape: Path) -> None:
    spec = "name: net\ninput: 3x8x8\nlayers: {a: {op: relu}}\n"
    tape.with_name("net.yaml").write_text(spec, encoding="utf-8")
    beside = run("check", "net.tape.json", "net.yaml", "--input", "8")
    assert beside.code == 2
    assert "net.yaml is a spec, which has one input" in beside.err
    both = run("check", "net.tape.json", "--at", "input=8", "--input", "8")
    assert both.code == 2
    assert "--at input=… gives an input too" in both.err
