"""What `diff` takes beyond the summaries of both networks, and how it grows.

Run: python benchmarks/difference.py
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from measuring import MIB, holds, machine, processes

FEW, MANY, MOST = 1_000, 10_000, 100_000  # layers


def stack(layers: int, first: str = "", width: int = 8) -> str:
    """Convolutions, batch norms and ReLUs in a numbered list; one layer more at the front
    renames them all.
    """
    unit = (
        f"[{{op: conv2d, out: {width}, kernel: 3, padding: 1}}, {{op: batch_norm2d}}, {{op: relu}}]"
    )
    return (
        f"name: stack\ninput: {width}x16x16\nlayers:\n{first}- {{repeat: {layers // 3}, flat: true,"
        f" layers: {unit}}}\n"
    )


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    print(machine("archprof"))
    with tempfile.TemporaryDirectory() as folder:

        def file(name: str, text: str) -> str:
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            return str(path)

        commands: dict[str, tuple[str, ...]] = {
            "summary resnet152": ("-m", "archprof", "summary", "resnet152"),
            "diff resnet152 wide_resnet101_2": (
                "-m",
                "archprof",
                "diff",
                "resnet152",
                "wide_resnet101_2",
            ),
        }
        for layers in (FEW, MANY, MOST):
            old, new = (
                file(f"old{layers}.yaml", stack(layers)),
                file(f"new{layers}.yaml", stack(layers, "- {op: conv2d, out: 8, kernel: 1}\n")),
            )
            commands |= {f"diff of {layers} layers": ("-m", "archprof", "diff", old, new)}
            if layers < MOST:  # a table of so many rows takes more memory than is allowed
                commands |= {f"summary of {layers} layers": ("-m", "archprof", "summary", old)}
        found = processes(commands, rounds=3)
    busy = {name: statistics.median(run.busy for run in runs) for name, runs in found.items()}
    for name, runs in found.items():
        print(
            f"{name}: {busy[name]:.2f} s of the processor,"
            f" {max(run.peak_bytes for run in runs) / MIB:.0f} MiB"
        )
    kept = [
        holds(
            "resnet152 against a network of its size, to its summary",
            busy["diff resnet152 wide_resnet101_2"] / busy["summary resnet152"],
            3,
        ),
        holds(
            f"{MANY} layers renamed, to their summary",
            busy[f"diff of {MANY} layers"] / busy[f"summary of {MANY} layers"],
            4,
        ),
        holds(
            "ten times the layers, time",
            busy[f"diff of {MANY} layers"] / busy[f"diff of {FEW} layers"],
            12,
        ),
        holds(
            "ten times these, time",
            busy[f"diff of {MOST} layers"] / busy[f"diff of {MANY} layers"],
            12,
        ),
        holds(f"{MOST} layers on both sides", busy[f"diff of {MOST} layers"], 15, " s"),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
