"""`archprof check`: one file cold beside the import of its libraries; 1,000 files in one process.

Run: python benchmarks/checking.py
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from measuring import HERE, MIB, holds, machine, processes, ratio

FILES, FEW = 1_000, 200
SPECS = HERE.parent / "specs"


def single(text: str) -> list[str]:
    """Return the networks of a shipped spec, each as a file of its own."""
    document: dict[str, Any] = yaml.safe_load(text)
    variants: dict[str, Any] = document.pop("variants", None) or {}
    alone = (
        [document]
        if "layers" in document and None not in (document.get("params") or {}).values()
        else []
    )
    return [
        yaml.safe_dump(spec, sort_keys=False)
        for spec in (
            *alone,
            *({**document, "variants": {name: values}} for name, values in variants.items()),
        )
    ]


def check(*paths: Path) -> tuple[str, ...]:
    """Return the command line."""
    return "-m", "archprof", "check", *map(str, paths)


def cold(folder: Path) -> bool:
    """Return whether one file, as in a repository of one's own, keeps its bound."""
    (folder / "alexnet.yaml").write_text(
        (SPECS / "alexnet.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    commands = {
        "check of one file": check(folder / "alexnet.yaml"),
        "import of typer and yaml": ("-c", "import typer, yaml"),
        "import of all libraries": ("-c", "import typer, rich.table, yaml, pydantic"),
    }
    found = processes(commands, rounds=25)
    for name, runs in found.items():
        print(
            f"{name}: {1000 * statistics.median(r.seconds for r in runs):.0f} ms, median of"
            f" {len(runs)}"
        )
    ours, loaded, everything = ([run.seconds for run in runs] for runs in found.values())
    print(
        "cold check against the import of what it loads itself, typer and yaml:"
        f" {ratio(ours, loaded):.2f}x"
    )
    return holds(
        "cold check against the import of the package's libraries", ratio(ours, everything), 1.3
    )


def many(folder: Path) -> list[bool]:
    """The shipped networks over and over, each a file of its own: time, and memory that does not
    grow with the files.
    """
    networks = [
        text
        for file in sorted(SPECS.glob("*.yaml"))
        for text in single(file.read_text(encoding="utf-8"))
    ]
    for count in (FEW, FILES):
        (folder / str(count)).mkdir()
        for number, text in enumerate(itertools.islice(itertools.cycle(networks), count)):
            (folder / str(count) / f"{number:04}.yaml").write_text(text, encoding="utf-8")
    found = processes({str(count): check(folder / str(count)) for count in (FEW, FILES)}, rounds=3)
    for name, runs in found.items():
        print(
            f"{name} files: {statistics.median(r.busy for r in runs):.1f} s of the processor,"
            f" {max(r.peak_bytes for r in runs) / MIB:.0f} MiB"
        )
    few, most = found.values()
    return [
        holds(f"{FILES} files in one process", max(run.busy for run in most), 20, " s"),
        holds(
            f"{FILES} files against {FEW}, memory",
            max(r.peak_bytes for r in most) / max(r.peak_bytes for r in few),
            1.1,
        ),
    ]


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    print(machine("archprof", "typer", "PyYAML", "rich", "pydantic"))
    with tempfile.TemporaryDirectory() as folder:
        kept = [cold(Path(folder)), *many(Path(folder))]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
