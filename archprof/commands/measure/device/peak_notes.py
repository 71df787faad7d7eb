"""What is said of how a device's peaks were measured."""

from __future__ import annotations

from collections.abc import Sequence

from archprof import units
from archprof.commands.measure.on_device.sensors import State, moved
from archprof.commands.measure.writing.run_labels import POWER_CAP

SHOWN, OF_MOST = 4, 2  # names that a table has; where most are named they tell little
BETWEEN = "; "
UNSTABLE = "not stable within 3 %"
MOST = ", most of them"


def of_states(before: State, after: State) -> list[str]:
    """Return what two states under load tell.

    A power cap is what the device always works at, and no disturbance.
    """
    found = moved(before, after)
    capped = [text for text in found if text.startswith(POWER_CAP)]
    disturbed = [text for text in found if text not in capped]
    notes = [f"at its {text}" for text in capped]
    if disturbed:
        notes.append(f"the device was disturbed meanwhile: {BETWEEN.join(disturbed)}")
    return notes


def clock_share(state: State) -> float:
    """Return the share of its highest clock at which a device works, 1 where it does not say."""
    clock, highest = state.get("clock_mhz"), state.get("max_clock_mhz")
    if not clock or not highest:
        return 1.0
    return min(1.0, float(clock / highest))


def of_unstable(names: Sequence[str], rates: int) -> str:
    """Return the note on the rates that were not stable, of so many that were measured."""
    most = MOST if 2 * len(names) > rates > 0 else ""
    return f"{UNSTABLE}{most}: {BETWEEN.join(names)}"


def shortened(note: str) -> str:
    """Return a note as a table has it: of many rates that were not stable the first ones."""
    if not note.startswith(UNSTABLE):
        return note
    head, _, tail = note.partition(": ")
    names, shown = tail.split(BETWEEN), OF_MOST if head.endswith(MOST) else SHOWN
    return f"{head}: {some(names, shown)}"


def some(names: Sequence[str], shown: int = SHOWN) -> str:
    """Return the first names, and how many more there are."""
    return units.some(names, shown)
