"""The one convention of a table: that of most of its figures, if luck does not give it as well."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archprof.commands.lecture.claims.document import Quantity, Selection, Subject, Term
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.table_reading import (
    AS_REQUESTED,
    Convention,
    TableFigure,
    readings,
    table_reading,
)
from archprof.problem import Mark

HERE = Mark("test")


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    path = tmp_path_factory.mktemp("tables") / "claims.yaml"
    path.write_text(
        "lecture: T\nclaims: {A: {of: {network: vgg16, quantity: depth}, stated: 16}}\n",
        encoding="utf-8",
    )
    return Subjects(load_lecture(path))


def printed(text: str) -> PrintedFigure:
    found = parse_figure(text)
    assert found is not None
    return found


def term(network: str, quantity: str, *paths: str) -> Quantity:
    return Quantity(quantity, Subject(network, HERE), Selection(paths=paths), HERE)


def row(subjects: Subjects, of: Term, text: str) -> TableFigure:
    figure, exact = printed(text), evaluate(subjects, of)
    assert isinstance(exact, (int, Fraction))
    return TableFigure(of, figure, figure.rounds(Fraction(exact)))


def rows(subjects: Subjects, quantity: str, **printed_of: str) -> list[TableFigure]:
    return [row(subjects, term(name, quantity), text) for name, text in printed_of.items()]


def convention(
    subjects: Subjects, figures: list[TableFigure], given: Convention = AS_REQUESTED
) -> list[str] | None:
    found = table_reading(subjects, figures, given)
    return None if found is None else sorted(found.convention)


BURDEN = {"resnet18": "23 MB", "densenet121": "126 MB", "vgg16": "58 MB", "vgg19": "63 MB"}
"""Of convnet-burden: all outputs but of activations, in MiB: 22.59, 126.34, 57.78 and 62.75."""


def test_activations_in_place(subjects: Subjects) -> None:
    """VGG-19's 63 alone may be many things: 2 bytes per element make 62.6 MB of its 125.2."""
    figures = rows(subjects, "output_bytes", **BURDEN)
    assert convention(subjects, figures) == ["activations in place", "in powers of 1024"]
    alone = readings(subjects, figures[-1].term, figures[-1].figure)
    assert frozenset({"2 bytes per element"}) in alone
    found = table_reading(subjects, figures)
    assert found is not None
    # of some 30 conventions one gives four figures, each of 20, 25, 20 and 20 near it
    assert Fraction(1, 20 * 24 * 20 * 20) < found.luck < Fraction(60, 20 * 24 * 20 * 20)
    assert str(found.of(subjects, figures[0].term, figures[0].figure)) == (
        "activations in place, 23 MB in powers of 1024"
    )
    assert found.of(subjects, figures[0].term, printed("24 MB")) is None


def test_two_figures_of_two_digits_are_luck(subjects: Subjects) -> None:
    """Some 30 conventions for two figures of 20: 30/400; for one of them, more than one."""
    one = rows(subjects, "output_bytes", vgg19="63 MB")
    assert convention(subjects, one) is None
    assert convention(subjects, [*one, *rows(subjects, "output_bytes", resnet18="77 MB")]) is None


def test_weights_of_conv_and_fc_alone(subjects: Subjects) -> None:
    """MobileNet's, 4,209,088 of 4,231,976: without norms and the bias of fc."""
    figures = rows(subjects, "params", mobilenet_v1="4,209,088", resnet18="11,678,912")
    assert evaluate(subjects, term("mobilenet_v1", "params")) == 4_231_976
    # resnet18 has 9,600 parameters of norms and 1,000 biases of fc, of 11,689,512
    assert 11_689_512 - 9_600 - 1_000 == 11_678_912
    assert convention(subjects, figures) == ["weights of conv and fc alone"]


def test_figures_that_are_right_speak_against_a_convention(subjects: Subjects) -> None:
    """MACs of AlexNet's conv1 and conv2 are 105,415,200 and 447,897,600; with a FLOP for each
    MAC's addition, which the last row's 1.3 G of all have, they are twice that and a bias each.
    """
    figures = [
        row(subjects, term("alexnet", "flops", "conv1"), "105.4M"),
        row(subjects, term("alexnet", "flops", "conv2"), "447.9M"),
    ]
    assert convention(subjects, figures) == ["MACs"]
    exact = [
        row(subjects, term("alexnet", "flops", path), f"{value:.4e}")
        for path in ("conv3", "conv4", "conv5")
        if isinstance(value := evaluate(subjects, term("alexnet", "flops", path)), int)
    ]
    assert all(one.right for one in exact)
    assert convention(subjects, figures + exact) is None


def test_a_table_that_is_right_has_no_convention(subjects: Subjects) -> None:
    assert convention(subjects, rows(subjects, "params", vgg16="138M", alexnet="62.4M")) is None


def test_what_other_tables_follow_is_given(subjects: Subjects) -> None:
    """AlexNet's and VGG-16's convolutions in MiB: 13,547,520 - 802,816 elements make 48.6, one
    layer missing. Fewer conventions are as simple where the MiB are given.
    """
    alexnet = Subject("alexnet_owt", HERE, (3, 227, 227))
    figures = [
        row(subjects, term("vgg16", "output_bytes")._replace(subject=alexnet), "1.9 MB"),
        row(subjects, term("vgg16", "output_bytes"), "48.6 MB"),
    ]
    assert round((13_547_520 - 802_816) * 4 / 2**20, 1) == 48.6
    alone, beside = (
        table_reading(subjects, figures, given)
        for given in (AS_REQUESTED, frozenset({"in powers of 1024"}))
    )
    assert alone is not None
    assert beside is not None
    assert alone.convention == beside.convention
    assert sorted(beside.convention) == ["in powers of 1024", "outputs of conv alone"]
    assert beside.luck < alone.luck
    # what should be printed: 13,547,520 elements in MiB are 51.68, in millions as the figure
    value = beside.value(subjects, figures[1].term, figures[1].figure)
    assert value == Fraction(13_547_520 * 4 * 1000**2, 1024**2)
