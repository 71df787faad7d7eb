"""The layout in the browser's language: the same as in Python, and built as it is committed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from archprof.draw.fingerprint import as_json
from archprof.draw.tree import blocks, wired
from archprof.language.find import shipped
from archprof.loaded import Loaded
from tests.commands.page.pages import ROOT, WEB, node
from tests.effort import NIGHTLY

GOLDEN = ROOT / "tests" / "draw" / "layouts.json"
EVERY = 1 if NIGHTLY else 4


def in_web(*words: str) -> str:
    done = subprocess.run([node(), *words], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_layouts_are_those_of_python(tmp_path: Path) -> None:
    """tests/draw holds Python against the same hashes."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    expected = {}
    for network in list(shipped())[::EVERY]:
        analysis = Loaded(network).analyze()
        given = as_json(network.name, wired(analysis), blocks(analysis))
        (tmp_path / f"{network.name}.json").write_text(json.dumps(given), encoding="utf-8")
        expected[network.name] = golden[network.name]
    assert json.loads(in_web("layouts.mjs", str(tmp_path))) == expected


def test_the_committed_bundle_is_what_is_built() -> None:
    """`cd web && npm run build` writes it."""
    assert "not as built" not in in_web("build.mjs", "--check")


@pytest.mark.slow
def test_types_are_right() -> None:
    assert in_web("node_modules/typescript/bin/tsc") == ""
