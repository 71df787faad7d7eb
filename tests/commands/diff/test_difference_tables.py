"""A difference as tables and data: what stands in them, and that they agree."""

from __future__ import annotations

import json

import archprof
from archprof.commands.diff.difference_data import difference_data
from archprof.commands.diff.difference_tables import difference_lines
from archprof.commands.diff.fail_conditions import QUANTITIES
from archprof.commands.diff.review import Review, pair
from archprof.commands.diff.totals_text import nothing


def reviewed(old: str, new: str) -> Review:
    return pair(archprof.load(old).analyze(), archprof.load(new).analyze(), (old, new))


def lines(review: Review, full: bool = False, width: int = 100) -> list[str]:
    return [
        "".join(part for part, _ in line).rstrip() for line in difference_lines(review, full, width)
    ]


def test_totals_of_both_sides() -> None:
    text = lines(reviewed("resnet18", "resnet34"))
    assert text[0] == "resnet18 -> resnet34 · input 3x224x224 · batch 1 · float32"
    assert text[3].split() == ["params", "11.7", "M", "21.8", "M", "+10.1", "M", "+86.5%"]
    assert "parameter depths [2, 2, 2, 2] -> [3, 4, 6, 3]" in text


def test_rows_of_a_table_sum_to_its_total() -> None:
    """As figures, which a CSV writes; the terminal rounds them."""
    from archprof.commands.diff.difference_tables import changes_table

    for old, new in (
        ("resnet18", "resnet34"),
        ("googlenet", "googlenet_bn"),
        ("resnet50", "convnext_tiny"),
    ):
        review = reviewed(old, new)
        *body, last = changes_table(review).rows
        for column in (4, 5, 6):
            assert sum(row[column].value for row in body) == last[column].value  # type: ignore[attr-defined]


def test_data_has_every_total_and_every_change() -> None:
    review = reviewed("googlenet", "googlenet_bn")
    data = json.loads(json.dumps(difference_data(review)))
    (one,) = data["networks"]
    found = review.networks[0].found
    assert found
    assert set(one["totals"]) == set(QUANTITIES)
    assert len(one["changes"]) == len(found.changes)
    assert one["same_layers"] + sum(c["new"] is not None for c in one["changes"]) == len(
        found.new.layers
    )
    for name in ("params", "macs", "flops", "weights", "outputs", "saved", "training", "peak"):
        sides = one["totals"][name]
        assert (
            sum(c["change"][name] for c in one["changes"])
            + (one["input_peak_bytes"] if name == "peak" else 0)
            == sides["new"] - sides["old"]
        )


def test_nothing_is_said_in_one_line() -> None:
    assert nothing(Review("a", "b", ())) == "From a to b: no network touched"
    assert lines(reviewed("alexnet", "alexnet")) == [
        "alexnet and alexnet are the same: 23 layers, and no number differs"
    ]
    assert nothing(reviewed("resnet18", "resnet34")) == ""
