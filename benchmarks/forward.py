"""The compiled ResNet-50's forward against the one written by hand, same weights, on the CPU.

Run: python benchmarks/forward.py
"""

from __future__ import annotations

import statistics
import sys
import time

import torch
from measuring import fewer, holds, machine, ratio
from resnet_by_hand import resnet50
from torch import nn

import archprof

ROUNDS = 60


def main() -> int:
    """Return 0 where the bound holds, else 1."""
    # so that process_time, which leaves out what other jobs take, is the time a forward takes
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(machine("archprof", "torch"))
    by_hand, compiled = resnet50().eval(), archprof.load("resnet50").build().eval()
    compiled.load_state_dict(by_hand.state_dict())
    image = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        if not torch.equal(by_hand(image), compiled(image)):
            print("the outputs differ: not the same network")
            return 1
        ours, theirs, rounds = [], [], fewer(ROUNDS)
        for number in range(rounds):  # in turn, and each first as often as the other
            first, second = (compiled, by_hand) if number % 2 else (by_hand, compiled)
            times = {id(model): _seconds(model, image) for model in (first, second)}
            ours.append(times[id(compiled)])
            theirs.append(times[id(by_hand)])
    print(
        f"compiled {1000 * statistics.median(ours):.1f} ms, by hand"
        f" {1000 * statistics.median(theirs):.1f} ms, median of {rounds}"
    )
    return 0 if holds("compiled against by hand", ratio(ours, theirs), 1.02) else 1


def _seconds(model: nn.Module, image: torch.Tensor) -> float:
    start = time.process_time()
    model(image)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
