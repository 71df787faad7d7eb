"""Which dtypes a processor has instructions for, by what Linux says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from archprof.commands.measure.device.native import native

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


@pytest.mark.parametrize(
    ("line", "dtypes"),
    [
        # Haswell, Zen 2: f16c converts and does not compute
        ("flags\t\t: fpu sse avx2 f16c fma", set()),
        ("flags\t\t: avx2 avx512f avx512_bf16", {"bfloat16"}),  # Cooper Lake, Zen 4
        # Sapphire Rapids
        ("flags\t\t: avx512f avx512_bf16 amx_bf16 avx512_fp16 amx_tile", {"bfloat16", "float16"}),
        ("Features\t: fp asimd fphp asimdhp", {"float16"}),  # Neoverse N1
        ("Features\t: asimdhp bf16 i8mm", {"bfloat16", "float16"}),  # Neoverse V1
        ("model name\t: bf16 and asimdhp in its name", set()),
        ("", set()),
    ],
)
def test_by_the_processors_flags(tmp_path: Path, line: str, dtypes: set[str]) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\n{line}\npower management:\n", encoding="utf-8")
    assert {dtype for dtype in ("bfloat16", "float16") if native(CPU, dtype, path)} == dtypes
    assert native(CPU, "float32", path)
    assert native(CUDA, "float16", path)  # whether a CUDA device has a dtype is asked elsewhere


def test_where_nobody_tells(tmp_path: Path) -> None:
    assert not native(CPU, "bfloat16", tmp_path / "missing")
    assert native(CPU, "float32", tmp_path / "missing")
