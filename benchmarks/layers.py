"""The times of layers against the time of the whole, in turns, on one core at batch 8.

Run: python benchmarks/layers.py [NET …]
"""

from __future__ import annotations

import sys

import torch
from measuring import fewer, holds, machine

import archprof
from archprof.commands.measure.layers.timing import time_layers
from archprof.commands.measure.on_device.clock import CpuClock
from archprof.commands.measure.on_device.sensors import HostSensors, moved
from archprof.commands.measure.running.workload import Case, prepare

NETWORKS = ("resnet18", "mobilenet_v3_large", "densenet121", "vit_b_32")
BATCH = 8
PASSES = 30


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    # threads that wait for each other on a shared machine show the machine, not the layers
    torch.set_num_threads(1)
    print(machine("archprof", "torch"))
    sensors = HostSensors()
    kept = []
    for name in sys.argv[1:] or NETWORKS:
        graph = archprof.load(name).graph
        workload = prepare(Case(graph, BATCH), "cpu")
        before = sensors.state()
        found = time_layers(
            workload.module, graph, workload.input, CpuClock(), passes=fewer(PASSES)
        )
        slowest = max(found.layers, key=lambda layer: layer.seconds)
        print(
            f"{name}: whole {1e3 * found.whole:.1f} ms, {len(found.layers)} layers"
            f" {1e3 * found.total:.1f} ms, of which stamps {1e3 * found.stamping:.2f}, gaps"
            f" {1e3 * found.rest:+.1f} ms, median of {found.passes}; slowest {slowest.path}"
            f" {1e3 * slowest.seconds:.2f} ms"
        )
        for text in moved(before, sensors.state()):
            print(f"  disturbed: {text}")
        kept += [
            holds(f"{name}: sum of layers against the whole", found.total / found.whole, 1.1),
            holds(
                f"{name}: sum of layers against the whole",
                found.total / found.whole,
                0.9,
                least=True,
            ),
        ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
