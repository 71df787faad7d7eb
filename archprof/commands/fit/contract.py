"""The published shape of `fit --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Resized, Strict, json_schema

Positive = Annotated[int, Field(ge=1)]


class Conditions(Strict):
    """How it is run; what only training has is null without it."""

    training: Annotated[bool, Field(description="Whether it is a step of training.")]
    dtype: Literal["float64", "float32", "float16", "bfloat16"]
    device: Annotated[
        Literal["cpu", "cuda"], Field(description="By whose rules, and with whose overhead.")
    ]
    devices: Annotated[Positive, Field(description="Devices that share the work, on paper.")]
    optimizer: Annotated[str | None, Field(description="What updates the weights.")]
    amp: Annotated[
        Literal["bfloat16", "float16"] | None, Field(description="The dtype of torch.autocast.")
    ]
    freeze: Annotated[list[str], Field(description="Patterns of what is not trained.")]
    checkpoint: Annotated[
        str | None, Field(description="Which parts run again in the backward pass.")
    ]
    accumulate: Annotated[
        Positive, Field(description="Batches whose gradients are added up for one update.")
    ]


class LargestBatch(Strict):
    """The largest batches; 0: not even one image."""

    sure: Annotated[
        Count | None, Field(description="Which fits for sure; null: some layers are unknown.")
    ]
    possible: Annotated[Count, Field(description="Which may fit, at best.")]


class Kinds(Strict):
    """Bytes by what they are for."""

    input: Annotated[Count, Field(description="The batch, which the caller holds.")]
    weights: Annotated[Count, Field(description="Parameters and buffers.")]
    gradients: Annotated[Count, Field(description="Gradients of parameters.")]
    optimizer: Annotated[
        Count, Field(description="The optimizer's state, and copies of the weights.")
    ]
    saved: Annotated[Count, Field(description="What autograd keeps for the backward pass.")]
    transient: Annotated[Count, Field(description="Everything else.")]


class AliveTensor(Strict):
    """One of the largest tensors that are alive, by the layer and the kernel that made it."""

    layer: str
    kernel: Annotated[str, Field(description='torch\'s name of it; "": not told.')]
    kind: Annotated[str, Field(description="What it is for.")]
    bytes: Count


class Moment(Strict):
    """The moment at which most is alive with a batch."""

    batch: Positive
    bytes: Annotated[Count, Field(description="All tensors that are alive.")]
    phase: Annotated[
        Literal["start", "forward", "backward", "optimizer", "end"],
        Field(description="The part of the step."),
    ]
    layer: Annotated[str, Field(description='The layer\'s path; "": of none.')]
    kernel: Annotated[str, Field(description='torch\'s name of it; "": not told.')]
    kinds: Annotated[Kinds, Field(description="The bytes by what they are for.")]
    alive: Annotated[list[AliveTensor], Field(description="The largest tensors, of some layers.")]


class TimelineMoment(Strict):
    """A kernel that makes a tensor, and what is alive right after it."""

    number: Annotated[Positive, Field(description="Which one of the step it is.")]
    phase: Annotated[
        Literal["start", "forward", "backward", "optimizer", "end"],
        Field(description="The part of the step."),
    ]
    layer: Annotated[str, Field(description='The layer\'s path; "": of none.')]
    kernel: Annotated[str, Field(description="torch's name of it.")]
    bytes: Annotated[Count, Field(description="All tensors that are alive.")]
    kinds: Annotated[Kinds, Field(description="The bytes by what they are for.")]


class Beside(Strict):
    """What is taken beside the tensors at the peak, which no rule tells."""

    least_bytes: Annotated[Count, Field(description="At least.")]
    most_bytes: Annotated[Count, Field(description="At most.")]
    basis: Annotated[str, Field(description="Where both come from.")]


class StepFlops(Strict):
    """FLOPs of a step, 2 for each multiply-accumulate."""

    forward: Annotated[Count, Field(description="Of all forward passes.")]
    backward: Annotated[Count, Field(description="Of all backward passes.")]
    recomputed: Annotated[Count, Field(description="Of parts that run again.")]
    update: Annotated[Count, Field(description="Of the optimizer.")]


class LeastTime(Strict):
    """The least time of a step, by its arithmetic."""

    flops_per_s: Annotated[float, Field(gt=0, description="What the device reaches.")]
    source: Annotated[str, Field(description="Where that figure comes from.")]
    step_ms: Annotated[float, Field(ge=0, description="Of all arithmetic, in milliseconds.")]
    model_ms: Annotated[
        float,
        Field(
            ge=0,
            description="Without what runs again: over the time of a step this is its MFU.",
        ),
    ]


class Help(Strict):
    """A change, what it gives, and what it costs."""

    change: Annotated[str, Field(description="What is typed for it.")]
    largest_batch: Annotated[LargestBatch, Field(description="The largest batches with it.")]
    peak_bytes: Annotated[Count, Field(description="The peak at the batch of `peak`.")]
    recomputed_share: Annotated[
        float, Field(ge=0, description="FLOPs that run again, as a share of both passes'.")
    ]
    cost: Annotated[str, Field(description='What else it costs; "-": nothing.')]


class Sharded(Strict):
    """A scheme of several devices, computed by published formulas: each device's bytes at the
    peak with the batch of `peak`.
    """

    scheme: Annotated[
        Literal["ddp", "zero1", "zero2", "zero3"],
        Field(description="Data parallel, or a stage of ZeRO; the third is FSDP's."),
    ]
    weights_bytes: Annotated[Count, Field(description="Weights on a device.")]
    gradients_bytes: Annotated[Count, Field(description="Gradients on a device.")]
    state_bytes: Annotated[Count, Field(description="The optimizer's state on a device.")]
    rest_bytes: Annotated[Count, Field(description="Activations and the batch.")]
    gathered_bytes: Annotated[
        Count, Field(description="The layer with most weights, whole while it runs.")
    ]
    bytes: Annotated[Count, Field(description="All of these.")]
    sent_bytes: Annotated[Count, Field(description="What each device sends in a step.")]
    largest_batch: Annotated[
        LargestBatch | None, Field(description="On each device; null: no memory was given.")
    ]


class Part(Strict):
    """Layers that follow one another and run again together."""

    first: Annotated[str, Field(description="The first layer's path.")]
    last: Annotated[str, Field(description="The last layer's path.")]
    layers: Annotated[Positive, Field(description="How many layers it has.")]


class Checkpoints(Strict):
    """The parts that run again in the backward pass, and what that saves and costs."""

    parts: Annotated[list[Part], Field(description="The parts, in order.")]
    peak_without_bytes: Annotated[Count, Field(description="The peak without checkpoints.")]
    flops_again: Annotated[Count, Field(description="FLOPs that are computed a second time.")]
    longest_part: Annotated[
        Part | None,
        Field(description="Which plans keep or run again as a whole; null: parts were named."),
    ]
    code: Annotated[
        str,
        Field(
            description='A function that makes a model follow it; "": a part is not a module, or'
            " nothing runs again."
        ),
    ]


class Answer(Strict):
    """What is found for one input, or one row of a space."""

    row: Annotated[Count | None, Field(description="Of a space; null: a network was named.")]
    input: list[int]
    resized: Resized | None
    asked_batch: Annotated[Positive | None, Field(description="The batch of --batch.")]
    verdict: Annotated[
        Literal["fits", "may fit", "does not fit"] | None,
        Field(description="Whether the batch of `peak` fits; null: no memory was given."),
    ]
    largest_batch: Annotated[
        LargestBatch | None, Field(description="The largest batches; null: no memory was given.")
    ]
    peak: Annotated[
        Moment,
        Field(description="At the batch asked for, or at the largest that fits for sure, or at 1."),
    ]
    breaks: Annotated[
        Moment | None, Field(description="At the first batch that does not fit for sure.")
    ]
    beside: Annotated[Beside, Field(description="What is taken beside the tensors.")]
    step_flops: Annotated[StepFlops | None, Field(description="Its arithmetic; null: inference.")]
    least_time: Annotated[LeastTime | None, Field(description="null: --peaks was not given.")]
    helps: Annotated[list[Help], Field(description="Changes, the best first; none in a sweep.")]
    checkpoints: Annotated[
        Checkpoints | None, Field(description="What runs again; null: nothing is asked to.")
    ]
    sharded: Annotated[list[Sharded], Field(description="On several devices.")]
    timeline: Annotated[
        list[TimelineMoment] | None,
        Field(description="The step in order, with the batch of `peak`; null: not asked for."),
    ]
    unknown: Annotated[
        list[str],
        Field(description="Layers of which it is not known what they take: bytes are at least."),
    ]
    monotone: Annotated[
        bool, Field(description="Whether a larger batch took no less, of all looked at.")
    ]


class Fit(Strict):
    """What `archprof fit NET --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    network: str
    conditions: Annotated[Conditions, Field(description="How it is run.")]
    memory_bytes: Annotated[Positive | None, Field(description="The memory of --memory.")]
    answers: Annotated[list[Answer], Field(description="One for each input.")]


def fit_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof fit NET --format json` prints."""
    return json_schema(Fit)
