"""Small networks for reviews, their numbers worked out."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis, analyze
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks


def net(*layers: str, tail: str = "") -> Analysis:
    text = (
        "\n".join(
            ["name: net", "input: 4x8x8", "layers:", *(f"  {layer}" for layer in layers), tail]
        )
        + "\n"
    )
    return analyze(expand(next(networks(load_text(text, "net.yaml")))))


# 288 parameters, 288*64 = 18,432 MACs
CONV = "conv: {op: conv2d, out: 8, kernel: 3, padding: 1, bias: false}"


WIDER = CONV.replace("out: 8", "out: 9")  # 324 and 20,736: 12.5 % more of both


# 16 and 1,024; behind WIDER 18 and 1,152
LAST = "last: {op: conv2d, out: 2, kernel: 1, bias: false}"
