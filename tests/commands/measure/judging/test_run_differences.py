"""What differs between runs: versions, flags, specs; and what makes a device another one."""

from __future__ import annotations

from archprof.commands.measure.judging.run_differences import conditions, differences, other_device
from tests.commands.measure.runs import row, run


def test_everything_that_differs_is_listed() -> None:
    one, other = run(row())["manifest"], run(row())["manifest"]
    assert differences([one, other]) == []
    other["device"]["memory_bytes"] = 5
    other["versions"]["triton"] = "3.0"
    other["flags"]["deterministic_algorithms"] = True
    other["specs"]["net"]["overrides"] = {"depth": 3}
    assert differences([one, other]) == [
        f"memory_bytes: {2**34} against 5",
        "triton: None against 3.0",
        "deterministic_algorithms: False against True",
        "--set of net: the runs measured different parameters",
    ]
    # a network that only one of them has does not differ
    del other["specs"]["net"]
    assert len(differences([one, other])) == 3


def test_a_flag_that_was_not_yet_written_down_was_off() -> None:
    one, other = run(row())["manifest"], run(row())["manifest"]
    other["flags"] |= {"transfers": False, "sustained_s": 0.0}
    assert differences([one, other]) == []
    other["flags"]["sustained_s"] = 60.0
    assert differences([one, other]) == ["sustained_s: 0.0 against 60.0"]


def test_a_driver_makes_no_other_device() -> None:
    card = {
        "type": "cuda",
        "index": 0,
        "name": "H100",
        "compute_capability": "9.0",
        "memory_bytes": 2**36,
        "multiprocessors": 132,
        "l2_bytes": 2**25,
        "driver": "570",
    }
    one = {"device": card}
    assert other_device(one, {"device": card | {"driver": "580", "index": 1}}) == ""
    assert other_device(one, {"device": card | {"multiprocessors": 114}}) == (
        "multiprocessors 132 against 114"
    )
    assert other_device(one, run(row())["manifest"]).startswith("type cuda against cpu, name H100")


def test_conditions_tell_rows_apart() -> None:
    """A row of an earlier version has no optimizer, which was SGD, and no
    autocast, which was off.
    """
    assert conditions(row()) == conditions(row(optimizer="sgd", autocast=False, latency_ms=5.0))
    changes = {
        "network": "other",
        "input": [3, 9, 9],
        "batch": 2,
        "dtype": "tf32",
        "memory_format": "channels_last",
        "mode": "graph",
        "train": True,
        "autocast": True,
        "optimizer": "adamw",
    }
    found = {conditions(row(autocast=False) | {name: value}) for name, value in changes.items()}
    assert len(found | {conditions(row(autocast=False))}) == 1 + len(changes)


def test_rows_of_earlier_versions_are_those_without_autocast() -> None:
    """Which had plain SGD alone."""
    assert conditions(row()) == conditions(row(autocast=False, optimizer=None))
    today = row(train=True, autocast=False, optimizer="sgd")
    assert conditions(row(train=True)) == conditions(today)


def test_rows_of_other_arithmetic_are_others() -> None:
    keys = {
        conditions(row(**given))
        for given in (
            {},
            {"autocast": True},
            {"train": True},
            {"train": True, "optimizer": "momentum"},
            {"train": True, "optimizer": "adamw"},
            {"batch": 2},
        )
    }
    assert len(keys) == 6
