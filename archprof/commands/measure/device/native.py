"""Which dtypes a processor computes natively.

With other dtypes torch converts to float32 and back, which is many times slower.
"""

from __future__ import annotations

from pathlib import Path

import torch

INSTRUCTIONS = {
    "bfloat16": {"avx512_bf16", "amx_bf16", "bf16"},
    "float16": {"avx512_fp16", "amx_fp16", "asimdhp"},
}
"""By dtype the names of the instructions in Linux's /proc/cpuinfo, on x86 and ARM.

f16c only converts, and is not among them.
"""


def native(device: torch.device, dtype: str, cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Return whether a device computes natively in a dtype that it has.

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
    for line in lines:
        if line.lower().startswith(("flags", "features")):
            return set(line.partition(":")[2].split())
    return set()
