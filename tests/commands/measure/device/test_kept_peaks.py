"""Kept peaks: measured once, read again, never believed when damaged or another device's, and
done without where they cannot be written.
"""

from __future__ import annotations

import json
import os
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from archprof.commands.measure.device import kept_peaks
from archprof.commands.measure.device import peaks as roofline
from archprof.commands.measure.device.kept_peaks import Kept, identity, peaks, place
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.on_device.sensors import Sensors, State, moved
from archprof.show.terminal import write_whole

CPU = torch.device("cpu")


class Quiet(Sensors):
    """A device whose sensors tell these states, one after the other."""

    def __init__(self, *states: State) -> None:
        super().__init__()
        self.states: Iterator[State] = iter(states)

    def state(self) -> State:
        return next(self.states, {})


class Measured:
    """Measures on paper, and counts how often."""

    def __init__(
        self,
        *unstable: str,
        cut: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        transfers: tuple[tuple[int, float], ...] = ((2**20, 3e10), (2**21, 2e10)),
        graph_launch: float | None = None,
    ) -> None:
        self.times, self.unstable, self.cut, self.transfers = (
            0,
            list(unstable),
            list(cut),
            transfers,
        )
        self.notes, self.graph_launch = notes, graph_launch
        self.seconds, self.rates = 0.0, 0

    def __call__(
        self,
        device: torch.device,
        dtype: str,
        clock: Any,
        name: str,
        show: Any,
        seconds: float,
        speaker: Sensors,
    ) -> roofline.Measured:
        self.times += 1
        self.seconds = seconds
        return roofline.Measured(
            Peaks(
                name,
                dtype,
                1e11 + self.times,
                2e10,
                self.transfers,
                1e-6,
                self.graph_launch,
                (("contiguous", 2e11), ("channels_last", 3e11)),
                0.71,
            ),
            self.unstable,
            self.cut,
            self.notes,
            rates=self.rates,
        )


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept_peaks, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path


def asked(
    measure: Measured,
    dtype: str = "float32",
    again: bool = False,
    speaker: Sensors | None = None,
    write: kept_peaks.Write = write_whole,
) -> Kept:
    return peaks(CPU, dtype, write, again, speaker=speaker or Quiet(), measure=measure)


def test_measured_once_and_read_again() -> None:
    measure = Measured()
    first, second = asked(measure), asked(measure)
    assert measure.times == 1
    assert (first.read, second.read) == (False, True)
    assert first.peaks == second.peaks  # to the last digit
    assert first.path == second.path
    assert first.path is not None
    assert first.path.is_file()
    # nothing half written is left
    assert [path.name for path in first.path.parent.iterdir()] == [first.path.name]


def test_again_and_another_dtype() -> None:
    measure = Measured()
    first = asked(measure)
    assert asked(measure, again=True).peaks.flops_per_s == first.peaks.flops_per_s + 1
    assert asked(measure, "bfloat16").peaks.dtype == "bfloat16"
    # beside it, not instead of it
    assert asked(measure).peaks.flops_per_s == first.peaks.flops_per_s + 1
    assert measure.times == 3


def test_threads_and_versions_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    measure = Measured()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    one = asked(measure)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    two = asked(measure)
    monkeypatch.setattr(torch, "__version__", "9.9")
    assert len({one.path, two.path, asked(measure).path}) == measure.times == 3


WRONG: dict[str, object] = {
    "a text": "fast",
    "not a number": float("nan"),
    "negative": -1.0,
    "infinite": float("inf"),
    "too large": 10**400,
    "true": True,
}


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"text"',
        "\x00\x01",
        '{"schema": 3}',
        '{"schema": 3, "key": {}, "peaks": {}}',
        '{"schema": 4, "key": {}, "peaks": {}}',
        "[" * 100_000,
        "no peaks",
        "no transfers",
        "no notes",
        "notes of numbers",
        "a thousand notes",
        "a launch of nothing",
        "convolutions in no time",
        "above the highest clock",
        "another device",
        *WRONG,
    ],
)
def test_what_is_damaged_is_measured_anew(damage: str) -> None:
    measure = Measured()
    path = asked(measure).path
    assert path is not None
    data = json.loads(path.read_text())
    entry = data["peaks"]["float32"]
    if damage == "no peaks":
        data["peaks"] = []
    elif damage == "no transfers":
        entry["transfers"] = []
    elif damage == "no notes":
        del entry["notes"]
    elif damage == "notes of numbers":
        entry["notes"] = [1]
    elif damage == "a thousand notes":
        entry["notes"] = ["a note"] * 1000
    elif damage == "a launch of nothing":
        entry["graph_launch_s"] = 0
    elif damage == "convolutions in no time":
        entry["convolutions"] = {"contiguous": float("inf")}
    elif damage == "above the highest clock":
        entry["clock_share"] = 1.01
    elif damage == "another device":
        data["key"]["device"] = "a better one"
    elif damage in WRONG:
        entry["flops_per_s"] = WRONG[damage]
    path.write_text(json.dumps(data) if damage[:1].isalpha() and damage != "null" else damage)
    found = asked(measure)
    assert (measure.times, found.read) == (2, False)
    assert any(
        "damaged, or of another device" in note and str(path) in note for note in found.notes
    )
    whole = asked(measure)
    assert (whole.read, whole.notes) == (True, ())


def test_bytes_that_are_no_text(cache: Path) -> None:
    path = asked(Measured()).path
    assert path is not None
    path.write_bytes(b"\xff\xfe\x00" * 1000)
    assert not asked(Measured()).read


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_may_not_be_written(cache: Path) -> None:
    cache.chmod(0o500)
    found = asked(Measured())
    cache.chmod(0o700)
    assert found.path is None
    assert any(note.startswith("not kept: Permission denied") for note in found.notes)


def test_a_cache_that_is_a_file(cache: Path) -> None:
    """As /dev/null for a home: said, and gone on without."""
    (cache / "archprof").write_text("in the way")
    found = asked(Measured())
    assert (found.path, found.peaks.dtype) == (None, "float32")
    assert any("not kept: " in note for note in found.notes)


def test_a_disk_that_is_full() -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    found = asked(Measured(), write=full)
    assert found.path is None
    assert any("not kept: No space left on device" in note for note in found.notes)


@pytest.mark.parametrize("schema", [1, 2])
def test_a_file_of_an_older_version_is_measured_anew_and_nothing_said(schema: int) -> None:
    measure = Measured()
    path = asked(measure).path
    assert path is not None
    path.write_text(f'{{"schema": {schema}, "key": {{}}, "peaks": {{}}}}')
    found = asked(measure)
    assert (measure.times, found.read, found.notes) == (2, False, ())


class Disturbed(Measured):
    """Measures between two states of the device."""

    def __call__(self, *arguments: Any) -> roofline.Measured:
        speaker = arguments[-1]
        disturbed = moved(speaker.state(), speaker.state())
        return super().__call__(*arguments)._replace(notes=disturbed)


def test_a_cool_card_keeps_its_peaks_with_the_note() -> None:
    """From 31 to 47 degrees while it multiplies, its clock lower by more than a twentieth: the note
    is in the file, and said whenever the peaks are read.
    """
    cool = {"temperature_c": 31, "clock_mhz": 1980}
    warm = {"temperature_c": 47, "clock_mhz": 1755}
    measure = Disturbed("copies of 1.00 MiB")
    first = asked(measure, speaker=Quiet(cool, warm))
    again = asked(measure)
    assert (measure.times, first.read, again.read) == (1, False, True)
    assert first.path == again.path
    assert first.notes == again.notes
    assert "clock_mhz 1980 -> 1755" in again.notes
    assert again.notes[-1] == "not stable within 3 %: copies of 1.00 MiB"


def test_notes_are_of_their_dtype() -> None:
    asked(Measured(notes=("the device was disturbed",)), "float32")
    assert asked(Measured(), "bfloat16").notes == ()
    assert asked(Measured(), "float32").notes == ("the device was disturbed",)
    # measured anew it was quiet
    assert asked(Measured(), "float32", again=True).notes == ()
    assert asked(Measured(), "float32").notes == ()


@pytest.mark.parametrize("graph_launch", [None, 9e-7])
def test_all_peaks_are_read_again(graph_launch: float | None) -> None:
    """To the last digit, and in the order of the formats."""
    measure = Measured(graph_launch=graph_launch)
    first, second = asked(measure), asked(measure)
    assert second.read
    assert first.peaks == second.peaks
    assert second.peaks.graph_launch_s == graph_launch
    assert second.peaks.convolutions == (("contiguous", 2e11), ("channels_last", 3e11))


UNEVEN = ((2**20, 1e11), (2**21, 3.2e7), (2**22, 1e11))


def test_what_contradicts_itself_is_not_kept() -> None:
    """A transfer of 32 MB/s between two of 100 GB/s."""
    measure = Measured(transfers=UNEVEN)
    found = asked(measure)
    assert [one.about for one in found.contradictions] == ["transfers"]
    assert (found.path, found.read) == (None, False)
    assert not asked(measure).read


def test_what_an_older_version_kept_in_spite_of_it_is_measured_anew() -> None:
    """The other dtype of the same file stays."""
    path = asked(Measured()).path
    asked(Measured(), "bfloat16")
    assert path is not None
    data = json.loads(path.read_text())
    data["peaks"]["float32"]["transfers"] = [
        {"bytes": size, "bytes_per_s": rate} for size, rate in UNEVEN
    ]
    path.write_text(json.dumps(data))
    assert asked(Measured(), "bfloat16").read
    found = asked(Measured())
    assert (found.read, found.path, found.contradictions) == (False, path, ())
    assert "what was kept of float32 contradicts itself" in found.notes


def test_what_the_time_did_not_suffice_for_is_not_kept() -> None:
    measure = Measured(cut=("copies of 1 MiB", "the smallest op"))
    found = peaks(CPU, "float32", write_whole, speaker=Quiet(), measure=measure, seconds=20)
    assert measure.seconds == 20
    assert (found.path, found.partial) == (None, True)
    assert (
        found.notes[-1]
        == "partial and not kept, 20 s did not suffice for: copies of 1 MiB, the smallest op;"
        " --time-limit gives more"
    )


def test_what_was_not_stable_is_said() -> None:
    """All of them: a table shortens what is kept."""
    found = asked(Measured("copies of 0 KiB", "updates and sums of 0 KiB"))
    assert found.notes == ("not stable within 3 %: copies of 0 KiB; updates and sums of 0 KiB",)
    assert found.path is not None


def test_where_most_were_not_stable_it_is_said() -> None:
    """Two of three."""
    measure = Measured("copies of 0 KiB", "copies of 1 KiB")
    measure.rates = 3
    assert asked(measure).notes == (
        "not stable within 3 %, most of them: copies of 0 KiB; copies of 1 KiB",
    )


def test_the_file_says_what_it_is_of() -> None:
    path = asked(Measured()).path
    key = identity(CPU, Quiet())
    assert path == place(key)
    assert path is not None
    data = json.loads(path.read_text())
    assert data["key"] == key
    assert data["schema"] == 3
    assert (key["torch"], key["threads"], key["type"]) == (
        torch.__version__,
        torch.get_num_threads(),
        "cpu",
    )
    assert data["peaks"]["float32"]["transfers"][0] == {"bytes": 2**20, "bytes_per_s": 3e10}


@pytest.mark.parametrize(
    "other",
    [
        {"multi_processor_count": 16, "total_memory": 10 * 2**30},  # a slice of it
        {"name": "Another"},
        {"minor": 1},
    ],
)
def test_a_cuda_device_is_known_by_its_sizes(
    other: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of a kind share their peaks; a slice (MIG) of one has its own."""

    def places(**changed: Any) -> Path:
        properties = {
            "name": "Paper",
            "major": 9,
            "minor": 0,
            "total_memory": 80 * 2**30,
            "multi_processor_count": 132,
            "L2_cache_size": 50 * 2**20,
            "uuid": changed.get("uuid", "0"),
        }
        found = types.SimpleNamespace(**(properties | changed))
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: found)
        key = identity(torch.device("cuda", 0), Quiet())
        assert key["memory_bytes"] == found.total_memory
        assert key["multiprocessors"] == found.multi_processor_count
        return place(key)

    assert places() == places(uuid="1")
    assert places() != places(**other)


def test_a_power_limit_is_of_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as somebody tells it."""
    about = {"name": "Paper", "multiprocessors": 132, "memory_bytes": 80 * 2**30}
    keys = []
    for limit in ({}, {"power_limit_w": 700.0}, {"power_limit_w": 350.0}):
        monkeypatch.setattr(kept_peaks, "cuda_device", lambda *_, known=limit: about | known)
        keys.append(identity(torch.device("cuda", 0), Quiet()))
    assert [key["power_limit_w"] for key in keys] == [None, 700.0, 350.0]
    assert len({place(key) for key in keys}) == 3
