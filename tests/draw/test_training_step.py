"""The curve of a training step: areas as high as their bytes, the peak, the memory it needs."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.autograd.run import KINDS, Arithmetic, Birth
from archprof.draw import training_step
from archprof.draw.canvas import CANVASES
from archprof.draw.shapes import Picture, Rectangle, Stroke, Symbol
from archprof.draw.training_step import STACKED, DeviceRoom, DrawnStep, step_picture
from archprof.training.overhead import Overhead
from archprof.training.step import Timeline
from tests.draw.chains import chain
from tests.draw.pictures import assert_sound, labels, shapes, styled

PAGE = CANVASES["page"]
KIB = 1024
BESIDE = Overhead((10 * KIB, 0), (20 * KIB, 250), "by hand")
"""At least 10 KiB, at most 20 KiB and a quarter of the tensors."""


def birth(phase: Any, path: str, kernel: str, *kib: int) -> Birth:
    return Birth(phase, path, kernel, tuple(KIB * size for size in kib))


BIRTHS = (
    # input, weights, gradients, optimizer, saved, transient: KiB
    birth("start", "", "start", 10, 20, 0, 0, 0, 0),  # 30
    birth("forward", "a", "convolution", 10, 20, 0, 0, 0, 40),  # 70
    birth("forward", "b", "convolution", 10, 20, 0, 0, 40, 30),  # 100
    birth("backward", "b", "convolution_backward", 10, 20, 60, 0, 20, 10),  # 120
    birth("backward", "a", "convolution_backward", 10, 20, 60, 0, 0, 30),  # 120 again
    birth("optimizer", "", "_foreach_add", 10, 20, 60, 0, 0, 0),  # 90
    birth("end", "", "zero_grad", 10, 20, 0, 0, 0, 0),  # 30
)


def step(births: tuple[Birth, ...] = BIRTHS, **fields: Any) -> DrawnStep:
    room = fields.pop("room", None)
    arithmetic = [Arithmetic() for _ in range(4)]
    timeline = Timeline(births, 40 * KIB, *arithmetic, **fields)
    return DrawnStep(chain("a", "b").graph, timeline, ["batch 1", "sgd"], room)


def areas(picture: Picture) -> dict[str, Stroke]:
    found = [s for s in shapes(picture) if isinstance(s, Stroke) and s.style.startswith("m-")]
    return {area.style: area for area in found}


def test_areas_by_hand() -> None:
    """From below: weights 20, input 10, gradients up to 60, saved, transient; 120 KiB at most.

    Of the axis, which ends 4 % above the peak, 124.8 KiB are its height.
    """
    picture = step_picture(step(), PAGE)
    found = areas(picture)
    assert list(found) == ["m-transient", "m-saved", "m-gradients", "m-input", "m-weights"]
    bottom = found["m-weights"].points[0][1]
    heights = {
        style: [round((bottom - y) / KIB, 6) for _, y in area.points]
        for style, area in found.items()
    }
    scale = heights["m-weights"][1] / 20  # of a pixel by KiB, over KiB
    drawn = {style: [round(y / scale) for y in row] for style, row in heights.items()}
    assert drawn["m-weights"] == [0, 20, 20, 0]
    assert drawn["m-input"] == [0, 30, 30, 0]
    assert drawn["m-gradients"] == [0, 30, 30, 90, 90, 30, 30, 0]
    assert drawn["m-saved"] == [0, 30, 30, 70, 70, 110, 110, 90, 90, 30, 30, 0]
    outline = [0, 30, 30, 70, 70, 100, 100, 120, 120, 90, 90, 30, 30, 0]
    assert drawn["m-transient"] == outline
    top = min(shape.points[0][1] for shape in shapes(picture) if isinstance(shape, Stroke))
    assert top > 0


def test_what_there_is_none_of_is_not_in_the_key() -> None:
    found = labels(step_picture(step(), PAGE))
    assert "optimizer" in found  # the phase alone: there is no state
    assert found.count("optimizer") == 1
    assert {"weights", "input", "gradients", "saved", "transient"} < set(found)
    assert "batch 1 · sgd · 7 kernels" in found


def test_every_kind_has_a_place_in_the_stack() -> None:
    assert sorted(STACKED) == list(range(len(KINDS)))


def test_the_first_of_equal_peaks_is_named() -> None:
    picture = step_picture(step(), PAGE)
    assert "peak 120 KiB at b, convolution_backward" in labels(picture)
    assert picture.says == (
        "The peak is 120 KiB, in the backward phase, at b, convolution_backward. Alive then: 60.0"
        " KiB gradients, 20.0 KiB weights, 20.0 KiB saved, 10.0 KiB input, 10.0 KiB transient."
        " Autograd keeps 40.0 KiB where the forward pass ends."
    )


def test_the_peak_is_marked_in_the_middle_of_its_place() -> None:
    """The fourth of seven: at 3.5 sevenths of the width, and 120 KiB high."""
    picture = step_picture(step(), PAGE)
    (dot,) = [s for s in shapes(picture) if isinstance(s, Symbol)]
    corners = areas(picture)["m-transient"].points
    left, right = corners[0][0], corners[-1][0]
    assert dot.x == pytest.approx(left + (right - left) * 3.5 / 7)
    assert dot.y == pytest.approx(min(y for _, y in corners))


def test_a_short_update_is_named_where_there_is_room() -> None:
    """One kernel of 101: its name ends where it does, unless another one is there."""
    long = BIRTHS[1:2] * 50 + BIRTHS[3:4] * 50 + BIRTHS[5:6]
    assert "optimizer" in labels(step_picture(step(long), PAGE))
    crowded = BIRTHS[1:2] * 80 + BIRTHS[3:4] * 20 + BIRTHS[5:6]
    drawn = labels(step_picture(step(crowded), CANVASES["column"]))
    assert "backward" in drawn
    assert "optimizer" not in drawn


def test_a_peak_in_no_layer() -> None:
    last = birth("optimizer", "", "_foreach_sqrt", 10, 20, 60, 0, 0, 60)
    picture = step_picture(step((*BIRTHS[:5], last)), PAGE)
    assert "peak 150 KiB in optimizer, _foreach_sqrt" in labels(picture)
    assert "in the optimizer phase, at _foreach_sqrt." in picture.says


def test_a_long_place_is_shortened() -> None:
    long = birth("backward", "b" * 30, "kernel" * 12, 10, 20, 60, 0, 30, 10)
    drawn = labels(step_picture(step((*BIRTHS[:4], long)), CANVASES["column"]))
    assert f"peak 130 KiB at {'b' * 30}" in drawn


def test_phases_are_named_and_bounded() -> None:
    picture = step_picture(step(), PAGE)
    assert {"forward", "backward", "optimizer"} <= set(labels(picture))
    assert not {"start", "end"} & set(labels(picture))
    forward, optimizer = [band for band in styled(picture, "band")][:2]
    assert forward.width == pytest.approx(2 * optimizer.width)  # 2 kernels and 1


@pytest.mark.parametrize(
    ("memory", "says"),
    [
        # at most 20 and 5/4 of 120
        (170, "It fits into 170 KiB of memory: tensors have 120 KiB for sure, 160 KiB at best."),
        (169, "It may fit into 169 KiB of memory"),
        (130, "It may fit into 130 KiB of memory: tensors have 88.0 KiB for sure, 120 KiB at"),
        (129, "It does not fit into 129 KiB of memory"),
    ],
)
def test_a_memory(memory: int, says: str) -> None:
    picture = step_picture(step(room=DeviceRoom(memory * KIB, BESIDE)), PAGE)
    assert says in picture.says
    assert f"memory {memory} KiB" in labels(picture)
    assert "may fit" in labels(picture)


def test_the_band_lies_where_tensors_may_fit() -> None:
    """In 170 KiB: up to 120 for sure, which is as high as the peak, and up to 160 at best."""
    picture = step_picture(step(room=DeviceRoom(170 * KIB, BESIDE)), PAGE)
    (band,) = [one for one in styled(picture, "perhaps") if one.tip]
    (line,) = [s for s in shapes(picture) if isinstance(s, Stroke) and s.style == "limit"]
    zero = areas(picture)["m-weights"].points[0][1]
    pixels = (zero - line.points[0][1]) / 170  # of a KiB
    assert band.y + band.height == pytest.approx(zero - 120 * pixels)
    assert band.y == pytest.approx(zero - 160 * pixels)
    assert band.tip == "tensors fit below 120 KiB, and may fit below 160 KiB"


def test_a_memory_far_above_is_said_and_not_drawn() -> None:
    """300 KiB are 2.5 times the peak: the last that is drawn."""
    drawn = step_picture(step(room=DeviceRoom(300 * KIB, BESIDE)), PAGE)
    assert "memory 300 KiB" in labels(drawn)
    above = step_picture(step(room=DeviceRoom(301 * KIB, BESIDE)), PAGE)
    assert not [text for text in labels(above) if "memory" in text or "may fit" in text]
    assert "It fits into 301 KiB of memory, which is above the picture: tensors have" in above.says


def test_a_memory_that_even_a_context_fills() -> None:
    picture = step_picture(step(room=DeviceRoom(5 * KIB, BESIDE)), PAGE)
    assert "It does not fit into 5.00 KiB of memory: tensors have 0 B for sure" in picture.says
    assert_sound(picture, 11)


def test_a_lower_bound_is_one() -> None:
    room = DeviceRoom(200 * KIB, BESIDE)
    picture = step_picture(step(unknown=("secret",), room=room), PAGE)
    assert "peak ≥ 120 KiB at b, convolution_backward" in labels(picture)
    assert "All bytes are lower bounds: `secret` is unknown." in picture.says
    assert "It may fit into 200 KiB" in picture.says


def test_a_rectangle_over_the_curve_is_for_a_script() -> None:
    """It begins where the weights do, and ends where they do."""
    picture = step_picture(step(), PAGE, marked=True)
    (moments,) = styled(picture, "moments")
    corners = areas(picture)["m-weights"].points
    assert (moments.x, moments.y + moments.height) == pytest.approx(corners[0])
    assert (moments.x + moments.width, moments.y + moments.height) == pytest.approx(corners[-1])
    assert not styled(step_picture(step(), PAGE), "moments")


def test_of_many_kernels_the_fullest_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """7 births in 6 stretches at most, of 5 phases: 7 / (6 - 5) at a time, each phase one.

    Of the forward pass the second is drawn, of the backward pass the first.
    """
    monkeypatch.setattr(training_step, "MOST_STRETCHES", 6)
    picture = step_picture(step(), PAGE)
    assert "batch 1 · sgd · 7 kernels, 2 at a time, the fullest is drawn" in labels(picture)
    assert "peak 120 KiB at b, convolution_backward" in labels(picture)
    bottom, *heights, _ = [y for _, y in areas(picture)["m-transient"].points]
    scale = (bottom - min(heights)) / 120
    assert [round((bottom - y) / scale) for y in heights[::2]] == [30, 100, 120, 90, 30]


def test_a_line_goes_up_and_down_by_right_angles() -> None:
    for area in areas(step_picture(step(), PAGE)).values():
        for (x, y), (next_x, next_y) in zip(area.points, area.points[1:], strict=False):
            assert x == pytest.approx(next_x) or y == pytest.approx(next_y)


@pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)
def test_it_is_sound(canvas: Any) -> None:
    smallest = {336: 9.2, 1200: 18, 760: 11}[int(canvas.width)]
    assert_sound(step_picture(step(room=DeviceRoom(170 * KIB, BESIDE)), canvas), smallest)


def test_key_entries_do_not_leave_a_column() -> None:
    picture = step_picture(step(room=DeviceRoom(170 * KIB, BESIDE)), CANVASES["column"])
    squares = [
        s for s in shapes(picture) if isinstance(s, Rectangle) and 0 < s.width == s.height < 10
    ]
    assert len({square.y for square in squares}) == 2
