"""Notes on a run: what was not met, what disturbed it, what was left out."""

from __future__ import annotations

from typing import Any

from archprof.commands.measure.writing.run_notes import notes
from tests.commands.measure.runs import lost, row, run


def said(data: dict[str, Any], label: str) -> list[str]:
    return [note for name, note in notes(data) if name == label]


def test_conditions_that_were_not_met_are_said_together() -> None:
    cut = {"unmet": ["10 runs", "noise under 0.5 % or settled"], "stopped": "limit"}
    data = run(*(row(batch=2**i, **cut) for i in range(5)), row(batch=64, unmet=["0.5 s of work"]))
    assert said(data, "limit") == [
        (
            "net batch 1, net batch 2, net batch 4 and 2 more: "
            "the time limit of 15 s came before: 10 runs, noise under 0.5 % or settled"
        ),
        "net batch 64: the time limit of 15 s came before: 0.5 s of work",
    ]


def test_other_work_is_no_motion_of_the_device() -> None:
    data = run(
        row(warnings=["clock_mhz 2000 -> 1000", "other work took 75 % of the processor meanwhile"])
    )
    assert said(data, "moved") == ["net: clock_mhz 2000 -> 1000"]
    assert said(data, "busy") == ["net: other work took 75 % of the processor meanwhile"]


def test_what_the_two_peaks_hold_is_said_where_both_stand() -> None:
    (inference,), (training,) = said(run(row()), "peak"), said(run(row(train=True)), "peak")
    assert "kernels' scratch; predicted: tensors alone" in inference
    assert (
        training
        == inference + ", in training those alive when the forward pass ends, but for its outputs"
    )
    assert said(run(row(peak_bytes=None)), "peak") == []


def test_many_different_notes_are_not_all_shown() -> None:
    found = said(
        run(*(row(batch=2**i, warnings=[f"clock_mhz {i} -> 9"]) for i in range(7))), "moved"
    )
    assert len(found) == 5
    assert found[-1] == "3 more such notes, which the JSON has"


def test_pauses_and_interruption_are_said() -> None:
    data = run(row(discarded_runs=30, paused_ms=237.5), complete=False)
    assert said(data, "paused") == ["net: 238 ms for the clock to recover, 30 runs thrown away"]
    assert said(data, "stopped") == ["interrupted: these are the measurements that were finished"]


def test_the_largest_batches_are_said_and_need_no_turns() -> None:
    tries = [
        {"batch": 4, "status": "out_of_memory", "message": "no room", "peak_bytes": None},
        {"batch": 3, "status": "fits", "message": "", "peak_bytes": 2048},
    ]
    searched = {"largest": 3, "refused": 4, "tries": tries}
    data = run(*(row(network=name, batch=3, searched=searched) for name in "ab"))
    assert said(data, "largest") == ["a, b: batch 3 fits, 4 does not: no room"]
    assert said(data, "alone") == []
    assert said(run(row(searched=None)), "largest") == []


def test_what_becomes_of_the_speed_is_said_where_it_was_asked() -> None:
    """5 ms after 4 are 1.25 times as long."""
    rows = [
        row(burst_ms=4.0, batched_ms=5.0),
        row(batch=2, burst_ms=None, batched_ms=None),
        row(batch=4, burst_ms=4.0, batched_ms=4.0, contradictions=[{"about": "latency"}]),
    ]
    rows[2]["contradictions"][0]["message"] = "it drifts"
    data = run(*rows)
    assert said(data, "sustained") == []
    data["manifest"]["flags"]["sustained_s"] = 60.0
    assert said(data, "sustained") == [
        "net batch 1: back to back for 60 s: 4.00 ms a run at first, 5.00 ms in the later half,"
        " 1.25 times as long"
    ]


def test_a_network_measured_alone_is_said() -> None:
    together = [row(network="a", interleaved_with=["b"]), row(network="b", interleaved_with=["a"])]
    assert said(run(*together), "alone") == []
    assert said(run(row(network="a"), lost("failed", "no", network="b")), "alone")[0].startswith(
        "a: not in turns"
    )


def test_a_silent_driver_is_said() -> None:
    """Without NVML nobody saw whether the clock was throttled; on the CPU there is nobody to
    ask.
    """
    data = run(row())
    assert said(data, "clocks") == []
    data["manifest"]["device"] = {"type": "cuda", "name": "Paper H200", "driver": None}
    assert said(data, "clocks") == ["not seen, nor throttling: pip install nvidia-ml-py"]
    data["measurements"][0]["before"] = {"clock_mhz": 1980}
    assert said(data, "clocks") == []


def on_cuda(*rows: dict[str, Any], **given: Any) -> dict[str, Any]:
    data = run(*rows)
    data["manifest"]["device"] = {"type": "cuda", "name": "Paper H200", "driver": "580"}
    data["manifest"] |= given
    return data


def test_float32_without_tf32_is_said_where_nothing_else_was_measured() -> None:
    (text,) = said(on_cuda(row(), row(mode="graph")), "precision")
    assert "--dtype tf32" in text
    assert "bfloat16 with --memory-format channels_last" in text
    assert said(on_cuda(row(), row(dtype="tf32")), "precision") == []
    assert said(on_cuda(row(memory_format="channels_last")), "precision") == []
    assert said(on_cuda(), "precision") == []
    assert said(run(row()), "precision") == []  # on the CPU it is what everybody runs


def test_a_variable_that_decides_over_tf32_is_said() -> None:
    data = on_cuda(row(dtype="tf32"), environment={"NVIDIA_TF32_OVERRIDE": "0"})
    (text,) = said(data, "precision")
    assert text.startswith("NVIDIA_TF32_OVERRIDE=0 decides over TF32")
    assert said(run(row()) | {"environment": {"NVIDIA_TF32_OVERRIDE": "0"}}, "precision") == []


def test_how_much_ran_in_float8_is_said() -> None:
    (text,) = said(run(row(dtype="float8", float8_share=0.927), row()), "float8")
    assert text.endswith(": 92.7% of the MACs, in linear layers; the rest in bfloat16")
    assert said(run(row(), row(dtype="bfloat16")), "float8") == []


def test_autocast_is_said() -> None:
    assert said(run(row(autocast=True)), "autocast")[0].startswith("weights in float32")
    assert said(run(row(autocast=False), row()), "autocast") == []


def test_compiling_takes_seconds_of_its_own() -> None:
    rows = [
        row(),
        row(mode="compile", compile_s=12.34),
        row(mode="onnxruntime", compile_s=1.0),
        row(mode="graph", compile_s=None),
    ]
    assert said(run(*rows), "compiled") == [
        "net compile: compiled and run once in 12.3 s; torch's caches on the disk may have helped",
        "net onnxruntime: exported, loaded and run once in 1.0 s",
    ]


def test_other_processes_are_named() -> None:
    others = ["a (1)", "b (2)", "c (3)", "d (4)"]
    assert said(on_cuda(row(), other_processes=others), "beside") == [
        "other processes were on the device: a (1), b (2), c (3) and 1 more"
    ]
    assert said(on_cuda(row(), other_processes=[]), "beside") == []
    assert said(on_cuda(row(), other_processes=None), "beside") == []
