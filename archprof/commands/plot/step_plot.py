"""The curve of a training step under the conditions of the command line."""

from __future__ import annotations

from archprof.cli.ranges import refused
from archprof.commands.plot.plots import OF_A_STEP, PlotOptions
from archprof.draw.shapes import Picture
from archprof.draw.training_step import DeviceRoom, DrawnStep, step_picture
from archprof.graph.graph import Graph
from archprof.ops.elements import DTYPES
from archprof.training.asked_step import asked_step, in_words
from archprof.training.overhead import BY_DEVICE
from archprof.training.step import simulate
from archprof.training.training_conditions import TrainingWords, known_device

DEVICE = "cuda"  # as `archprof fit` has it


def step_plot(graph: Graph, options: PlotOptions) -> Picture:
    """Return the curve of a step. Raises ProblemError for conditions that mean nothing."""
    device = options.device or DEVICE
    known_device(device)
    words = TrainingWords(
        optimizer=options.optimizer or "sgd",
        amp=options.amp or "",
        itemsize=DTYPES[options.dtype],
        freeze=options.freeze or (),
        checkpoint=options.checkpoint or "",
        accumulate=options.accumulate or 1,
        device=device,
    )
    room = None
    if options.memory is not None:
        room = DeviceRoom(options.memory, BY_DEVICE[device])
    return step_picture(
        drawn_step(graph, words, options.batch, options.dtype, room), options.canvas
    )


def drawn_step(
    graph: Graph, words: TrainingWords, batch: int, dtype: str, room: DeviceRoom | None = None
) -> DrawnStep:
    """Return a step that is simulated and can be drawn. Raises ProblemError naming an option."""
    free = None if room is None else room.overhead.sure_room(room.memory)
    step = asked_step(graph, words.replaced(room=free), batch)
    timeline = simulate(step.graph, step.conditions)
    return DrawnStep(step.graph, timeline, in_words(words, batch, dtype), room)


def refuse_of_a_step(options: PlotOptions) -> None:
    """Raise ProblemError for an option that a timeline of inference does not have."""
    for name in ("device", *OF_A_STEP):
        if getattr(options, name) is not None:
            message = "the timeline is of inference, which has none"
            raise refused(f"--{name}", message, "--train, for a step of training")
