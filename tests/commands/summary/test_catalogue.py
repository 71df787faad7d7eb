"""The catalogue: every network once, confirmed by whom it says, and its report as rendered now."""

from pathlib import Path

import pytest

from archprof.allowance import Allowance
from archprof.commands.summary.catalogue import catalogue, confirmation, full_table, recorded
from archprof.language.shipped_index import ShippedNetwork
from archprof.limits import Limits
from archprof.show.table import Table, lines, render

ROOT = Path(__file__).parents[3]
RECORDS = {
    path.stem.partition("-")[2]
    for folder in ("models", "detection")
    for path in (ROOT / "tests" / "data" / folder).glob("*-*.json")
}
# the papers' networks, which libraries have otherwise under the same name
PAPERS = {"alexnet", "googlenet"}
# a record's name where it is not ours
OWN = {"alexnet_owt": "alexnet", "googlenet_bn": "googlenet", "mobilenet_v1": "mobilenetv1_100"}


@pytest.fixture(scope="module")
def entries() -> list[ShippedNetwork]:
    return sorted(catalogue("", None), key=lambda e: e.family.casefold())


@pytest.fixture(scope="module")
def table(entries: list[ShippedNetwork]) -> Table:
    """What `list --full` prints; it analyses every network, and may take what each of them may."""
    with Allowance(Limits(seconds=1)):
        return full_table(entries)


def test_more_than_120_networks_each_once(entries: list[ShippedNetwork]) -> None:
    assert len(entries) > 120
    names = [name for e in entries for name in (e.name, *e.aliases)]
    assert len(names) == len(set(names))


def test_who_has_a_record_says_so_and_nobody_else(entries: list[ShippedNetwork]) -> None:
    """`scripts/index_specs.py` writes the list of those that have one again."""
    having = [
        e.name
        for e in entries
        if RECORDS & {OWN.get(e.name, e.name), *e.aliases} and e.name not in PAPERS
    ]
    assert sorted(recorded()) == sorted(having)
    texts = {e.name: confirmation(e.name, e.source, recorded()) for e in entries}
    assert texts["resnet50"] == "torchvision: keys, shapes, outputs"
    assert texts["dla102"] == "timm: written from its code"
    assert texts["alexnet"] == "published figures"
    assert {name for name, text in texts.items() if text.endswith("outputs")} == recorded()


def test_the_report_is_what_the_tool_renders(table: Table) -> None:
    """`archprof list --full --format md -o reports/networks.md` writes it again."""
    assert (ROOT / "reports" / "networks.md").read_text(encoding="utf-8") == render(table, "md")


@pytest.mark.parametrize("columns", [60, 160])
def test_width_of_all_columns(table: Table, columns: int) -> None:
    printed = ["".join(text for text, _ in line) for line in lines(table, columns)]
    assert max(map(len, printed)) <= columns
    assert {"Params", "MACs", "Field"} <= set(printed[1].split())
    assert ("Depth" in printed[1].split()) == (columns > 60)
