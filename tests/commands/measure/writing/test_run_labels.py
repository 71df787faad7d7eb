"""What titles and rows call a run, and what identifies a measurement over versions."""

from __future__ import annotations

from archprof.commands.measure.writing.run_labels import device_name, row_name, run_title
from tests.commands.measure.runs import row, run


def test_arithmetic_and_optimizer_are_in_the_title() -> None:
    conditions = "net · 3x8x8 · float32 · contiguous · eager"
    for given, title in [
        ({}, conditions),
        ({"autocast": True}, f"{conditions} · autocast"),
        ({"train": True}, f"{conditions} · training"),
        ({"train": True, "optimizer": "sgd"}, f"{conditions} · training"),
        ({"train": True, "optimizer": "adamw"}, f"{conditions} · training with adamw"),
    ]:
        assert run_title(run(row(**given))).startswith(f"{title} · CPU Paper CPU")


def test_what_was_frozen_is_in_the_title() -> None:
    made = run(row(train=True))
    made["manifest"]["flags"] |= {"freeze": ["conv*", "fc"]}
    assert " · training · frozen: conv* fc · CPU Paper CPU" in run_title(made)


def test_a_card_by_its_software() -> None:
    manifest = {
        "device": {"type": "cuda", "name": "Paper MI300", "driver": None},
        "versions": {"torch": "2.13.0", "cuda": None, "hip": "7.1"},
    }
    assert device_name(manifest) == "Paper MI300 · torch 2.13.0, ROCm 7.1, driver unknown"
    manifest["versions"] = {"torch": "2.13.0", "cuda": "13.0"}
    manifest["device"]["driver"] = "580"
    assert device_name(manifest) == "Paper MI300 · torch 2.13.0, CUDA 13.0, driver 580"


def test_rows_are_told_apart_by_their_arithmetic() -> None:
    rows = [
        row(),
        row(autocast=True),
        row(train=True),
        row(train=True, autocast=True, optimizer="adamw"),
    ]
    assert [row_name(one, rows) for one in rows] == [
        "net",
        "net autocast",
        "net training",
        "net autocast training with adamw",
    ]
    assert row_name(rows[1], rows[1:2]) == "net"
