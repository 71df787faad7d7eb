"""The options of a step of training, which several commands have, and the words they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Option

if TYPE_CHECKING:
    from archprof.training.training_conditions import TrainingWords

DEVICE = "cuda"  # by whose rules a step is run, as in `archprof fit`

StepOptimizer = Annotated[
    str | None,
    Option(
        "--optimizer",
        metavar="NAME",
        help="Of a step of training: sgd, adamw, adamw,fused,ema and others, as `fit` has them.",
        show_default="sgd",
    ),
]
Amp = Annotated[
    str | None,
    Option(
        metavar="NAME",
        help="Of a step of training: torch.autocast with bfloat16 or float16.",
        show_default="off",
    ),
]
Checkpoint = Annotated[
    str | None,
    Option(
        metavar="BLOCK",
        help=(
            "Of a step of training: blocks, or paths, that run again in the backward pass, or auto"
            " with --memory."
        ),
        show_default=False,
    ),
]
Accumulate = Annotated[
    int,
    Option(
        min=1,
        max=1_000_000,
        metavar="N",
        help="Of a step of training: batches whose gradients are added up for one update.",
    ),
]
PlannedMemory = Annotated[
    str | None,
    Option(
        "--memory",
        metavar="SIZE",
        help="Of a step of training: the device's memory that --checkpoint auto plans for.",
        show_default=False,
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
            "With --train: parts that run again in the backward pass: a block's name, a module's"
            " class or a path such as 'layer3.*', or auto with --memory."
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


def step_words(
    optimizer: str | None,
    amp: str | None,
    checkpoint: str | None,
    accumulate: int,
    memory: str | None,
) -> TrainingWords:
    """Return a step in the words of the options; of these, what means nothing is refused where the
    step is looked at. Raises ProblemError for a memory that is none, or that no plan is for.
    """
    from archprof.training.overhead import BY_DEVICE
    from archprof.training.training_conditions import AUTO, TrainingWords

    room = None
    if memory is not None:
        if checkpoint != AUTO:
            from archprof.cli.ranges import refused

            message = "the memory is what checkpoints are planned for, and none are"
            raise refused("--memory", message, "--checkpoint auto, or leave it out")
        room = BY_DEVICE[DEVICE].sure_room(memory_bytes(memory))
    return TrainingWords(
        optimizer=optimizer or "sgd",
        amp=amp or "",
        checkpoint=checkpoint or "",
        accumulate=accumulate,
        device=DEVICE,
        room=room,
    )


LEAST_MEMORY = 2**20  # bytes of a device; fewer are a unit that was forgotten


def memory_bytes(text: str) -> int:
    """Return the bytes of a memory such as 24GiB. Raises ProblemError."""
    from archprof.cli.ranges import refused
    from archprof.language.budget import parse_limit

    found = parse_limit("max_peak_memory", text)
    if not found:
        message = f"`{text[:60]}` is not a size of a memory"
        raise refused("--memory", message, "bytes, or a text such as 24GiB or 80GB")
    if found < LEAST_MEMORY:
        message = f"`{text[:60]}` is a memory of {int(found):,} bytes"
        raise refused("--memory", message, "with a unit, as in 24GiB or 80GB")
    return int(found)
