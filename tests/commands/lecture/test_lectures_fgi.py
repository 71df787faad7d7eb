"""Lectures F, G and I: every statement of the list is there, each verdict is the recorded one,
and a changed statement is noticed.
"""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Experiment, Lecture, Published, Stated
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.contradictions import contradictions
from archprof.commands.lecture.deciding.decision import Decision, Witnesses
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    HOLDS,
    NOT_RUN,
    ROUNDED,
    UNDECIDABLE,
)
from archprof.commands.lecture.running.experiments import run
from archprof.commands.lecture.writing.wording import decision_text
from archprof.language.shipped_folder import specs_folder
from tests.commands.lecture.turning import CHANGES, of_kind, shipped, unquoted, unturned
from tests.commands.lecture.turning import findings as turned

FILES = {"F": "cs462_l14.yaml", "G": "cs282a_l10.yaml", "I": "modern_cnn.yaml"}
LISTED = [
    *(f"F-{n:02}" for n in range(1, 17)),
    *(f"G-{n:02}" for n in range(1, 7)),
    *(f"I-{n:02}" for n in range(1, 15)),
]
MORE = [
    *(f"F-{n}" for n in range(17, 41)),
    *(f"G-{n:02}" for n in range(7, 25)),
    *(f"I-{n}" for n in range(15, 29)),
]


@cache
def lecture(letter: str) -> tuple[Lecture, Subjects]:
    found = load_lecture(specs_folder() / "lectures" / FILES[letter])
    return found, Subjects(found)


def findings(
    of: Lecture, subjects: Subjects, claim: str, witnesses: Witnesses
) -> dict[str, Decision]:
    judged = judge(of, of.claims[claim], subjects, witnesses)
    return {finding.label: finding for finding in judged.everything}


@cache
def found(claim: str) -> dict[str, Decision]:
    """What becomes of a shipped claim, its experiments run."""
    return findings(*lecture(claim[0]), claim, Witnesses(run=run))


@pytest.mark.parametrize("letter", FILES)
def test_every_statement_of_the_list_is_there(letter: str) -> None:
    claims = lecture(letter)[0].claims
    assert sorted(claims) == sorted(id for id in (*LISTED, *MORE) if id[0] == letter)
    assert all(claim.says and claim.slide and claim.parts for claim in claims.values())


@pytest.mark.parametrize("claim", [*LISTED, *MORE])
def test_verdicts_are_the_recorded_ones(claim: str) -> None:
    for label, finding in found(claim).items():
        assert finding.recorded, f"{claim} {label} records no verdict"
        assert finding.verdict.word == finding.recorded, f"{claim} {label}: {finding.verdict}"
        assert finding.verdict.word != NOT_RUN


def stated(aside: bool) -> set[tuple[str, str]]:
    """The statements of the lectures' own, those aside or the others."""
    return {
        (claim.id, part.label)
        for letter in FILES
        for claim in lecture(letter)[0].claims.values()
        for part in claim.parts
        if claim.aside == aside
    }


def test_what_differs() -> None:
    """The errata, each with what is found instead."""
    errors = {
        (claim, label): decision_text(finding).fault
        for claim in (*LISTED, *MORE)
        for label, finding in found(claim).items()
        if finding.verdict.word == DIFFERS and (claim, label) in stated(aside=False)
    }
    table_10 = "Liu et al. 2022, A ConvNet for the 2020s, table 10"
    assert errors == {
        ("F-02", "ResNeXt"): "conv1 kernel is not 4, stride is not 4",
        ("F-03", "layers with 16 maps to pick from"): "it is 6",
        ("F-09", "each individual channel"): "it is channels",
        ("F-09", "as batch norm does"): "it is channels",
        ("F-09", "ResNeXt has layer norms"): "0 > 0 is not so",
        # three 3x3 with stride 2 and their three projections
        (
            "F-12",
            "not in the ResNeXt block",
        ): (
            "layer2.0.conv2 stride is not 1; layer2.0.downsample.0 stride is not 1; layer3.0.conv2"
            " stride is not 1; and 3 more"
        ),
        # 0.1 * 2 * (2 * 0.01/0.1)
        (
            "F-24",
            "alpha (2 lambda') = lambda for alpha = 0.1, lambda = 0.01, lambda' = 2 lambda/alpha",
        ): "0.04 == 0.01 is not so",
        ("F-35", ""): (
            "published is gradients (Balduzzi et al. 2017, The Shattered Gradients Problem,"
            " abstract)"
        ),
        ("G-05", "GELU is discontinuous"): "it is continuous",
        ("G-05", "ReLU is discontinuous"): "it is continuous",
        # (1 - 1 - 1)/10 + 9 * 0.1/10
        ("G-15", "the entries add up to 1, k = 10, alpha = 0.1"): "-0.01 == 1 is not so",
        ("I-02", "performance increases to"): f"published is 78.28% ({table_10})",
        ("I-02", "performance increases"): f"published is 79.51% then 78.28% ({table_10})",
        ("I-04", "a layer norm"): "0 == 1 is not so",
        ("I-18", "by the words, of (1, 2)"): "9 == 5 is not so",
        ("I-21", ""): f"published is 80.64% then 79.92% ({table_10})",
        # of three rows and five columns there is no fourth row
        ("I-23", "i up to M and j up to N, of N = 3 and M = 5"): "it is outside",
        # ‖dW‖/‖W‖ = h‖G‖/‖W‖ falls as ‖W‖/‖G‖ rises
        ("I-24", "the ratio as printed"): "it is inversely proportional",
    }


def test_asides() -> None:
    """What differs, but is not an error of the lecture."""
    assert {
        (claim, label): decision_text(finding).fault
        for claim in (*LISTED, *MORE)
        for label, finding in found(claim).items()
        if finding.verdict.word == DIFFERS and (claim, label) in stated(aside=True)
    } == {
        ("F-36", ""): "published is None (Liu et al. 2022, table 5, of the 300 epochs)",
        (
            "G-19",
            "ConvNeXt-T has a layer of 64 channels",
        ): (
            "features.1.0.block.0 groups is not 64; features.1.1.block.0 groups is not 64;"
            " features.1.2.block.0 groups is not 64"
        ),
        # exp(-17) = 4.1e-8 is less than half of what float32 tells from 1, 2^-24 = 6.0e-8
        ("G-24", ""): "it is 17",
    }


def test_what_cannot_be_decided_is_never_held() -> None:
    undecidable = []
    for letter in FILES:
        of, subjects = lecture(letter)
        for claim in of.claims:
            for finding in findings(of, subjects, claim, Witnesses()).values():
                if finding.verdict.word == UNDECIDABLE:
                    undecidable.append(claim)
                    assert not finding.verdict.is_true
                    assert decision_text(finding).fault
    assert sorted(undecidable) == [
        "F-23",
        "F-26",
        "F-28",
        "F-29",
        "F-40",
        "G-16",
        "G-17",
        "G-18",
        "G-23",
        "I-19",
        "I-22",
        "I-25",
        "I-28",
    ]


@pytest.mark.parametrize("letter", FILES)
def test_without_torch_experiments_are_not_run_and_the_rest_is_the_same(letter: str) -> None:
    of, subjects = lecture(letter)
    for claim in of.claims.values():
        for part, finding in zip(
            (*claim.parts, *claim.also),
            findings(of, subjects, claim.id, Witnesses(missing=("torch",))).values(),
            strict=True,
        ):
            assert finding.verdict.word == (
                NOT_RUN if isinstance(part.statement, Experiment) else finding.recorded
            )
            assert finding.as_recorded


# --- a changed statement ---


ANOTHER_IS_AS_WRONG = {  # but for the right one
    Stated: [("F-03", "layers with 16 maps to pick from")],
    Published: [("F-35", ""), ("F-36", ""), ("I-02", "performance increases to")],
}


@pytest.mark.parametrize("letter", FILES)
@pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.__name__)
def test_every_statement_of_a_kind_can_turn(letter: str, kind: type, tmp_path: Path) -> None:
    """All of a kind at once."""
    known = [key for key in ANOTHER_IS_AS_WRONG.get(kind, []) if key[0][0] == letter]
    assert sorted(unturned(FILES[letter], kind, tmp_path)) == known


@pytest.mark.parametrize("letter", FILES)
def test_every_experiment_can_turn(letter: str) -> None:
    keys = of_kind(FILES[letter], Experiment)
    other = Witnesses(run=lambda experiment, subjects: "neither")
    after = turned(shipped(FILES[letter]), other, keys)
    assert keys
    assert all(after[key].verdict.word == DIFFERS for key in keys)


@pytest.mark.parametrize(
    ("claim", "label", "old", "new", "verdict"),
    [
        # a value, with and without its formula; a shape; a ratio; a count per block
        ("F-03", "maps picked, on average", "stated: ~4", "stated: ~5", DIFFERS),
        ("F-03", "maps picked, on average", "stated: ~4", "stated: 3.75", HOLDS),
        (
            "G-02",
            "at 64 channels",
            "stated: 64x",
            "stated: 96x",
            DIFFERS,
        ),
        ("G-01", "", "stated: 152", "stated: 151", DIFFERS),
        (
            "F-08",
            "one per block",
            "convnext_tiny, each: cnblock, op: gelu, quantity: layers}, 1]}}",
            "convnext_tiny, each: cnblock, op: gelu, quantity: layers}, 2]}}",
            DIFFERS,
        ),
        (
            "I-06",
            "ResNet, ReLUs",
            "op: relu, quantity: layers}, stated: 3",
            "op: relu, quantity: layers}, stated: 4",
            DIFFERS,
        ),
        # an order
        (
            "F-07",
            "inverting makes the network cheaper",
            'relation: "<", sides: [{network: roadmap_t6',
            'relation: ">", sides: [{network: roadmap_t6',
            DIFFERS,
        ),
        (
            "F-14",
            "fewer MACs expected",
            "convnext_tiny, quantity: expected_macs}",
            "convnext_tiny, quantity: flops}",
            DIFFERS,
        ),
        (
            "F-01",
            "the downscaling is the same",
            "layers: maxpool, quantity: height",
            "layers: conv1, quantity: height",
            DIFFERS,
        ),
        (
            "F-07",
            "less than in 3x3 convolutions",
            'relation: "<", sides: [{network: pair_1x1',
            'relation: ">", sides: [{network: pair_1x1',
            DIFFERS,
        ),
        # every layer
        (
            "F-02",
            "ResNeXt",
            "layers: conv1, is: {op: conv2d, kernel: 4, stride: 4}",
            "layers: conv1, is: {op: conv2d, kernel: 7, stride: 2}",
            HOLDS,
        ),
        ("F-04", "groups", "is: {groups: channels}", "is: {groups: 96}", DIFFERS),
        (
            "F-15",
            "U-Net, every upsampling meets a skip",
            "followed_by: concat",
            "followed_by: add",
            DIFFERS,
        ),
        ("I-11", "alpha is 0.2", "is: {factor: 0.2}", "is: {factor: 0.3}", DIFFERS),
        # modules in order
        ("F-10", "the 7 modules", "padding: 3, groups: 96", "padding: 2, groups: 96", DIFFERS),
        ("F-10", "the 7 modules", "          - {op: gelu, approximate: none}\n", "", DIFFERS),
        (
            "F-10",
            "the 7 modules",
            "{op: layer_norm, eps: 1.0e-6, affine: true}",
            "{op: layer_norm, eps: 1.0e-5, affine: true}",
            DIFFERS,
        ),
        (
            "F-11",
            "the 2 modules",
            (
                "[{op: layer_norm2d, eps: 1.0e-6}, {op: conv2d, out: 192, kernel: 2, stride: 2,"
                " padding: 0, groups: 1}]"
            ),
            (
                "[{op: conv2d, out: 192, kernel: 2, stride: 2, padding: 0, groups: 1}, {op:"
                " layer_norm2d, eps: 1.0e-6}]"
            ),
            DIFFERS,
        ),
        # a law and a series
        ("F-06", "quadruples", "formula: 4*F", "formula: 3*F", DIFFERS),
        (
            "I-11",
            "beta, five blocks on",
            "with: {n: 5, alpha: 0.2}",
            "with: {n: 4, alpha: 0.2}",
            DIFFERS,
        ),
        ("F-13", "increase with depth", "is: increasing", "is: decreasing", DIFFERS),
        ("F-13", "linearly, as drawn", "is: linear", "is: constant", DIFFERS),
        # an experiment
        (
            "F-05",
            "output",
            "right: linear_per_pixel}, stated: equal",
            "right: linear_per_pixel}, stated: different",
            DIFFERS,
        ),
        (
            "F-05",
            "output",
            "left: pointwise, right: linear_per_pixel",
            "left: pair_1x1, right: linear_per_pixel",
            DIFFERS,
        ),
        ("F-09", "each individual channel", "stated: space", "stated: channels", HOLDS),
        ("F-22", "", "3x384x384]", "1x384x384]", DIFFERS),
        (
            "G-05",
            "x Phi(x), the expected value of x where x > N",
            "formula: x*Phi(x)",
            "formula: x*Phi(x) + 1/1000",
            DIFFERS,
        ),
        (
            "G-07",
            "",
            "together: {op: concat, from: [conv_red, conv_green, conv_blue]}",
            "together: {op: concat, from: [conv_red, conv_blue, conv_green]}",
            DIFFERS,
        ),
        ("G-11", "GELU's gradient", "stated: rising and falling", "stated: rising", DIFFERS),
        (
            "I-12",
            "3x3",
            "kernel: 3, formula: (W - mean)/(sqrt(N)*sigma)",
            "kernel: 3, formula: (W - mean)/sigma",
            DIFFERS,
        ),
        (
            "I-13",
            "",
            "sqrt(2/(1 - (1/pi)))",
            "sqrt(2/(1 - (2/pi)))",
            DIFFERS,
        ),
        ("I-17", "batch norm, over", "stated: batch and space", "stated: space", DIFFERS),
        (
            "F-17",
            "F is x where H is zero",
            "residual, zeroed: [conv2]",
            "residual, zeroed: [conv1]",
            DIFFERS,
        ),
    ],
)
def test_a_changed_statement_turns_the_verdict(
    tmp_path: Path, claim: str, label: str, old: str, new: str, verdict: str
) -> None:
    before = found(claim)[label].verdict.word
    source = lecture(claim[0])[0]
    assert source.text.count(old) == 1
    path = tmp_path / source.path.name
    path.write_text(unquoted(source.text.replace(old, new)), encoding="utf-8")
    changed = load_lecture(path)
    after = findings(changed, Subjects(changed), claim, Witnesses(run=run))[label]
    assert before in (HOLDS, ROUNDED, DIFFERS)
    assert after.verdict.word == verdict != before
    assert not after.as_recorded


# --- what stands behind the verdicts ---


def test_expected_macs_of_stochastic_depth() -> None:
    """Of ConvNeXt-T by hand: block i of 18 is dropped with 0.1 i/17; its branch has 49 C + 8 C^2
    MACs per pixel.
    """
    saved, i = Fraction(0), 0
    for depth, width, side in ((3, 96, 56), (3, 192, 28), (9, 384, 14), (3, 768, 7)):
        for _ in range(depth):
            saved += Fraction(i, 170) * (49 * width + 8 * width * width) * side * side
            i += 1
    assert (
        decision_text(found("F-14")["fewer MACs expected"]).analysis
        == f"{float(4_455_531_264 - saved):,.0f} < 4,455,531,264"
    )


def test_notes_quote_the_published_accuracies() -> None:
    path = specs_folder() / "published" / "convnext_roadmap.csv"
    with path.open(encoding="utf-8") as file:
        published = {row["accuracy"] for row in csv.DictReader(file)}
    quoted = {
        figure
        for letter in FILES
        for claim in lecture(letter)[0].claims.values()
        for figure in re.findall(r"\b[78]\d\.\d\d\b", claim.note)
    }
    assert len(quoted) > 5
    assert quoted <= published


def test_the_two_views_of_gelu_are_shown_together() -> None:
    pairs = [
        {pair.first[1].id, pair.second[1].id}
        for pair in contradictions([lecture(letter)[0] for letter in FILES])
    ]
    assert {"F-20", "G-05"} in pairs
    assert {"I-04", "I-05"} in pairs
