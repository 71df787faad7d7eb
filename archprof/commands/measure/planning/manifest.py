"""The conditions of a run: device, versions, and which text of each spec was measured."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from archprof import __version__, git
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.graph.origin import Origin
from archprof.language.reading import read_bytes
from archprof.language.text import MAX_BYTES
from archprof.problem import ProblemError

ENVIRONMENT = (
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "CUDA_DEVICE_MAX_CONNECTIONS",
    "CUDA_MODULE_LOADING",
    "HIP_VISIBLE_DEVICES",
    "NVIDIA_TF32_OVERRIDE",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_ALLOC_CONF",
    "PYTORCH_NO_CUDA_MEMORY_CACHING",
    "CUBLAS_WORKSPACE_CONFIG",
    "OMP_NUM_THREADS",
    "TORCHINDUCTOR_FORCE_DISABLE_CACHES",
)
"""Variables that change what is measured, or where."""


def manifest(
    device: torch.device,
    sensors: Sensors,
    networks: Iterable[Origin],
    command: list[str],
    flags: dict[str, Any],
) -> dict[str, Any]:
    """Return what a reader of the numbers has to know, as data; None for what is not known.

    `flags` are torch's as they were set.
    """
    on_cuda = device.type == "cuda"
    return {
        "command": command,
        "device": cuda_device(device, sensors) if on_cuda else processor(),
        "host": processor() if on_cuda else None,
        "versions": {
            "archprof": __version__,
            "torch": torch.__version__,
            "cuda": torch.version.cuda,
            "hip": torch.version.hip,
            "cudnn": _cudnn(),
            "triton": _version("triton"),
            "onnxruntime": _version("onnxruntime-gpu") or _version("onnxruntime"),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        },
        "environment": {name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        "other_processes": _reading(sensors, "others"),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "flags": flags,
        "specs": {network.name: spec(network) for network in networks},
    }


def cuda_device(device: torch.device, sensors: Sensors) -> dict[str, Any]:
    """Return a CUDA device: its name and its sizes."""
    properties = torch.cuda.get_device_properties(device)
    return {
        "type": "cuda",
        "index": device.index or 0,
        "name": properties.name,
        "compute_capability": f"{properties.major}.{properties.minor}",
        "memory_bytes": properties.total_memory,
        "multiprocessors": properties.multi_processor_count,
        "l2_bytes": getattr(properties, "L2_cache_size", None),
        "driver": sensors.driver(),
        "sensors": sensors.missing or None,
        "uuid": _uuid(properties),
        "power_limit_w": _reading(sensors, "power_limit_w"),
        "max_clock_mhz": _reading(sensors, "max_clock_mhz"),
        "max_memory_clock_mhz": _reading(sensors, "max_memory_clock_mhz"),
    }


def _uuid(properties: Any) -> str | None:
    """Return the device's identity, None for a torch that does not tell."""
    found = getattr(properties, "uuid", None)
    return None if found is None else str(found)


def _reading(sensors: Sensors, question: str) -> Any:
    """Return what the sensors answer, None where they have no such question."""
    answer = getattr(sensors, question, None)
    return None if answer is None else answer()


def processor() -> dict[str, Any]:
    """Return the CPU: its name, its sizes, and the instructions that torch uses."""
    return {
        "type": "cpu",
        "name": _processor_name(),
        "cores": os.cpu_count(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "last_cache_bytes": last_cache_bytes(),
        "memory_bytes": _memory_bytes(),
    }


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )


def last_cache_bytes() -> int | None:
    """Return the largest cache of the first core under Linux, None elsewhere."""
    sizes = []
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text(encoding="utf-8").strip()
        if text[:-1].isdigit() and text[-1] in "KM":
            sizes.append(int(text[:-1]) * (1024 if text[-1] == "K" else 1024**2))
    return max(sizes, default=None)


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _cudnn() -> int | None:
    return torch.backends.cudnn.version() if torch.backends.cudnn.is_available() else None  # type: ignore[no-untyped-call]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def spec(network: Origin) -> dict[str, Any]:
    """Return the spec's file, the commit that last changed it, whether it was changed since.

    A hash is that of every text it uses. The commit is None for a file outside the repository of
    the working directory.
    """
    commit, modified = _history(network.path)
    texts = "\0".join(text for _, text in sorted(network.texts().items()))
    return {
        "file": network.file,
        "commit": commit,
        "modified": modified,
        "sha256": hashlib.sha256(texts.encode("utf-8", errors="replace")).hexdigest(),
        "overrides": dict(network.overrides),
    }


def _history(path: Path) -> tuple[str | None, bool | None]:
    """Return the commit that last changed a file, and whether the file differs from it now.

    Both are None where git does not know the file.
    """
    try:
        root = git.root()
        place = path.resolve().relative_to(root).as_posix()
        commit = git.run(root, "rev-list", "-1", "HEAD", "--", place).decode().strip()
        kept = git.run(root, "ls-tree", "HEAD", "--", place).split()
        if not commit or len(kept) < 3:
            return None, None
        return commit, _differs(read_bytes(path, MAX_BYTES), root, kept[2].decode())
    except (ProblemError, OSError, ValueError):  # no repository, no commit, a file outside of it
        return None, None


def _differs(content: bytes, root: Path, identity: str) -> bool:
    """Return whether a content differs from one in git by more than its line ends.

    git may change line ends when it writes a file.
    """
    if git.blob_hash(content, "sha1" if len(identity) == 40 else "sha256") == identity:
        return False
    return content.splitlines() != git.run(root, "cat-file", "blob", identity).splitlines()
