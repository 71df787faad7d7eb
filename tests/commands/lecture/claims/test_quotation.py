"""A stated figure is printed in the quotation, or translates words of it."""

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.quotation import is_printed, translates
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ("35K", "Parameters: (11*11*3 + 1)*96 = 35K"),
        ("1,134", "1134 values"),
        ("62 million", "62M parameters"),
        ("80.5%", "increases to 80.5 percent"),
        ("12x", "12x less params"),
        ("96 MB", "24M * 4 bytes ~= 96MB / image"),
        ("418M", "just 418 MFLOP!"),
        ("1.8e9", "1.8×10^9 FLOPs"),
        ("55x55x96", "Output volume [55x55x96]"),
        ("7x7x64", "Conv 7 x 7 x 64 with stride 2"),
        ("64x112x112", "[-1, 64, 112, 112]"),
        ("55", "Output volume [55x55x96]"),
        ("4096", "[4096] FC6"),
        ("152", "152-layer model"),
        ("~2", "about 2 for bwd"),
        ("Xavier", "Xavier initialization"),
        ("further improvement", "provides further\n improvement"),
    ],
)
def test_printed(stated: str, says: str) -> None:
    assert is_printed(stated, says)


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ("138M", "VGG has 999M parameters"),
        ("35,000", "35K"),  # more digits than are printed
        ("80.50%", "80.5 percent"),
        ("2", "~2"),  # printed as less precise
        ("418 MMAC", "418 MFLOP"),
        ("96x55x55", "[55x55x96]"),
        ("1516", "16 feature layers"),
        ("0.5", "half the neurons"),
        ("152", "ResNet-152"),  # a name; `reads` says so
        ("He", "Xavier initialization"),
    ],
)
def test_not_printed(stated: str, says: str) -> None:
    assert not is_printed(stated, says)


@pytest.mark.parametrize(
    ("stated", "words", "right"),
    [
        ("0.5", "half", True),
        ("50%", "half the neurons", True),
        ("0.5", "double", False),
        ("2", "double", True),
        ("3", "three 3x3", True),
        ("7", "three 3x3", False),
        ("0", "no FC layers", True),
        ("152", "ResNet-152", True),
        ("101", "ResNet-152", False),
        ("2", "~*2", True),
        ("4", "quadruples", True),
        ("138M", "parameters", False),  # words that say no number
        ("Xavier", "initialisation", True),  # a word for a word
    ],
)
def test_translated(stated: str, words: str, right: bool) -> None:
    assert translates(stated, words) is right


def test_the_claims_own_formula_is_a_step(tmp_path: Path) -> None:
    """Of DenseNet's k = 32 filters 2k are 64, whose formula is checked; 4k says another."""
    path = tmp_path / "mine.yaml"
    claim = (
        "{says: 2k and 4k filters, stated: 64, formula: 2*k, with: {k: 32}, reads: 2k,"
        " of: {network: densenet121, layers: features.conv0, quantity: out}}"
    )
    path.write_text(f"lecture: X\nclaims:\n  A: {claim}\n", encoding="utf-8")
    assert load_lecture(path).claims["A"].parts[0].reads == "2k"
    other = claim.replace("reads: 2k", "reads: 4k")
    path.write_text(f"lecture: X\nclaims:\n  A: {other}\n", encoding="utf-8")
    with pytest.raises(ProblemError, match="which '4k' does not say"):
        load_lecture(path)
