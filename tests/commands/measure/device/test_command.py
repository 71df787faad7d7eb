"""`archprof device`: measures what the device has and keeps it, says where, and refuses what is
not there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from archprof.commands.measure.device import native, peak_consistency, probes, steady
from archprof.commands.measure.on_device.sensors import HostSensors, State
from tests.command_line import Run, interruptible


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small probes, an own cache, and a machine that nobody else works on, whose numbers fit
    each other.
    """
    monkeypatch.setattr(probes, "EDGES", {"cpu": (64,)})
    monkeypatch.setattr(probes, "CONVOLUTIONS", {"cpu": ((1, 16, 8),)})
    monkeypatch.setattr(probes, "TRANSFERS", {"cpu": range(12, 14)})
    monkeypatch.setattr(steady, "LEAST_WINDOW", 1e-4)
    monkeypatch.setattr(steady, "WARM_SECONDS", 1e-4)

    def state(self: HostSensors) -> State:
        return {}

    monkeypatch.setattr(HostSensors, "state", state)
    monkeypatch.setattr(peak_consistency, "PEAK_RULES", ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_measured_then_kept(run: Run, quick: Path) -> None:
    first = run("device", "--dtype", "float32,bfloat16", "--threads", 1)
    assert first.code == 0
    assert first.out.count("measured now") == 2
    assert " · 1 thread · " in first.out.replace("\n", " ")
    assert "kept in" in first.out
    assert len(list((quick / "archprof").iterdir())) == 1
    again = run("device", "--dtype", "float32", "--threads", 1)
    assert again.code == 0
    assert "measured now" not in again.out
    assert "measured now" in run("device", "--dtype", "float32", "--threads", 1, "--again").out
    # another number of threads
    assert "measured now" in run("device", "--dtype", "float32", "--threads", 2).out


def test_what_is_measured_is_said_without_a_terminal(run: Run) -> None:
    """One plain line at the beginning of each dtype, and no more within ten seconds; nothing
    where nothing is measured.
    """
    first = run("device", "--dtype", "float32,bfloat16").err.splitlines()
    assert [line.partition(", at most about ")[0] for line in first] == [
        "archprof: measuring float32",
        "archprof: measuring bfloat16",
    ]
    assert first[0].endswith(" s: the smallest op")
    assert run("device", "--dtype", "float32,bfloat16").err == ""


def test_only_what_is_native_unless_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_flags", lambda cpuinfo: {"avx2", "f16c"})
    found = json.loads(run("device", "--format", "json").out)
    assert [entry["dtype"] for entry in found["peaks"]] == ["float32"]
    assert "bfloat16" in found["left_out"]
    assert "this processor has no instructions for it" in " ".join(run("device").out.split())
    asked_for = json.loads(run("device", "--dtype", "bfloat16", "--format", "json").out)
    assert ([entry["dtype"] for entry in asked_for["peaks"]], asked_for["left_out"]) == (
        ["bfloat16"],
        [],
    )


def test_it_ends_with_its_time(run: Run, quick: Path) -> None:
    """Rounds of a million samples would take an hour for each of 10 probes; within one second
    every number is there, and partial.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steady, "LEAST_WINDOW", 0.05)
        patch.setattr(steady, "SAMPLES", 10**6)
        patch.setattr(steady, "FEWEST", 10**6)
        start = time.process_time()
        done = run("device", "--dtype", "float32", "--threads", 1, "--time-limit", 1)
    assert time.process_time() - start < 5
    assert done.code == 0
    assert "partial" in done.out
    said = " ".join(done.out.split())
    assert "1 s did not suffice for: the smallest op, copies of 4.00 KiB" in said
    assert not (quick / "archprof").exists()


def test_numbers_that_contradict_each_other_are_an_error(
    run: Run, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        peak_consistency, "PEAK_RULES", (lambda peaks: ["one is a thousandth of the other"],)
    )
    done = run("device", "--dtype", "float32")
    assert done.code == 1
    assert "unusable" in done.out
    assert "float32: one is a thousandth of the other" in done.out
    assert not (quick / "archprof").exists()


def test_all_that_the_device_has(run: Run) -> None:
    """tf32 is not a dtype of a processor; what is native is measured, and the numbers stay the same
    when they are read.
    """
    first, second = (json.loads(run("device", "--format", "json").out) for _ in range(2))
    dtypes = [entry["dtype"] for entry in first["peaks"]]
    assert {"float32"} <= set(dtypes) <= {"float32", "float16", "bfloat16"}
    for before, after in zip(first["peaks"], second["peaks"], strict=True):
        assert (before.pop("measured_now"), after.pop("measured_now")) == (True, False)
        assert before == after
    assert first["device"]["torch"] == torch.__version__


def test_the_table_fits(run: Run) -> None:
    for columns in (40, 80):
        assert (
            max(map(len, run("device", "--dtype", "float32", columns=columns).out.splitlines()))
            <= columns
        )


def test_formats_and_files(run: Run, tmp_path: Path) -> None:
    assert run("device", "--dtype", "float32", "--format", "csv").out.startswith(
        "Dtype,Products (FLOP/s),"
    )
    path = tmp_path / "device.md"
    done = run("device", "--dtype", "float32", "--format", "md", "-o", path)
    assert (done.code, done.out) == (0, "")
    assert "| float32" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--device", "gpu"), "`gpu` is not a device"),
        (("--device", "cuda"), "cuda" if torch.cuda.is_available() else "CUDA"),
        (("--dtype", "float31"), "there is no `float31`"),
        (("--dtype", "tf32"), "the CPU has no tf32"),
        (("--dtype", ""), "there is no ``"),
    ],
)
def test_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    if torch.cuda.is_available() and arguments[1] == "cuda":
        pytest.skip("there is one")
    done = run("device", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_cache_that_cannot_be_written_is_said(run: Run, quick: Path) -> None:
    (quick / "archprof").write_text("in the way")
    done = run("device", "--dtype", "float32")
    assert done.code == 0
    assert "not kept" in done.out
    assert "kept in" not in done.out


@pytest.mark.slow
def test_interrupted(tmp_path: Path) -> None:
    """A real process, which measures for seconds: it leaves with 130 and keeps nothing by
    halves.
    """
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    program = """
import sys
import archprof.commands.measure.device.kept_peaks
# torch imports it for its flags, and it cannot be interrupted
import torch._inductor.config
from archprof.cli.main import run
print("ready", flush=True)
sys.argv = ["archprof", "device", "--dtype", "float32", "--threads", "1"]
run()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        preexec_fn=interruptible,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert [line.partition(",")[0] for line in err.splitlines()] == [
        "archprof: measuring float32",
        "interrupted",
    ]
    assert not (tmp_path / "cache" / "archprof").exists()
