"""The declared space of the solver around one small network, its numbers worked out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Quantity, Selection, Subject
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.arithmetic import TOOLS
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.moves import steps_of
from archprof.problem import Mark

HERE = Mark("test")
TEXT = """lecture: T
networks:
  small:
    spec:
      input: 3x8x8
      layers:
        conv: {op: conv2d, out: 4, kernel: 3}
        norm: {op: batch_norm2d}
        head: {op: linear, from: norm, out: 2, aux: true}
        pool: {op: max_pool2d, from: norm, kernel: 2}
        mean: {op: adaptive_avg_pool2d, size: 1}
        flat: {op: flatten}
        fc: {op: linear, out: 5}
claims:
  A: {of: {network: small, quantity: params}, stated: 1}
"""
# outputs: conv and norm 4x6x6 = 144, head 4x6x2 = 48, pool 4x3x3 = 36, mean and flat 4, fc 5
CONV, NORM, HEAD, FC = 27 * 4 + 4, 4 + 4, 6 * 2 + 2, 4 * 5 + 5
CONV_MACS, FC_MACS = 27 * 144, 20


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    path = tmp_path_factory.mktemp("moves") / "claims.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return Subjects(load_lecture(path))


Told = list[tuple[str, bool, int, Fraction | int]]


def told(
    subjects: Subjects,
    name: str,
    most: int,
    reach: str = "network",
    subject: Subject = Subject("small", HERE),  # noqa: B008 - a tuple
    **selection: object,
) -> Told:
    """The moves of each step, whether it is a reading, its cost and its value; tools left out."""
    term = Quantity(name, subject, Selection(**selection), HERE)  # type: ignore[arg-type]
    return [
        (
            ", ".join(map(str, step.moves)),
            all(move.reading for move in step.moves),
            step.cost,
            step.value,
        )
        for step in steps_of(subjects, term, reach, most)
        if not {move.text for move in step.moves} & {*TOOLS}
    ]


def test_parameters(subjects: Subjects) -> None:
    whole, heads = CONV + NORM + FC, "with the auxiliary heads"
    bare = whole - 4 - 4 - 5
    found = told(subjects, "params", 3)
    assert [
        step
        for step in found
        if step[2] < 3 or ("heads" not in step[0] and "biases" not in step[0])
    ] == [
        ("", True, 0, whole),
        ("without the FC layers", False, 1, whole - FC),
        ("without the norms", False, 1, whole - NORM),
        ("without conv", False, 3, whole - CONV),
        ("conv counted twice", False, 3, whole + CONV),
        ("without norm", False, 3, whole - NORM),
        ("norm counted twice", False, 3, whole + NORM),
        ("without fc", False, 3, whole - FC),
        ("fc counted twice", False, 3, whole + FC),
        ("without biases", True, 1, bare),
        ("without biases, without the FC layers", False, 2, bare - 20),
        ("without biases, without the norms", False, 2, bare - 4),
        ("weights of conv and fc alone", True, 1, bare - 4),
        ("weights of conv and fc alone, without the FC layers", False, 2, bare - 4 - 20),
        (heads, True, 1, whole + HEAD),
        (f"{heads}, without the FC layers", False, 2, whole - FC),
        (f"{heads}, without the norms", False, 2, whole + HEAD - NORM),
        (f"{heads}, without biases", True, 2, bare + HEAD - 2),
        (f"{heads}, weights of conv and fc alone", True, 2, bare - 4 + HEAD - 2),
    ]
    assert told(subjects, "params", 1) == [
        step for step in told(subjects, "params", 2) if step[2] <= 1
    ]
    assert [step[:3] for step in told(subjects, "params", 0)] == [("", True, 0)]


def test_what_is_about_the_heads_already_has_them(subjects: Subjects) -> None:
    assert not [step for step in told(subjects, "params", 1, aux=True) if "heads" in step[0]]


def test_a_layer_alone_is_not_left_out(subjects: Subjects) -> None:
    """What is then left is nothing."""
    assert told(subjects, "weights", 3, paths=("conv",), aux=True) == [
        ("", True, 0, CONV - 4),
        ("conv counted twice", False, 3, 2 * (CONV - 4)),
    ]


def test_layers_that_give_the_same_are_named_together(subjects: Subjects) -> None:
    whole = 2 * 144 + 36 + 2 * 4 + 5
    assert told(subjects, "elements", 3)[:8] == [
        ("", True, 0, whole),
        ("without the pooling", False, 1, whole - 36 - 4),
        ("without one of conv, norm", False, 3, whole - 144),
        ("one of conv, norm counted twice", False, 3, whole + 144),
        ("without pool", False, 3, whole - 36),
        ("pool counted twice", False, 3, whole + 36),
        ("without one of mean, flat", False, 3, whole - 4),
        ("one of mean, flat counted twice", False, 3, whole + 4),
    ]
    alike = told(subjects, "elements", 3, paths=("conv", "norm"))
    assert ("without one of conv, norm", False, 3, 144) in alike


@pytest.mark.parametrize(("dtype", "each"), [("float32", 4), ("float16", 2)])
def test_outputs(subjects: Subjects, dtype: str, each: int) -> None:
    """Of three samples: what a lecture lists, with other bytes, and with the input 3x8x8."""
    subject = Subject("small", HERE, batch=3, dtype=dtype)
    found = told(subjects, "output_bytes", 2, subject=subject)
    whole, listed = 2 * 144 + 36 + 2 * 4 + 5, 144 + 36 + 4 + 5
    expected: Told = [
        ("", True, 0, 3 * each * whole),
        ("outputs of conv, pool and fc alone", True, 1, 3 * each * listed),
        ("outputs of conv and fc alone", True, 1, 3 * each * (144 + 5)),
        ("outputs of conv alone", True, 1, 3 * each * 144),
        # this network has no activation
        ("activations in place", True, 1, 3 * each * whole),
        ("outputs of conv, pool and fc, and the input", True, 2, 3 * each * (listed + 192)),
        ("activations in place, and the input", True, 2, 3 * each * (whole + 192)),
        ("1 byte per element", True, 1, 3 * whole),
        ("2 bytes per element", True, 1, 3 * 2 * whole),
        ("8 bytes per element", True, 1, 3 * 8 * whole),
        ("with the auxiliary heads", True, 1, 3 * each * (whole + 48)),
    ]
    readings = [step for step in found if step[1]]
    assert readings[: len(expected)] == expected
    assert ("without the pooling", False, 1, 3 * each * (whole - 40)) in found
    assert (
        "2 bytes per element, without the pooling",
        False,
        2,
        3 * 2 * (whole - 40),
    ) in found


def test_arithmetic(subjects: Subjects) -> None:
    """All arithmetic: twice the MACs, a bias for each output, 2 per normalised element, 3 per
    output of the pool, and 36 for the mean. Lectures count k*k for each pooled output, 4 for the
    36 of the pool and 9 for the 4 of the mean.
    """
    macs = CONV_MACS + FC_MACS
    flops = 2 * macs + 144 + 5 + 2 * 144 + 3 * 36 + 36
    pooled = macs + 4 * 36 + 9 * 4
    readings = [step for step in told(subjects, "macs", 1) if step[1]]
    assert readings == [
        ("", True, 0, macs),
        ("FLOPs of all arithmetic", True, 1, flops),
        ("2 per MAC", True, 1, 2 * macs),
        ("MACs and k*k per pooled output", True, 1, pooled),
        ("with the auxiliary heads", True, 1, macs + 24 * 6 * 2),
    ]
    # what lectures call FLOPs are MACs
    assert [step for step in told(subjects, "flops", 1) if step[1]][:3] == [
        ("", True, 0, flops),
        ("MACs", True, 0, macs),
        ("2 per MAC", True, 1, 2 * macs),
    ]
    assert ("without the FC layers", False, 1, CONV_MACS) in told(subjects, "macs", 1)


def test_a_tool_may_not_see_a_mean(subjects: Subjects) -> None:
    """thop counts 1 per input and 1 per output element of the pooling: 36 + 4."""
    term = Quantity("macs", Subject("small", HERE), Selection(), HERE)

    def of_thop(most: int) -> list[tuple[tuple[str, ...], int, Fraction]]:
        return [
            (tuple(map(str, step.moves)), step.cost, step.value)
            for step in steps_of(subjects, term, "network", most)
            if tuple(map(str, step.moves[:1])) == ("thop's count",)
        ]

    [(moves, cost, value)] = of_thop(1)
    assert cost == 1
    assert of_thop(2) == [
        (moves, cost, value),
        ((*moves, "its average pooling a mean"), 2, value - 36 - 4),
    ]


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ((3, 224, 224), [227, 256, 299]),
        ((3, 227, 227), [224, 256, 299]),
        ((3, 224, 300), [224, 227, 256, 299]),
        ((3, 448, 448), [227, 256, 299]),  # half of it is not a mistake
        ((3, 512, 512), [299]),
        ((3, 8, 8), [224, 227, 256, 299]),
    ],
)
def test_other_inputs(subjects: Subjects, size: tuple[int, ...], sides: list[int]) -> None:
    subject = Subject("small", HERE, size)
    found = told(subjects, "elements", 2, "inputs", subject, paths=("conv",))
    assert [step for step in found if "input of" in step[0]] == [
        (f"at an input of {side}x{side}", False, 2, 4 * (side - 2) ** 2) for side in sides
    ]
    assert not [
        step
        for step in told(subjects, "params", 2, "inputs", subject, paths=("conv",))
        if "input of" in step[0]
    ]


def test_variants() -> None:
    """Another one that begins with the name is what may have been meant; one of the family, in
    whose place it stands, is further off.
    """
    from archprof.commands.lecture.claims.document import Lecture

    subjects = Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))
    subject = Subject("vgg16", HERE)
    # of the convolutions of VGG-16 the first: 27*64 + 64
    near = told(subjects, "weights", 3, "variants", subject, paths=("features.0",))
    far = told(subjects, "weights", 3, "family", subject, paths=("features.0",))

    def variants(found: Told) -> list[tuple[str, bool, int]]:
        return [step[:3] for step in found if step[0].startswith("for ") and "," not in step[0]]

    assert variants(near) == [("for vgg16_bn", True, 1)]
    assert ("for vgg16_bn", True, 1) in variants(far)
    assert ("for vgg19", False, 3) in variants(far)
    assert not [step for step in variants(far) if step[0] == "for vgg16"]


def test_what_has_no_parts_is_as_requested(subjects: Subjects) -> None:
    assert told(subjects, "depth", 4) == [("", True, 0, 2)]
    assert told(subjects, "layers", 4) == [("", True, 0, 6)]
    assert told(subjects, "connections", 4) == [("", True, 0, 6)]
    assert told(subjects, "shape", 4) == []
    assert told(subjects, "field", 4) == []
