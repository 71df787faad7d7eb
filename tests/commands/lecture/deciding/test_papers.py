"""What papers print: columns of their tables, ranges, powers of ten, formulas as on the board."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.deciding.decision import Decision
from archprof.commands.lecture.writing.wording import decision_text
from tests.commands.lecture.deciding.test_judge import decide

# conv1 makes 8x32x32 of 3x32x32, conv2 16x16x16 by stride 2, the pool 16x8x8; fc reads 16*8*8


def only(tmp_path: Path, claim: str) -> Decision:
    [found] = decide(tmp_path, claim).decisions
    return found


def cell(tmp_path: Path, layers: str, stated: str) -> Decision:
    return only(tmp_path, f"{{table: {{network: small, rows: [{{layers: {layers}, {stated}}}]}}}}")


@pytest.mark.parametrize(
    ("layers", "holds", "differs", "instead"),
    [
        ("conv1", "filter: 3×3×3×8", "filter: 3×3×8×3", "it is 3x3x3x8"),
        ("conv2", "input_shape: 32 × 32 × 8", "input_shape: 32x32x16", "it is 32x32x8"),
        ("conv2", "shape: 16×16", "shape: 16×32", "it is 16x16x16"),
        ("conv2", "stride: 2", "stride: 1", "it is 2"),
        ("conv2", "input_height: 32", "input_height: 16", "it is 32"),
        ("conv2", "type: Conv / s2", "type: Conv / s1", "conv2 stride is not 1"),
        ("conv2", "type: 3×3/2", "type: 5×5/2", "conv2 kernel is not 5x5"),
        ("conv2", "type: Conv", "type: Conv dw", "conv2 groups is not channels"),
        ("fc", "filter: 1024 × 10", "filter: 10 × 1024", "it is 1024x10"),
        ("fc", "type: FC", "type: Max Pool", "fc is a linear"),
        ("pool", "filter: Pool 2 × 2", "filter: Pool 3 × 3", "it is 2x2"),
        ("'conv?'", "kernel: 3", "kernel: 5", "it is 3"),
        # of several the input of the first and the output of the last
        ("[conv2, pool]", "input_shape: 32x32x8", "input_shape: 16x16x16", "it is 32x32x8"),
        ("[conv2, pool]", "shape: 8x8x16", "shape: 16x16x16", "it is 8x8x16"),
    ],
)
def test_columns(tmp_path: Path, layers: str, holds: str, differs: str, instead: str) -> None:
    assert cell(tmp_path, layers, holds).verdict.word == "holds"
    wrong = cell(tmp_path, layers, differs)
    assert (wrong.verdict.word, decision_text(wrong).fault) == ("differs", instead)


def test_a_column_holds_for_every_layer_or_says_how_they_differ(tmp_path: Path) -> None:
    found = cell(tmp_path, "'conv?'", "stride: 2")
    assert (found.verdict.word, decision_text(found).fault) == ("differs", "it is 1, 2")
    nothing = cell(tmp_path, "fc", "stride: 1")
    assert (nothing.verdict.word, decision_text(nothing).fault) == ("differs", "it is nothing")


def test_the_input_of_a_layer_is_its_own(tmp_path: Path) -> None:
    claim = "{{of: {{network: small, {}quantity: input}}, stated: {}}}"
    assert only(tmp_path, claim.format("layers: conv2, ", "32x32x8")).verdict.word == "holds"
    assert only(tmp_path, claim.format("", "32x32x3")).verdict.word == "holds"
    assert only(tmp_path, claim.format("", "32x32x8")).verdict.word == "differs"


@pytest.mark.parametrize(
    ("quantity", "stated", "word"),
    [
        # 3*3*3*8 + 8 = 224; 3*3*8*16 + 16 = 1,168; norm 16; 1024*10 + 10 = 10,250: 11,658
        ("params", "11-12K", "holds"),
        ("params", "12-13K", "holds rounded"),
        ("params", "13-14K", "differs"),
        ("params", "'>11K'", "holds"),
        ("params", "'>12K'", "differs"),
        ("params", "at most 11658", "holds"),
        ("params", "less than 11658", "differs"),
        # 216*1024 + 1,152*256 + 10,240 = 526,336 MACs
        ("macs", "500-550K", "holds"),
        ("flops", "500-550K", "holds as MACs"),
        ("flops", "5.9 × 10^5", "differs"),
        ("flops", "5.3 × 10^5", "holds as MACs"),
        ("macs", "5.3 × 10^5", "holds rounded"),
    ],
)
def test_ranges_and_powers(tmp_path: Path, quantity: str, stated: str, word: str) -> None:
    found = only(tmp_path, f"{{of: {{network: small, quantity: {quantity}}}, stated: {stated}}}")
    assert found.verdict.word == word


@pytest.mark.parametrize(
    ("formula", "stated", "word"),
    [
        ("(3×3×3+1)×8", "224", "holds"),
        ("(3^2·3+1) × 8", "224", "holds"),
        ("(3²*3 + 1)*8", "224", "holds"),
        ("3x3 x 3x8 + 8", "224", "holds"),
        ("(3×3×3+1)×8", "200-300", "holds"),
        ("(3×3×3+1)×8", "'>300'", "differs"),
        ("(3×3×3−1)×8", "224", "differs"),
        ("3²*3 + 1*8", "224", "differs"),
    ],
)
def test_formulas_as_on_the_board(tmp_path: Path, formula: str, stated: str, word: str) -> None:
    claim = (
        "{of: {network: small, layers: conv1, quantity: params},"
        f" stated: {stated}, formula: {formula}}}"
    )
    assert only(tmp_path, claim).verdict.word == word


def test_a_letter_x_stays_one(tmp_path: Path) -> None:
    claim = "{of: {product: [2, 112]}, stated: 224, formula: 2*x, with: {x: 112}}"
    assert only(tmp_path, claim).verdict.word == "holds"


def test_numbers_as_labels_and_slides(tmp_path: Path) -> None:
    judged = decide(
        tmp_path,
        "{slide: 3.10, says: 55, table: {network: small, rows: [{label: 192, layers: conv1,"
        " stride: 1}]}}",
    )
    assert (judged.claim.slide, judged.claim.says) == ("3.10", "55")
    assert judged.decisions[0].label == "192 stride"
