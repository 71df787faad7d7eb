"""Where the specs that come with archprof are."""

from __future__ import annotations

import re
from pathlib import Path

# whose `conv`, `separable` and `bottleneck` nobody else means
OF_ONE_FAMILY = ("cross_stage.yaml", "searched_cells.yaml")


def specs_folder() -> Path:
    """Return the folder of the shipped networks.

    It is inside an installed package, or beside it in a checkout.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


def file_with_block(name: str) -> str:
    """Return the shipped file of shared blocks that has one of this name, as `use:` names it.

    "" where there is none.
    """
    declared = re.compile(rf"^  {re.escape(name)}:", re.MULTILINE)
    for path in sorted(specs_folder().glob("blocks/*.yaml")):
        if path.name not in OF_ONE_FAMILY and declared.search(path.read_text(encoding="utf-8")):
            return f"blocks/{path.name}"
    return ""
