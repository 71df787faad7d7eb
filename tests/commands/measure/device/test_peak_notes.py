"""What is said of how peaks were measured."""

from __future__ import annotations

from archprof.commands.measure.device.peak_notes import of_states, of_unstable, shortened

CAPPED = {"clock_mhz": 1500, "max_clock_mhz": 1980, "throttling": ["power cap"]}


def test_a_power_cap_is_no_disturbance() -> None:
    """1500 of 1980 MHz are 75.8 %."""
    assert of_states(CAPPED, CAPPED) == [
        "at its power cap: the device keeps its clock at 1500 MHz, 76 % of the highest"
    ]


def test_what_disturbed_is_said_beside_it() -> None:
    assert of_states(CAPPED | {"temperature_c": 31, "clock_mhz": 1980}, CAPPED)[1:] == [
        "the device was disturbed meanwhile: clock_mhz 1980 -> 1500"
    ]
    assert of_states({}, {}) == []


def test_few_are_named() -> None:
    names = [f"copies of {n} KiB" for n in range(6)]
    note = of_unstable(names, 12)
    assert note == f"not stable within 3 %: {'; '.join(names)}"
    assert shortened(note) == (
        "not stable within 3 %: copies of 0 KiB, copies of 1 KiB, copies of 2 KiB, copies of 3 KiB"
        " and 2 more"
    )
    assert shortened(of_unstable(names[:4], 12)) == (
        "not stable within 3 %: copies of 0 KiB, copies of 1 KiB, copies of 2 KiB, copies of 3 KiB"
    )


def test_where_most_are_unstable_two_are_named() -> None:
    """Seven of twelve; in the note itself all are."""
    names = [f"float32 convolutions, {n}" for n in range(7)]
    note = of_unstable(names, 12)
    assert note == f"not stable within 3 %, most of them: {'; '.join(names)}"
    assert shortened(note) == (
        "not stable within 3 %, most of them: float32 convolutions, 0, float32 convolutions, 1"
        " and 5 more"
    )


def test_other_notes_are_whole() -> None:
    note = "a CUDA graph failed: a; b; c; d; e; f"
    assert shortened(note) == note
