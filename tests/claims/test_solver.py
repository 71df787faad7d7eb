"""The convention solver: what it must find by itself, and what it must not."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.claims.document import Combined, Lecture, Quantity, Selection, Subject
from archprof.claims.evaluate import Subjects, evaluate
from archprof.claims.figures import Figure, parse_figure
from archprof.claims.solver import solve, solve_size
from archprof.problem import Mark

HERE = Mark("test")


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))


def quantity(name: str, network: str, first: str = "", last: str = "", input: tuple[int, ...] | None = None, paths: tuple[str, ...] = ()) -> Quantity:
    return Quantity(name, Subject(network, HERE, input), Selection(paths=paths, first=first, last=last), HERE)


def figure(text: str) -> Figure:
    found = parse_figure(text)
    assert found is not None
    return found


# Each is an erratum that reference/published names, or arithmetic beside it.
@pytest.mark.parametrize(("term", "stated", "expected", "reading"), [
    # 15,470,264,320 - 1,849,688,064 = 13,620,576,256: one 256->256 3x3 convolution at 56x56 is missing (another layer gives the same)
    (quantity("macs", "vgg16"), "13.6G", "without one of features.2, features.7, features.12, features.14, …", False),
    # conv 118,013,952 + 12,845,056 + 346,816,512, pools 1,806,336 + 1,354,752: 480,836,608, printed 418
    (quantity("flops", "googlenet", "conv1", "maxpool2"), "418 MFLOP", "MACs and k*k per pooled output, two digits transposed (481 would be right)", False),
    # 9,335,144,448 MACs down to 28 pixels, less 1,849,688,064
    (quantity("flops", "vgg16", "features.0", "features.16"), "7485 MFLOP", "MACs, without one of features.2, features.7, features.12, features.14", False),
    # 6,998,552 - 1,025,000 = 5,973,552
    (quantity("params", "googlenet"), "5 million", "without the FC layers, cut off", False),
    (quantity("flops", "resnet18"), "1.8e9", "MACs", True),  # 1,814,073,344
    (quantity("macs", "resnet50"), "4.11G", "fvcore's count", True),  # timm prints 4.11 where torchvision prints 4.09
    (quantity("params", "alexnet", paths=("conv1",)), "34,848", "without biases", True),  # 11*11*3*96
    (quantity("output_bytes", "alexnet", paths=("conv1",)), "1134K", "1134K in powers of 1024", True),  # 1,161,600 / 1024 = 1134.4
    (quantity("params", "googlenet"), "13.4M", "with the auxiliary heads", True),  # 13,378,280
])
def test_it_finds(subjects: Subjects, term: Quantity, stated: str, expected: str, reading: bool) -> None:
    answers = solve(subjects, term, figure(stated))
    assert str(answers[0]) == expected
    assert answers[0].reading is reading


def test_55_at_224_without_padding_is_227_or_padding_2(subjects: Subjects) -> None:
    term = quantity("height", "alexnet", input=(3, 224, 224), paths=("conv1",))
    assert evaluate(subjects, term) == 54  # floor((224 - 11)/4) + 1
    assert [str(a) for a in solve_size(subjects, term, Fraction(55))][:2] == ["at an input of 227x227", "with padding 2"]  # (224 + 4 - 11)/4 + 1 = 55.25


def test_a_ratio_of_a_stated_figure(subjects: Subjects) -> None:
    googlenet = quantity("params", "googlenet")
    ratio = Combined("ratio", (quantity("params", "alexnet"), googlenet))
    bare = Quantity("params", Subject("googlenet", Mark("")), Selection(), Mark(""))
    answers = solve(subjects, ratio, figure("12x"), {bare: ("L8-38", figure("5 million"))})
    assert str(answers[0]) == "with the 5 million that L8-38 states (of googlenet)"  # 62.38/5 = 12.5
    assert not solve(subjects, ratio, figure("31x"))


@pytest.mark.parametrize(("term", "stated"), [
    (quantity("macs", "vgg16"), "3.33G"),
    (quantity("output_bytes", "vgg16"), "96 MB"),  # 24M * 4: no convention gives it
    (quantity("params", "alexnet"), "1.234M"),
])
def test_it_finds_nothing_where_there_is_nothing(subjects: Subjects, term: Quantity, stated: str) -> None:
    assert solve(subjects, term, figure(stated)) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(1000, 9999))
def test_what_it_finds_gives_the_figure(digits: int) -> None:
    """Whatever the answer, its exact value comes to the stated digits: rounded, cut, in powers of 1024, or with two digits swapped."""
    subjects = Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))
    stated = figure(f"{digits}K")
    for answer in solve(subjects, quantity("macs", "lenet5"), stated):
        assert not isinstance(answer.value, tuple)
        value = answer.value
        swapped = any("transposed" in move for move in answer.moves)
        assert swapped or stated.rounds(value) or stated.cuts(value) or stated.scaled(1024).rounds(value)
        if swapped:
            assert sorted(stated.printed(value)) == sorted(stated.digits())


def test_nobody_divides_flops_by_macs(subjects: Subjects) -> None:
    """resnet50 has 3.602 times alexnet's multiply-adds, and 3.613 times its FLOPs; 7.204 would be FLOPs (2 per MAC) to multiply-adds."""
    ratio = Combined("ratio", (quantity("macs", "resnet50"), quantity("macs", "alexnet")))
    assert f"{8_217_431_528 / 2_274_281_672:.3f}" == "3.613"
    assert str(solve(subjects, ratio, figure("3.613x"))[0]) == "FLOPs of all arithmetic (of resnet50), FLOPs of all arithmetic (of alexnet)"
    assert f"{2 * 4_089_184_256 / 1_135_256_096:.3f}" == "7.204"
    assert all("2 per MAC" not in str(answer) for answer in solve(subjects, ratio, figure("7.204x")))
