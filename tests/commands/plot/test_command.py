"""`archprof plot`: what it writes, and what it refuses."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.command_line import Run
from tests.commands.measure import runs

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ["graph", "bars", "timeline", "roofline", "field", "depth", "scatter"]


def says(text: str) -> str:
    found = ElementTree.fromstring(text).find(f"{SVG}desc")
    assert found is not None
    return found.text or ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", ["page", "column", "slide"])
def test_kinds(run: Run, kind: str, size: str) -> None:
    done = run("plot", "alexnet", "--kind", kind, "--size", size)
    assert (done.code, done.err) == (0, "")
    assert says(done.out).endswith(".")


def test_the_numbers_are_those_of_the_network(run: Run) -> None:
    """AlexNet's fc6: 9216 * 4096 + 4096 = 37752832 parameters of 62378344, 60.5 %."""
    done = run("plot", "alexnet", "--kind", "bars")
    assert "fc6 linear: 37.8 M" in done.out
    assert f"{37752832 / 62378344:.1%}" == "60.5%"
    assert says(done.out).startswith("fc6 has 60.5% of the parameters")


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_files(run: Run, tmp_path: Path, theme: str) -> None:
    path = tmp_path / "a.svg"
    done = run("plot", "alexnet", "-o", path, "--theme", theme)
    assert (done.code, done.out, done.err) == (0, "", "")
    text = path.read_text(encoding="utf-8")
    assert ("#14171a" in text) is (theme != "light")
    assert ("prefers-color-scheme" in text) is (theme == "auto")


def test_tikz(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.tex"
    assert run("plot", "alexnet", "--kind", "bars", "-o", path).code == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("% AlexNet, simplified to one tower by stage\n")
    assert text.rstrip().endswith(r"\end{tikzpicture}")


def test_png(run: Run, tmp_path: Path) -> None:
    """300 dots to the inch, of which a column is 336 / 96: 1050 wide."""
    pytest.importorskip("resvg_py")
    path = tmp_path / "a.png"
    done = run("plot", "alexnet", "--kind", "timeline", "--size", "column", "-o", path)
    assert (done.code, done.err) == (0, "")
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, _ = struct.unpack(">II", content[16:24])
    assert width == 1050


def test_png_without_its_library(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    done = run("plot", "alexnet", "-o", tmp_path / "a.png")
    assert done.code == 2
    assert "resvg-py is not installed" in done.err
    assert 'pip install "archprof[plot]"' in done.err
    assert not (tmp_path / "a.png").exists()


def test_a_png_of_a_whole_large_network_is_refused(run: Run, tmp_path: Path) -> None:
    """NASNet-A large, all open, has more than 64 million points."""
    pytest.importorskip("resvg_py")
    done = run("plot", "nasnetalarge", "--open", "-o", tmp_path / "a.png")
    assert done.code == 2
    assert "too many for a PNG" in done.err
    assert run("plot", "nasnetalarge", "--open", "-o", tmp_path / "a.svg").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("alexnet", "-o", "a.gif"), "`.gif` at the end of the file's name"),
        (("alexnet", "-o", "a"), "no ending at the end of the file's name"),
        (("alexnet", "--kind", "latency"), "no run file is given"),
        (("alexnet", "--kind", "bars", "--train"), "`--train` says nothing to the kind bars"),
        (("alexnet", "--kind", "bars", "--memory", "1GiB"), "says nothing to the kind bars"),
        (("alexnet", "-k", "timeline", "--memory", "1GiB"), "the timeline is of inference"),
        (("alexnet", "-k", "timeline", "--device", "cpu"), "the timeline is of inference"),
        (("alexnet", "-k", "timeline", "--train", "--device", "tpu"), "there is no `tpu`"),
        (("alexnet", "-k", "timeline", "--train", "--memory", "1x"), "is not a size of a memory"),
        (("alexnet", "-k", "timeline", "--train", "--optimizer", "x"), "there is no `x`"),
        (
            ("alexnet", "-k", "timeline", "--train", "--checkpoint", "auto"),
            "looks for a plan that fits",
        ),
        (("alexnet", "--kind", "bars", "--open"), "`--open` says nothing to the kind bars"),
        (("alexnet", "--x", "macs"), "`--x` says nothing to the kind graph"),
        (("alexnet", "resnet18"), "found 2 networks, expected 1"),
        (("alexnet", "-k", "compare"), "found 1 network, expected 2 to 4"),
        (("alexnet", "--by", "stage"), "there is no `stage` here"),
        (("alexnet", "-k", "field", "--layer", "conv9"), "alexnet has no layer `conv9`"),
        (("alexnet", "-k", "field", "--unit", "1"), "expected row and column of one of"),
        (("alexnet", "-k", "field", "--unit", "99,1"), "expected row and column of one of"),
        (("alexnet", "-k", "field", "--image", "no.png"), "there is no such file"),
        (("alexnet", "-k", "field", "--image", "README.md"), "neither a PNG nor a JPEG"),
        (("alexnet", "-k", "scatter", "--x", "beauty"), "there is no axis `beauty`"),
        (("alexnet", "-k", "scatter", "--y", "latency"), "latency is measured"),
        (("x", "--kind", "roadmap"), "`x`, expected t or b"),
        (("alexnet", "-k", "latency", "--run", "README.md"), "not JSON"),
    ],
)
def test_errors(run: Run, words: tuple[str, ...], message: str) -> None:
    done = run("plot", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "hint: " in done.err


def test_options_change_the_picture(run: Run) -> None:
    usual = run("plot", "resnet18").out
    assert run("plot", "resnet18", "--open").out != usual
    assert run("plot", "resnet18", "--by", "params").out != usual
    assert run("plot", "resnet18", "--set", "depths=[1,1,1,1]").out != usual
    # c1 has 6 maps of 28x28 places: 2 * 6 * 28 * 28 * 4 = 37632 bytes are 36.75 KiB
    assert "36.8 KiB" in run("plot", "lenet5", "-k", "bars", "--batch", "2", "--by", "layer").out


def test_a_field_of_a_layer(run: Run) -> None:
    """pool1 of AlexNet: 11x11/4 and 3x3/2 see 11 + 2*4 = 19 pixels."""
    done = run("plot", "alexnet", "-k", "field", "--layer", "pool1", "--unit", "3,4")
    assert says(done.out) == "Unit (3, 4) of 27x27 of pool1 sees 19x19 pixels."


def test_a_photo_is_in_the_file(run: Run, tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(9))
    done = run("plot", "alexnet", "-k", "field", "--image", photo)
    assert "data:image/png;base64,iVBORw0KGgoAAAAA" in done.out
    done = run("plot", "alexnet", "-k", "field", "--image", photo, "-o", tmp_path / "a.tex")
    assert done.code == 2
    assert "TikZ cannot hold an image" in done.err


def run_file(tmp_path: Path) -> Path:
    """Two layers of LeNet-5 with their rooflines, and the latency of the whole."""
    timed = runs.timed("lenet5", {"c1": 2.0, "c3": 6.0}, 9.0)
    for layer, least in zip(timed["layers"], (1.0, 1.5), strict=True):
        layer |= {"roofline_ms": least, "bound": "memory", "attained": 0.5}
    timed["peaks"] = {
        "device": "Paper CPU",
        "dtype": "float32",
        "flops_per_s": 1e9,
        "copy_bytes_per_s": 1e8,
        "ridge_flops_per_byte": 10.0,
        "launch_us": 1.0,
        "transfers": [{"bytes": 1024, "bytes_per_s": 1e8}],
    }
    measured = runs.row(network="lenet5", latency_ms=9.0)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(runs.run(measured, layers=[timed])), encoding="utf-8")
    return path


def test_times_of_a_run(run: Run, tmp_path: Path) -> None:
    """8 ms, of which the roofline allows 2.5, 31 %; c1 reaches 2 * 122304 FLOPs, as 6 filters of
    5*5 with a bias at 28*28 places: 117600 products.
    """
    path = run_file(tmp_path)
    done = run("plot", "lenet5", "-k", "latency", "--run", path)
    assert done.code == 0, done.err
    assert "the layers take 8.00 ms; c3 takes most, 75%." in says(done.out)
    assert "The roofline allows 2.50 ms, 31% of it." in says(done.out)
    done = run("plot", "lenet5", "-k", "roofline", "--run", path)
    assert done.code == 0, done.err
    assert "On Paper CPU, float32, every measured layer" in says(done.out)
    done = run("plot", "lenet5", "alexnet", "-k", "scatter", "--x", "latency", "--run", path)
    assert done.code == 0, done.err
    assert "9.00 ms" in done.out
    assert "ot shown, as a figure is unknown: alexnet" in says(done.out)
    done = run("plot", "alexnet", "-k", "latency", "--run", path)
    assert done.code == 2
    assert "no times of the layers of `alexnet`: it has those of lenet5" in done.err
    done = run("plot", "lenet5", "-k", "roofline", "--run", path, "--input", "1x64x64")
    assert done.code == 0


def test_the_roadmap(run: Run) -> None:
    """The paper's Table 10: 76.13 and 81.97 %."""
    done = run("plot", "t", "--kind", "roadmap")
    assert says(done.out).startswith("From 76.13 to 81.97 % top-1")


def test_hostile_names(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    title = "</title><script>alert(1)</script>&\\u202e"
    spec.write_text(
        f'name: net\ntitle: "{title}"\ninput: [3, 8, 8]\nlayers:\n  a: {{op: relu}}\n',
        encoding="utf-8",
    )
    for kind in KINDS:
        done = run("plot", spec, "--kind", kind)
        assert done.code == 0, done.err
        tags = {element.tag for element in ElementTree.fromstring(done.out).iter()}
        assert f"{SVG}script" not in tags
        assert "\u202e" not in done.out


@pytest.mark.parametrize("kind", ["gradients", "shattering"])
def test_gradients(run: Run, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are measured, of one network and of several, with torch and within limits."""
    spec = tmp_path / "net.yaml"
    layers = "{a: {op: linear, out: 4}, r: {op: relu}, b: {op: linear, out: 2}}"
    spec.write_text(f"name: net\ninput: 3\nlayers: {layers}\n", encoding="utf-8")
    for nets in ([spec], [spec, "lenet5"]):
        done = run("plot", *nets, "--kind", kind)
        assert (done.code, done.err) == (0, "")
        assert says(done.out).startswith("net: ")
    large = tmp_path / "large.yaml"
    large.write_text("name: large\ninput: 3x9000x9000\nlayers: {c: {op: relu}}\n", encoding="utf-8")
    done = run("plot", large, "--kind", kind)
    assert done.code == 2
    assert "large needs " in done.err
    done = run("plot", "zaremba_small", "--kind", "shattering")
    assert done.code == 2
    assert "zaremba_small takes other inputs than one of fractions" in done.err
    done = run("plot", *[spec] * 5, "--kind", kind)
    assert done.code == 2
    assert "found 5 networks, expected at most 4" in done.err
    module = {"gradients": "layer_signals", "shattering": "gradient_correlation"}[kind]
    monkeypatch.delitem(__import__("sys").modules, f"archprof.model.{module}")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    done = run("plot", spec, "--kind", kind)
    assert done.code == 2
    assert "torch is not installed, and gradients are computed" in done.err


def test_an_effective_field(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("plot", "lenet5", "-k", "field", "--layer", "c1", "--effective")
    done = run(*words)
    assert done.code == 0, done.err
    assert "of the gradient lies in " in says(done.out)
    module = "archprof.commands.plot.effective_field"
    monkeypatch.delitem(__import__("sys").modules, module)
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    done = run(*words)
    assert done.code == 2
    assert "torch is not installed, and a gradient is computed" in done.err


def test_networks_side_by_side(run: Run) -> None:
    """ResNet-34 has 21797672 parameters, ResNet-18 11689512: 0.54 of them."""
    done = run("plot", "resnet18", "resnet34", "-k", "compare")
    assert done.code == 0, done.err
    assert f"{11689512 / 21797672:.2f}" == "0.54"
    assert says(done.out).startswith("resnet18 has 0.54 times the parameters")
