"""Which shipped file has a shared block, as a hint says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.language.loader import load_file
from archprof.language.shipped_folder import OF_ONE_FAMILY, file_with_block, specs_folder

BLOCKS = sorted((specs_folder() / "blocks").glob("*.yaml"))
FILES = [path for path in BLOCKS if path.name not in OF_ONE_FAMILY]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shared_block_is_found(path: Path) -> None:
    for name in load_file(path).blocks:
        assert file_with_block(name) == f"blocks/{path.name}", name


def test_the_table_of_shared_blocks_has_all() -> None:
    table = (specs_folder() / "README.md").read_text(encoding="utf-8")
    for path in BLOCKS:
        assert f"(blocks/{path.name})" in table
        assert [name for name in load_file(path).blocks if f"`{name}`" not in table] == []


@pytest.mark.parametrize(
    "name", ["conv", "bottleneck", "params", "conv_norm_ac", ".*", "conv_norm_act:\n"]
)
def test_what_is_no_shared_block_is_not(name: str) -> None:
    """A `conv` is of NASNet alone, a `bottleneck` of CSPNet."""
    assert file_with_block(name) == ""
