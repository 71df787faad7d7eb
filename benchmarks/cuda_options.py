"""Parts of `on_cuda.py` about single options, each apart: one lost loses no other."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from cuda_checks import Checks, Row, last_words

FAST = ("--time-limit", "1")


def _rows(checks: Checks, *words: str, limit: float = 120) -> list[Row]:
    """Return the rows of a run of resnet18 with these options, said."""
    run = checks.run_of("bench", "resnet18", *FAST, *words, limit=limit)
    for row in run["measurements"]:
        checks.tell(row)
    checks.true(bool(run["measurements"]), f"{' '.join(words)}: rows were measured")
    return list(run["measurements"])


def _row(checks: Checks, batch: int = 1, transfers: bool = False, **fields: Any) -> Row:
    """Return the row of resnet18 as a case with these fields, in this process.

    A command starts torch and the device twice, which took 15 to 20 s each time.
    """
    case = checks.case("resnet18", batch)._replace(**fields)
    row: Row = checks.bench(case, 1.0, transfers=transfers).data()
    checks.true(row["status"] == "measured", f"{row['status']} with {fields}")
    return row


def _has(checks: Checks, rows: Sequence[Row], *fields: str) -> None:
    for row in rows:
        for field in fields:
            checks.true(bool(row.get(field)), f"{row['mode']}: {field} {row.get(field)}")


def _modes(checks: Checks, mode: str) -> None:
    _has(checks, _rows(checks, "--mode", mode, *checks.usual(), limit=170), "compile_s")


def reduce_overhead(checks: Checks) -> None:
    """Measure torch.compile with CUDA graphs."""
    if not checks.on_cuda:
        checks.say("skip", "CUDA graphs")
        return
    _modes(checks, "reduce-overhead")


def max_autotune(checks: Checks) -> None:
    """Measure torch.compile with tuned products."""
    _modes(checks, "max-autotune")


def onnxruntime(checks: Checks) -> None:
    """Measure ONNX Runtime; where it lacks the device's provider, the command must say so."""
    provider = "CUDAExecutionProvider" if checks.on_cuda else "CPUExecutionProvider"
    if provider in _providers():
        _rows(checks, "--mode", "onnxruntime")
        return
    done = checks.command("bench", "resnet18", "--mode", "onnxruntime", *FAST)
    refused = done.returncode == 2 and "onnx" in done.stderr
    checks.true(refused, f"refused without {provider}: {done.returncode} {last_words(done)}")


def _providers() -> list[str]:
    """Return what ONNX Runtime can run on here, nothing where it is not installed."""
    try:
        from onnxruntime import get_available_providers
    except ImportError:
        return []
    return list(get_available_providers())


def autocast(checks: Checks) -> None:
    """Measure under autocast: weights in float32, products in bfloat16."""
    _has(checks, [_row(checks, autocast=True, dtype="bfloat16")], "autocast")


def eight_bits(checks: Checks) -> None:
    """Measure linear layers in float8, and hold what they give against bfloat16's."""
    if not checks.on_cuda:
        checks.say("skip", "the CPU has no arithmetic in float8")
        return
    outputs = {}
    for dtype in ("bfloat16", "float8"):
        with checks.applied(dtype):
            outputs[dtype] = checks.prepared(checks.case("swin_t", 64, dtype=dtype)).runs[0]()
    error = (outputs["float8"] - outputs["bfloat16"]).float().norm()
    share = float(error / outputs["bfloat16"].float().norm())
    # e4m3 rounds by up to 1/16, and in turns: 12 blocks add up to no more than that or so
    checks.between("Swin-T in float8: the outputs' distance from bfloat16's", share, 0.001, 0.2)
    row = checks.bench(checks.case("vit_b_16", 64, "graph", dtype="float8"), 1.0)
    # all but the patches' convolution, the products of attention and the head of 1000 classes
    checks.between("ViT-B/16: the share of its MACs in float8", row.float8_share, 0.9, 0.99)


def optimizers(checks: Checks) -> None:
    """Measure training steps of AdamW and of SGD with momentum."""
    for name in ("adamw", "momentum"):
        row = _row(checks, train=True, optimizer=name, dtype="float32")
        checks.true(row["optimizer"] == name, f"optimizer {row['optimizer']}")


def transfers(checks: Checks) -> None:
    """Hold the input's way to the device against the bus."""
    if not checks.on_cuda:
        checks.say("skip", "on the CPU nothing is copied")
        return
    row = _row(checks, 64, transfers=True, dtype="float32")
    _has(checks, [row], "upload_ms", "download_ms")
    if row.get("upload_ms"):
        rate = 64 * 3 * 224 * 224 * 4 / row["upload_ms"] / 1e6
        # PCI Express 4 has 32 GB/s in one direction, 5 has 64; the card's lanes may be fewer
        checks.between("upload in GB/s, pinned", rate, 5, 64)


def largest_batch(checks: Checks) -> None:
    """Search the largest batch that fits."""
    if not checks.on_cuda:
        checks.say("skip", "the CPU refuses no batch")
        return
    # trying every algorithm at every batch would take minutes
    words = ["--largest-batch", "--no-cudnn-benchmark", *checks.usual()]
    for row in _rows(checks, *words, limit=150):
        searched = row["searched"]
        for one in searched["tries"]:
            checks.note(f"batch {one['batch']}: {one['status']} {one['message']}"[:158])
        fits, refused = searched["largest"], searched["refused"]
        checks.true(fits == row["batch"], f"batch {fits} fits, {refused} does not")
        first = searched["tries"][0]["batch"]
        if fits and refused:  # and not ended by what is not a lack of memory
            # cuDNN's workspaces are not predicted, nor is what the context takes
            checks.between("largest batch over the predicted one", fits / first, 0.5, 1.1)


def sustained(checks: Checks) -> None:
    """Measure back to back for some seconds, and see that the load is told."""
    for row in _rows(checks, "--sustained", "5", *checks.usual()):
        first, later = row["burst_ms"], row["batched_ms"]
        checks.true(bool(first and later), f"back to back {first} ms at first, {later} ms later")


def trace(checks: Checks) -> None:
    """Write a Chrome trace, and read it."""
    path = checks.output / "trace.json"
    done = checks.command("bench", "resnet18", *FAST, "--trace", str(path))
    checks.true(path.exists(), f"--trace: exit {done.returncode} {last_words(done)}")
    if path.exists():
        events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
        kernels = [event for event in events if event.get("cat") == "kernel"]
        checks.true(bool(kernels) or not checks.on_cuda, f"{len(kernels)} of {len(events)} events")
        path.unlink()  # megabytes


def by_kernel(checks: Checks) -> None:
    """List the kernels of each layer, with the use of tensor cores."""
    if not checks.on_cuda:
        checks.say("skip", "kernels of CUDA")
        return
    words = ["bench", "resnet18", "--by", "kernel", *FAST, *checks.usual()]
    done = checks.command(*words)
    checks.true(done.returncode == 0, f"exit {done.returncode} {last_words(done)}")
    for line in done.stdout.splitlines()[4:20]:
        checks.note(line[:158])


def history(checks: Checks) -> None:
    """Keep two runs, and ask whether it got slower."""
    path = checks.output / "history.sqlite"
    for _ in range(2):
        done = checks.command("bench", "resnet18", *FAST, "--keep-in", str(path))
        checks.true(done.returncode == 0, f"exit {done.returncode} {last_words(done)}")
    done = checks.command("history", "resnet18", "--keep-in", str(path))
    checks.true(done.returncode == 0, f"history: exit {done.returncode} {last_words(done)}")
    for line in done.stdout.splitlines()[:12]:
        checks.note(line[:158])
    path.unlink(missing_ok=True)


def settings(checks: Checks) -> None:
    """See that settings which falsify times are refused, or told beside them."""
    if not checks.on_cuda:
        checks.say("skip", "settings of CUDA")
        return
    for name in ("CUDA_LAUNCH_BLOCKING", "NVIDIA_TF32_OVERRIDE"):
        os.environ[name] = "1"
        try:
            done = checks.command("bench", "resnet18", *FAST)
        finally:
            del os.environ[name]
        told = name in done.stdout + done.stderr
        checks.true(told, f"{name}=1: exit {done.returncode} {last_words(done)}")
