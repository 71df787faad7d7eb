"""What is stated beside what a source publishes: no digit is confirmed that is not printed."""

from pathlib import Path

import pytest

from tests.commands.lecture.deciding.test_judge import decide


def verdict(tmp_path: Path, published: str, stated: str) -> str:
    claim = f'{{published: {{{published}, source: a paper}}, stated: "{stated}"}}'
    (found,) = decide(tmp_path, claim).decisions
    return found.verdict.word


@pytest.mark.parametrize(
    ("value", "stated", "word"),
    [
        ("1e-4", "1e-4", "holds, as published"),
        ("0.0001", "1e-4", "holds, as published"),
        ("1e-4", "1e-5", "differs"),
        ("81.41%", "81.4%", "holds, as published"),  # 81.41 rounds to 81.4
        ("81.41%", "81.5%", "differs"),
        ("81.41%", "81.3%", "differs"),
        ("78.28%", "80.5%", "differs"),
        ("81%", "80.64%", "undecidable"),  # it would print as 81 %, and is not printed
        ("81%", "80.4%", "differs"),  # it would print as 80 %
        ("90", "90", "holds, as published"),
        ("90", "300", "differs"),
        ("He", "he", "holds, as published"),
        ("He", "Xavier", "differs"),
        ("He", "90", "differs"),
    ],
)
def test_a_value(tmp_path: Path, value: str, stated: str, word: str) -> None:
    assert verdict(tmp_path, f'value: "{value}"', stated) == word


@pytest.mark.parametrize(
    ("values", "relation", "word"),
    [
        ("80.50%, 80.64%", "<", "holds, as published"),
        ("80.64%, 79.92%", "<", "differs"),
        ("80.57%, 80.57%", "<", "differs"),
        ("80.57%, 80.57%", "<=", "holds, as published"),
        ("80.57%, 80.57%", "==", "holds, as published"),
        ("79.92%, 80.35%, 80.57%", "<", "holds, as published"),
        ("79.92%, 80.57%, 80.47%", "<", "differs"),
        ("81%, 80.9%", ">", "undecidable"),  # 81 % may be 80.5 %
        ("81%, 80.4%", ">", "holds, as published"),  # it is 80.5 % at least, and the other 80.45 %
        ("81%, 81.6%", ">", "differs"),
    ],
)
def test_an_order(tmp_path: Path, values: str, relation: str, word: str) -> None:
    assert verdict(tmp_path, f'values: [{values}], relation: "{relation}"', "better") == word


def test_a_cell_of_a_shipped_table(tmp_path: Path) -> None:
    """specs/published/convnext_roadmap.csv: t, 14, fewer norms, 81.41."""
    cell = '{table: convnext_roadmap, row: {regime: t, step: 14}, column: accuracy, unit: "%"}'
    assert verdict(tmp_path, f"value: {cell}", "81.4%") == "holds, as published"
    assert verdict(tmp_path, f"value: {cell.replace('14', '13')}", "81.4%") == "differs"


def test_the_source_is_reported(tmp_path: Path) -> None:
    claim = "{published: {value: He, source: a paper}, stated: Xavier}"
    (found,) = decide(tmp_path, claim).decisions
    assert found.stated == "Xavier"
    assert found.published == found.verdict.fault
    assert found.published is not None
    assert (found.published.values, found.published.source) == (("He",), "a paper")
