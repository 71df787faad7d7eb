"""The figures of the GPU's reports, from measurements made up here: none is typed by hand."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import archprof

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
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
    places = re.findall(r"(networks|layers|compare) (\w+) (\d+) (\w+) [\w:]+", text)
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
