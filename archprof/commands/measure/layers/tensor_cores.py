"""Whether a kernel computes on tensor cores, as far as its name tells.

Names are those of cuBLAS, cuDNN, CUTLASS, FlashAttention and Triton; the numbers in them are the
shape of the instruction: s16816gemm multiplies tiles of 16x8x16 with float32 sums. The first
pattern that matches decides. A name that tells nothing is unknown, never guessed.
"""

from __future__ import annotations

import re

PATTERNS = (
    # the multiply-add of an ordinary core, by name: cuDNN's and cuBLAS's xmma, CUTLASS's SIMT
    (r"_(ffma|hfma2?|dfma)_|_simt_|SIMT", False),
    # the instruction: HMMA, IMMA, QMMA, WMMA; Hopper's (warp-group) GMMA
    (r"(?i)(h|i|q|w|g)mma(?![a-z])|gmma", True),
    # CUTLASS's class of operators
    (r"(?i)tensorop", True),
    # xmma of cuBLAS and cuDNN: the shape of the instruction, or Hopper's warp groups
    (r"_tensor\d+x\d+x\d+|xmma.*_warpgroupsize", True),
    # Volta's, Turing's and Ampere's shapes: s884gemm, h1688gemm, s16816gemm, i16832fprop
    (r"[shi](884|1688|16816|8816|16832|161616)(?!\d)|(?i:m16n8k\d+)", True),
    # atoms of CuTe in a template's arguments: SM80_16x8x16_F32F16F16F32_TN
    (r"SM\d\d_\d+x\d+x\d+_", True),
    # FlashAttention is written for the tensor cores of float16 and bfloat16 alone
    (r"flash_(fwd|bwd)", True),
    # torch's memory-efficient attention: halves from Volta on, float32 (as TF32) from Ampere on
    (r"fmha_cutlass[FB]_b?f16_.*sm(70|75|80)|fmha_cutlass[FB]_f32_.*sm80", True),
    (r"fmha_cutlass[FB]_", False),
    # cuBLAS's products for Hopper and later, of 16 and 8 bits: nvjet_hsh_, nvjet_sm100_tst_
    (r"nvjet_(sm\d+_)?(hs|ts|hh|tt|qq|oo)", True),
    # float32 products before tensor cores: ampere_sgemm_128x64_tn, implicit_convolve_sgemm
    (r"(^|_)sgemm|_scudnn_", False),
    # products with a vector, sums of split products, changes of layout
    (r"gemv|splitKreduce|nchwToNhwc|nhwcToNchw|(?i:^mem(cpy|set)\b)", False),
    # Triton as Inductor names it: pointwise, reduction, persistent reduction
    (r"^triton_(poi|red|per)_", False),
    # torch's own: element by element, sums, poolings, norms, depthwise convolutions
    (r"at::native::", False),
    # cuDNN's norms and poolings
    (r"cudnn::(bn_|pooling|ops::)|cudnn::batchnorm", False),
)
"""Patterns of names, and whether kernels of these names use tensor cores."""


def tensor_cores(kernel: str) -> bool | None:
    """Return whether a kernel of this name uses tensor cores, None where the name does not tell."""
    for pattern, uses in PATTERNS:
        if re.search(pattern, kernel):
            return uses
    return None
