"""Lecture K: every statement of the list decided, each verdict the recorded one and the truth,
and no statement whose verdict cannot turn.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import (
    Experiment,
    NotModelled,
    Published,
    Stated,
    Undecidable,
)
from archprof.commands.lecture.claims.library import shipped_lectures
from archprof.commands.lecture.deciding.contradictions import contradictions
from archprof.commands.lecture.deciding.decision import Witnesses
from archprof.commands.lecture.deciding.verdicts import DIFFERS, HOLDS, NOT_RUN, UNDECIDABLE
from archprof.commands.lecture.running.experiments import run
from archprof.commands.lecture.writing.wording import decision_text
from tests.commands.lecture.turning import (
    CHANGES,
    changed,
    decided,
    differing,
    findings,
    kinds,
    of_kind,
    one_claim,
    shipped,
    unturned,
)

NAME = "cs7643_cnns.yaml"
LISTED = [f"K-{n:02}" for n in range(1, 16)]
MORE = [f"K-{n}" for n in range(16, 43)]
ERRATA = {
    "K-02": ["CONV1", "width", "INPUT of the other rows"],
    "K-13": ["50-layer"],
    "K-24": ["ResNet-50"],
    "K-41": ["weight decay", "initialization"],
}


def cells(claim: str) -> list[tuple[str, str, str]]:
    """Of each part its label, what is stated and what is found."""
    return [
        (label, f.stated, decision_text(f).analysis)
        for (of, label), f in decided(NAME).items()
        if of == claim
    ]


def test_every_statement_of_the_list_is_there() -> None:
    claims = shipped(NAME).claims
    assert sorted(claims) == sorted(LISTED + MORE)
    assert all(claim.slide and claim.says and claim.parts for claim in claims.values())


def test_every_verdict_is_the_recorded_one() -> None:
    for key, found in decided(NAME).items():
        assert found.recorded, key
        assert found.verdict.word == (
            NOT_RUN if key in of_kind(NAME, Experiment) else found.recorded
        ), (key, found.verdict)


def test_what_is_wrong_with_the_lecture() -> None:
    assert differing(NAME) == ERRATA


def test_what_cannot_be_decided_says_why_and_never_counts() -> None:
    keys = of_kind(NAME, Undecidable)
    assert keys == {
        ("K-13", "outperforms"),
        ("K-17", "augmentation and ensembling"),
        ("K-34", "the best"),
        ("K-37", ""),
        ("K-40", ""),
    }
    assert of_kind(NAME, NotModelled) == {("K-33", "")}
    for key in keys:
        assert (decided(NAME)[key].verdict.word, decided(NAME)[key].verdict.is_true) == (
            UNDECIDABLE,
            False,
        )
        assert decision_text(decided(NAME)[key]).fault


def test_experiments_on_the_compiled_networks() -> None:
    """Zeros in its last layer leave a residual block its input, and the same layers without the
    shortcut nothing; dropout of one half leaves ones, or twos, or halves them, as its form has it.
    """
    keys = of_kind(NAME, Experiment)
    found = findings(shipped(NAME), Witnesses(run=run), keys)
    of_chance = {
        ("K-32", "deactivated in training, p = 0.5"): 0.5,
        ("K-38", "the same input distribution, the mean at train time"): 1,
    }
    for key, mean in of_chance.items():
        assert float(decision_text(found[key]).torch) == pytest.approx(mean, abs=0.02)
    assert {key: decision_text(found[key]).torch for key in keys - of_chance.keys()} == {
        ("K-28", "with the skip connection"): "identity",
        ("K-28", "not without"): "different",
        ("K-32", "none in testing"): "0",
        ("K-32", "another mask each iteration"): "depends",
        ("K-32", "no mask in testing"): "independent",
        ("K-34", "from CIFAR's size to ImageNet's"): "runs",
        ("K-36", ""): "equal",
        ("K-38", "p at test time"): "0.5",
        ("K-38", "nothing scaled at train time"): "1",
        ("K-38", "outputs or equivalently weights"): "equal",
        ("K-38", "alternative, 1/p at train time"): "2",
        ("K-38", "alternative, nothing at test time"): "1",
    }
    assert all(found[key].as_recorded for key in keys)
    other = findings(shipped(NAME), Witnesses(run=lambda experiment, subjects: "neither"), keys)
    assert all(other[key].verdict.word == DIFFERS for key in keys)


def test_resnet18_has_twenty_three_rows() -> None:
    """Conv2d 3x3 without bias: 9*in*out; batch norm: a weight and a bias per channel; a
    container has none of its own.
    """
    kernels = [
        ("Conv2d", 49 * 3 * 64, 64, 112),
        ("BatchNorm2d", 128, 64, 112),
        ("ReLU", 0, 64, 112),
        ("MaxPool2d", 0, 64, 56),
    ]
    block = [("Conv2d", 9 * 64 * 64, 64, 56), ("BatchNorm2d", 128, 64, 56), ("ReLU", 0, 64, 56)]
    kernels += 2 * (block + block + [("BasicBlock", 0, 64, 56)])
    kernels += [
        ("Conv2d", 9 * 64 * 128, 128, 28),
        ("BatchNorm2d", 256, 128, 28),
        ("ReLU", 0, 128, 28),
        ("Conv2d", 9 * 128 * 128, 128, 28),
        ("BatchNorm2d", 256, 128, 28),
    ]
    assert len(kernels) == 23
    expected = []
    for i, (kind, params, channels, side) in enumerate(kernels, start=1):
        shape = f"{channels}x{side}x{side}"
        count = f"{params:,}"
        expected += [
            (f"{kind}-{i} shape", shape, shape),
            (f"{kind}-{i} {'own_params' if kind == 'BasicBlock' else 'params'}", count, count),
        ]
    assert cells("K-04") == expected


def test_resnet_table() -> None:
    sides = [
        ("conv1", 112),
        ("conv2_x", 56),
        ("conv3_x", 28),
        ("conv4_x", 14),
        ("conv5_x", 7),
        ("average", 1),
    ]
    assert cells("K-05") == [
        (f"{net}-layer {stage} {axis}", str(side), str(side))
        for net in (18, 34)
        for stage, side in sides
        for axis in ("height", "width")
    ]
    assert [found for _, _, found in cells("K-06")] == [*"2222", *"3463", "18", "34"]


def test_flops_of_the_resnet_table() -> None:
    """They are multiply-adds, and of the shortcuts without weights.

    3.66 is 3.7 rounded; the printed 3.6 is of those shortcuts, 3.64, or cut off.
    """
    found = decided(NAME)
    assert found["K-07", ""].verdict.word == "holds as MACs"
    assert found["K-08", ""].verdict.word == "holds as for resnet34_a, MACs"
    assert decision_text(found["K-08", ""]).causes == ("MACs, cut off",)
    projections = sum(
        a * b * side * side for a, b, side in [(64, 128, 28), (128, 256, 14), (256, 512, 7)]
    )
    assert (round(3_663_761_408 / 1e9, 1), round((3_663_761_408 - projections) / 1e9, 1)) == (
        3.7,
        3.6,
    )


def test_alexnet_rows() -> None:
    rows = [label for label, _, _ in cells("K-16")]
    assert len(rows) == 13
    assert [
        (label.removesuffix(" shape"), stated == found) for label, stated, found in cells("K-03")
    ] == [(label, True) for label in rows]


def test_55_is_of_227() -> None:
    """floor((224 - 11)/4) + 1 = 54; after the poolings, floor halves, 5 and not 6."""
    found = decided(NAME)
    assert decision_text(found["K-02", "CONV1"]).analysis == "54x54x96"
    assert decision_text(found["K-02", "CONV1"]).causes[:2] == (
        "at an input of 227x227",
        "with padding 2",
    )
    assert decision_text(found["K-02", "CONV1"]).causes[0] == shipped(NAME).claims["K-02"].likely
    assert (
        decision_text(found["K-02", "width"]).fault == f"its own formula gives {(224 - 11) / 4 + 1}"
    )
    assert {claim.id for claim in shipped(NAME).claims.values() if claim.likely} == {"K-02"}


def test_what_contradicts_what() -> None:
    pairs = {
        frozenset((c.first[1].id, c.second[1].id)): c.found
        for c in contradictions(shipped_lectures())
    }
    said = [
        ("K-02", "L8-05"),
        ("K-02", "L8-06"),
        ("K-18", "L8-41"),
        ("K-24", "K-26"),
        ("K-24", "L8-52"),
        ("K-26", "L8-48"),
    ]
    seen = [("K-02", "L8-63")]  # two figures of one thing
    assert {frozenset(pair): pairs.get(frozenset(pair)) for pair in said + seen} == {
        **{frozenset(pair): False for pair in said},
        **{frozenset(pair): True for pair in seen},
    }


# --- every verdict can turn ---


def test_the_kinds_of_statements() -> None:
    assert kinds(NAME) == {*CHANGES, Experiment, Undecidable, NotModelled}


TRUTHS = [
    ("K-02", "CONV1", "stated: 55x55x96", "stated: 54x54x96"),
    (
        "K-02",
        "width",
        "stated: 55, formula: (W - F + 2*P)/S + 1",
        "stated: 54, formula: (W - F + 2*P)//S + 1",
    ),
    ("K-02", "INPUT of the other rows", "stated: 224x224x3", "stated: 227x227x3"),
    ("K-13", "50-layer", "stated: 50", "stated: 121"),
    (
        "K-24",
        "ResNet-50",
        (
            "network: resnet50, each: bottleneck, op: conv2d, where: {kernel: 3}, quantity:"
            " layers}, stated: 2"
        ),
        (
            "network: resnet50, each: bottleneck, op: conv2d, where: {kernel: 3}, quantity:"
            " layers}, stated: 1"
        ),
    ),
]


@pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.__name__)
def test_a_changed_statement_is_decided_otherwise(kind: type, tmp_path: Path) -> None:
    """All of a kind at once; where a small number is wrong another is as wrong, but for the
    right one.
    """
    assert sorted(unturned(NAME, kind, tmp_path)) == (
        {
            Stated: sorted((claim, label) for claim, label, *_ in TRUTHS),
            Published: [("K-41", "initialization"), ("K-41", "weight decay")],  # as wrong
        }.get(kind, [])
    )


@pytest.mark.parametrize(("claim", "label", "before", "after"), TRUTHS)
def test_the_right_number_holds(
    claim: str, label: str, before: str, after: str, tmp_path: Path
) -> None:
    found = findings(
        changed(NAME, tmp_path, one_claim(claim, before, after)), only=frozenset({(claim, label)})
    )
    assert found[claim, label].verdict.word == HOLDS


@pytest.mark.parametrize(
    ("claim", "label", "before", "after", "then"),
    [
        (
            "K-01",
            "example",
            "stated: 112, formula: (3*3*3 + 1)*4",
            "stated: 108, formula: (3*3*3)*4",
            "holds as without biases",
        ),
        ("K-01", "example", "stated: 112", "stated: 108", DIFFERS),  # its own formula counts them
        (
            "K-01",
            "formula",
            "network: four_filters, op: conv2d, formula: N*(k1*k2*3 + 1)",
            "network: four_filters, op: conv2d, formula: N*(k1*k2*3)",
            DIFFERS,
        ),
        ("K-04", "Conv2d-1 params", '"9,408"', '"9,472"', DIFFERS),  # a bias
        (
            "K-04",
            "BasicBlock-11 shape",
            "layers: layer1.0, shape: 64x56x56",
            "layers: layer1.0, shape: 56x56x64",
            DIFFERS,
        ),
        (
            "K-04",
            "BasicBlock-11 own_params",
            "layer1.0, shape: 64x56x56, own_params: 0",
            "layer1.0, shape: 64x56x56, own_params: 73984",
            DIFFERS,
        ),
        # a batch norm is not a ReLU
        ("K-04", "ReLU-3 shape", "layers: relu, op: relu", "layers: bn1, op: relu", DIFFERS),
        ("K-07", "", '"1.8e9"', '"3.6e9"', "holds rounded"),
        ("K-09", "no extra parameter", "network: plain34", "network: resnet34", DIFFERS),
        ("K-10", "1x1", "kernel: 1", "kernel: 3", DIFFERS),
        (
            "K-14",
            "fewer activations",
            "each: bottleneck, op: relu",
            "each: bottleneck, op: add",
            DIFFERS,
        ),
        ("K-14", "separate downsampling", "kernel: 2, stride: 2", "kernel: 3, stride: 2", DIFFERS),
        (
            "K-15",
            "MaxPool",
            "is: {kernel: 3, stride: 1, padding: 1}",
            "is: {kernel: 3, stride: 1, padding: 0}",
            DIFFERS,
        ),
        ("K-19", "", "last: layer2.0.bn2", "last: layer2.0.conv2", DIFFERS),
        # the projections too
        (
            "K-20",
            "34-layer conv4_x",
            'network: resnet34, layers: "layer3.*.conv?"',
            "network: resnet34, layers: layer3",
            DIFFERS,
        ),
        ("K-29", "channels grow with every layer", "is: linear", "is: constant", DIFFERS),
    ],
)
def test_one_changed_place(
    claim: str, label: str, before: str, after: str, then: str, tmp_path: Path
) -> None:
    found = findings(
        changed(NAME, tmp_path, one_claim(claim, before, after)), only=frozenset({(claim, label)})
    )
    assert found[claim, label].verdict.word == then
    assert found[claim, label].verdict != decided(NAME)[claim, label].verdict
