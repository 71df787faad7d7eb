"""Files that are read, and files that are not: each is refused with its reason and the way out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archprof.capturing.onnx.file import read_onnx
from archprof.capturing.onnx.library import library
from archprof.problem import ProblemError
from tests.capturing.onnx.models import model, node, onnx, read, weight

IMAGE = {"x": [1, 3, 8, 8]}


def problem(path: Path) -> str:
    with pytest.raises(ProblemError) as found:
        read_onnx(path)
    return str(found.value)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ProblemError) as found:
        library("net.onnx")
    assert 'pip install "archprof[onnx]"' in str(found.value)


def test_with_an_old_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx, "__version__", "1.15.0")
    with pytest.raises(ProblemError, match=r"1\.15\.0, expected 1\.16"):
        library("net.onnx")


def test_torch_is_not_needed(tmp_path: Path) -> None:
    made = model([node("Conv", "x w", "y")], IMAGE, weights=[weight("w", 4, 3, 3, 3)])
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    program = (
        "import sys; sys.modules['torch'] = None;"
        "from pathlib import Path; from archprof.capturing.onnx.file import read_onnx;"
        f"print(len(read_onnx(Path({str(path)!r})).operations))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([b"1"], b"")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it has no nodes"),
        (b"name: resnet\n", "no ONNX network"),
        (b"PK\x03\x04" + bytes(100), "no ONNX network"),
        (b"\x08\x08", "it has no nodes"),
        (b"\xff" * 100, "no ONNX network"),
    ],
)
def test_what_is_no_network(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert reason in problem(path)


def test_messages_deeper_than_protobuf_takes(tmp_path: Path) -> None:
    data = b""
    for _ in range(60):
        for tag in (b"\x32", b"\x2a", b"\x0a"):  # a graph in an attribute of a node
            data = tag + _varint(len(data)) + data
    path = tmp_path / "net.onnx"
    path.write_bytes(b"\x3a" + _varint(len(data)) + data)
    assert "no ONNX network" in problem(path)


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "there is no such file" in problem(tmp_path / "no.onnx")
    assert "a directory" in problem(tmp_path)
    assert "cannot be read" in problem(tmp_path / "a\0b.onnx")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    os.mkfifo(path)
    assert "a pipe" in problem(path)


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside.onnx", tmp_path / "project"
    outside.write_bytes(model([node("Relu", "x", "y")], IMAGE).SerializeToString())
    (project / ".git").mkdir(parents=True)
    (project / "net.onnx").symlink_to(outside)
    assert "leads out of the project" in problem(project / "net.onnx")


def test_data_in_other_files_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is known all the same. The file is one that would wait for its other end."""
    held = weight("w", 4, 3, 3, 3)
    held.data_location = onnx.TensorProto.EXTERNAL
    entry = held.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    small = weight("s", 2, dtype=7)
    small.data_location = onnx.TensorProto.EXTERNAL
    made = model(
        [node("Conv", "x w", "c"), node("Reshape", "c s", "y")], IMAGE, weights=[held, small]
    )

    def refuse(*given: object, **more: object) -> None:
        raise AssertionError("external data was read")

    monkeypatch.setattr(onnx, "load_external_data_for_model", refuse, raising=False)
    tape = read(tmp_path, made)
    (kept,) = [each for name, each in tape.weights.items() if name.endswith("weight")]
    assert tape.tensors[kept.value].shape == (4, 3, 3, 3)
    assert tape.stopped is not None  # the reshape's sizes are in the other file


def test_a_file_larger_than_a_run_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(bytes(2_000_001))
    monkeypatch.setenv("ARCHPROF_LIMITS", "megabytes=1")
    found = problem(path)
    assert "larger than 0.8 MB" in found
    assert "ARCHPROF_LIMITS=megabytes=4" in found


def test_a_file_of_many_small_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty nodes of two bytes: protobuf takes far more for each than the file does."""
    count = 200_000
    graph = b"\x0a\x00" * count
    size = len(graph)
    head = b"\x3a" + bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
    path = tmp_path / "net.onnx"
    path.write_bytes(head + graph)
    monkeypatch.setenv("ARCHPROF_LIMITS", "megabytes=10")
    assert "without its weights, more than 0.2 MB" in problem(path)


def test_weights_do_not_count_as_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 4 MB, of which a few bytes are parsed."""
    held = onnx.TensorProto(name="w", dims=[1000, 1000], data_type=1, raw_data=bytes(4_000_000))
    made = model([node("Gemm", "x w", "y")], {"x": [1, 1000]}, weights=[held])
    monkeypatch.setenv("ARCHPROF_LIMITS", "megabytes=6")
    assert len(read(tmp_path, made).weights) == 1
