"""What a hook or a CI job installs: everything that `check` and `diff` need, no torch, and less than 60 MB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.conftest import checkout
from tests.history import ENVIRONMENT

MOST_BYTES = 60 * 10**6


@pytest.mark.slow
def test_install_without_torch(tmp_path: Path) -> None:
    source, target = checkout(tmp_path / "source"), tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(target)], check=True)
    python = target / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", str(source)], check=True, env=ENVIRONMENT)
    sizes = {path: path.lstat().st_size for path in target.rglob("*") if path.is_file() and not path.is_symlink()}
    packages = {path.relative_to(target).parts[3] for path in sizes if "site-packages" in path.parts}
    assert not packages & {"torch", "numpy", "fvcore", "timm"}
    assert sum(sizes.values()) < MOST_BYTES, sorted(sizes.items(), key=lambda item: -item[1])[:10]
    for command in (["check", str(source / "specs" / "resnet.yaml")], ["diff", "resnet50", "resnet101", "--format", "md"]):
        subprocess.run([python, "-m", "archprof", *command], check=True, capture_output=True, cwd=tmp_path, env=ENVIRONMENT)
