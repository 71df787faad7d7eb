"""The tables of papers as claims: verdicts as recorded, and the cells that differ by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.library import choose, shipped_lectures, shipped_papers
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.decision import Decision, Witnesses
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.writing.wording import decision_text
from archprof.language.shipped_folder import specs_folder
from archprof.problem import ProblemError

FOLDER = specs_folder() / "papers"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


@cache
def decided(name: str) -> dict[tuple[str, str], Decision]:
    """By claim and label of its part."""
    lecture = load_lecture(FOLDER / name)
    subjects = Subjects(lecture)
    return {
        (claim.id, one.label): one
        for claim in lecture.claims.values()
        for one in judge(lecture, claim, subjects, Witnesses()).decisions
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_every_verdict_is_the_recorded_one(name: str) -> None:
    for (claim, label), found in decided(name).items():
        assert found.recorded == found.verdict.word, (claim, label, found.verdict)


def test_papers_are_found_by_name_and_are_not_among_the_lectures() -> None:
    papers = {lecture.id for lecture in shipped_papers()}
    assert len(papers) == len(FILES)
    assert not papers & {lecture.id for lecture in shipped_lectures()}
    assert [chosen.lecture.id for chosen in choose("resnet")] == ["ResNet"]
    [chosen] = choose("MobileNet-T6")
    assert [claim.id for claim in chosen.claims] == ["MobileNet-T6"]
    assert not papers & {chosen.lecture.id for chosen in choose(None)}
    with pytest.raises(ProblemError, match="did you mean `ResNet`"):
        choose("RseNet")


def test_every_paper_says_where_it_is_from() -> None:
    for lecture in shipped_papers():
        assert "arXiv" in lecture.source or "github.com" in lecture.source
        assert all(claim.slide and claim.says for claim in lecture.claims.values())


def test_resnets_flops_are_multiply_adds_with_the_stride_in_the_first_convolution() -> None:
    """From 50 layers on: with the stride in the 3x3 of the stages' first blocks, the 1x1 before it
    would run on 56x56, 28x28 and 14x14, four times as many pixels.
    """
    cells = {
        label: found
        for (claim, label), found in decided("resnet.yaml").items()
        if claim == "ResNet-FLOPs" and label.endswith("flops")
    }
    assert {found.verdict.word for found in cells.values()} == {
        "holds as MACs",
        "holds as MACs, cut off",
        "holds as for resnet34_a, MACs",  # option A of the paper, without projections
    }
    less = 3 * (56 * 56 - 28 * 28) * 256 * 128  # each such 1x1 takes as much
    assert 4_089_184_256 - less == 3_857_973_248  # "3.8", cut off
    assert cells["50-layer flops"].verdict.word == "holds as MACs, cut off"
    assert round((7_801_405_440 - less) / 1e9, 1) == 7.6
    assert round((11_513_626_624 - less) / 1e9, 1) == 11.3


def test_vggs_column_c() -> None:
    """Column B and three 1x1 convolutions."""
    more = 256 * 256 + 256 + 2 * (512 * 512 + 512)
    found = decided("vgg.yaml")["VGG-params", "C params"]
    assert decision_text(found).analysis == f"{133_047_848 + more:,}"
    assert found.verdict.word == "holds rounded"


def test_mobilenets_last_depthwise_convolution_has_stride_1() -> None:
    """It reads 7x7 and makes 7x7, as the row below it prints."""
    wrong = [
        label
        for (claim, label), found in decided("mobilenet.yaml").items()
        if claim == "MobileNet-T1" and found.verdict.word == "differs"
    ]
    assert wrong == ["Conv dw / s2, the last type"]


def test_mobilenets_shares() -> None:
    """1.19 % of Table 2 is 1.91 with its digits swapped."""
    stem = 112 * 112 * 3 * 3 * 3 * 32
    assert round(100 * stem / 568_740_352, 2) == 1.91
    found = decided("mobilenet.yaml")["MobileNet-T2", "Conv 3 × 3, mult-adds"]
    assert "two digits transposed (191 would be right)" in decision_text(found).causes[0]


def test_convnet_burdens_memory_is_one_convention() -> None:
    """VGG-16's input, convolutions, poolings and linear layers, 15,237,608 elements of 4 bytes: its
    activations lie in place. 58.1 of 1,048,576 bytes.
    """
    words = {
        found.verdict.word.partition(",")[0]
        for (claim, _), found in decided("convnet_burden.yaml").items()
        if claim == "burden-features"
    }
    assert words == {"holds as activations in place"}
    assert round(4 * 15_237_608 / 2**20) == 58


def test_googlenets_first_row_is_none_of_its_convolution() -> None:
    weights = 7 * 7 * 3 * 64
    table = decided("googlenet.yaml")
    assert (
        decision_text(table["GoogLeNet-T1", "convolution params"]).analysis == "114,944"
    )  # the 2nd
    first = load_lecture(FOLDER / "googlenet.yaml").claims["GoogLeNet-T1"].parts[1]
    assert (first.label, first.recorded) == ("convolution params", "differs")
    assert (weights, weights * 112 * 112) == (9408, 118_013_952)  # where 2.7K and 34M are printed


@pytest.mark.parametrize(
    ("name", "before", "after", "claim", "label"),
    [
        (
            "resnet.yaml",
            "out: 2048}",
            "out: 1024}",
            "ResNet-blocks",
            "conv5_x, 50-layer, third out",
        ),
        (
            "resnet.yaml",
            "resnet101, layers",
            "resnet152, layers",
            "ResNet-repeats",
            "101-layer, conv4_x",
        ),
        ("vgg.yaml", "params: 144M", "params: 145M", "VGG-params", "E params"),
        ("vgg.yaml", "Pool 2×2/2", "Pool 3×3/2", "VGG-layers", "maxpool type"),
        ("mobilenet.yaml", "× 32 × 64,", "× 64 × 32,", "MobileNet-T1", "Conv / s1 filter"),
        ("densenet.yaml", "formula: 4*k", "formula: 2*k", "DenseNet-bottleneck", ""),
        (
            "densenet.yaml",
            "denseblock2, shape: 28",
            "denseblock2, shape: 14",
            "DenseNet-output",
            "Dense Block (2) shape",
        ),
        ("efficientnet.yaml", "ms: 66M", "ms: 67M", "EfficientNet-T2", "EfficientNet-B7 params"),
    ],
)
def test_another_figure_or_another_layer_differs(
    tmp_path: Path, name: str, before: str, after: str, claim: str, label: str
) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text.count(before) == 1
    copy = tmp_path / name
    copy.write_text(text.replace(before, after), encoding="utf-8")
    lecture = load_lecture(copy)
    found = judge(lecture, lecture.claims[claim], Subjects(lecture), Witnesses()).decisions
    words = [one.verdict.word for one in found if one.label == label]
    assert "differs" in words
