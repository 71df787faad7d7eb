"""Networks as measured on one screen: ratios, who wins, where the time goes."""

from __future__ import annotations

from typing import Any

import pytest

import archprof
from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.compare.measured_tables import compared_tables
from archprof.show.table import Table
from tests.commands.measure.runs import lost, row, run, timed, turns
from tests.small import graph_of


@pytest.fixture(scope="module")
def analyses() -> list[Analysis]:
    return [archprof.load("tests/data/lenet.yaml").analyze(8), archprof.load("resnet18").analyze(8)]


NAMES = ["lenet", "resnet18"]


def cells(table: Table) -> dict[str, list[str]]:
    """Rows by their first cell."""
    return {r[0]: list(r[1:]) for r in table.rows}


def pair(lenet: dict[str, Any], resnet: dict[str, Any]) -> list[dict[str, Any]]:
    """A group as it is measured: one row for each network."""
    return turns(
        row(network="lenet", input=[1, 32, 32], **lenet),
        row(network="resnet18", input=[3, 224, 224], **resnet),
    )


def test_static_and_measured_stand_on_one_screen(analyses: list[Analysis]) -> None:
    """61,706 parameters against 11,689,512: a ratio of 189.44; 2 ms against 50 ms: 25."""
    table = compared_tables(
        analyses,
        NAMES,
        run(*pair({"batch": 8}, {"batch": 8, "latency_ms": 50.0, "images_per_s": 160.0})),
    )[0]
    found = cells(table)
    assert found["params"] == ["61.7 K", "11.7 M", "189.44", "lenet"]
    assert found["depth"] == ["5", "18", "3.60", "lenet"]
    assert found["latency, batch 8"] == ["2.00 ms", "50.0 ms", "25.00", "lenet"]
    assert found["throughput, batch 8"] == ["4.00 K", "160", "0.040", "lenet"]  # more is better
    assert found["receptive field"] == ["16", "435", "27.19", "resnet18"]
    assert [
        name for name in found if name.startswith(("MACs", "FLOPs", "weights", "peak", "training"))
    ] == ["MACs", "FLOPs", "weights", "peak inference", "training", "peak measured, batch 8"]
    assert "attained share, batch 8" not in found  # the device's peaks are not known
    assert table.title.startswith("lenet against resnet18 · float32")


def test_each_batch_has_its_lines(analyses: list[Analysis]) -> None:
    rows = pair({"batch": 1}, {"batch": 1, "latency_ms": 8.0}) + pair(
        {"batch": 8}, {"batch": 8, "latency_ms": 1.0}
    )
    found = cells(compared_tables(analyses, NAMES, run(*rows))[0])
    assert (found["latency, batch 1"][-2:], found["latency, batch 8"][-2:]) == (
        ["4.00", "lenet"],
        ["0.50", "resnet18"],
    )


def test_a_time_wins_only_where_its_difference_exceeds_the_noise(analyses: list[Analysis]) -> None:
    """2 ms against 2.02: known within 2 % it could be either, within half a percent it is decided.

    2048 bytes are 2048 bytes.
    """
    rows = [row(network="lenet"), row(network="resnet18", latency_ms=2.02, images_per_s=495.0)]
    near = [row(network="lenet"), row(network="resnet18", latency_ms=2.004)]
    loose = cells(compared_tables(analyses, NAMES, run(*turns(*rows, spread=0.02)))[0])
    tight = cells(compared_tables(analyses, NAMES, run(*turns(*rows, spread=0.005)))[0])
    assert [found["latency, batch 1"][-1] for found in (loose, tight)] == ["cannot tell", "lenet"]
    assert [found["throughput, batch 1"][-1] for found in (loose, tight)] == [
        "cannot tell",
        "lenet",
    ]
    assert loose["peak measured, batch 1"][-1] == "-"
    # 1.002 within 0.5 % reaches from 0.997 to 1.007: all within 1 %
    same = cells(compared_tables(analyses, NAMES, run(*turns(*near, spread=0.005)))[0])
    assert same["latency, batch 1"][-1] == "same"
    # not in turns
    assert (
        cells(compared_tables(analyses, NAMES, run(*rows))[0])["latency, batch 1"][-1]
        == "cannot tell"
    )


def test_an_unusable_latency_wins_nothing(analyses: list[Analysis]) -> None:
    wrong = [
        {
            "about": "latency",
            "message": "the earlier half of the runs took 1 ms, the later half 3 ms",
        }
    ]
    found = cells(
        compared_tables(
            analyses, NAMES, run(*pair({}, {"latency_ms": 9.0, "contradictions": wrong}))
        )[0]
    )
    assert found["latency, batch 1"] == ["2.00 ms", "unusable", "-", "-"]


def test_what_differs_besides_the_batch_is_named(analyses: list[Analysis]) -> None:
    found = cells(
        compared_tables(
            analyses, NAMES, run(*pair({}, {}), *pair({"mode": "graph"}, {"mode": "graph"}))
        )[0]
    )
    assert {"latency, eager", "latency, graph"} <= set(found)


def test_what_was_not_measured_wins_nothing(analyses: list[Analysis]) -> None:
    rows = [
        row(network="lenet", batch=8),
        lost("out_of_memory", "full", network="resnet18", batch=8),
    ]
    found = cells(compared_tables(analyses, NAMES, run(*rows))[0])
    assert found["latency, batch 8"] == ["2.00 ms", "out of memory", "-", "-"]


def test_where_the_time_goes(analyses: list[Analysis]) -> None:
    """Of lenet's 10 ms, 4 and 3 in its convolutions, 1 in each pool, 1 in the rest (0.9 flatten
    and tanh by nobody): a gap of 10 - 9 = 1 ms.
    """
    lenet = timed("lenet", {"conv1": 4.0, "conv2": 3.0, "pool1": 1.0, "pool2": 1.0}, 10.0, 8)
    resnet = timed("resnet18", {"conv1": 6.0, "layer1.0.conv1": 5.0, "fc": 1.0}, 11.0, 8)
    kinds, stages = compared_tables(
        analyses, NAMES, run(*pair({"batch": 8}, {"batch": 8}), layers=[lenet, resnet])
    )[1:]
    found = cells(kinds)
    assert found["conv2d 5x5"][:2] == ["7.00 ms", "70.0%"]
    assert found["avg_pool2d 2x2"] == ["2.00 ms", "20.0%", "-", "-", "-", "-"]
    assert found["linear"][3:5] == ["1.00 ms", "9.1%"]
    assert (found["launch gaps, fusion"], found["whole pass"]) == (
        ["1.00 ms", "10.0%", "-", "-1.00 ms", "-9.1%", "-"],
        ["10.0 ms", "100.0%", "-", "11.0 ms", "100.0%", "-"],
    )
    macs = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 25 * 6
    assert found["conv2d 5x5"][2] == f"{100 * macs / (macs + 48_000 + 10_080 + 840):.1f}%"
    # the first convolution of resnet18 halves the resolution
    assert cells(stages)["1/2"][3] == "6.00 ms"
    assert kinds.rows[0][0] == "conv2d 5x5"  # what takes the largest share of any of them


def test_kernels_alone_are_taken_where_they_are_known(analyses: list[Analysis]) -> None:
    """On CUDA a layer's window holds the wait for its launch; that belongs to the gaps: 10 - (1
    + 2).
    """
    lenet = timed(
        "lenet", {"conv1": 4.0, "conv2": 3.0}, 10.0, 8, kernels={"conv1": 1.0, "conv2": 2.0}
    )
    found = cells(
        compared_tables(analyses[:1], NAMES[:1], run(row(network="lenet"), layers=[lenet]))[1]
    )
    assert (found["conv2d 5x5"][0], found["launch gaps, fusion"][0]) == ("3.00 ms", "7.00 ms")


def test_times_that_contradict_the_pass_are_no_table_of_shares(analyses: list[Analysis]) -> None:
    """One of two: neither kinds nor stages are shown, but which contradiction was found, and the
    way out.
    """
    wrong = {
        "contradictions": [
            {
                "about": "layers",
                "message": "the layers took 16.8 ms together, the whole pass 919 µs",
            }
        ]
    }
    layers = [
        timed("lenet", {"conv1": 4.0}, 4.0),
        timed("resnet18", {"conv1": 16.8}, 0.919) | wrong,
    ]
    tables = compared_tables(analyses, NAMES, run(*pair({}, {}), layers=layers))
    assert len(tables) == 2
    assert list(tables[1].rows) == [["the layers took 16.8 ms together, the whole pass 919 µs"]]
    assert tables[1].title == "resnet18 · batch 1 · where the time goes"
    assert "--format json has the numbers" in dict(tables[1].notes)["way out"]


def test_stamps_are_not_the_layers(analyses: list[Analysis]) -> None:
    """Of two windows the stamps took 0.5 ms each."""
    lenet = timed("lenet", {"conv1": 4.0, "pool1": 3.0}, 10.0, 8) | {"timing_overhead_ms": 1.0}
    found = cells(
        compared_tables(analyses[:1], NAMES[:1], run(row(network="lenet"), layers=[lenet]))[1]
    )
    assert (
        found["conv2d 5x5"][0],
        found["avg_pool2d 2x2"][0],
        found["launch gaps, fusion"][0],
    ) == ("3.50 ms", "2.50 ms", "4.00 ms")


def test_what_the_host_adds_stands_below_the_devices_own_time(analyses: list[Analysis]) -> None:
    """Kernels of 3 of the device's 4 ms: 1 ms between them. As run the pass takes 6 ms, of which
    the device waits 2 for launches.
    """
    lenet = timed(
        "lenet", {"conv1": 4.0, "conv2": 3.0}, 4.0, 8, kernels={"conv1": 1.0, "conv2": 2.0}
    )
    table = compared_tables(
        analyses[:1],
        NAMES[:1],
        run(row(network="lenet"), layers=[lenet | {"unheld_ms": 6.0, "device_held": True}]),
    )[1]
    found = cells(table)
    assert (found["gaps, fusion"][0], found["whole pass"][0]) == ("1.00 ms", "4.00 ms")
    assert found["launch gaps"] == ["2.00 ms", "50.0%", "-"]
    assert found["as run"] == ["6.00 ms", "150.0%", "-"]
    assert table.totals == 3
    assert "the device's own time" in dict(table.notes)["whole"]


def test_layers_below_training_steps_are_said_to_be_of_inference(analyses: list[Analysis]) -> None:
    lenet = timed("lenet", {"conv1": 4.0}, 10.0, 8)
    trained = run(row(network="lenet", train=True), layers=[lenet])
    kinds, stages = compared_tables(analyses[:1], NAMES[:1], trained)[1:]
    assert kinds.title == "Where the time of inference goes at batch 8, by kind of layer"
    assert stages.title == "Where the time of inference goes at batch 8, by resolution"
    assert "forward passes alone" in dict(kinds.notes)["inference"]
    kinds, _ = compared_tables(analyses[:1], NAMES[:1], run(row(network="lenet"), layers=[lenet]))[
        1:
    ]
    assert kinds.title == "Where the time goes at batch 8, by kind of layer"
    assert "inference" not in dict(kinds.notes)


def test_many_kinds_are_added_up() -> None:
    """Ten kinds: eight stand alone, the two that take least are one row."""
    ops = [
        "relu",
        "tanh",
        "sigmoid",
        "silu",
        "gelu",
        "softmax",
        "relu6",
        "hardswish",
        "hardsigmoid",
        "leaky_relu",
    ]
    analysis = analyze(graph_of({f"l{i}": f"op: {op}" for i, op in enumerate(ops)}, (3, 8, 8)))
    times = timed("net", {f"l{i}": float(10 - i) for i in range(10)}, 60.0)
    found = cells(compared_tables([analysis], ["net"], run(row(), layers=[times]))[1])
    assert list(found)[:9] == [*ops[:8], "2 other kinds"]
    assert found["2 other kinds"][0] == "3.00 ms"
