"""What `bench` and `compare --device` share: the options of a measurement, and the cases they
make.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from archprof.cli.options import graphs
from archprof.cli.ranges import names, numbers

if TYPE_CHECKING:
    from archprof.commands.measure.latency import Request
    from archprof.commands.measure.workload import Case

DTYPES = ("float32", "tf32", "float16", "bfloat16")
MEMORY_FORMATS = ("contiguous", "channels_last")
MODES = ("eager", "graph", "compile")

Batches = Annotated[
    str,
    typer.Option(
        "--batch", metavar="LIST", help="Images at a time: 1,8,32, or 1..256 by doubling."
    ),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="LIST",
        help=(
            "Another input than the spec's: 3x320x320, or a side, 320; several with commas, or"
            " 160..320/32."
        ),
    ),
]
Dtypes = Annotated[
    str,
    typer.Option(
        "--dtype", metavar="LIST", help="float32, tf32, float16 or bfloat16; several with commas."
    ),
]
MemoryFormats = Annotated[
    str,
    typer.Option(
        "--memory-format", metavar="LIST", help="contiguous or channels_last; several with commas."
    ),
]
Modes = Annotated[
    str,
    typer.Option(
        "--mode",
        metavar="LIST",
        help="eager, graph (CUDA graphs) or compile (torch.compile); several with commas.",
    ),
]
Train = Annotated[
    bool,
    typer.Option("--train", help="A training step: forward, backward and optimizer step apart."),
]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=4096,
        metavar="N",
        help="Threads of torch on the CPU.",
        show_default="torch's choice",
    ),
]
FlushCache = Annotated[
    bool,
    typer.Option("--flush-cache", help="Empty the cache ahead of every run, outside its window."),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        min=0.1, max=3600, metavar="SECONDS", help="For each network and condition, warm-up apart."
    ),
]
AnyClock = Annotated[
    bool,
    typer.Option(
        "--any-clock", help="Keep what was measured while the clock was under 75 % of its default."
    ),
]
NoCudnnBenchmark = Annotated[
    bool,
    typer.Option(
        "--no-cudnn-benchmark", help="cuDNN's first choice of algorithms, not the fastest it tried."
    ),
]
Deterministic = Annotated[
    bool, typer.Option("--deterministic", help="Only deterministic algorithms.")
]


class Conditions(NamedTuple):
    """The options as they were given."""

    device: str
    batch: str = "1"
    input: str | None = None
    dtype: str = "float32"
    memory_format: str = "contiguous"
    mode: str = "eager"
    train: bool = False
    threads: int | None = None
    flush_cache: bool = False
    time_limit: float = 15.0
    any_clock: bool = False
    cudnn_benchmark: bool = True
    deterministic: bool = False


class Plan(NamedTuple):
    """What is to be measured, in groups whose cases take turns, how, and the manifest of the
    run.
    """

    groups: list[list[Case]]
    request: Request
    manifest: dict[str, Any]


def plan(
    command: str, nets: Sequence[str], conditions: Conditions, values: list[str] | None = None
) -> Plan:
    """The cases in order, the networks side by side.

    Raises ProblemError before anything runs: for an option, a network, a device or a dtype it
    lacks.
    """
    batches, dtypes = (
        numbers(conditions.batch, "--batch"),
        names(conditions.dtype, "--dtype", DTYPES),
    )
    formats, modes = (
        names(conditions.memory_format, "--memory-format", MEMORY_FORMATS),
        names(conditions.mode, "--mode", MODES),
    )
    rows = list(zip(*(graphs(net, conditions.input, values) for net in nets), strict=True))
    require_torch(command)
    from archprof.commands.measure import conditions as runtime
    from archprof.commands.measure.latency import Request
    from archprof.commands.measure.manifest import manifest
    from archprof.commands.measure.sampling import Rule
    from archprof.commands.measure.sensors import sensors
    from archprof.commands.measure.workload import Case

    device = runtime.resolve(conditions.device)
    for dtype, mode in itertools.product(dtypes, modes):
        runtime.check(device, dtype, mode)
    settings = runtime.Settings(
        conditions.threads, conditions.cudnn_benchmark, conditions.deterministic
    )
    request = Request(
        device,
        sensors(device),
        settings,
        Rule(limit=conditions.time_limit),
        conditions.flush_cache,
        conditions.any_clock,
    )
    groups = [
        [Case(graph, batch, dtype, memory_format, mode, conditions.train) for graph in row]
        for dtype, memory_format, mode, row, batch in itertools.product(
            dtypes, formats, modes, rows, batches
        )
    ]
    with runtime.applied(device, settings, dtypes[0]) as flags:
        # that differs by row
        told = {name: value for name, value in flags.items() if not name.endswith("_tf32")}
    told |= {
        "flush_cache": conditions.flush_cache,
        "any_clock": conditions.any_clock,
        "time_limit_s": conditions.time_limit,
    }
    return Plan(
        groups,
        request,
        manifest(
            device,
            request.sensors,
            [graph.network for graph in rows[0]],
            ["archprof", *sys.argv[1:]],
            told,
        ),
    )


def require_torch(command: str) -> None:
    """From here on no limit of time holds. Raises ProblemError where torch is not installed."""
    from archprof.allowance import lift
    from archprof.problem import Mark, Problem, ProblemError

    lift()
    try:
        import archprof.commands.measure.latency  # noqa: F401
    except ImportError as error:
        name = (error.name or "torch").partition(".")[0]
        message = f"{name} is not installed, and measuring runs the network"
        raise ProblemError(
            [Problem(Mark(command), "torch", message, 'pip install "archprof[torch]"')]
        ) from None
