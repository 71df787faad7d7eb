"""Runs of `bench` made of paper."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
CONDITIONS = {
    "input": [3, 8, 8],
    "dtype": "float32",
    "memory_format": "contiguous",
    "mode": "eager",
}


def row(**given: Any) -> Row:
    """A measurement that went well: 2 ms a batch within 1 %, 64 MACs an image."""
    batch, latency = given.get("batch", 1), given.get("latency_ms", 2.0)
    median = latency if isinstance(latency, float) else 2.0  # what is none is what a test is about
    return {
        "network": "net",
        "input": [3, 8, 8],
        "batch": batch,
        "dtype": "float32",
        "memory_format": "contiguous",
        "mode": "eager",
        "train": False,
        "macs": 64 * batch,
        "flops": 128 * batch,
        "predicted_peak_bytes": 1024,
        "status": "measured",
        "message": "",
        "interleaved_with": [],
        "tf32": False,
        "latency_ms": 2.0,
        "latency_low_ms": 0.99 * median,
        "latency_high_ms": 1.01 * median,
        "halves_ms": [median, median],
        "ratios": [],
        "latency_p10_ms": 1.9,
        "latency_p90_ms": 2.2,
        "runs": 50,
        "noise": 0.004,
        "batched_ms": 1.95,
        "forward_ms": None,
        "backward_ms": None,
        "step_ms": None,
        "images_per_s": 500.0 * batch,
        "attained_share": None,
        "peak_bytes": 2048,
        "peak_layer": "conv",
        "reserved_bytes": None,
        "warmup_runs": 5,
        "discarded_runs": 0,
        "paused_ms": 0.0,
        "stopped": "noise",
        "unmet": [],
        "before": {},
        "after": {},
        "warnings": [],
        "contradictions": [],
    } | given


def turns(*rows: Row, spread: float = 0.02) -> list[Row]:
    """The rows as measured in turns: the ratio of two times is known within `spread` to either
    side.
    """

    def ratio(one: Row, other: Row) -> Row:
        median = (
            one["latency_ms"] / other["latency_ms"]
            if one["latency_ms"] and other["latency_ms"]
            else None
        )
        low, high = (median / (1 + spread), median * (1 + spread)) if median else (None, None)
        return {"network": other["network"], "median": median, "low": low, "high": high}

    others = [[other for other in rows if other is not one] for one in rows]
    return [
        one
        | {
            "interleaved_with": [other["network"] for other in theirs],
            "ratios": [ratio(one, other) for other in theirs],
        }
        for one, theirs in zip(rows, others, strict=True)
    ]


def lost(status: str, message: str = "", **given: Any) -> Row:
    """A measurement that came to nothing."""
    figures = [
        "latency_ms",
        "latency_low_ms",
        "latency_high_ms",
        "halves_ms",
        "latency_p10_ms",
        "latency_p90_ms",
        "noise",
        "batched_ms",
        "images_per_s",
        "peak_bytes",
        "peak_layer",
        "before",
        "after",
    ]
    none = dict.fromkeys(figures)
    return row(
        **{"status": status, "message": message, "runs": 0, "stopped": "", "warmup_runs": 0}
        | none
        | given
    )


def run(
    *rows: Row, complete: bool = True, device: str = "Paper CPU", **given: Any
) -> dict[str, Any]:
    """A run of these measurements."""
    specs = {
        name: {
            "file": f"{name}.yaml",
            "commit": None,
            "modified": None,
            "sha256": "0" * 64,
            "overrides": {},
        }
        for name in {r["network"] for r in rows}
    }
    about = {
        "type": "cpu",
        "name": device,
        "cores": 2,
        "capability": "AVX2",
        "last_cache_bytes": 2**25,
        "memory_bytes": 2**34,
    }
    manifest = {
        "command": ["archprof", "bench", "net"],
        "device": about,
        "versions": {
            "archprof": "0",
            "torch": "2.13.0",
            "cuda": None,
            "cudnn": None,
            "triton": None,
            "python": "3.11.7",
            "system": "Linux",
        },
        "flags": {
            "threads": 1,
            "cudnn_benchmark": True,
            "cudnn_deterministic": False,
            "deterministic_algorithms": False,
            "flush_cache": False,
            "any_clock": False,
            "time_limit_s": 15.0,
        },
        "specs": specs,
    }
    return {
        "schema": 1,
        "manifest": manifest,
        "complete": complete,
        "measurements": list(rows),
        "memory": [],
        "layers": [],
    } | given


def timed(
    network: str,
    times: dict[str, float],
    whole: float,
    batch: int = 1,
    kernels: dict[str, float] | None = None,
) -> Row:
    """Layers by path and milliseconds."""
    layers = [
        {
            "path": path,
            "op": "conv2d",
            "what": "conv2d 3x3",
            "block": path,
            "time_ms": time,
            "kernel_ms": kernels[path] if kernels else None,
            "flops": 128,
            "bytes_moved": 64,
            "roofline_ms": None,
            "bound": None,
            "attained": None,
            "faster_than_roofline": False,
        }
        for path, time in times.items()
    ]
    total = sum(times.values())
    return {
        "network": network,
        "batch": batch,
        "passes": 20,
        "whole_ms": whole,
        "layers_ms": total,
        "kernels_ms": sum(kernels.values()) if kernels else None,
        "timing_overhead_ms": 0.0,
        "launch_gaps_and_fusion_ms": whole - total,
        "peaks": None,
        "warnings": [],
        "contradictions": [],
        "layers": layers,
    } | CONDITIONS
