"""Parts of `on_cuda.py` about time: clocks, layers, peaks, other implementations, load."""

from __future__ import annotations

import json
import time

import torch
from cuda_checks import Checks, Row, last_words, row_name

from archprof.commands.measure.on_device.cuda_graphs import captured
from archprof.commands.measure.running.measurement import Measurement
from archprof.commands.measure.running.workload import Case

GRAPH_SLOWER = 1.02  # the share of eager's latency that a graph's may be
SHEET = {
    "H100": {"bfloat16": 989.5e12, "tf32": 494.7e12, "float32": 66.9e12, "copy": 3.35e12},
    "H200": {"bfloat16": 989.5e12, "tf32": 494.7e12, "float32": 66.9e12, "copy": 4.8e12},
    "A100": {"bfloat16": 312e12, "tf32": 156e12, "float32": 19.5e12, "copy": 2.04e12},
}
"""Dense FLOP/s and bytes per second of the SXM boards, by NVIDIA's data sheets."""


def clocks(checks: Checks) -> None:
    """Hold bench against torch's Timer, triton's do_bench and one request alone; graph, eager."""
    for batch in (1, checks.sizes.batch):
        rows = {}
        for mode in checks.sizes.modes:
            case = checks.case(checks.sizes.big, batch, mode)
            rows[mode] = checks.bench(case)
            _other_clocks(checks, case, rows[mode])
        eager, graph = rows["eager"].latency_ms, rows["graph"].latency_ms if checks.on_cuda else 0
        if eager and graph:
            checks.true(
                graph <= GRAPH_SLOWER * eager,
                f"b{batch}: a graph is no slower than eager: {graph:.4f} against {eager:.4f} ms",
            )


def _other_clocks(checks: Checks, case: Case, row: Measurement) -> None:
    from torch.utils.benchmark import Timer

    if row.latency_ms is None:
        return
    name = f"{case.graph.network.name} b{case.batch} {case.mode}"
    with checks.applied():
        workload = checks.prepared(case)
        if case.mode == "graph":
            workload = captured(workload, checks.device)
        run = workload.runs[0]
        timer = Timer("run()", globals={"run": run}).blocked_autorange(min_run_time=0.5)
        pipelined = row.batched_ms or row.latency_ms
        # a host that shares its machine is never twice the same
        same = _noted if row.bound == "host" else Checks.alike
        same(checks, f"{name}: torch's Timer, pipelined", 1e3 * timer.median, pipelined, 0.02)
        same(checks, f"{name}: one request alone", checks.alone(run), row.latency_ms, 0.03)
        if not checks.on_cuda:
            return
        cold = checks.bench(case, 1.0, flush=True)
        from triton.testing import do_bench

        other = do_bench(run, warmup=50, rep=300, return_mode="median")
        # where the host is the bound, do_bench's window begins while it waits for its own flush
        if cold.bound == "host":
            checks.note(f"{name}: do_bench {other:.4f} ms, cold device time {cold.device_ms}")
        else:
            checks.alike(f"{name}: triton's do_bench, cold", other, cold.device_ms, 0.02)


def _noted(checks: Checks, what: str, found: float, expected: float, bound: float) -> None:
    checks.note(f"{what}: {found:.4f} and {expected:.4f}, which the host sets")


def layers(checks: Checks) -> None:
    """Hold the layers' kernels against one profile of the whole, and a replay of its graph."""
    mode = checks.sizes.modes[-1]
    names, batches = [checks.sizes.big, checks.sizes.small], [1, checks.sizes.batch]
    words = ["--batch", ",".join(map(str, batches)), "--mode", mode, "--by", "layer"]
    run = checks.run_of("bench", *names, *words, "--time-limit", "1", *checks.usual())
    wanted = len(names) * len(batches)
    checks.true(len(run["layers"]) == wanted, f"{len(run['layers'])} of {wanted} were timed")
    for data in run["layers"]:
        _kernels(checks, data)


def _kernels(checks: Checks, data: Row) -> None:
    kernels = [layer["kernel_ms"] for layer in data["layers"] if layer["kernel_ms"] is not None]
    total, whole, name = sum(kernels), data["whole_ms"], f"{data['network']} b{data['batch']}"
    checks.note(
        f"{name}: {len(data['layers'])} layers, kernels of {len(kernels)} {total:.4f} ms, windows"
        f" {data['layers_ms']:.4f}, whole {whole:.4f}, overhead {data['timing_overhead_ms']:.4f},"
        f" rest {data['launch_gaps_and_fusion_ms']:+.4f}, as run {data.get('unheld_ms')}"
        f" {data['warnings']} {data.get('kernels_unseen', '')}"
    )
    checks.contradicted(name, data)
    if not checks.on_cuda:
        return
    slow = [layer for layer in data["layers"] if layer["faster_than_roofline"]]
    shown = [(one["path"], one["kernel_ms"], one["roofline_ms"]) for one in slow[:4]]
    checks.true(not slow, f"{name}: {len(slow)} layers faster than their roofline {shown}")
    case = checks.case(data["network"], data["batch"])
    with checks.applied():
        run = checks.prepared(case).runs[0]
        profiled, replayed = _profiled(checks, run), _replayed(checks, case)
    # kernels of a few microseconds vary from pass to pass, and lie about one apart in a replay
    small = data["batch"] == 1
    bound = 0.10 if small else 0.05
    checks.alike(f"{name}: kernels by layer, one profile of the whole", total, profiled, bound)
    share = replayed / total if total else None
    checks.between(f"{name}: a replay over its kernels", share, 0.95, 1.6 if small else 1.1)


def _profiled(checks: Checks, run: object) -> float:
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        run()  # type: ignore[operator]
        checks.wait()
    # an op of the host counts the kernels that it launched, which are events of their own
    kernels = [event for event in seen.key_averages() if event.device_type.name == "CUDA"]
    return sum(event.self_device_time_total for event in kernels) / 1e3


def _replayed(checks: Checks, case: Case) -> float:
    from archprof.commands.measure.on_device.torch_device import clock

    replay = captured(checks.prepared(case), checks.device).runs[0]
    times = clock(checks.device).each(replay, 20)
    return 1e3 * sorted(times)[len(times) // 2]


def device(checks: Checks) -> None:
    """Hold the device's peaks against its data sheet, and see that they are kept."""
    dtypes = "bfloat16,tf32,float32" if checks.on_cuda else "float32"
    limit = "40" if checks.on_cuda else "6"
    words = ["device", "--dtype", dtypes, "--time-limit", limit, "--format", "json"]
    done = checks.command(*words, limit=150)
    if not done.stdout:
        checks.say("FAIL", f"exit {done.returncode}: {last_words(done)}")
        return
    data = json.loads(done.stdout)
    name = data["device"]["device"]
    checks.note(f"{name}: {data['device']}")
    sheets = [rates for model, rates in SHEET.items() if model in name]
    for found in data["peaks"]:
        _against_sheet(checks, found, sheets[0] if sheets else {})


def _against_sheet(checks: Checks, found: Row, sheet: dict[str, float]) -> None:
    dtype = found["dtype"]
    if checks.on_cuda:
        checks.true(found["kept"] is not None, f"{dtype}: kept; notes {found['notes']}")
    checks.contradicted(dtype, found)
    rates = {name: value for name, value in found.items() if isinstance(value, float)}
    sizes = [f"{one['bytes'] >> 10} KiB {one['bytes_per_s']:.3g}" for one in found["transfers"]]
    checks.note(f"{dtype}: {rates}; transfers {', '.join(sizes)}")
    if dtype in sheet:
        share = found["flops_per_s"] / sheet[dtype]
        checks.between(f"{dtype}: share of the data sheet's arithmetic", share, 0.55, 1.0)
        share = found["copy_bytes_per_s"] / sheet["copy"]
        checks.between(f"{dtype}: share of the data sheet's bandwidth", share, 0.8, 1.0)


def modules(checks: Checks) -> None:
    """Hold the built networks against timm's and torchvision's own, by do_bench."""
    if not checks.on_cuda:
        checks.say("skip", "needs triton's do_bench on a CUDA device")
        return
    import timm
    import torchvision

    batch = checks.sizes.batch
    others = [
        ("resnet50", "timm", lambda: timm.create_model("resnet50")),
        ("swin_t", "torchvision", torchvision.models.swin_t),
        ("convnext_tiny", "torchvision", torchvision.models.convnext_tiny),
    ]
    from triton.testing import do_bench

    for name, library, make in others:
        case = checks.case(name, batch)
        with checks.applied(), torch.inference_mode():
            ours = checks.prepared(case)
            layout = torch.channels_last
            module = make().eval().to(checks.device, ours.input.dtype).to(memory_format=layout)
            image = ours.input
            for _ in range(5):
                module(image)
            theirs = do_bench(lambda: module(image), warmup=50, rep=300, return_mode="median")  # noqa: B023
            built = do_bench(ours.runs[0], warmup=50, rep=300, return_mode="median")
            host = checks.queueing(ours.runs[0])
        checks.note(f"{name} b{batch}: built {built:.4f} ms, {library}'s {theirs:.4f}")
        if host > 0.9 * built:  # which is never twice the same
            checks.note(f"{name}: the host takes {host:.4f} ms to queue it, and is the bound")
            continue
        # torchvision's attention is not fused, and both permute where ours need not
        least = 0.95 if name == "resnet50" else 0.6
        checks.between(f"{name}: built over {library}'s, by do_bench", built / theirs, least, 1.05)


def load(checks: Checks) -> None:
    """Hold clock, power and energy of a row against NVML under the same load."""
    name, batch = ("vgg16", 256) if checks.on_cuda else (checks.sizes.small, 2)
    row = checks.bench(checks.case(name, batch), 3.0)
    checks.true(row.status != "throttled", f"{row_name(row.data())}: {row.status}")
    if not checks.on_cuda:
        return
    for field in ("clock_mhz", "clock_share", "power_w", "joules_per_image"):
        value = getattr(row, field, None)
        checks.true(value is not None and value > 0, f"the row has {field}: {value}")
    import pynvml

    pynvml.nvmlInit()
    handle = pynvml.nvmlDeviceGetHandleByIndex(checks.device.index)
    with checks.applied():
        run = checks.prepared(checks.case(name, batch)).runs[0]
        before, start, runs = pynvml.nvmlDeviceGetTotalEnergyConsumption(handle), time.time(), 0
        while time.time() < start + 2:
            run()
            runs += 1
            if runs % 8 == 0:
                checks.wait()
        clock = pynvml.nvmlDeviceGetClockInfo(handle, pynvml.NVML_CLOCK_SM)
        checks.wait()
        seconds = time.time() - start
    joules = (pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) - before) / 1e3
    found = getattr(row, "joules_per_image", None)
    # the counter moves ten times a second, and is read here at any moment
    checks.alike("energy per image, NVML's counter", found, joules / (runs * batch), 0.15)
    checks.alike("power", getattr(row, "power_w", None), joules / seconds, 0.15)
    checks.alike("clock under load, in MHz", getattr(row, "clock_mhz", None), clock, 0.10)
