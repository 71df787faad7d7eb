"""The example files for SLURM, Kubernetes and SSH: they are read, and what they name exists."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import click
import distributed
import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "sweeps"
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": 134217728, "MALLOC_MMAP_THRESHOLD_": 134217728}  # 128 MiB
ADDRESS = "tcp://10.0.0.1:8786"
PROGRAMS: dict[str, click.Command] = {"worker": dask_worker.main, "scheduler": dask_scheduler.main}


def leaves(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every setting of a configuration, by the names that lead to it."""
    if not isinstance(values, dict):
        yield path, values
        return
    for name, value in values.items():
        yield from leaves(value, (*path, name))


def test_every_setting_is_one_of_dask() -> None:
    defaults = yaml.safe_load(
        (Path(distributed.__file__).parent / "distributed.yaml").read_text(encoding="utf-8")
    )
    known = {path for path, _ in leaves(defaults)}
    found = dict(leaves(yaml.safe_load((EXAMPLES / "dask.yaml").read_text(encoding="utf-8"))))
    environment = ("distributed", "nanny", "pre-spawn-environ")
    assert {path[-1]: value for path, value in found.items() if path[:3] == environment} == (
        ALLOCATOR
    )
    # variables of the environment may have any name
    assert {path for path in found if path[:3] != environment} <= known


def containers(values: Any) -> Iterator[dict[str, Any]]:
    """Every container of a resource."""
    if isinstance(values, dict):
        yield from values.get("containers", [])
        for value in values.values():
            yield from containers(value)


def test_kubernetes() -> None:
    text = (EXAMPLES / "kubernetes.yaml").read_text(encoding="utf-8")
    claim, job = yaml.safe_load_all(text)
    assert (job["apiVersion"], job["kind"]) == ("kubernetes.dask.org/v1", "DaskJob")
    by_name = {one["name"]: one for one in containers(job)}
    assert by_name.keys() == {"sweep", "worker", "scheduler"}
    for one in by_name.values():
        assert {mount["name"] for mount in one["volumeMounts"]} == {"sweeps", "space"}
    for name, program in PROGRAMS.items():
        words = by_name[name]["command"]
        assert words[:2] == ["dask", name]
        options = {option for parameter in program.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options
    environment = {one["name"]: one["value"] for one in by_name["worker"]["env"]}
    assert environment == {
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        **{name: str(value) for name, value in ALLOCATOR.items()},
    }
    assert claim["metadata"]["name"] == "sweeps"
    assert by_name["sweep"]["command"][:2] == ["archprof", "sweep"]


class Cluster:
    """Stands for a cluster of Dask's, and keeps what it is made of."""

    scheduler_address = ADDRESS
    options: dict[str, Any]
    scaled: dict[str, Any]

    def __init__(self, *hosts: Any, **options: Any):
        type(self).options = options

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def scale(self, **sizes: Any) -> None:
        type(self).scaled = sizes


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that a script starts, which are not run."""
    found: list[list[str]] = []

    def run(command: list[str], check: bool) -> SimpleNamespace:
        found.append(command)
        return SimpleNamespace(returncode=5)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["script", "space.yaml", "-o", "/shared/out"])
    return found


SWEEP = ["archprof", "sweep", "space.yaml", "-o", "/shared/out", "--dask", ADDRESS]


def test_slurm(monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]) -> None:
    module = ModuleType("dask_jobqueue")
    vars(module)["SLURMCluster"] = Cluster
    monkeypatch.setitem(sys.modules, "dask_jobqueue", module)
    with pytest.raises(SystemExit, match="5"):
        runpy.run_path(str(EXAMPLES / "slurm.py"), run_name="__main__")
    assert commands == [SWEEP]
    assert Cluster.scaled == {"jobs": 20}
    assert Cluster.options["cores"] == Cluster.options["processes"]  # a thread for each
    assert Cluster.options["job_script_prologue"] == [
        f"export {name}={value}" for name, value in ALLOCATOR.items()
    ]


def test_ssh(monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]) -> None:
    monkeypatch.setattr(distributed, "SSHCluster", Cluster)
    with pytest.raises(SystemExit, match="5"):
        runpy.run_path(str(EXAMPLES / "ssh.py"), run_name="__main__")
    assert commands == [SWEEP]
    assert Cluster.options["worker_options"] == {"n_workers": 16, "nthreads": 1}
