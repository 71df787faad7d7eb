"""Parts of `on_cuda.py` about runs as a user starts them: compare, memory, failures, training."""

from __future__ import annotations

import gc
import json
import os

import torch
from cuda_checks import ROOT, Checks, Row, last_words, row_figures, row_name

from archprof.commands.measure.on_device import workspaces
from archprof.commands.measure.on_device.torch_device import TorchFlags

INJECTED = ROOT / "benchmarks" / "injected"
ATTENTIVE = ("vit_b_16", "swin_t")
IMAGE = 3 * 224 * 224 * 2  # bytes in bfloat16
TOO_MANY = 1_000_000  # images at a time, whose input alone is 280 GiB
LIMITED = """\
name: limited
input: 3x224x224
layers: [{op: conv2d, out: 64, kernel: 7, stride: 2}, {op: conv2d, out: 64, kernel: 3}]
budget: {max_latency_ms: 1000}
"""


def compared(checks: Checks) -> None:
    """Compare two networks as the README does; the file that is written can be read again."""
    path = checks.output / "compare.json"
    nets = [checks.sizes.big, checks.sizes.small]
    words = ["--batch", f"1,{checks.sizes.batch}", "--mode", ",".join(checks.sizes.modes)]
    words += ["--time-limit", "1", "-o", str(path), *checks.usual()]
    done = checks.command("compare", *nets, *words, limit=170)
    for line in done.stdout.splitlines()[:60]:
        print(line[:158])
    rows = []
    if path.exists():
        rows = json.loads(path.read_text(encoding="utf-8"))["run"]["measurements"]
    # as documented, a run with a row that cannot be used ends with 1
    unusable = any(row["contradictions"] for row in rows)
    checks.true(done.returncode == int(unusable), f"exit {done.returncode} {last_words(done)}")
    wanted = len(nets) * 2 * len(checks.sizes.modes)
    checks.true(len(rows) == wanted, f"{len(rows)} of {wanted} rows")
    if not rows:
        return
    for row in rows:
        checks.tell(row)
        _reserved(checks, row)
    again = checks.command("compare", "--load", str(path), str(path))
    checks.true(again.returncode == 0, f"--load of its own file: {last_words(again)}")
    path.unlink()


def captured_networks(checks: Checks) -> None:
    """Compare torchvision's module with the spec of the same network: as fast, within noise."""
    name = checks.sizes.big
    words = ["--mode", checks.sizes.modes[-1], "--batch", str(checks.sizes.batch)]
    run = checks.run_of(
        "compare", name, f"torchvision:{name}", *words, "--time-limit", "2", *checks.usual()
    )
    rows = run["measurements"]
    for row in rows:
        checks.tell(row)
    checks.true(len(rows) == 2, f"{len(rows)} of 2 rows: {[row['network'] for row in rows]}")
    if len(rows) == 2 and all(row["latency_ms"] for row in rows):
        spec, module = rows
        # both are measured in turns: what others do beside them disturbs both
        what = f"{name}: torchvision's module, captured, and the spec"
        checks.alike(what, module["latency_ms"], spec["latency_ms"], 0.15)


def _reserved(checks: Checks, row: Row) -> None:
    """Say whether what the allocator reserved can be: it holds at least what was given out."""
    if not checks.on_cuda or row["status"] != "measured":
        return
    reserved, peak = row["reserved_bytes"], row["peak_bytes"]
    if reserved is None or peak is None:
        checks.say("FAIL", f"{row_name(row)}: reserved {reserved}, peak {peak}")
    elif row["interleaved_with"]:
        # one network's tensors also lie in what is free within another's blocks
        checks.true(reserved >= 0, f"{row_name(row)}: reserved {reserved}, peak {peak}")
    elif row["mode"] == "graph":
        # the graph's pool reserves what its capture allocated; the peak is the eager run's
        checks.true(reserved >= peak / 2, f"{row_name(row)}: reserved {reserved}, peak {peak}")
    else:
        checks.true(reserved >= 0.98 * peak, f"{row_name(row)}: reserved {reserved}, peak {peak}")


def captures(checks: Checks) -> None:
    """See that one failed capture loses its own row only, and that LeNet and Swin have none."""
    modes = checks.sizes.modes[-1]
    first = "resnet18"
    os.environ["ARCHPROF_INJECTED"] = first
    try:
        words = ["--mode", ",".join(reversed(checks.sizes.modes)), "--time-limit", "1"]
        nets = [first, "mobilenet_v2"]
        run = checks.run_of("bench", *nets, *words, limit=150, path=INJECTED)
    finally:
        del os.environ["ARCHPROF_INJECTED"]
    wanted = len(nets) * len(checks.sizes.modes)
    checks.true(len(run["measurements"]) == wanted, f"{len(run['measurements'])} of {wanted} rows")
    for row in run["measurements"]:
        lost = row["network"] == first and row["mode"] == "graph"
        text = f"with a copy in {first}: {row_name(row)}: {row['status']} {row['message'][:200]}"
        checks.true(row["status"] == ("failed" if lost else "measured"), text)
    words = ["--mode", modes, "--time-limit", "1"]
    for row in checks.run_of("bench", "lenet5", "swin_t", *words)["measurements"]:
        checks.tell(row)


def full(checks: Checks) -> None:
    """See that memory which ends is called so, and that the next batch is measured all the same."""
    batches = [1, TOO_MANY, 2]
    if checks.on_cuda:
        # an input that fits, and outputs of the first convolution that do not: cuDNN's own words
        some = torch.cuda.get_device_properties(checks.device).total_memory // (4 * IMAGE)
        batches = [64, some, TOO_MANY, 128]
    words = ["--batch", ",".join(map(str, batches)), "--time-limit", "1"]
    run = checks.run_of("bench", "mobilenet_v2", *words, *checks.usual())
    statuses = [row["status"] for row in run["measurements"]]
    for row in run["measurements"]:
        checks.note(f"{row_name(row)}: {row['status']} {row_figures(row)}")
    lost = ["out_of_memory"] * (len(batches) - 2)
    checks.true(statuses == ["measured", *lost, "measured"], str(statuses))


def memory(checks: Checks) -> None:
    """Hold predicted, traced, requested and reserved bytes against torch's own counters."""
    nets = ["resnet50", "vit_b_16", "swin_t"] if checks.on_cuda else [checks.sizes.small]
    for training in (False, True):
        words = ["--batch", "16" if checks.on_cuda else "2", "--memory", "--time-limit", "0.5"]
        words += ["--train"] if training else []
        # one after the other in one process: what one leaves must not count for the next
        run = checks.run_of("bench", *nets, *words)
        details = {found["network"]: found for found in run["memory"]}
        for row in run["measurements"]:
            checks.tell(row)
            if row["network"] in details:
                _memory(checks, row, details[row["network"]])


def _memory(checks: Checks, row: Row, found: Row) -> None:
    name = row_name(row)
    traced = found["forward_end_bytes"] if row["train"] else found["tensor_bytes"]
    # attention: the prediction is of the CPU's algorithms, CUDA's keep less
    bound = 0.05 if row["network"] in ATTENTIVE else 0.02
    checks.within(f"{name}: traced, predicted", traced, row["predicted_peak_bytes"], bound)
    checks.note(f"{name}: {[f'{key} {value}' for key, value in found.items() if 'bytes' in key]}")
    _reserved(checks, row)
    requested = row.get("requested_bytes")
    if not checks.on_cuda or requested is None:
        return
    checks.true(
        requested >= 0.999 * found["tensor_bytes"],
        f"{name}: requested {requested} holds all tensors, {found['tensor_bytes']}",
    )
    with checks.applied("float32"):
        gc.collect()  # what an earlier network's graph of modules holds in cycles
        torch.cuda.empty_cache()
        workspaces.made(torch.cuda, checks.device, row["train"])  # a process has them once
        before = torch.cuda.memory_stats()["requested_bytes.all.current"]
        other = {"dtype": "float32", "memory_format": "contiguous", "train": row["train"]}
        workload = checks.prepared(checks.case(row["network"], row["batch"], **other))
        torch.cuda.reset_peak_memory_stats()
        for run in workload.runs:
            run()
        checks.wait()
        peak = torch.cuda.memory_stats()["requested_bytes.all.peak"] - before
    del workload
    checks.within(f"{name}: requested, torch's own counter", requested, peak, 0.02)


def training(checks: Checks) -> None:
    """Measure a training step in every mode; a graph's is no slower."""
    found = {}
    for mode in checks.sizes.modes:
        batch = 32 if checks.on_cuda else 2
        found[mode] = checks.bench(checks.case("resnet18", batch, mode, train=True), 1.0)
    eager, graph = found["eager"].latency_ms, found[checks.sizes.modes[-1]].latency_ms
    if eager and graph:
        checks.true(graph <= 1.02 * eager, f"graph {graph:.4f} ms, eager {eager:.4f}")


def dtypes(checks: Checks) -> None:
    """Measure in every dtype; TF32 multiplies faster than float32."""
    names = ("float32", "tf32", "float16") if checks.on_cuda else ("float32",)
    batch = 64 if checks.on_cuda else 1
    rows = {name: checks.bench(checks.case("resnet18", batch, dtype=name), 1.0) for name in names}
    tf32 = rows[names[1 % len(names)]].latency_ms
    if checks.on_cuda and tf32 and rows["float32"].latency_ms:
        share = tf32 / rows["float32"].latency_ms
        checks.between("tf32's share of float32's time", share, 0.1, 0.95)


def deterministic(checks: Checks) -> None:
    """See that deterministic algorithms come without fills of memory that is written anyway."""
    if not checks.on_cuda:
        checks.say("skip", "fills of the device's memory")
        return
    words = ["--deterministic", "--time-limit", "0.5"]
    for row in checks.run_of("bench", "resnet18", *words)["measurements"]:
        checks.tell(row)
    # as the command sets it, before the first product
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    with checks.applied("float32", TorchFlags(deterministic=True)):
        workload = checks.prepared(checks.case("resnet18", 2, dtype="float32"))
        with torch.profiler.profile() as seen:
            workload.runs[0]()
    fills = sum(event.count for event in seen.key_averages() if event.key == "aten::fill_")
    checks.true(not fills, f"{fills} fills in one pass of resnet18")


def checked(checks: Checks) -> None:
    """Let `archprof check` answer a latency budget."""
    path = checks.output / "limited.yaml"
    path.write_text(LIMITED, encoding="utf-8")
    done = checks.command("check", str(path), "--device", str(checks.device))
    checks.true(done.returncode == 0, f"exit {done.returncode} {last_words(done)}")
    said = [line for line in (done.stdout + done.stderr).splitlines() if "1000 ms" in line]
    checks.true(bool(said), f"an answer: {said[:3]}")
    path.unlink()


def compiled(checks: Checks) -> None:
    """Measure what torch.compile makes, in inference and training."""
    batch = 32 if checks.on_cuda else 1
    row = checks.bench(checks.case("resnet18", batch, "compile"), 1.0)
    checks.true(row.status == "measured", f"compile {row.status}")
    if not checks.on_cuda:
        return
    checks.true(bool(row.compile_s), f"compile_s {row.compile_s}")
    trained = checks.bench(checks.case("resnet18", batch, "compile", train=True), 1.0)
    eager = checks.bench(checks.case("resnet18", batch, train=True), 0.5)
    if trained.peak_bytes and eager.peak_bytes:
        # 11.7 M gradients in bfloat16 would be missing: 23 MB
        share = trained.peak_bytes / eager.peak_bytes
        checks.note(f"training peak, compiled over eager: {share:.3f}")
