"""The figures of the GPU's reports, from measurements made up here: none is typed by hand."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import archprof

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
REPORTS = ROOT / "reports" / "gpu"
DATA = REPORTS / "data"
DEVICE = {"type": "cuda", "name": "Paper 100", "driver": "580.1"}
MANIFEST = {"device": DEVICE, "versions": {"torch": "2.11", "cuda": "13.0"}}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("gpu_page")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("gpu_rows")


@pytest.fixture
def roofs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("gpu_roofs")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("gpu_checks")


@pytest.fixture
def gather(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("gpu_gather")


def measured(network: str, latency_ms: float | None, **other: Any) -> dict[str, Any]:
    row = {
        "network": network,
        "input": [3, 224, 224],
        "batch": 8,
        "dtype": "bfloat16",
        "memory_format": "channels_last",
        "mode": "graph",
        "train": False,
        "status": "measured" if latency_ms else "failed",
        "latency_ms": latency_ms,
        "batched_ms": None,
        "attained_share": None,
        "peak_bytes": None,
        "quantiles": [],
        "contradictions": [],
    }
    return row | other


def layer(what: str, flops: int, time_ms: float, kernel_ms: float | None) -> dict[str, Any]:
    return {"what": what, "flops": flops, "time_ms": time_ms, "kernel_ms": kernel_ms}


def found(*measurements: dict[str, Any], layers: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    run = {"manifest": MANIFEST, "measurements": list(measurements), "layers": list(layers)}
    return {"measured": "2026-11-27", "run": run}


def test_figures_and_ratios(page: ModuleType) -> None:
    data = {"networks": found(measured("resnet18", 0.5), measured("resnet50", 2.0))}
    text, missing = page.filled(
        "{{networks resnet18 8 graph latency_ms}},"
        " {{networks resnet18 8 graph latency_ms / networks resnet50 8 graph latency_ms}},"
        " {{networks resnet50 8 graph images_per_s}}, {{date}}: {{device}}",
        data,
    )
    # 0.5 / 2.0; 8 images in 2 ms
    wanted = "500 µs, 0.25, 4.00 K, 2026-11-27: Paper 100 · torch 2.11, CUDA 13.0, driver 580.1"
    assert (text, missing) == (wanted, [])


def test_what_was_not_measured_is_a_gap(page: ModuleType) -> None:
    contradicted = measured("vgg16", 1.0, contradictions=[{"about": "latency", "message": ""}])
    data = {"networks": found(measured("resnet18", None), contradicted)}
    places = [
        "networks resnet18 8 graph latency_ms",
        "networks vgg16 8 graph latency_ms",
        "networks resnet18 1 graph latency_ms",
        "networks resnet18 8 eager latency_ms",
        "networks vgg16 8 graph latency_ms / networks resnet18 8 graph latency_ms",
    ]
    text, missing = page.filled(" ".join(f"{{{{{place}}}}}" for place in places), data)
    assert (text, missing) == ("- - - - -", places)


def test_shares_by_kind(page: ModuleType) -> None:
    layers = [
        layer("conv2d 3x3 g32", 1, 9.0, 3.0),
        layer("conv2d 1x1", 8, 9.0, 1.0),
        layer("batch_norm2d", 1, 9.0, None),
        layer("layer_norm2d", 0, 9.0, 1.0),
    ]
    # kernels 3 + 1 + 1 ms: what has none launched nothing
    assert page.share({"layers": layers}, "time", "depthwise") == pytest.approx(3 / 5)
    assert page.share({"layers": layers}, "time", "norm") == pytest.approx(1 / 5)
    assert page.share({"layers": layers}, "flops", "conv") == pytest.approx(8 / 10)
    windows = [one | {"kernel_ms": None} for one in layers]
    assert page.share({"layers": windows}, "time", "norm") == pytest.approx(18 / 36)


def test_a_wrong_place_is_an_error(page: ModuleType) -> None:
    with pytest.raises(ValueError, match="expected file network batch mode field"):
        page.filled("{{networks resnet18 graph latency_ms}}", {})
    with pytest.raises(ValueError, match="found the kind dephtwise"):
        page.filled("{{layers resnet18 1 graph time:dephtwise}}", {})


def test_the_page_asks_for_networks_that_are_measured(
    page: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = importlib.import_module("gpu_sections")
    text = (BENCHMARKS / "gpu_page.md").read_text(encoding="utf-8")
    wanted = {
        (section.file, archprof.load(network).graph.network.name, batch, section.options.mode)
        for section in parts.sections("cuda", 0.5)
        if section.file != "captured"  # whose networks are in packages that may not be here
        for network in section.networks
        for batch in section.options.batch.split(",")
    }
    # the layers are those of some of the networks, as graphs
    wanted |= {
        ("layers", network, batch, "graph")
        for network in parts.OPENED
        for file, known, batch, mode in wanted
        if (file, known, mode) == ("networks", network, "graph")
    }
    places = re.findall(r"(networks|eager|layers|compare) (\w+) (\d+) (\w+) [\w:]+", text)
    assert len(places) > 30
    assert not set(places) - wanted
    page.filled(text, {})  # each place has the right form


def test_a_row_for_each_network(rows: ModuleType) -> None:
    quantiles = [{"share": 0.99, "ms": 3.0, "low_ms": None, "high_ms": None}]
    first = measured("resnet18", 2.0, batched_ms=1.0, quantiles=quantiles, joules_per_image=0.02)
    eager = measured("resnet18", 4.0, mode="eager", host_ms=3.5, bound="host")
    (table,) = rows.network_tables(found(first, eager, measured("vgg16", None))["run"])
    titles = [column.title for column in table.columns]
    resnet, vgg = (dict(zip(titles, map(str, row), strict=True)) for row in table.rows)
    wanted = {
        "Network": "resnet18",
        "eager p50": "4.00 ms",
        "graph p50": "2.00 ms",
        "graph p99": "3.00 ms",
        "host": "3.50 ms",
        "bound": "host",
        "images/s": "8.00 K",  # 8 images in 1 ms, back to back
        "J/image": "20 m",
    }
    assert wanted.items() <= resnet.items()
    assert (vgg["graph p50"], vgg["eager p50"], vgg["images/s"]) == ("failed", "-", "-")
    assert "attained" not in titles  # nobody has it


def test_what_is_committed_is_what_the_measurements_give(tmp_path: Path) -> None:
    """No figure of the reports and the page is written by hand."""
    code = (
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
        "from pathlib import Path\n"
        "from gpu_render import render\n"
        f"gaps = render(Path({str(DATA)!r}), Path('reports'), Path('gpu.md'))\n"
        "assert not gaps\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    names = {path.name for path in REPORTS.glob("*.md")}
    assert names >= {"networks.md", "device.md", "rooflines.md", "checks.md", "eager.md"}
    assert {path.name for path in (tmp_path / "reports").iterdir()} == names
    for name in names:
        assert (tmp_path / "reports" / name).read_bytes() == (REPORTS / name).read_bytes(), name
    assert (tmp_path / "gpu.md").read_bytes() == (ROOT / "docs" / "gpu.md").read_bytes()


def test_what_is_kept_is_small_readable_and_of_no_machine() -> None:
    read_run = importlib.import_module("archprof.commands.measure.writing.run_file").read_run
    texts = [path.read_text(encoding="utf-8") for path in DATA.glob("*.json")]
    assert sum(map(len, texts)) < 1_250_000
    for text in texts:
        assert not re.search(r"/(root|tmp|work|home|opt|usr|pytorch)/", text)
    for path in DATA.glob("*.json"):
        if "run" in json.loads(path.read_text(encoding="utf-8")):
            assert read_run(path)["measurements"]


def test_links_of_the_page_lead_somewhere() -> None:
    text = (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([^)#]+)\)", text))
    assert len(links) >= 5
    assert not {link for link in links if not (ROOT / "docs" / link).exists()}


def test_every_failed_check_has_its_answer(checks: ModuleType) -> None:
    data = json.loads((DATA / "checks.json").read_text(encoding="utf-8"))
    lines = [line for run in data["runs"] for line in run["lines"] if line["kind"] == "FAIL"]
    assert len(lines) >= 3
    assert not [line["text"] for line in lines if checks.answer(line["text"]) is None]
    assert checks.answer("a check that nobody knows") is None


def test_checks_with_their_figures(checks: ModuleType) -> None:
    lines = [
        ("ok", "net b1 graph: Timer: 0.9285 against 0.92909 (-0.1 %, within 2 %)"),
        ("FAIL", "net: built over timm's: 0.8851, from 0.95 to 1.05"),
        ("ok", "4 of 4 rows"),
        ("note", "net b2 bfloat16 channels_last graph training: measured latency_ms 1.5, runs 7"),
        ("note", "net b1: 3 layers, kernels of 3 0.75 ms, windows 2.0, whole 0.8125, rest 0"),
    ]
    named = [{"kind": kind, "part": "clocks", "text": text} for kind, text in lines]
    for line in named:
        # of steps only those are listed that nothing ran beside
        line["part"] = "training" if "training" in line["text"] else "clocks"
    beside = "net b2 bfloat16 channels_last eager training: measured latency_ms 9.5, runs 7"
    named.append({"kind": "note", "part": "compile", "text": beside})
    skipped = [{"kind": "skip", "part": part, "text": ""} for part in ("clocks", "trace")]
    data = {"runs": [{"run": 1, "lines": [*named, *skipped]}]}
    table, failed, steps, left = checks.checks_tables(data)
    assert table.title == "Checks: 2 ok, 1 FAIL"
    assert [list(row) for row in table.rows] == [
        ["1", "clocks", "net b1 graph: Timer", "ok", "0.9285", "0.92909", "-0.1 %", "within 2 %"],
        ["1", "clocks", "net: built over timm's", "FAIL", "0.8851", "-", "-", "from 0.95 to 1.05"],
        ["1", "clocks", "4 of 4 rows", "ok", "-", "-", "-", "-"],
    ]
    assert failed.rows[0][0] == "net: built over timm's"
    assert steps.rows == [
        ["1", "net b2 bfloat16 channels_last graph training", "1.5 ms"],
    ]
    assert left.rows == [["trace"]]  # the clocks were run in part
    step, layers, _ = checks.noted(data)
    assert (step["mode"], step["latency_ms"], step["runs"]) == ("graph-training", 1.5, 7.0)
    assert (layers["layers"], layers["kernels_ms"], layers["whole_ms"]) == (3, 0.75, 0.8125)


def test_rooflines_of_a_network(roofs: ModuleType, tmp_path: Path) -> None:
    spec = tmp_path / "small.yaml"
    spec.write_text("name: small\ninput: '4'\nlayers: [{op: linear, out: 3}, {op: relu}]\n")
    peaks = {
        "device": "Paper 100",
        "dtype": "bfloat16",
        "flops_per_s": 1e9,
        "copy_bytes_per_s": 1e9,
        "transfers": [{"bytes": 1, "bytes_per_s": 1e9}],
        "launch_us": 1e-3,
        "graph_launch_us": 1e-6,
        "convolutions": [],
        "clock_share": 1.0,
        "partial": False,
    }
    row = measured(str(spec), 1.0, batch=2, flops=60, device_ms=4e-4)
    eager, partial = row | {"mode": "eager"}, row | {"dtype": "tf32"}
    data = {"peaks": [peaks, peaks | {"dtype": "tf32", "partial": True}]}
    (found,) = roofs.with_rooflines([row, eager, partial], data)
    # linear: 2 images of 3 outputs, 4 products and sums each and a bias: 54 FLOPs; (12 + 3 weights,
    # 8 inputs, 6 outputs) of 2 bytes: 58. ReLU: 6 FLOPs, 12 numbers: 24 bytes. 82 ns in all
    assert found["least_ms"] == pytest.approx(82e-6)
    assert found["flops_per_byte"] == pytest.approx(60 / 82)
    assert (found["layers"], found["memory_share"]) == (2, 1.0)
    assert found["layer_ms"] == pytest.approx(2e-4)
    assert found["least_share"] == pytest.approx(82e-6 / 4e-4)
    (table,) = roofs.roofline_tables([found])
    assert list(map(str, table.rows[0]))[1:] == [
        *("0.73", "2", "400 ns", "200 ns", "82 ns", "100.0%", "20.5%"),
    ]


def test_peaks_and_tables_on_the_page(page: ModuleType) -> None:
    notes = ["disturbed: power cap: the device keeps its clock at 1500 MHz"]
    peaks = {"dtype": "tf32", "flops_per_s": 3.5e14, "notes": notes, "graph_launch_us": 1.25}
    text, missing = page.filled(
        "{{peaks tf32 flops_per_s}}, {{peaks tf32 clock}}, {{peaks tf32 graph_launch_us}},"
        " {{peaks float32 clock}}, {{table requested}}, {{table other}}",
        {"device": {"json": {"peaks": [peaks]}}},
        {"requested": "| a |"},
    )
    assert text == "350 T, the device keeps its clock at 1500 MHz, 1.25 µs, -, | a |, -"
    assert missing == ["peaks float32 clock", "table other"]


def test_more_requested_than_predicted(rows: ModuleType) -> None:
    same = {
        "network": "alexnet",
        "batch": 1,
        "predicted_bytes": 2**20,
        "requested_bytes": 2**20 + 2**16,
        "scratch_bytes": 0,
    }
    more = same | {"network": "vgg16", "requested_bytes": 3 * 2**20, "scratch_bytes": 2**20}
    table = rows.requested_table([same, more, same | {"requested_bytes": None}])
    assert table.title == "1 of 2 measurements differ by more than 64.0 KiB"
    (row,) = table.rows
    assert list(map(str, row)) == ["vgg16", "1", "1.00 MiB", "3.00 MiB", "2.00 MiB", "1.00 MiB"]


def gathered_row(network: str, mode: str, **other: Any) -> dict[str, Any]:
    row = {"network": network, "batch": 1, "dtype": "bfloat16", "memory_format": "channels_last"}
    wrong = {"reserved_bytes": 5, "power_w": 7.0, "joules_per_image": 0.5}
    return row | {"mode": mode} | wrong | other


def run_of(date: str, *rows: dict[str, Any], **other: Any) -> dict[str, Any]:
    manifest = {
        "command": ["archprof", "--output", "/root/out", "--budget", "75"],
        "device": {"name": "Paper 100", "uuid": "1234"},
        "versions": {"torch": "2.11"},
        "date": date,
        "specs": {row["network"]: {} for row in rows},
    }
    run = {"manifest": manifest, "measurements": list(rows), "memory": [], "layers": []}
    return {"measured": date[:10], "left_out": [], "run": run} | other


def test_what_is_gathered_of_runs(gather: ModuleType, tmp_path: Path) -> None:
    first, last, kept = tmp_path / "1", tmp_path / "2", tmp_path / "kept"

    def put(folder: Path, name: str, data: dict[str, Any]) -> None:
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), encoding="utf-8")

    # at first all modes were in one file
    earlier = [gathered_row("vgg16", "eager"), gathered_row("vgg16", "graph", runs=1)]
    earlier.append(gathered_row("alexnet", "graph"))
    left = ["resnet50 b1 bfloat16 channels_last eager", "vgg16 b64 bfloat16 channels_last graph"]
    put(first, "gpu/networks", run_of("2026-11-26T23:00", *earlier, left_out=left))
    whole = gathered_row("vgg16", "graph", runs=2)
    later = [whole, gathered_row("vgg16", "graph", batch=64)]
    put(last, "gpu/networks", run_of("2026-11-28T10:00", *later))
    put(last, "gpu/compare", run_of("2026-11-28T10:00"))
    put(last, "gpu/memory", run_of("2026-11-28T10:00", whole))
    notes = ["at its power cap: the device keeps its clock at 1410 MHz, 71 % of the highest"]
    capped = {"kept": "/tmp/x", "dtype": "bfloat16", "notes": notes}
    device = {"device": {"device": "Paper 100", "torch": "2.11"}, "peaks": [capped]}
    put(last, "gpu/device", {"json": device})
    texts = [("note", "secret"), ("note", "took 3 s"), ("ok", "fine: /opt/one/a.json")]
    lines = [{"kind": kind, "part": "a", "text": text} for kind, text in texts]
    put(first, "check", {"name": "Paper 100", "torch": "2.11", "lines": lines})

    gather.gather(kept, [first, last])
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in kept.iterdir()}
    assert set(found) == {"networks", "eager", "memory", "device", "checks"}
    assert found["device"]["json"]["peaks"] == [capped | {"kept": None, "clock_share": 0.71}]

    # the later of two that are the same; what the earlier run had wrong is withheld in its rows
    rows = {(row["network"], row["batch"]): row for row in found["networks"]["run"]["measurements"]}
    assert rows["vgg16", 1] == whole
    unknown = {"reserved_bytes": None, "power_w": None, "joules_per_image": None}
    assert rows["alexnet", 1] == gathered_row("alexnet", "graph") | unknown
    assert set(rows) == {("vgg16", 1), ("vgg16", 64), ("alexnet", 1)}
    assert found["networks"]["left_out"] == []
    assert len(found["networks"]["withheld"]) == 2
    assert found["networks"]["measured"] == "2026-11-26, 2026-11-28"
    assert found["memory"]["withheld"] == []
    (eager,) = found["eager"]["run"]["measurements"]
    assert eager == gathered_row("vgg16", "eager") | unknown
    assert found["eager"]["left_out"] == left[:1]
    manifest = found["networks"]["run"]["manifest"]
    assert manifest["command"] == [*gather.COMMAND.split(), "75"]
    assert manifest["device"] == {"name": "Paper 100", "uuid": None}
    assert set(manifest["specs"]) == {"vgg16", "alexnet"}

    (of_first,) = found["checks"]["runs"]  # the last has none
    assert of_first["run"] == 1
    assert [line["text"] for line in of_first["lines"]] == ["took 3 s", "fine: a.json"]

    other = run_of("2026-11-27T10:00", gathered_row("zfnet", "graph"))
    other["run"]["manifest"]["versions"] = {"torch": "2.12"}
    put(first, "gpu/networks", other)
    with pytest.raises(ValueError, match=r"graph: found .*2\.12.*, expected the versions of all"):
        gather.gather(kept, [first, last])


def test_what_is_measured_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    parts = importlib.import_module("gpu_sections")
    found = parts.sections("cuda", 0.5)
    headline, opened = found[: parts.FIRST]
    assert (headline.file, headline.networks, headline.alone) == ("compare", parts.HEADLINE, False)
    conditions = (headline.options.dtype, headline.options.batch, headline.options.mode)
    assert conditions == ("bfloat16", "1,32,256", "graph,eager")
    # the layers are those of networks measured alone ahead of them
    assert (opened.networks, opened.options.mode) == (parts.OPENED, "graph")
    usual, others = found[: parts.USUAL], found[parts.USUAL :]
    assert "float32" in others[0].options.dtype
    plain = [part for part in usual if part.file not in ("memory", "float8")]
    assert {part.options.dtype for part in plain} == {"bfloat16"}
    assert {part.file for part in usual} == {
        *("compare", "networks", "memory"),
        "captured",
        "float8",
    }


def test_layers_are_kept_under_the_rooflines_of_today(gather: ModuleType, tmp_path: Path) -> None:
    """A linear layer of 12*3 weights with one input: 2*36 + 3 FLOPs at 1e9 are 75 ns, (12 + 39 + 3)
    of 2 bytes at 1e9 are 108. At 100 ns it is faster than that, at 110 it is not.
    """
    spec = tmp_path / "small.yaml"
    spec.write_text("name: small\ninput: '12'\nlayers: {l: {op: linear, out: 3}}\n")
    peaks = {
        "device": "Paper 100",
        "dtype": "bfloat16",
        "flops_per_s": 1e9,
        "copy_bytes_per_s": 1e9,
        "transfers": [{"bytes": 1, "bytes_per_s": 1e9}],
        "launch_us": 1e-3,
        "graph_launch_us": 1e-3,
        "convolutions": [],
        "clock_share": 0.5,
    }
    kernels = [
        {"name": name, "launches": 1, "time_us": 0.0333333, "tensor_cores": use}
        for name, use in (("a", True), ("b", None), ("c", True))
    ]

    def layers(milliseconds: float) -> dict[str, Any]:
        layer = {"path": "l", "kernel_ms": milliseconds, "kernels": kernels, "what": "linear"}
        network = {"network": str(spec), "batch": 1, "dtype": "bfloat16", "layers": [layer]}
        return {"run": {"layers": [network], "measurements": []}}

    (found,) = gather._layers(layers(1e-4), {"json": {"peaks": [peaks]}})["run"]["layers"]
    (layer,) = found["layers"]
    assert (layer["roofline_ms"], layer["bound"]) == (pytest.approx(1.08e-4), "memory")
    assert layer["faster_than_roofline"]
    assert layer["kernels"] == [
        {"name": "2 kernels", "launches": 2, "time_us": 0.06667, "tensor_cores": True},
        {"name": "1 kernels", "launches": 1, "time_us": 0.03333, "tensor_cores": None},
    ]
    assert found["peaks"]["clock_share"] == 0.5
    (slow,) = gather._layers(layers(1.1e-4), {"json": {"peaks": [peaks]}})["run"]["layers"]
    assert not slow["layers"][0]["faster_than_roofline"]


def test_two_networks_under_every_condition(rows: ModuleType) -> None:
    found = [
        measured("a", 1.0, batch=1, mode="graph"),
        measured("b", 1.5, batch=1, mode="graph"),
        measured("a", 8.0, batch=32, mode="eager"),
        measured("b", None, batch=32, mode="eager") | {"status": "failed"},
    ]
    table = rows.headline_table([*found[2:], *found[:2]])
    assert [column.title for column in table.columns] == [
        *("Batch", "Dtype", "Format", "Mode", "a", "b", "ratio"),
    ]
    assert [list(map(str, row)) for row in table.rows] == [
        ["1", "bfloat16", "channels_last", "graph", "1.00 ms", "1.50 ms", "1.50"],
    ]


def test_a_network_in_bfloat16_and_in_float8(rows: ModuleType) -> None:
    """2 ms become 3, half as much again; what was measured in one of them alone is left out."""
    found = {"network": "net", "mode": "graph", "status": "measured", "contradictions": []}
    table = rows.float8_table(
        [
            found | {"dtype": "bfloat16", "latency_ms": 2.0},
            found | {"dtype": "float8", "latency_ms": 3.0, "float8_share": 0.9},
            found | {"dtype": "float8", "latency_ms": 1.0, "float8_share": 0.9, "mode": "compile"},
        ]
    )
    assert table.rows == [["net", "graph", "90.0%", "2.00 ms", "3.00 ms", "1.50"]]


def test_the_headline_is_sorted_by_batch_dtype_format_and_mode(rows: ModuleType) -> None:
    conditions = [
        (32, "bfloat16", "channels_last", "eager"),
        (1, "float32", "contiguous", "graph"),
        (1, "bfloat16", "contiguous", "graph"),
        (1, "bfloat16", "channels_last", "graph"),
        (1, "bfloat16", "channels_last", "eager"),
    ]
    first_to_last = [conditions[place] for place in (4, 3, 2, 1, 0)]
    assert sorted(conditions, key=rows._place) == first_to_last
