"""Git repositories with a history, made for a test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT = {
    # a hook that runs the tests has some
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
}

UNIT = """\
name: parts
blocks:
  unit:
    params: {width: }
    layers:
      conv: {op: conv2d, out: $width, kernel: 3, padding: 1, bias: false}
      bn: {op: batch_norm2d}
      relu: {op: relu}
"""

SMALL = """\
name: small
input: 3x32x32
use: blocks/unit.yaml
layers:
  stem: {block: unit, with: {width: 16}}
  body: {block: unit, repeat: 2, with: {width: 32}}
  pool: {op: adaptive_avg_pool2d, size: 1}
  flatten: {op: flatten}
  fc: {op: linear, out: 10}
"""

FAMILY = """\
name: family
input: 3x32x32
use: blocks/unit.yaml
params: {times: , width: 8}
layers:
  body: {block: unit, repeat: $times, with: {width: $width}}
variants:
  tiny: {times: 1}
  large: {times: 4, width: 64}
"""

ALONE = """\
name: alone
input: 3x32x32
layers:
  flatten: {op: flatten}
  fc: {op: linear, out: 10}
"""

SPECS = {
    "specs/blocks/unit.yaml": UNIT,
    "specs/small.yaml": SMALL,
    "specs/family.yaml": FAMILY,
    "specs/alone.yaml": ALONE,
    ".github/workflows/ci.yaml": "on: push\njobs: {test: {runs-on: ubuntu-latest}}\n",
}
"""A block that two files use, a network that stands alone, and a YAML file that is not a spec."""

WIDER = UNIT.replace("out: $width,", "out: $width * 2,")
"""The pull request of the tests: the shared block's convolution twice as wide."""


class History:
    """A repository in `root`, on its branch main."""

    def __init__(self, root: Path, files: Mapping[str, str] | None = None):
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        if files is not None:
            self.commit(files)

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=ENVIRONMENT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def git_input(self, content: bytes, *arguments: str) -> None:
        """git with this on its standard input."""
        subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=ENVIRONMENT,
            check=True,
            capture_output=True,
            input=content,
        )

    def write(self, files: Mapping[str, str | None]) -> None:
        """Files by path; None takes one away."""
        for path, text in files.items():
            place = self.root / path
            if text is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8", newline="")

    def commit(self, files: Mapping[str, str | None]) -> str:
        """Writes the files and commits everything. The commit's hash."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")
