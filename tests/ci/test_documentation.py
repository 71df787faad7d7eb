"""docs/ci.md: its snippets work. Its examples are run by tests/test_readme.py."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from archprof.commands.check.config_reader import SUPPRESS, TOP
from archprof.commands.diff.fail_conditions import COMPARISONS, OF_STEP, QUANTITIES, parse_condition
from tests.ci.conftest import ROOT
from tests.ci.test_action import ACTION
from tests.ci.test_hooks import HOOKS
from tests.history import History

PAGE = ROOT / "docs" / "ci.md"
TEXT = PAGE.read_text(encoding="utf-8")
CONFIGURATION = re.findall(r"```toml\n# archprof.toml\n(.*?)```", TEXT, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SPECS = dict(re.findall(r"```yaml\n# (specs/\S+)\n(.*?)```", TEXT, re.DOTALL))
SNIPPETS: dict[str, Any] = {
    name: yaml.safe_load(text)
    for name, text in re.findall(r"```yaml\n# (\S+)\n(.*?)```", TEXT, re.DOTALL)
}


def test_configuration(tmp_path: Path) -> None:
    """Its keys are all there are; its budget, its suppression and the comments of the spec
    beside it act.
    """
    (text,) = CONFIGURATION
    ((name, spec),) = SPECS.items()
    (tmp_path / "specs").mkdir()
    (tmp_path / name).write_text(spec, encoding="utf-8")
    # (192 + 1)*30,000 = 5.79 M
    layers = (
        "[{op: conv2d, out: 3, kernel: 1}, {op: batch_norm2d}, {op: flatten}, {op: linear, out:"
        " 30_000}]"
    )
    (tmp_path / "specs" / "mobile_x.yaml").write_text(
        f"name: mobile_small\ninput: 3x8x8\nlayers: {layers}\n", encoding="utf-8"
    )

    def found(config: str) -> list[tuple[str, str]]:
        (tmp_path / "archprof.toml").write_text(config, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "archprof", "check", "specs", "--format", "json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        return [(f["file"], f["rule"]) for f in json.loads(done.stdout)["findings"]]

    assert tomllib.loads(text).keys() == set(TOP)
    assert {key for table in tomllib.loads(text)["suppress"] for key in table} == set(SUPPRESS)
    # `remainder` is not selected: nothing is said of its suppression
    # no network here has the block of a budget, which is noted
    assert found(text) == [("archprof.toml", "budget"), ("specs/mobile_x.yaml", "budget")]
    assert set(found("")) == {("specs/mobile_x.yaml", "conv-bias")}
    (tmp_path / name).write_text(re.sub(r"# archprof: .*", "", spec), encoding="utf-8")
    assert [place for place in found(text) if place[0] == name] == 2 * [(name, "conv-bias")]
    assert {rule for file, rule in found("") if file == name} == {"conv-bias", "remainder"}


def test_exit_codes(tmp_path: Path) -> None:
    for name, content, code in (
        ("empty.yaml", b"", 1),
        ("binary.yaml", b"\x00\xff\x01", 1),
        ("missing.yaml", None, 2),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        assert (
            subprocess.run(
                [sys.executable, "-m", "archprof", "check", name], cwd=tmp_path, capture_output=True
            ).returncode
            == code
        )


def test_fixture(tmp_path: Path) -> None:
    (text,) = PYTHON
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 passed" in done.stdout


def test_conditions_are_some() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)
    assert len(rows) >= 6
    assert all(parse_condition(row).text == row for row in rows)
    listed = re.findall(
        r"`([^`]+)`", TEXT.partition("takes a quantity")[2].partition("and an amount")[0]
    )
    assert listed == [*QUANTITIES, *OF_STEP, *COMPARISONS]


def test_workflow_gives_what_the_action_takes() -> None:
    step = SNIPPETS[".github/workflows/specs.yaml"]["jobs"]["archprof"]["steps"][1]
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert [parse_condition(line) for line in step["with"]["fail-on"].splitlines()]


def test_hooks_are_those_of_the_manifest() -> None:
    hooks = SNIPPETS[".pre-commit-config.yaml"]["repos"][0]["hooks"]
    assert [hook["id"] for hook in hooks] == list(HOOKS)


def test_job_of_gitlab(
    shell: Callable[..., subprocess.CompletedProcess[str]], pull_request: History
) -> None:
    """Its script in a merge request that makes networks heavier, all but the installation."""
    job = SNIPPETS[".gitlab-ci.yml"]["archprof"]
    install, *script = job["script"]
    assert install == "python -I -m pip install archprof"
    done = shell(
        "set -e\n" + "\n".join(script),
        pull_request.root,
        CI_MERGE_REQUEST_DIFF_BASE_SHA=pull_request.git("rev-parse", "origin/main"),
    )
    assert done.returncode == 1
    assert "### archprof: 3 networks changed" in done.stdout
    assert done.stderr.count("[fail-on]") == 3
    for path in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (pull_request.root / path).stat().st_size > 0
