"""`archprof compare --device` and `--load`; without them, what it always was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run
from tests.commands.measure.runs import lost, row
from tests.commands.measure.runs import run as made

LENET = "tests/data/lenet.yaml"
QUICK = ("--device", "cpu", "--time-limit", "0.1", "--threads", "1")


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """lenet with twice the channels in its first layer."""
    path = tmp_path / "wide.yaml"
    path.write_text(
        Path(LENET)
        .read_text()
        .replace("name: lenet", "name: wide")
        .replace("out: 6,", "out: 12,")
        .replace(", shape: 6x28x28", "")
        .replace("expect: {params: 61_706, depth: 5}", ""),
        encoding="utf-8",
    )
    return path


def test_layers_are_not_timed_under_autocast(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, they would be in float32, beside a whole that is not."""
    from archprof.commands.measure.layers import of_case as case_layers

    monkeypatch.setattr(case_layers, "layer_times", lambda *_: pytest.fail("layers were timed"))
    arguments = ("--autocast", "--dtype", "bfloat16", "--format", "json")
    done = run("compare", LENET, LENET, *QUICK, *arguments)
    assert done.code == 0
    assert json.loads(done.out)["run"]["layers"] == []


def test_without_a_device_nothing_is_measured(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("sys").modules, "archprof.commands.measure.running.end_to_end", None
    )
    done = run("compare", "googlenet", "googlenet_bn")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("googlenet against googlenet_bn · batch 1 · float32\n")
    assert "latency" not in done.out


def test_on_a_device(run: Run, wide: Path) -> None:
    done = run("compare", LENET, wide, "--batch", "1,2", *QUICK)
    assert (done.code, done.err) == (0, "")
    found = {line[:24].strip(): line.split() for line in done.out.splitlines()}
    params = [(1 * 25 + 1) * 12, (12 * 25 + 1) * 16, 48_120, 10_164, 850]
    assert found["params"][1:3] == ["61.7", "K"]
    assert found["params"][5] == f"{sum(params) / 61_706:.2f}"
    assert found["params"][-1] == "lenet"
    assert {"latency, batch 1", "latency, batch 2", "throughput, batch 2"} <= set(found)
    assert "Where the time goes at batch 2, by kind of layer" in done.out
    assert "Where the time goes at batch 2, by resolution" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_json_holds_the_run(run: Run, wide: Path, tmp_path: Path) -> None:
    path = tmp_path / "both.json"
    assert run("compare", LENET, wide, *QUICK, "-o", path).code == 0
    found = json.loads(path.read_text())
    assert [network["network"] for network in found["networks"]] == ["lenet", "wide"]
    assert [r["interleaved_with"] for r in found["run"]["measurements"]] == [["wide"], ["lenet"]]
    assert [data["network"] for data in found["run"]["layers"]] == ["lenet", "wide"]
    (verdict,) = found["verdicts"]
    (ratio,) = found["run"]["measurements"][1]["ratios"]
    assert (verdict["of"], verdict["against"]) == ("wide", "lenet")
    assert verdict["ratio"] == ratio["median"]


def test_inputs_without_a_device(run: Run) -> None:
    """Sides and shapes as with one: a comparison for each, in JSON as in tables.

    ResNet-18's MACs: 1,814,073,344 at 224 pixels.
    """
    done = run("compare", "resnet18", "resnet34", "--input", "160,3x224x224")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[1:] for line in done.out.splitlines() if line.startswith("input ")] == [
        ["3x160x160"] * 2,
        ["3x224x224"] * 2,
    ]
    both = json.loads(
        run("compare", "resnet18", "resnet34", "--input", "160,224", "-f", "json").out
    )["comparisons"]
    assert [one["networks"][0]["input"] for one in both] == [[3, 160, 160], [3, 224, 224]]
    assert both[1]["networks"][0]["totals"]["macs"] == 1_814_073_344
    assert list(
        json.loads(run("compare", "resnet18", "resnet34", "--input", "160", "-f", "json").out)
    ) == ["networks", "differences"]


def test_an_input_that_makes_another_network_is_reported(run: Run) -> None:
    """AlexNet's head follows from its input; ResNet's does not."""
    text = " ".join(run("compare", "alexnet", "resnet18", "--input", "3x300x300").out.split())
    assert (
        "alexnet: at 3x300x300 fc6 has other weights than at 3x227x227: 62.4 M -> 91.7 M parameters"
        in text
    )
    assert "resnet18: at" not in text
    found = json.loads(
        run("compare", "alexnet", "resnet18", "--input", "3x300x300", "-f", "json").out
    )["networks"]
    assert [len(network["resized"]["layers"]) for network in found] == [1, 0]


@pytest.mark.parametrize(
    ("net", "hint"),
    [
        (
            "resnet50",
            "archprof compare resnet50 resnet18; archprof summary resnet50 shows one by itself",
        ),
        (
            "alexnet",
            (
                "archprof compare alexnet alexnet_two_gpu; archprof summary alexnet shows one by"
                " itself"
            ),
        ),
        (
            "specs/resnet.yaml:resnet34",
            (
                "archprof compare specs/resnet.yaml:resnet34 specs/resnet.yaml:resnet18; archprof"
                " summary specs/resnet.yaml:resnet34 shows one by itself"
            ),
        ),
        (LENET, f"archprof summary {LENET} shows one by itself"),
    ],
)
def test_one_network_is_not_compared_with_itself(run: Run, net: str, hint: str) -> None:
    done = run("compare", net)
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"compare: error: found 1 network, expected at least 2 [option]\n  hint: {hint}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["alexnet"], "found 1 network, expected at least 2"),
        (["alxnet"], "did you mean `alexnet`?"),
        (["alexnet", "vgg16", "--input", "big"], "`big` is not an input"),
        (
            ["alexnet", "vgg16", "--batch", "1,8"],
            "found 2 values, expected one where nothing is measured",
        ),
        (["alexnet", "vgg16", "--dtype", "float32,float16"], "or measure with --device"),
        (["alexnet", "vgg16", "--dtype", "tf32"], "there is no `tf32`"),
        (["alexnet", "vgg16", "--dtype", "bloat16"], "did you mean `bfloat16`?"),
        (["alexnet", "vgg16", "--batch", "0"], "expected 1 to 1,000,000"),
        (["alexnet", "vgg16", "--device", "gpu"], "`gpu` is not a device"),
        (["alexnet", "vgg16", "--device", "cpu", "--dtype", "float64"], "there is no `float64`"),
        (["a.json", "--load"], "found 1 run, expected at least 2"),
        (
            ["alexnet", "vgg16", "--fail-on", "slower"],
            "nothing was measured before that could be compared with",
        ),
        (["a.json", "b.json", "--load", "--fail-on", "macs>1"], "`macs>1` is not a condition"),
        (
            ["alexnet", "vgg16", "--autocast"],
            "--autocast: error: nothing is measured without a device [option]\n  hint: --device"
            " cuda, or --train --amp bfloat16",
        ),
        (
            ["alexnet", "vgg16", "--optimizer", "adamw"],
            "--optimizer: error: a forward pass has none [option]\n  hint: --train",
        ),
        (["alexnet", "vgg16", "--amp", "bfloat16"], "--amp: error: a forward pass has none"),
        (["alexnet", "vgg16", "--accumulate", "2"], "--accumulate: error: a forward pass has"),
        (["alexnet", "vgg16", "--memory", "4GiB"], "--memory: error: a forward pass has none"),
        (["alexnet", "vgg16", "--checkpoint", "b"], "--checkpoint: error: a forward pass has"),
        (["alexnet", "vgg16", "--train", "--amp", "int8"], "--amp: error: there is no `int8`"),
        (["alexnet", "vgg16", "--train", "--optimizer", "best"], "there is no `best`"),
        (
            ["alexnet", "vgg16", "--train", "--checkpoint", "auto"],
            "--checkpoint: error: `auto` looks for a plan that fits into a memory",
        ),
        (
            ["alexnet", "vgg16", "--device", "cpu", "--train", "--amp", "bfloat16"],
            "--amp: error: it is simulated, and --device measures [option]\n  hint: --autocast",
        ),
        (["alexnet", "vgg16", "--no-cudnn-benchmark"], "--no-cudnn-benchmark: error: nothing is"),
        (["alexnet", "vgg16", "--time-limit", "1"], "--time-limit: error: nothing is measured"),
        (
            ["specs/alexnet.yaml:b", "other.json", "--load"],
            "a run file is what `archprof bench NET -o run.json` writes",
        ),
        (
            ["no.json", "other.json", "--load"],
            "no.json: error: there is no such file [run]\n  hint: a run file is what",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_misuse(run: Run, arguments: list[str], says: str) -> None:
    done = run("compare", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "Traceback" not in done.err


def test_steps_side_by_side(run: Run) -> None:
    """ResNet-18 with momentum, batch 4: 219,475,368 bytes at the peak of a real step; the sum has
    two copies of its 11,689,512 parameters more than weights and saved tensors.
    """
    done = run(
        "compare",
        "resnet18",
        "alexnet",
        "--batch",
        "4",
        "--train",
        "--optimizer",
        "momentum",
        "-f",
        "json",
    )
    first = json.loads(done.out)["networks"][0]
    totals = first["totals"]
    assert totals["training_peak_bytes"] == 219_475_368
    assert totals["training_bytes"] == 229_070_464
    assert first["step"] == {
        "optimizer": "momentum",
        "amp": None,
        "checkpoint": None,
        "accumulate": 1,
        "device": "cuda",
        "unknown": {"cost": [], "saved": []},
    }


def test_a_step_that_nobody_asks_about(run: Run) -> None:
    (one, _) = json.loads(run("compare", "alexnet", "lenet5", "-f", "json").out)["networks"]
    found = (one["step"], one["totals"]["training_peak_bytes"], one["totals"]["step_flops"])
    assert found == (None, None, None)


@pytest.mark.parametrize(
    ("options", "bytes_of"),
    [
        ((), 192),
        (("--accumulate", "3"), 192 + 40),  # the gradients of earlier passes
        (("--optimizer", "adam"), 192 + 2 * 40),  # moments; its counters are the host's
        # nothing is trained: two logarithms of 24, the loss and its count
        (("--freeze", "fc"), 48 + 24 + 40 + 2 * 24 + 8),
    ],
)
def test_a_step_by_its_conditions(
    run: Run, tmp_path: Path, options: tuple[str, ...], bytes_of: int
) -> None:
    """A linear layer of 4 to 2, a batch of 3: input 48 and targets 24, weights 40, logarithms 24,
    the loss and its count 8, two gradients of 24 in the loss's backward.
    """
    spec = tmp_path / "linear.yaml"
    spec.write_text("name: linear\ninput: 4\nlayers: {fc: {op: linear, out: 2}}\n")
    done = run("compare", spec, spec, "--train", "--batch", "3", *options, "-f", "json")
    (one, other) = json.loads(done.out)["networks"]
    assert one["totals"]["training_peak_bytes"] == bytes_of
    assert other["totals"] == one["totals"]
    if not options:  # forward 48 and 6, backward 48, 6 and 24 of the loss, 2 for each parameter
        assert one["totals"]["step_flops"] == 54 + 78 + 20
    table = run("compare", spec, spec, "--train", "--batch", "3", *options).out
    assert f"training peak {bytes_of} B {bytes_of} B 1.00" in " ".join(table.split())
    assert "step of training with" in " ".join(table.split())


def test_each_has_the_plan_that_a_memory_asks_for(run: Run) -> None:
    """1 GiB of a GPU has 98 MiB for tensors for sure: 12 % more, and 914 MiB."""
    asked = ("--checkpoint", "auto", "--memory", "1GiB", "--batch", "128", "-f", "json")
    for one in json.loads(run("compare", "resnet20", "resnet32", "--train", *asked).out)[
        "networks"
    ]:
        assert one["step"]["checkpoint"] == "auto"
        assert 90 * 2**20 < one["totals"]["training_peak_bytes"] <= 110 * 2**20 * 1000 // 1120


def test_building_without_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None; import archprof; archprof.load('alexnet').build()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith(
        "ModuleNotFoundError: torch is not installed, and building makes torch modules: pip install"
        ' "archprof[torch]"\n'
    )


# --- runs of two machines ---


def saved(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_runs_are_put_side_by_side(run: Run, tmp_path: Path) -> None:
    old, new = (
        saved(tmp_path / "old.json", made(row())),
        saved(tmp_path / "new.json", made(row(latency_ms=1.0))),
    )
    done = run("compare", "--load", old, new)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("old against new, as measured\n")
    assert "net latency 2.00 ms 1.00 ms 0.50 faster (0.493 to 0.507)" in [
        " ".join(line.split()) for line in done.out.splitlines()
    ]
    assert max(map(len, done.out.splitlines())) <= 80
    found = json.loads(run("compare", "--load", old, new, "-f", "json").out)
    assert list(found["runs"]) == ["old", "new"]
    assert found["differences"] == {"new": []}
    (verdict,) = found["verdicts"]
    assert (verdict["of"], verdict["against"], verdict["network"]) == ("new", "old", "net")
    assert (verdict["verdict"], verdict["ratio"]) == ("faster", 0.5)
    # both within 1 %, on either side: the ratio within 1.41 %
    assert (verdict["low"], verdict["high"]) == pytest.approx((0.49298, 0.50712), abs=1e-5)


def test_on_another_device_the_json_says_why_not(run: Run, tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", made(row(), device="old"))
    new = saved(tmp_path / "new.json", made(row(latency_ms=9.0), device="new"))
    done = run("compare", "--load", old, new, "--fail-on", "slower", "-f", "json")
    found = json.loads(done.out)
    assert done.code == 0  # nobody can tell
    assert found["differences"] == {"new": ["name: old against new"]}
    (verdict,) = found["verdicts"]
    assert (verdict["verdict"], verdict["ratio"]) == ("cannot tell", None)
    assert verdict["reason"] == "the device differs: name old against new"


def test_a_regression_ends_with_1(run: Run, tmp_path: Path) -> None:
    """At batch 8 it takes 2.06 ms for 2, at batch 1 as long as before."""
    old = saved(tmp_path / "old.json", made(row(), row(batch=8)))
    new = saved(tmp_path / "new.json", made(row(), row(batch=8, latency_ms=2.06)))
    assert run("compare", "--load", old, new).code == 0
    done = run("compare", "--load", old, new, "--fail-on", "slower")
    assert done.code == 1
    assert done.out.startswith("old against new, as measured\n")
    assert done.err == (
        "new: error: net at batch 8 of 3x8x8 in float32, eager: 1.03 times as long as in old"
        " (1.02 to 1.04) [slower]\n"
    )
    assert run("compare", "--load", new, old, "--fail-on", "slower").code == 0


@pytest.mark.parametrize(("fail_on", "code"), [("slower>1.5%", 1), ("slower>1.6%", 0)])
def test_a_regression_that_is_tolerated(run: Run, tmp_path: Path, fail_on: str, code: int) -> None:
    """2.06 ms for 2, each known within 1 %: the ratio's logarithm is known within sqrt(2) * 0.00995
    = 0.01407, so that it is at least 1.03 * exp(-0.01407) = 1.0156.
    """
    old = saved(tmp_path / "old.json", made(row()))
    new = saved(tmp_path / "new.json", made(row(latency_ms=2.06)))
    assert run("compare", "--load", old, new, "--fail-on", fail_on).code == code


def test_what_is_lost_ends_with_1(run: Run, tmp_path: Path) -> None:
    """A network that fails, or is not measured any more, passes no gate; a new one does."""
    old = saved(tmp_path / "old.json", made(row(), row(batch=8)))
    new = saved(tmp_path / "new.json", made(lost("failed", "no kernel"), row(batch=16)))
    done = run("compare", "--load", old, new, "--fail-on", "slower")
    assert done.code == 1
    hint = "  hint: measure both under the same conditions, or leave out --fail-on\n"
    assert done.err == (
        "new: error: net at batch 1 of 3x8x8 in float32, eager: measured in old, failed in it"
        f" [lost]\n{hint}"
        "new: error: net at batch 8 of 3x8x8 in float32, eager: measured in old, is not in it"
        f" [lost]\n{hint}"
    )
    assert run("compare", "--load", old, new).code == 0


def test_runs_with_nothing_in_common_say_so(run: Run, tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", made(row()))
    new = saved(tmp_path / "new.json", made(row(input=[3, 9, 9])))
    done = run("compare", "--load", old, new)
    text = "archprof: new and old have no measurement under the same conditions\n"
    assert (done.code, done.err) == (0, text)
    assert run("compare", "--load", old, new, "--fail-on", "slower").code == 1


def test_a_real_run_is_taken(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "here.json"
    assert run("bench", LENET, "--by", "op", *QUICK, "-o", path).code == 0
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "here.json").write_text(path.read_text())
    done = run("compare", "--load", path, tmp_path / "there" / "here.json", columns=200)
    assert done.code == 0
    assert f"{path} against " in done.out  # two files of one name go by their paths


def test_what_compare_wrote_is_taken(run: Run, wide: Path, tmp_path: Path) -> None:
    path, alone = tmp_path / "both.json", tmp_path / "alone.json"
    assert run("compare", LENET, wide, *QUICK, "-o", path).code == 0
    saved(alone, json.loads(path.read_text())["run"])
    done = run("compare", "--load", path, alone, "-f", "json")
    assert (done.code, done.err) == (0, "")
    runs = json.loads(done.out)["runs"]
    assert runs["both"] == runs["alone"]


def test_without_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['archprof', *sys.argv[1:]]; from"
        " archprof.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "compare", "alexnet", "vgg16", "--device", "cpu"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "compare: error: torch is not installed, and measuring runs the network [torch]\n  hint:"
        ' pip install "archprof[torch]"\n'
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not a run of archprof bench"),
        ("null", "not a run of archprof bench"),
        ('{"schema": 1}', "it has no manifest and measurements"),
        ('{"networks": [], "differences": [], "run": {}}', "it has no manifest and measurements"),
        ('{"manifest": {}, "measurements": []}', "manifest.device: Field required"),
        ("[" * 100_000, "not JSON"),
        ('{"a": ' + "9" * 10_000 + "}", "not JSON"),
        ("\ufeff{}", "not a run of archprof bench"),
        (
            json.dumps(made(row(latency_ms="\x1b[31m"))),
            "measurements.0.latency_ms: Input should be a valid number",
        ),
        (json.dumps(made(row(latency_ms=None))), "measured, but without its latency"),
        (json.dumps(made(row() | {str(i): 1 for i in range(20)})), "and 15 more"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_run(run: Run, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    done = run("compare", "--load", path, path)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err) < 2000
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err


def test_a_file_of_bytes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(b"\xff\xfe\x00" * 10)
    done = run("compare", "--load", path, path)
    assert (done.code, done.out) == (2, "")
    assert "not JSON" in done.err


def test_one_layer_is_no_layers(run: Run, tmp_path: Path) -> None:
    specs = [tmp_path / f"{name}.yaml" for name in "ab"]
    for spec in specs:
        spec.write_text(
            f"name: {spec.stem}\ninput: 3x8x8\nlayers:\n  only: {{layers: {{conv: {{op: conv2d,"
            " out: 8, kernel: 3}}}\n",
            encoding="utf-8",
        )
    compared = run("compare", *specs, columns=120).out
    assert "1 layer, 8x6x6" in compared
    assert "1 layer stands under the same path in both" in compared
    assert "only: 1 layer\n" in run("explain", specs[0], "only").out
