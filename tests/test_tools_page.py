"""docs/explanation/tools.md shows what the tools printed, as recorded in tests/data/counts."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "explanation" / "tools.md").read_text(encoding="utf-8")
RECORDED = json.loads((ROOT / "tests" / "data" / "counts" / "tools.json").read_text("utf-8"))


def test_table_is_the_record() -> None:
    head = next(line for line in TEXT.splitlines() if line.startswith("| `--count` |"))
    networks = head.strip("|").split("|")[1:]
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", TEXT, re.MULTILINE)
    assert [tool for tool, _ in rows] == list(RECORDED["versions"])
    for tool, cells in rows:
        shown = [int(cell.replace(",", "")) for cell in cells.split("|")]
        assert shown == [RECORDED["networks"][network.strip()][tool] for network in networks]


def test_versions_are_those_recorded() -> None:
    words = " ".join(TEXT.split())
    assert not {version for version in RECORDED["versions"].values() if version not in words}


def test_how_many_networks_more() -> None:
    """25 were recorded, five are in the table."""
    assert len(RECORDED["networks"]) == 25
    assert "20 networks more" in TEXT
