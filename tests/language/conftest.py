"""What several tests of the language need."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.language import find, loader, shipped_index
from tests.language.families import FAMILY, LENET


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped specs: a network and a family."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "lenet.yaml").write_text(LENET)
    (folder / "resnet.yaml").write_text(FAMILY)
    for module in (loader, find, shipped_index):
        monkeypatch.setattr(module, "specs_folder", lambda: folder)
    monkeypatch.chdir(tmp_path)
    return folder
