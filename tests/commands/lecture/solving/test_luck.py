"""Arbitrary figures have seldom an explanation, and true slips keep theirs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.search import solve
from archprof.problem import Mark

HERE = Mark("test")


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))


def quantity(name: str, network: str) -> Quantity:
    return Quantity(name, Subject(network, HERE), Selection(), HERE)


def figure(text: str) -> PrintedFigure:
    found = parse_figure(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("network", "name", "first", "last", "prefix", "most"),
    [
        # of 39, 20 and 21 figures that are wrong; a share of luck of 1/6 is of one in five of them
        ("googlenet", "params", 50, 89, "M", 5),
        ("mobilenet_v2", "params", 25, 45, "M", 4),
        ("resnet50", "macs", 31, 52, "G", 4),
    ],
)
def test_arbitrary_figures_of_two_digits(
    subjects: Subjects, network: str, name: str, first: int, last: int, prefix: str, most: int
) -> None:
    term = quantity(name, network)
    exact = evaluate(subjects, term)
    assert isinstance(exact, int)
    figures = [figure(f"{tenths / 10}{prefix}") for tenths in range(first, last + 1)]
    wrong = [one for one in figures if not one.rounds(Fraction(exact))]
    assert len(wrong) == len(figures) - 1
    assert sum(bool(solve(subjects, term, one)) for one in wrong) <= most


@pytest.mark.parametrize(
    ("network", "name", "stated", "value"),
    [
        ("vgg16", "params", "14.7M", 138_357_544 - 123_642_856),  # without the FC layers
        ("googlenet", "params", "5.97M", 6_998_552 - 1_025_000),
        ("vgg16", "macs", "13.62G", 15_470_264_320 - 1_849_688_064),  # one layer left out
        ("vgg16", "macs", "17.320G", 15_470_264_320 + 1_849_688_064),  # one counted twice
        ("resnet50", "macs", "4.11G", 4_111_512_576),  # fvcore's
        ("resnet50", "flops", "8.18G", 2 * 4_089_184_256),  # 2 per MAC
        (
            "resnet50",
            "params",
            "25.503M",
            25_557_032 - 26_560 - 1_000 - 26_560,
        ),  # no norms, no bias
        ("resnet18", "macs", "1.841G", 1_814_073_344),  # 1.814
        ("mobilenet_v1", "params", "4.209M", 4_209_088),  # weights of conv and fc alone
        # activations in place, 57.78 MiB: CS231n's rows without the input, and what it does not
        # list, the average pooling and flattening of 7x7x512 and two dropouts
        (
            "vgg16",
            "output_bytes",
            "57.8MB",
            4 * (15_237_608 - 3 * 224 * 224 + 2 * 7 * 7 * 512 + 2 * 4096),
        ),
    ],
)
def test_planted_slips_and_conventions(
    subjects: Subjects, network: str, name: str, stated: str, value: int
) -> None:
    answers = solve(subjects, quantity(name, network), figure(stated))
    assert value in [answer.value for answer in answers]
    assert all(answer.luck is not None and answer.luck <= Fraction(1, 6) for answer in answers)
