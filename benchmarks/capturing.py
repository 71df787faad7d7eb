"""Capturing a module beside what other tools take for it: whole processes in turn, processor time
and memory. Run: python benchmarks/capturing.py [torchvision:swin_t …]

Without names it is the ResNet-50 of `resnet_by_hand.py`. With them each is a target of torchvision
or timm, which must be installed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from measuring import MIB, Run, holds, machine, processes, ratio

BY_HAND = "resnet_by_hand.py:resnet50"
ROUNDS = 5
ARCHPROF, TAPE, TORCH = "archprof", "tape", "import torch"
SHAPE = "3x224x224"

BUILT = {
    "torchvision": "import torchvision; model = torchvision.models.get_model({name!r})",
    "timm": "import timm; model = timm.create_model({name!r})",
    "resnet_by_hand.py": "import resnet_by_hand; model = resnet_by_hand.{name}()",
}
PEERS = {
    "torchinfo": "import torchinfo; print(torchinfo.summary(model, (1, 3, 224, 224), verbose=0))",
    "fvcore": (
        "import torch, fvcore.nn; found = fvcore.nn.FlopCountAnalysis(model.eval(),"
        " torch.zeros(1, 3, 224, 224)); print(fvcore.nn.flop_count_table(found))"
    ),
}
MOST = {"torchinfo": 1.0, "fvcore": 1.0}
"""How many times the processor time of each archprof takes at most."""


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=[BY_HAND])
    parser.add_argument("--first", default="sys", help="a module to import before all else")
    given = parser.parse_args()
    peers = [name for name in PEERS if find_spec(name)]
    print(machine("archprof", "torch", *peers))
    return 0 if all([measured(target, peers, given.first) for target in given.targets]) else 1


def measured(target: str, peers: list[str], first: str) -> bool:
    """Measure one target beside the peers; return whether its bounds hold."""
    place, _, name = target.partition(":")
    begin = f"import {first}"
    start = "from archprof.cli.main import run; run()"
    with tempfile.TemporaryDirectory() as folder:
        tape = str(Path(folder) / "net.tape.json")
        given = ["--input", SHAPE] if place == "resnet_by_hand.py" else []
        words = ["summary", target, *given]
        capture = ["capture", target, *given, "-o", tape]
        processes(
            {"capture": ("-c", f"{begin}; import sys; sys.argv[1:] = {capture!r}; {start}")}, 1
        )
        runs = processes(
            {
                ARCHPROF: ("-c", f"{begin}; import sys; sys.argv[1:] = {words!r}; {start}"),
                TAPE: ("-c", f"import sys; sys.argv[1:] = {['summary', tape]!r}; {start}"),
                TORCH: ("-c", "import torch"),
                **{
                    peer: ("-c", f"{begin}; {BUILT[place].format(name=name)}; {PEERS[peer]}")
                    for peer in peers
                },
            },
            ROUNDS,
        )
    for what, found in runs.items():
        print(f"{target}, {what}: {_busy(found):.2f} s, {_peak(found):.0f} MiB")
    kept = [holds(f"a tape of {target}", _busy(runs[TAPE]), 0.3, " s")]
    for peer in peers:
        times = ratio([run.busy for run in runs[ARCHPROF]], [run.busy for run in runs[peer]])
        kept.append(holds(f"{target} against {peer}", times, MOST[peer]))
        memory = _peak(runs[ARCHPROF]) / _peak(runs[peer])
        kept.append(holds(f"memory of {target} against {peer}", memory, 1))
    return all(kept)


def _busy(runs: list[Run]) -> float:
    return statistics.median(run.busy for run in runs)


def _peak(runs: list[Run]) -> float:
    return max(run.peak_bytes for run in runs) / MIB


if __name__ == "__main__":
    sys.exit(main())
