"""`fit --format html`: the answer's tables, and the curve that they are read from."""

from __future__ import annotations

import re

import pytest

from tests.command_line import Run

LENET = "lenet5"


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def page_of(run: Run, *options: str) -> str:
    return run("fit", LENET, *options, "--format", "html").out


def test_an_inference_has_the_curve_of_an_inference(run: Run) -> None:
    page = page_of(run)
    assert headings(page) == ["The peak", "Memory in an inference: 1x32x32, batch 1"]


def test_a_step_is_drawn_against_the_memory_at_the_largest_batch(run: Run) -> None:
    page = page_of(run, "--train", "--memory", "2GiB", "--batch", "7")
    first, curve, *others = headings(page)
    assert first == "The peak: fits"
    assert curve == "Memory in a step of training: 1x32x32, batch 7"
    assert "It fits into 2.00 GiB of memory" in page
    assert "What would help" in others


@pytest.mark.parametrize(("memory", "verdict"), [("2GiB", "fits"), ("1MiB", "does not fit")])
def test_the_first_heading_says_whether_it_fits(run: Run, memory: str, verdict: str) -> None:
    assert headings(page_of(run, "--memory", memory, "--batch", "1"))[0] == f"The peak: {verdict}"


def test_each_input_has_its_curve(run: Run) -> None:
    page = page_of(run, "--train", "--input", "1x32x32", "--input", "1x40x40")
    first, *curves = headings(page)
    assert first == "Input by input"
    assert curves == [
        "Memory in a step of training: 1x32x32, batch 1",
        "Memory in a step of training: 1x40x40, batch 1",
    ]


def test_a_plan_of_checkpoints_stands_there_as_code(run: Run) -> None:
    page = run("fit", "resnet18", "--train", "--checkpoint", "basic", "--format", "html").out
    assert "<h2>The checkpoints in torch</h2><" in page.replace("</header>", "")
    assert "checkpoint(" in page
