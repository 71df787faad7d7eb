"""The address of the repository, which pyproject.toml has, and the files that spell it out.

    python scripts/repository.py                # the name, and where it stands
    python scripts/repository.py OWNER/NAME     # write another name everywhere

`tests/ci/test_repository.py` holds that no file has another one.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[\w.-]+")
PLACES = ("*", ".github/**/*", "archprof/**/*", "benchmarks/**/*", "docs/**/*", "specs/**/*")
SUFFIXES = frozenset({".json", ".md", ".py", ".rst", ".toml", ".yaml", ".yml"})


class Mention(NamedTuple):
    """A place where a repository called as this one is named: the file, the line, the name."""

    path: Path
    line: int
    name: str


def setting(root: Path = ROOT) -> str:
    """Return OWNER/NAME, of the address that pyproject.toml calls `Repository`."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address: str = project["urls"]["Repository"]
    return address.removeprefix("https://github.com/")


def files(root: Path = ROOT) -> list[Path]:
    """Return the files whose text may name the repository."""
    found = {path for place in PLACES for path in root.glob(place)}
    return sorted(path for path in found if path.suffix in SUFFIXES and path.is_file())


def mentions(root: Path = ROOT) -> Iterator[Mention]:
    """Yield each place that names a repository of GitHub called as this one is, of any owner."""
    short = re.escape(setting(root).partition("/")[2])
    pattern = re.compile(
        rf"(?:github\.com[/:]|raw\.githubusercontent\.com/|uses: )([\w.-]+/{short})(?![\w-])"
    )
    for path in files(root):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            for name in pattern.findall(line):
                yield Mention(path, number, name)


def rename(name: str, root: Path = ROOT) -> list[Path]:
    """Write another name wherever the present one stands; return the files changed."""
    old = setting(root)
    pattern = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    changed = []
    for path in sorted({mention.path for mention in mentions(root) if mention.name == old}):
        path.write_text(pattern.sub(name, path.read_text(encoding="utf-8")), encoding="utf-8")
        changed.append(path)
    return changed


def main(arguments: Sequence[str]) -> int:
    """Return 0, or 2 for wrong use."""
    if not arguments:
        print(setting())
        for path, line, name in mentions():
            print(f"{path.relative_to(ROOT)}:{line}: {name}")
        return 0
    if len(arguments) > 1 or not NAME.fullmatch(arguments[0]):
        print("usage: python scripts/repository.py [OWNER/NAME]", file=sys.stderr)
        return 2
    for path in rename(arguments[0]):
        print(f"{path.relative_to(ROOT)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
