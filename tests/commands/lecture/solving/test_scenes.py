"""The networks that a figure may be of, and where a span ends in another variant."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.scenes import _ends_there, scenes
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.problem import Mark

HERE = Mark("test")


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))


def reached(subjects: Subjects, term: Quantity, reach: str) -> list[tuple[str, int, bool, int]]:
    """Return the move to each scene, its cost, whether it is a reading, and how many layers."""
    return [
        (str(scene.move), scene.move.cost, scene.move.reading, len(scene.rows))
        if scene.move
        else ("", 0, True, len(scene.rows))
        for scene in scenes(subjects, term, reach)
    ]


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [
        # each has two convolutions of 128 maps; of 256 three and two, the last of each the end
        ("features.5", "features.14", ("features.5", "features.12")),
        # the third of 256 maps has no counterpart, a pooling behind them has
        ("features.14", "features.16", ("features.14", "features.14")),
        ("", "", ("", "")),
        ("nowhere", "features.0", ("nowhere", "features.0")),
    ],
)
def test_the_ends_of_a_span_in_another_variant(
    first: str, last: str, ends: tuple[str, str]
) -> None:
    """The features of VGG-16 and VGG-13."""
    here, there = (analyze(expand(find(name))).layers for name in ("vgg16", "vgg13"))
    found = _ends_there(Selection(first=first, last=last), here, there)
    assert (found.first, found.last) == ends


def of(name: str, network: str, input: tuple[int, ...] | None = None) -> Quantity:
    return Quantity(name, Subject(network, HERE, input), Selection(), HERE)


def test_with_its_heads_then_namesakes_then_inputs(subjects: Subjects) -> None:
    """GoogLeNet's two heads have 8 layers each."""
    near = [("", 0, True, 142), ("with the auxiliary heads", 1, True, 142 + 2 * 8)]
    assert reached(subjects, of("macs", "googlenet"), "network") == near
    assert reached(subjects, of("macs", "googlenet"), "namesakes") == [
        *near,
        ("for googlenet_bn", 1, True, 197),
        ("at an input of 227x227", 2, False, 142),
        ("at an input of 256x256", 2, False, 142),
        ("at an input of 299x299", 2, False, 142),
    ]


def test_the_rest_of_the_family_is_furthest(subjects: Subjects) -> None:
    """Parameters are the same at every input."""
    assert reached(subjects, of("params", "resnet34"), "namesakes") == [
        ("", 0, True, 125),
        ("for resnet34_a", 1, True, 128),
        ("for resnet34_c", 1, True, 151),
    ]
    family = reached(subjects, of("params", "resnet34"), "family")
    assert family[:2] == [("", 0, True, 125), ("for resnet18", 3, False, 69)]
    assert [move for move in family if move[1] == 1] == [
        ("for resnet34_a", 1, True, 128),
        ("for resnet34_c", 1, True, 151),
    ]
    assert all(move[1:3] in ((3, False), (1, True)) for move in family[1:])


@pytest.mark.parametrize(("side", "inputs"), [(597, [299]), (598, []), (299, [224, 227, 256])])
def test_inputs_of_less_than_half_are_no_slip(
    subjects: Subjects, side: int, inputs: list[int]
) -> None:
    found = reached(subjects, of("macs", "squeezenet1_1", (3, side, side)), "namesakes")
    assert [move for move, *_ in found if "input" in move] == [
        f"at an input of {other}x{other}" for other in inputs
    ]
