"""Lecture L8: every statement of the list decided, each verdict the recorded one and the truth,
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
from archprof.commands.lecture.deciding.values import Instead
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    HOLDS,
    NOT_RUN,
    Verdict,
)
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

NAME = "cs7643_l8.yaml"
LISTED = [f"L8-{n:02}" for n in range(1, 63)]
MORE = [f"L8-{n}" for n in range(63, 105)]
ERRATA = {
    "L8-33": [
        "elements of all outputs",
        "elements of input, conv, pool and fc",
        "bytes of all outputs",
        "bytes of input, conv, pool and fc",
    ],
    "L8-38": [""],
    "L8-39": [""],
    "L8-40": [""],
    "L8-41": ["No FC layers"],
    "L8-43": [""],
    "L8-44": [""],
    "L8-48": ["ResNet-50", "ResNet-101", "ResNet-152"],
    "L8-53": ["without degrading, errors of 110 and 1202 layers on Cifar"],
    "L8-75": ["CONV2 as AlexNet's"],
    "L8-86": ["residual sums in Inception-v4"],
    "L8-90": ["50-layer"],
    "L8-98": ["weight decay", "initialization"],
}
ASIDES = {  # true of what the slide is about; read strictly, or of more than it, they are not
    "L8-34": ["what one more image of a batch takes in training, against its forward pass"],
    "L8-89": ["layers without squeeze and excitation"],
    "L8-95": ["GoogLeNet", "ResNet-50"],
    "L8-96": [""],
    "L8-97": ["GoogLeNet (22 layers) against VGG-16", "ResNet-152 against VGG-16"],
}


PER_IMAGE = ("L8-34", "what one more image of a batch takes in training, against its forward pass")


def analysed(claim: str, label: str = "") -> str:
    return decision_text(decided(NAME)[claim, label]).analysis


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
    assert differing(NAME) == ERRATA | ASIDES
    assert {claim for claim in differing(NAME) if shipped(NAME).claims[claim].aside} == set(ASIDES)


def test_what_cannot_be_decided_says_why_and_never_counts() -> None:
    keys = of_kind(NAME, Undecidable)
    assert keys == {
        ("L8-54", "performs worse"),
        ("L8-55", "most efficient"),
        ("L8-72", "first"),
        ("L8-77", ""),
        ("L8-80", "diversifies"),
        ("L8-87", "better than 2nd"),
        ("L8-90", "outperforms"),
        ("L8-99", "the errors"),
        ("L8-104", "harder to optimize"),
    }
    not_modelled = of_kind(NAME, NotModelled)
    assert not_modelled == {("L8-46", "Softmax"), ("L8-88", "Wrn-68-3")}
    for key in keys | not_modelled:
        assert decision_text(decided(NAME)[key]).fault
        assert not decided(NAME)[key].verdict.is_true


def test_experiments_on_the_compiled_networks() -> None:
    keys = of_kind(NAME, Experiment)
    assert {claim for claim, _ in keys} == {
        "L8-30",
        "L8-51",
        "L8-59",
        "L8-70",
        "L8-71",
        "L8-83",
        "L8-93",
        "L8-94",
        "L8-100",
        "L8-104",
    }
    for key, found in findings(shipped(NAME), Witnesses(run=run), keys).items():
        assert found.verdict.word == found.recorded == HOLDS or key not in keys, (key, found)
    other = findings(shipped(NAME), Witnesses(run=lambda experiment, subjects: "3x3"), keys)
    for key in keys:
        assert other[key].verdict == Verdict(DIFFERS, Instead("3x3"))
        assert decision_text(other[key]).fault == "it is 3x3"


def test_alexnet_has_fourteen_rows() -> None:
    """(W - F + 2P)/S + 1, from 227 on."""
    side, rows = 227, [("INPUT", "227x227x3")]
    for label, out, kernel, padding, stride in [
        ("CONV1", 96, 11, 0, 4),
        ("MAX POOL1", 96, 3, 0, 2),
        ("NORM1", 96, 1, 0, 1),
        ("CONV2", 256, 5, 2, 1),
        ("MAX POOL2", 256, 3, 0, 2),
        ("NORM2", 256, 1, 0, 1),
        ("CONV3", 384, 3, 1, 1),
        ("CONV4", 384, 3, 1, 1),
        ("CONV5", 256, 3, 1, 1),
        ("MAX POOL3", 256, 3, 0, 2),
    ]:
        side = (side - kernel + 2 * padding) // stride + 1
        rows.append((label, f"{side}x{side}x{out}"))
    rows += [("FC6", "4096"), ("FC7", "4096"), ("FC8", "1000")]
    assert len(rows) == 14
    cells = [(label, f) for (claim, label), f in decided(NAME).items() if claim == "L8-63"]
    assert [
        (label.removesuffix(" shape"), f.stated, decision_text(f).analysis) for label, f in cells
    ] == [(label, shape, shape) for label, shape in rows]
    assert [label for claim, label in decided(NAME) if claim == "L8-64"] == [
        label for label, _ in rows[1:]
    ]


def conv(out: int, channels: int, kernel: int, side: int) -> int:
    """Multiply-adds."""
    return out * channels * kernel * kernel * side * side


def test_the_stem_of_googlenet() -> None:
    """418 printed. Convolutions, and k*k for each output of a pooling."""
    convolutions = conv(64, 3, 7, 112) + conv(64, 64, 1, 56) + conv(192, 64, 3, 56)
    pools = 9 * (64 * 56 * 56 + 192 * 28 * 28)
    assert round((convolutions + pools) / 1e6) == 481
    assert (
        f"{convolutions + pools:,} MACs and k*k per pooled output"
        in decision_text(decided(NAME)["L8-43", ""]).fault
    )
    assert (
        decision_text(decided(NAME)["L8-43", ""])
        .causes[0]
        .endswith("two digits transposed (481 would be right)")
    )


def test_vgg_down_to_28() -> None:
    """7485 printed: one 256 to 256 convolution at 56x56 (or one of three that cost as much) is
    missing, as in VGG-13.
    """
    whole = (
        conv(64, 3, 3, 224)
        + conv(64, 64, 3, 224)
        + conv(128, 64, 3, 112)
        + conv(128, 128, 3, 112)
        + conv(256, 128, 3, 56)
        + 2 * conv(256, 256, 3, 56)
    )
    assert round((whole - conv(256, 256, 3, 56)) / 1e6) == 7485
    found = decision_text(decided(NAME)["L8-44", ""])
    assert f"{whole:,} MACs" in found.fault
    assert found.causes == (
        "MACs, without one of features.2, features.7, features.12, features.14",
        "for vgg13, MACs",
    )


def test_vgg_memory() -> None:
    """The rows of the table it comes from: the input, 13 convolutions, 5 poolings, 3 fully
    connected layers.
    """
    sides = [(64, 224, 2), (128, 112, 2), (256, 56, 3), (512, 28, 3), (512, 14, 3)]
    rows = (
        3 * 224 * 224
        + sum(c * s * s * n + c * (s // 2) ** 2 for c, s, n in sides)
        + 4096
        + 4096
        + 1000
    )
    assert rows == 15_237_608
    assert analysed("L8-33", "elements of input, conv, pool and fc") == f"{rows:,}"
    assert analysed("L8-33", "bytes of input, conv, pool and fc") == f"{4 * rows:,}"
    assert analysed("L8-33", "24M * 4 bytes") == "96,000,000"
    # kept of one image for the backward pass: the input, what convolutions give (which ReLU
    # overwrites) and poolings, with the places of their maxima in 8 bytes, and of the classifier
    # 7x7x512 pixels and twice 4096 numbers before and behind dropout, with its mask
    pooled = sum(c * (s // 2) ** 2 for c, s, _ in sides)
    kept = 4 * (rows - 4096 - 4096 - 1000) + 8 * pooled + 4 * (7 * 7 * 512 + 2 * 3 * 4096)
    assert kept / (4 * rows) < float(analysed(*PER_IMAGE)) < 1.21


def test_googlenets_five_million() -> None:
    fc = (1024 + 1) * 1000
    assert analysed("L8-38") == "6,998,552"
    assert (6_998_552 - fc) // 10**6 == 5
    # of the figures 1 to 9 million luck would explain as many
    assert decision_text(decided(NAME)["L8-38", ""]).causes == ()
    assert f"{62_378_344 / 5e6:.0f}" == "12"  # of the 5 million the other two follow
    assert int(138_357_544 / 5e6) == 27
    assert (analysed("L8-39"), analysed("L8-40")) == (
        f"{62_378_344 / 6_998_552:.4g}x",
        f"{138_357_544 / 6_998_552:.4g}x",
    )


def test_other_arithmetic() -> None:
    # weights, gradients and momentum of the two towers; the rest grows with the batch
    per_gpu = analysed("L8-21").partition(" ")[0].replace(",", "")
    assert 2 * int(per_gpu) > 4 * 3 * 60_965_224
    assert analysed("L8-96").partition(" ")[0].replace(",", "") == str(2 * int(per_gpu))
    assert (
        analysed("L8-52", "parameters against two 3x3 of 256")
        == f"{256 * 64 + 9 * 64 * 64 + 64 * 256:,} < {2 * 9 * 256 * 256:,}"
    )
    assert analysed("L8-31", "fewer") == f"{27 * 64**2 + 3 * 64:,} < {49 * 64**2 + 64:,}"
    reduced = 257 * 128 + 2 * 257 * 64 + (9 * 64 + 1) * 192 + (25 * 64 + 1) * 96 + 257 * 64
    assert (
        analysed("L8-45", "parameters of the module")
        == f"{reduced:,} < {257 * 128 + (9 * 256 + 1) * 192 + (25 * 256 + 1) * 96:,}"
    )
    assert analysed("L8-61", "product") == f"{1.2 * 1.1**2 * 1.15**2:.3g}"


def test_every_named_cause_is_the_likeliest() -> None:
    named = {claim.id: claim.likely for claim in shipped(NAME).claims.values() if claim.likely}
    assert set(named) == {"L8-39", "L8-43", "L8-44"}
    assert all(
        decision_text(decided(NAME)[claim, ""]).causes[0] == likely
        for claim, likely in named.items()
    )


def test_what_contradicts_what() -> None:
    pairs = {frozenset((c.first[1].id, c.second[1].id)) for c in contradictions(shipped_lectures())}
    assert pairs >= {
        frozenset(pair)
        for pair in [
            ("L8-78", "L8-41"),
            ("L8-48", "L8-52"),
            ("L8-83", "F-17"),
            ("K-02", "L8-05"),
            ("K-02", "L8-06"),
            ("CS231N-12", "L8-38"),
        ]
    }


# --- every verdict can turn ---


def test_the_kinds_of_statements() -> None:
    assert kinds(NAME) == {*CHANGES, Experiment, Undecidable, NotModelled}


TRUTHS = [
    ("L8-41", "No FC layers", "stated: 0", "stated: 1"),
    (
        "L8-89",
        "layers without squeeze and excitation",
        "stated: 152\n        reads: ResNeXt-152\n        verdict: differs",
        "stated: 154",
    ),
    ("L8-90", "50-layer", "stated: 50", "stated: 121"),
    *(
        (
            "L8-48",
            net,
            (
                f"network: {net.lower().replace('-', '')}, each: bottleneck, op: conv2d, where:"
                " {kernel: 3}, quantity: layers}, stated: 2"
            ),
            (
                f"network: {net.lower().replace('-', '')}, each: bottleneck, op: conv2d, where:"
                " {kernel: 3}, quantity: layers}, stated: 1"
            ),
        )
        for net in ("ResNet-50", "ResNet-101", "ResNet-152")
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
            Published: [("L8-98", "initialization"), ("L8-98", "weight decay")],  # as wrong
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
        ("L8-05", "width", "P: 0", "P: 2", DIFFERS),  # its own formula gives 56
        ("L8-07", "", "formula: (11*11*3 + 1)*96", "formula: (11*11*3 + 1)*48", DIFFERS),
        ("L8-21", "", "2]}, 3 GB]", "2]}, 0.7 GB]", DIFFERS),
        ("L8-20", "half of the maps", "F*F*C/2*K", "F*F*C*K", DIFFERS),
        # CONV3 and CONV4 are alike
        ("L8-22", "layer after layer", "never rising", "decreasing", DIFFERS),
        ("L8-30", "three 3x3", "formula: 1 + 3*(3 - 1)", "formula: 1 + 2*(3 - 1)", DIFFERS),
        ("L8-37", "layers", "modules: 9", "modules: 8", DIFFERS),
        ("L8-38", "", "stated: 5 million", "stated: 7.0 million", "holds rounded"),
        (
            "L8-38",
            "",
            "stated: 5 million",
            "stated: 13.4 million",
            "holds as with the auxiliary heads",
        ),
        ("L8-39", "", "stated: 12x", "stated: 8.9x", "holds rounded"),
        (
            "L8-42",
            "layers",
            "kernel: 1, out: 64}, {op: conv2d",
            "kernel: 1, out: 96}, {op: conv2d",
            DIFFERS,
        ),
        ("L8-43", "", "stated: 418", "stated: 478", "holds as MACs"),
        ("L8-44", "", "stated: 7485", "stated: 9335", "holds as MACs"),
        # one convolution earlier
        ("L8-44", "", "last: features.16", "last: features.12", "holds as MACs"),
        ("L8-46", "first head", "under: aux1", "under: aux2.conv", DIFFERS),
        (
            "L8-55",
            "operations",
            "{network: alexnet, quantity: macs}, {network: googlenet, quantity: macs}",
            "{network: googlenet, quantity: macs}, {network: alexnet, quantity: macs}",
            DIFFERS,
        ),
        ("L8-63", "INPUT shape", "shape: 227x227x3", "shape: 224x224x3", DIFFERS),
        (
            "L8-65",
            "",
            (
                "{op: conv2d}, {op: max_pool2d}, {op: local_response_norm}, {op: conv2d}, {op:"
                " max_pool2d}, {op: local_response_norm}"
            ),
            (
                "{op: conv2d}, {op: local_response_norm}, {op: max_pool2d}, {op: conv2d}, {op:"
                " max_pool2d}, {op: local_response_norm}"
            ),
            DIFFERS,
        ),
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
