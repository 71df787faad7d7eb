"""The options that `bench` and `compare --device` share, and their values together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

from archprof.cli.declared import Option

PEAK_DTYPES = ("float32", "tf32", "float16", "bfloat16")
DTYPES = (*PEAK_DTYPES, "float8")
MEMORY_FORMATS = ("contiguous", "channels_last")
MODES = ("eager", "graph", "compile", "reduce-overhead", "max-autotune", "onnxruntime")
OPTIMIZERS = ("sgd", "momentum", "adamw")

Batches = Annotated[
    str,
    Option("--batch", metavar="LIST", help="Images at a time: 1,8,32, or 1..256 by doubling."),
]

LargestBatch = Annotated[
    bool,
    Option(
        "--largest-batch",
        help=(
            "Search by real runs the largest batch that fits on a CUDA device, to within 2 %, and"
            " measure there."
        ),
    ),
]

Inputs = Annotated[
    str | None,
    Option(
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
    Option(
        "--dtype",
        metavar="LIST",
        help=(
            "float32, tf32, float16, bfloat16 or, where the device has it, float8 (linear layers"
            " in e4m3, all else in bfloat16); several with commas."
        ),
    ),
]

MemoryFormats = Annotated[
    str,
    Option(
        "--memory-format", metavar="LIST", help="contiguous or channels_last; several with commas."
    ),
]

Modes = Annotated[
    str,
    Option(
        "--mode",
        metavar="LIST",
        help=(
            "eager, graph (CUDA graphs), compile (torch.compile), its modes reduce-overhead and"
            " max-autotune, or onnxruntime; several with commas."
        ),
    ),
]

Train = Annotated[
    bool,
    Option("--train", help="A training step: forward, backward and optimizer step apart."),
]

Autocast = Annotated[
    bool,
    Option("--autocast", help="Weights in float32, products in --dtype float16 or bfloat16 (AMP)."),
]

Optimizer = Annotated[
    str,
    Option("--optimizer", metavar="NAME", help="What --train steps with: sgd, momentum or adamw."),
]

Frozen = Annotated[
    list[str] | None,
    Option(
        "--freeze",
        metavar="PATTERN",
        help=(
            "With --train: parameters that are not trained, such as 'features.*'; * is any text."
            " Repeatable."
        ),
        show_default=False,
    ),
]

Transfers = Annotated[
    bool,
    Option(
        "--transfers", help="Time the copies of input and outputs to and from a CUDA device too."
    ),
]

Threads = Annotated[
    int | None,
    Option(
        min=1,
        max=4096,
        metavar="N",
        help="Threads of torch on the CPU.",
        show_default="torch's choice",
    ),
]

FlushCache = Annotated[
    bool,
    Option("--flush-cache", help="Empty the cache ahead of every run, outside its window."),
]

TimeLimit = Annotated[
    float,
    Option(
        min=0.1, max=3600, metavar="SECONDS", help="For each network and condition, warm-up apart."
    ),
]

Sustained = Annotated[
    float | None,
    Option(
        min=1,
        max=3600,
        metavar="SECONDS",
        help="How long each network runs back to back, for what stays of its speed.",
        show_default="half a second on a CUDA device",
    ),
]

AnyClock = Annotated[
    bool,
    Option(
        "--any-clock", help="Keep what was measured while the clock was under 75 % of its default."
    ),
]

NoCudnnBenchmark = Annotated[
    bool,
    Option(
        "--no-cudnn-benchmark", help="cuDNN's first choice of algorithms, not the fastest it tried."
    ),
]

Deterministic = Annotated[bool, Option("--deterministic", help="Only deterministic algorithms.")]

KeepRun = Annotated[
    bool,
    Option("--keep", help="Keep the run in the history, which `archprof history` shows."),
]

KeepIn = Annotated[
    Path | None,
    Option(
        metavar="FILE",
        help="The SQLite file of the history.",
        show_default="in the user's data directory",
    ),
]


class MeasurementOptions(NamedTuple):
    """The options of a measurement as they were given; their defaults are those of the command."""

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
    autocast: bool = False
    optimizer: str = "sgd"
    transfers: bool = False
    sustained: float | None = None
    largest_batch: bool = False
    freeze: tuple[str, ...] = ()
