"""Which dtypes a processor computes by instructions of its own: with the others torch converts
to float32 and back, many times slower.
"""

from __future__ import annotations

from pathlib import Path

import torch

INSTRUCTIONS = {
    "bfloat16": {"avx512_bf16", "amx_bf16", "bf16"},
    "float16": {"avx512_fp16", "amx_fp16", "asimdhp"},
}
"""By dtype what Linux calls the instructions in /proc/cpuinfo, on x86 and ARM.

f16c only converts.
"""


def native(device: torch.device, dtype: str, cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether a device that has the dtype computes in it.

    A processor of which nothing is known computes in float32.
    """
    if device.type != "cpu" or dtype not in INSTRUCTIONS:
        return True
    return bool(INSTRUCTIONS[dtype] & _flags(cpuinfo))


def _flags(cpuinfo: Path) -> set[str]:
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return next(
        (
            set(line.partition(":")[2].split())
            for line in lines
            if line.lower().startswith(("flags", "features"))
        ),
        set(),
    )
