"""The options of `archprof compare`, and those of them that do not go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from archprof.cli.declared import Option
from archprof.cli.options import NET_HELP
from archprof.cli.ranges import refused
from archprof.commands.measure.measurement_options import MeasurementOptions

NETS_HELP = f"Two or more networks. {NET_HELP} With --load: run files."
Dtypes = Annotated[
    str,
    Option(
        "--dtype",
        metavar="NAME",
        help=(
            "float64, float32, float16 or bfloat16; on a device tf32 too, and several with commas."
        ),
    ),
]
Device = Annotated[
    str | None,
    Option(
        metavar="NAME",
        help="Measure too, there: cpu, cuda or cuda:N.",
        show_default="nothing is run",
    ),
]
Load = Annotated[
    bool,
    Option(
        "--load",
        help=(
            "Put runs side by side, which `archprof bench -o run.json` wrote on this machine or"
            " another."
        ),
    ),
]


Train = Annotated[
    bool,
    Option(
        "--train",
        help="A step of training: its peak and its FLOPs; with --device its parts, measured.",
    ),
]
Optimizer = Annotated[
    str,
    Option(
        "--optimizer",
        metavar="NAME",
        help="What --train steps with, as in `fit`; with --device sgd, momentum or adamw.",
    ),
]

FailOn = Annotated[
    str | None,
    Option(
        "--fail-on",
        metavar="VERDICT",
        help=(
            "With --load: slower, or slower>5%; exit 1 where a run is slower than the first, or"
            " lacks what the first has."
        ),
        show_default=False,
    ),
]


def refuse_measuring(conditions: MeasurementOptions) -> None:
    """Raise ProblemError for an option that only a measurement has."""
    usual = MeasurementOptions("", conditions.batch, conditions.input, conditions.dtype)
    for name, value in conditions._asdict().items():
        if value != getattr(usual, name) and name not in ("train", "optimizer", "freeze"):
            option = "no_cudnn_benchmark" if name == "cudnn_benchmark" else name
            hint = "--device cpu or cuda, or leave it out"
            if name == "autocast":
                hint = "--device cuda, or --train --amp bfloat16, which is simulated"
            message = "nothing is measured without a device"
            raise refused(f"--{option.replace('_', '-')}", message, hint)


def refuse_training(given: Mapping[str, object]) -> None:
    """Raise ProblemError for an option that only a step of training has."""
    for option, value in given.items():
        if value:
            raise refused(option, "a forward pass has none", "--train, or leave it out")


def refuse_simulating(given: Mapping[str, object]) -> None:
    """Raise ProblemError for an option that is not measured."""
    for option, value in given.items():
        if value:
            hint = "--autocast measures AMP" if option == "--amp" else "leave out --device"
            raise refused(option, "it is simulated, and --device measures", hint)
