"""`archprof bench`: rows and formats, sweeps, what is refused before anything runs, files
written as results come, and Ctrl-C.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archprof.commands.measure.contract import bench_faults
from archprof.problem import ProblemError
from tests.command_line import Run

LENET = "tests/data/lenet.yaml"
# torch's flags that are told and not set by an option
UNSET = (
    "fill_uninitialized_memory",
    "cudnn_enabled",
    "cudnn_benchmark_limit",
    "fp16_reduced_precision_reduction",
    "bf16_reduced_precision_reduction",
    "attention_backends",
)
QUICK = ("--time-limit", "0.1", "--threads", "1")


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short turns, and no device record of the person who runs the tests."""
    from archprof.commands.measure.judging import consistency
    from archprof.commands.measure.planning import progress
    from archprof.commands.measure.running import sampling

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sampling, "CHUNK", 0.01)
    monkeypatch.setattr(sampling, "WARM_SECONDS", 0.001)
    # this machine may be busy, which is what these are about
    monkeypatch.setattr(consistency, "MEASUREMENT_RULES", ())
    monkeypatch.setattr(consistency, "LAYER_RULES", ())
    # nor does a busy machine say that it takes long
    monkeypatch.setattr(progress, "PATIENCE", 3600.0)


def data(run: Run, *arguments: object, code: int = 0) -> dict[str, Any]:
    done = run("bench", *arguments, *QUICK, "--format", "json")
    assert (done.code, done.err) == (code, "")
    found: dict[str, Any] = json.loads(done.out)
    assert bench_faults(found) == []
    return found


def test_table(run: Run) -> None:
    done = run("bench", LENET, "--batch", "1,2", *QUICK)
    assert (done.code, done.err) == (0, "")
    head, _, body = done.out.partition("Batch Latency")
    assert head.startswith("lenet · 1x32x32 · float32 · contiguous · eager · CPU ")
    assert [line.split()[0] for line in body.splitlines()[2:4]] == ["1", "2"]
    assert max(map(len, done.out.splitlines())) <= 80


def test_json_is_the_contract(run: Run) -> None:
    found = data(run, LENET)
    assert found["complete"] is True
    assert found["manifest"]["command"][:3] == ["archprof", "bench", LENET]
    flags = found["manifest"]["flags"]
    torchs = {name: flags.pop(name) for name in UNSET}
    assert torchs["attention_backends"] == ["flash", "efficient", "cudnn", "math"]
    assert flags | {"time_limit_s": 0} == {
        "threads": 1,
        "cudnn_benchmark": True,
        "cudnn_deterministic": False,
        "deterministic_algorithms": False,
        "flush_cache": False,
        "any_clock": False,
        "transfers": False,
        "sustained_s": 0.0,
        "time_limit_s": 0,
    }
    assert len(found["manifest"]["specs"]["lenet"]["sha256"]) == 64
    (row,) = found["measurements"]
    assert (row["status"], row["network"], row["batch"]) == ("measured", "lenet", 1)
    assert row["latency_ms"] > 0
    assert row["macs"] == 416_520  # of the README's summary


def test_conditions_multiply(run: Run) -> None:
    """Two networks, two dtypes, two formats, two batches; the networks of one condition take
    turns.
    """
    found = data(
        run,
        LENET,
        LENET,
        "--dtype",
        "float32,bfloat16",
        "--memory-format",
        "contiguous,channels_last",
        "--batch",
        "1..2",
    )
    rows = found["measurements"]
    assert [(row["dtype"], row["memory_format"], row["batch"]) for row in rows[::2]] == [
        (dtype, memory_format, batch)
        for dtype in ("float32", "bfloat16")
        for memory_format in ("contiguous", "channels_last")
        for batch in (1, 2)
    ]
    assert all(row["interleaved_with"] == ["lenet"] for row in rows)


def test_inputs_are_swept_as_sides(run: Run) -> None:
    found = data(run, "resnet18", "--input", "32..96/32")
    assert [row["input"] for row in found["measurements"]] == [
        [3, 32, 32],
        [3, 64, 64],
        [3, 96, 96],
    ]
    assert [row["macs"] for row in found["measurements"]] == sorted(
        row["macs"] for row in found["measurements"]
    )


def test_inputs_are_swept_as_shapes_and_sides(run: Run) -> None:
    """In the order written; a side is that of a square with the spec's channels."""
    found = data(run, "resnet18", "--input", "3x32x64,32")
    assert [row["input"] for row in found["measurements"]] == [[3, 32, 64], [3, 32, 32]]


def test_a_head_that_follows_from_the_input_is_reported(run: Run) -> None:
    """lenet's c5 has 120 (16 * 25 + 1) = 48,120 parameters at 32 pixels; at 48 its 16 maps are
    9x9, so 120 (16 * 81 + 1) = 155,640.
    """
    done = run("bench", LENET, "--input", "32,48", *QUICK)
    text = " ".join(done.out.split())
    assert (
        "lenet 1x48x48: at 1x48x48 fc3 has other weights than at 1x32x32: 61.7 K -> 169 K"
        " parameters" in text
    )
    rows = data(run, LENET, "--input", "32,48")["measurements"]
    assert [row["resized"] and row["resized"]["layers"] for row in rows] == [
        None,
        [{"path": "fc3", "own": 48_120, "given": 155_640}],
    ]


def test_training_has_its_parts(run: Run) -> None:
    (row,) = data(run, LENET, "--train")["measurements"]
    assert min(row["forward_ms"], row["backward_ms"], row["step_ms"]) > 0


def test_autocast_and_optimizer_are_conditions(run: Run) -> None:
    """AdamW keeps two tensors of the parameters' size: 2 * 61,706 weights of 4 bytes."""
    plain, moved = (
        data(run, LENET, "--train", "--optimizer", name)["measurements"][0]
        for name in ("sgd", "adamw")
    )
    assert (plain["optimizer"], moved["optimizer"]) == ("sgd", "adamw")
    states = moved["predicted_peak_bytes"] - plain["predicted_peak_bytes"]
    assert states == 2 * 61_706 * 4
    # the measured peak has them too, and the temporaries of the step
    assert moved["peak_bytes"] - plain["peak_bytes"] >= states
    found = data(run, LENET, "--autocast", "--dtype", "bfloat16")
    (row,) = found["measurements"]
    assert (row["autocast"], row["dtype"], row["optimizer"]) == (True, "bfloat16", None)
    assert (row["predicted_peak_bytes"], found["memory"]) == (None, [])


def test_flags_are_set_and_told(run: Run) -> None:
    flags = data(
        run, LENET, "--no-cudnn-benchmark", "--deterministic", "--flush-cache", "--any-clock"
    )["manifest"]["flags"]
    assert (
        flags["cudnn_benchmark"],
        flags["cudnn_deterministic"],
        flags["deterministic_algorithms"],
    ) == (False, True, True)
    assert (flags["flush_cache"], flags["any_clock"]) == (True, True)


def test_sustained(run: Run) -> None:
    """Its flag, figures of both ends, and a note below the table."""
    found = data(run, LENET, "--sustained", "1")
    (row,) = found["measurements"]
    assert found["manifest"]["flags"]["sustained_s"] == 1.0
    assert min(row["burst_ms"], row["batched_ms"]) > 0
    done = run("bench", LENET, "--sustained", "1", *QUICK)
    assert "lenet: back to back for 1 s: " in " ".join(done.out.split())


def test_layers_and_memory(run: Run) -> None:
    done = run("bench", LENET, "--by", "layer", "--memory", *QUICK)
    assert done.code == 0
    assert {"conv1", "fc5"} <= {line.split()[0] for line in done.out.splitlines() if line}
    assert "lenet inference" in done.out
    found = data(run, LENET, "--by", "op")
    assert [layer["path"] for layer in found["layers"][0]["layers"]][:2] == ["conv1", "tanh1"]
    assert found["memory"][0]["predicted_bytes"] == found["measurements"][0]["predicted_peak_bytes"]


def test_csv_and_md(run: Run) -> None:
    first, second = csv.reader(io.StringIO(run("bench", LENET, *QUICK, "-f", "csv").out))
    assert float(dict(zip(first, second, strict=True))["Latency (ms)"]) > 0
    assert "| Latency |" in run("bench", LENET, *QUICK, "-f", "md").out.replace("  ", " ").replace(
        "  ", " "
    )


# --- what is refused, before anything runs ---


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["alxnet"], "did you mean `alexnet`?"),
        (["alexnet", "--batch", "0"], "`0`: expected 1 to 1,000,000"),
        (["alexnet", "--batch", "many"], "1..256 (by doubling)"),
        (["alexnet", "--dtype", "float8"], "the CPU has no arithmetic in float8"),
        (["alexnet", "--dtype", "fp8"], "there is no `fp8`: e4m3 is called float8 here"),
        (["alexnet", "--dtype", "float8", "--by", "op"], "have no roofline"),
        (["alexnet", "--dtype", "bflot16"], "did you mean `bfloat16`?"),
        (["alexnet", "--dtype", "float32,float8"], "--dtype float32 or bfloat16, or --device cuda"),
        (["alexnet", "--mode", "fast"], "compile, eager, graph"),
        (["alexnet", "--mode", "reduce-overhead"], "--mode eager or compile"),
        (["alexnet", "--optimizer", "adamw"], "adamw steps in training"),
        (["alexnet", "--train", "--optimizer", "lion"], "there is no `lion`"),
        (["alexnet", "--train", "--optimizer", "sgd,adamw"], "found 2, expected one"),
        (["alexnet", "--autocast"], "--dtype is float32"),
        (
            ["alexnet", "--autocast", "--dtype", "bfloat16", "--by", "op"],
            "not timed under autocast",
        ),
        (["alexnet", "--transfers"], "there is nothing to copy"),
        (["alexnet", "--largest-batch"], "archprof summary NET --batch 64"),
        (["alexnet", "--largest-batch", "--batch", "1"], "the batch is what is searched"),
        (["alexnet", "--sustained", "0.5"], "0.5 is not in the range"),
        (["alexnet", "--memory-format", "nhwc"], "channels_last"),
        (
            ["alexnet", "--device", "gpu"],
            "`gpu` is not a device [device]\n  hint: cpu, cuda or cuda:N",
        ),
        (["alexnet", "--dtype", "tf32"], "the CPU has no tf32"),
        (["alexnet", "--mode", "eager,graph"], "CUDA graphs, which the CPU has not"),
        (["alexnet", "--input", "big"], "`big` is not an input"),
        (["alexnet", "--input", "8"], "conv1` (conv2d) cannot take 3x8x8"),
        (["alexnet", "--by", "block", "--train"], "the layers of a training step are not timed"),
        (["alexnet", "--by", "stage"], "'stage'"),
        (["alexnet", "--by", "kernel"], "kernels are those of a CUDA device"),
        (["alexnet", "--trace", "."], "`.` is a folder, expected a file"),
        (["alexnet", "--trace", "no/where.json"], "there is no folder `no`"),
        (["alexnet", "--batch", "1,2", "--trace", "t.json"], "found 2 networks and conditions"),
        (["alexnet", "--train", "--trace", "t.json"], "leave out --train or --trace"),
        (["alexnet", "--trace", "t.json", "-o", "./t.json"], "`t.json` is where -o writes"),
        (["alexnet", "--threads", "0"], "0 is not in the range"),
        (["alexnet", "--time-limit", "0"], "0"),
        ([], "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_misuse(run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str) -> None:
    monkeypatch.setattr(
        "archprof.commands.measure.running.end_to_end.measure",
        lambda *_: pytest.fail("something ran"),
    )
    done = run("bench", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "Traceback" not in done.err


def test_cuda_is_never_the_cpu(run: Run) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("of a machine without CUDA")
    for device in ("cuda", "cuda:1"):
        done = run("bench", "alexnet", "--device", device)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 2
        assert "--device cpu" in done.err


def test_without_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['archprof', 'bench', 'alexnet']; from"
        " archprof.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "bench: error: torch is not installed, and measuring runs the network [torch]\n  hint:"
        ' pip install "archprof[torch]"\n'
    )


# --- files, failures, Ctrl-C ---


def test_json_file_and_table(run: Run, tmp_path: Path) -> None:
    """`-o run.json` is enough to say what the file is; the table is shown all the same."""
    path = tmp_path / "run.json"
    done = run("bench", LENET, *QUICK, "-o", path)
    assert done.code == 0
    assert done.out.startswith("lenet · ")
    assert bench_faults(json.loads(path.read_text())) == []
    text = tmp_path / "run.txt"
    assert run("bench", LENET, *QUICK, "-o", text).out == ""
    assert text.read_text().startswith("lenet · ")
    assert run("bench", LENET, *QUICK, "-o", tmp_path / "no" / "run.json").code == 2


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """Interrupts at the third batch; notes how many measurements the file holds before each."""
    from archprof.commands.measure.running import end_to_end

    honest, seen = end_to_end.measure, []

    def measure(cases: Any, request: Any, show: Any) -> Any:
        path = tmp_path / "run.json"
        seen.append(len(json.loads(path.read_text())["measurements"]) if path.exists() else 0)
        if cases[0].batch == 4:
            raise KeyboardInterrupt
        return honest(cases, request, show)

    monkeypatch.setattr(end_to_end, "measure", measure)
    return seen


def test_results_are_written_as_they_come_and_kept(
    run: Run, tmp_path: Path, kept: list[int]
) -> None:
    done = run("bench", LENET, "--batch", "1..8", *QUICK, "-o", tmp_path / "run.json")
    assert kept == [0, 1, 2]
    assert done.code == 130
    assert done.err == "archprof: 2 of 4 measurements were finished and are kept\ninterrupted\n"
    assert "stopped interrupted: these are the measurements that were finished" in done.out
    found = json.loads((tmp_path / "run.json").read_text())
    assert (found["complete"], [row["batch"] for row in found["measurements"]]) == (False, [1, 2])
    assert bench_faults(found) == []


def test_interrupted_before_anything_was_finished(run: Run, kept: list[int]) -> None:
    done = run("bench", LENET, "--batch", "4", *QUICK)
    assert (done.code, done.out) == (130, "")
    assert done.err == "archprof: 0 of 1 measurements were finished: none is kept\ninterrupted\n"


def test_out_of_memory_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that says so, and the batches after it."""
    from archprof.commands.measure.running import end_to_end

    honest = end_to_end.prepare

    def prepare(case: Any, device: Any) -> Any:
        if case.batch >= 4:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return honest(case, device)

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    done = run("bench", LENET, "--batch", "1..8", *QUICK)
    assert (done.code, done.err) == (0, "")
    assert [
        line.split()[0]
        for line in done.out.splitlines()
        if "out of memory" in line and "refused" not in line
    ] == ["4", "8"]
    assert "memory ends at batch 4, 2 fits" in done.out


def test_what_cannot_run_is_said_and_counts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from archprof.commands.measure.running import end_to_end

    def prepare(case: Any, device: Any) -> Any:
        raise RuntimeError("no kernel image")

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    done = run("bench", LENET, *QUICK)
    assert done.code == 1
    assert "refused lenet: no kernel image" in " ".join(done.out.split())


def test_a_bad_spec_stops_before_measuring(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "archprof.commands.measure.running.end_to_end.measure",
        lambda *_: pytest.fail("something ran"),
    )
    done = run("bench", LENET, "tests/data/broken.yaml", *QUICK)
    assert (done.code, done.out) == (2, "")
    assert "tests/data/broken.yaml:6:3" in done.err


def test_interrupted_among_the_layers(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All measurements are there, and the run is not complete all the same."""
    from archprof.commands.measure.layers import of_case as case_layers

    def layer_times(case: Any, request: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(case_layers, "layer_times", layer_times)
    done = run("bench", LENET, "--by", "op", *QUICK, "-o", tmp_path / "run.json")
    assert done.code == 130
    found = json.loads((tmp_path / "run.json").read_text())
    assert (found["complete"], len(found["measurements"]), found["layers"]) == (False, 1, [])
    assert "1 of 1 measurements were finished and are kept, the layers not all timed" in done.err


def test_layers_that_cannot_be_timed_lose_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archprof.commands.measure.layers import of_case as case_layers

    def layer_times(case: Any, request: Any) -> Any:
        raise RuntimeError("CUDA out of memory.\nmore")

    monkeypatch.setattr(case_layers, "layer_times", layer_times)
    done = run("bench", LENET, "--by", "op", *QUICK)
    assert (done.code, done.err) == (
        0,
        "archprof: the layers of lenet at batch 1 cannot be timed: CUDA out of memory.\n",
    )
    assert done.out.startswith("lenet · 1x32x32")


def test_several_networks_are_ranked(run: Run) -> None:
    """Twice as many images of the same network would be slower; here it is the network with
    itself, and another.
    """
    rows = data(run, LENET, "resnet18", "--input", "32")["measurements"]
    assert [one["network"] for one in rows[0]["ratios"]] == ["resnet18"]
    assert (
        rows[0]["latency_low_ms"] is None
        or rows[0]["latency_low_ms"] <= rows[0]["latency_ms"] <= rows[0]["latency_high_ms"]
    )
    assert len(rows[0]["halves_ms"]) == 2


def test_a_run_that_contradicts_itself_is_unusable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1; the table has no figure that follows from the time, and the JSON has all."""
    from archprof.commands.measure.judging import consistency

    wrong = consistency.Inconsistency(
        "latency", "the earlier half of the runs took 1.00 ms, the later half 3.00 ms"
    )
    monkeypatch.setattr(consistency, "MEASUREMENT_RULES", (lambda row, how: wrong,))
    monkeypatch.setattr(
        consistency,
        "LAYER_RULES",
        (lambda layers, row, how: "the layers took 3.00 ms, the pass 1.00 ms",),
    )
    done = run("bench", LENET, "--by", "op", *QUICK)
    assert (done.code, done.err) == (1, "")
    text = " ".join(done.out.split())
    assert (
        "unusable lenet: the earlier half of the runs took 1.00 ms, the later half 3.00 ms" in text
    )
    assert "end what else runs on this machine" in text
    assert "the layers took 3.00 ms, the pass 1.00 ms" in text
    assert "conv2d" not in text
    found = data(run, LENET, "--by", "op", code=1)
    assert found["measurements"][0]["contradictions"] == [wrong._asdict()]
    assert found["measurements"][0]["latency_ms"] > 0
    assert [one["about"] for one in found["layers"][0]["contradictions"]] == ["layers"]
    assert found["layers"][0]["layers"]


def test_plain_lines_without_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first after a while, then no more than one in half a minute, however many measurements
    there are.
    """
    from archprof.commands.measure.planning import progress

    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    done = run("bench", LENET, "--batch", "1,2", *QUICK)
    assert done.code == 0
    (line,) = done.err.splitlines()
    assert line.startswith(
        "archprof: measuring 1 of 2: lenet · batch 1 · float32 eager · warming up · at most about 0"
        " s after "
    )


def test_schema_is_printed_and_kept(run: Run) -> None:
    import jsonschema

    done = run("schema", "bench")
    assert done.code == 0
    jsonschema.validate(data(run, LENET), json.loads(done.out))


def test_progress_says_what_and_how_long() -> None:
    """On a terminal of its own: what is measured and how long it will take, on standard error."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [
        str(Path(sys.executable).parent / "archprof"),
        "bench",
        LENET,
        "--batch",
        "1,2",
        "--time-limit",
        "0.3",
        "--threads",
        "1",
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the other end is closed
            pass
        out = process.communicate()[0].decode()
    os.close(ours)
    # 1: on a busy machine what was measured may contradict itself
    assert process.returncode in (0, 1)
    assert "lenet · batch 1 · float32 eager" in shown.decode()
    assert " left" in shown.decode()
    assert "lenet · 1x32x32" in out


def test_plan_is_refused_with_problems() -> None:
    from archprof.commands.measure.measurement_options import MeasurementOptions
    from archprof.commands.measure.planning.measurement_plan import plan

    with pytest.raises(ProblemError):
        plan("bench", [LENET], MeasurementOptions("tpu"))
