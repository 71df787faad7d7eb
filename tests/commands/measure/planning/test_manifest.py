"""The conditions beside the numbers: device, versions, and which text of a spec was measured."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from archprof import __version__
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.planning import manifest as module
from archprof.commands.measure.planning.manifest import (
    cuda_device,
    manifest,
    processor,
    spec,
)
from archprof.commands.measure.planning.manifest_contract import Manifest
from archprof.language.find import find
from archprof.language.override import override
from tests.commands.measure.runs import run

NET = (
    "name: net\ninput: 3x8x8\nparams: {out: 4}\nlayers:\n  a: {op: conv2d, out: $out, kernel: 3}\n"
)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET, encoding="utf-8")
    return path


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_spec_in_a_checkout_has_its_commit(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the file's last change, not of the checkout's."""
    git(net.parent, "init", "-q")
    monkeypatch.chdir(net.parent)
    # no commit yet
    assert (spec(find(str(net)))["commit"], spec(find(str(net)))["modified"]) == (None, None)
    git(net.parent, "add", ".")
    git(net.parent, "commit", "-q", "-m", "one")
    commit = git(net.parent, "rev-parse", "HEAD")
    (net.parent / "other.yaml").write_text("x", encoding="utf-8")
    git(net.parent, "add", ".")
    git(net.parent, "commit", "-q", "-m", "two")
    found = spec(find(str(net)))
    assert (found["commit"], found["modified"], found["file"]) == (commit, False, str(net))
    net.write_bytes(NET.replace("\n", "\r\n").encode())  # as git may write it
    assert spec(find(str(net)))["modified"] is False
    net.write_text(NET + "# more\n", encoding="utf-8")
    changed = spec(find(str(net)))
    assert (changed["commit"], changed["modified"]) == (commit, True)
    assert changed["sha256"] != found["sha256"]
    git(net.parent, "add", ".")
    assert spec(find(str(net)))["modified"] is True  # staged, and in no commit


def test_a_repository_that_is_not_the_working_directorys_says_nothing(
    net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its configuration may be anybody's."""
    git(net.parent, "init", "-q")
    git(net.parent, "add", ".")
    git(net.parent, "commit", "-q", "-m", "one")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(net.parent))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert (spec(find(str(net)))["commit"], spec(find(str(net)))["modified"]) == (None, None)


def test_a_new_file_in_a_checkout_has_no_commit(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(net.parent, "init", "-q")
    git(net.parent, "commit", "-q", "--allow-empty", "-m", "one")
    monkeypatch.chdir(net.parent)
    assert (spec(find(str(net)))["commit"], spec(find(str(net)))["modified"]) == (None, None)


def test_spec_outside_a_checkout_has_its_hash(net: Path) -> None:
    network = find(str(net))
    found = spec(override(network, {"out": 5}))
    assert (found["commit"], found["modified"], found["overrides"]) == (None, None, {"out": 5})
    assert found["sha256"] == spec(network)["sha256"]
    assert len(found["sha256"]) == 64


def test_without_git_there_is_no_commit(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert spec(find(str(net)))["commit"] is None


def test_versions_are_those_that_run(net: Path) -> None:
    found = manifest(
        torch.device("cpu"), Sensors(), [find(str(net))], ["archprof", "bench"], {"threads": 1}
    )
    assert found["versions"] | {"system": "", "triton": "", "cudnn": "", "onnxruntime": ""} == {
        "archprof": __version__,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "python": platform.python_version(),
        "system": "",
        "triton": "",
        "cudnn": "",
        "onnxruntime": "",
        "hip": torch.version.hip,
    }
    assert (found["command"], found["flags"], list(found["specs"])) == (
        ["archprof", "bench"],
        {"threads": 1},
        ["net"],
    )
    assert found["device"] == processor()
    assert found["device"]["type"] == "cpu"


def test_cuda_device_by_name_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    class Driver(Sensors):
        def driver(self) -> str:
            return "570.86"

        def power_limit_w(self) -> float:
            return 700.0

        def max_clock_mhz(self) -> float:
            return 1980.0

    properties = SimpleNamespace(
        name="Paper H200",
        major=9,
        minor=0,
        total_memory=140 * 2**30,
        multi_processor_count=132,
        L2_cache_size=60 * 2**20,
        uuid="1234-56",
    )
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    assert cuda_device(torch.device("cuda", 1), Driver()) == {
        "type": "cuda",
        "index": 1,
        "name": "Paper H200",
        "compute_capability": "9.0",
        "memory_bytes": 140 * 2**30,
        "multiprocessors": 132,
        "l2_bytes": 60 * 2**20,
        "driver": "570.86",
        "sensors": None,
        "uuid": "1234-56",
        "power_limit_w": 700.0,
        "max_clock_mhz": 1980.0,
        "max_memory_clock_mhz": None,
    }


def test_around_a_device_are_a_host_a_time_and_an_environment(
    net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shared(Sensors):
        def others(self) -> list[str]:
            return ["python (1234)"]

    properties = SimpleNamespace(
        name="Paper", major=9, minor=0, total_memory=1, multi_processor_count=1
    )
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    for name in module.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")
    before = datetime.now(UTC).replace(microsecond=0)
    flags = run()["manifest"]["flags"]  # of an earlier version, which told fewer
    found = manifest(torch.device("cuda", 0), Shared(), [find(str(net))], [], flags)
    Manifest.model_validate(found)
    assert found["host"] == processor()
    assert found["environment"] == {"NVIDIA_TF32_OVERRIDE": "0"}
    assert found["other_processes"] == ["python (1234)"]
    assert before <= datetime.fromisoformat(found["date"]) <= datetime.now(UTC)
    assert found["device"]["uuid"] is None
    on_the_cpu = manifest(torch.device("cpu"), Sensors(), [find(str(net))], [], {})
    assert (on_the_cpu["host"], on_the_cpu["other_processes"]) == (None, None)
