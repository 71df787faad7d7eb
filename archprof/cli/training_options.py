"""The options of a training step that commands share, as users say it."""

from __future__ import annotations

from typing import Annotated

from archprof.cli.declared import Option

StepOptimizer = Annotated[
    str | None,
    Option(
        "--optimizer",
        metavar="NAME",
        help=(
            "With --train: sgd, momentum, nesterov, adam, adamw, rmsprop, adafactor, lion or"
            " adam8bit; behind it fused, foreach, single, amsgrad, decay, clip, ema or master, as"
            " in adamw,fused,ema."
        ),
        show_default="sgd",
    ),
]
StepAmp = Annotated[
    str | None,
    Option(
        "--amp",
        metavar="NAME",
        help="With --train: torch.autocast with bfloat16 or float16.",
        show_default="off",
    ),
]
StepFreeze = Annotated[
    list[str] | None,
    Option(
        "--freeze",
        metavar="PATTERN",
        help="With --train: parameters that are not trained, such as 'features.*'. Repeatable.",
        show_default=False,
    ),
]
StepCheckpoint = Annotated[
    str | None,
    Option(
        "--checkpoint",
        metavar="HOW",
        help=(
            "With --train: parts that run again in the backward pass: a block or a path, or auto"
            " with --memory."
        ),
        show_default=False,
    ),
]
StepAccumulate = Annotated[
    int | None,
    Option(
        "--accumulate",
        min=1,
        max=1_000_000,
        metavar="N",
        help="With --train: batches whose gradients are added up for one update.",
        show_default="1",
    ),
]
StepMemory = Annotated[
    str | None,
    Option(
        "--memory",
        metavar="SIZE",
        help="With --train: a device's memory to draw the step against, such as 24GiB.",
        show_default=False,
    ),
]


def memory_bytes(text: str) -> int:
    """Return the bytes of a memory such as 24GiB. Raises ProblemError."""
    from archprof.cli.ranges import refused
    from archprof.language.budget import parse_limit

    found = parse_limit("max_peak_memory", text)
    if not found:
        message = f"`{text[:60]}` is no size of a memory"
        raise refused("--memory", message, "bytes, or a text such as 24GiB or 80GB")
    return int(found)
