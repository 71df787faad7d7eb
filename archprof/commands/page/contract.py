"""The published shape of a page's data, as pydantic models; only `archprof schema` and the tests
import it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, MaybeCount, Strict, json_schema

Place = Annotated[int, Field(ge=0, description="A place in `texts`.")]
Shape = list[int]
AxisField = Annotated[list[int | float], Field(min_length=3, max_length=3)]
Axis = AxisField | Literal["whole", "nothing", "unknown"]
Working = Annotated[
    list[Annotated[list[Place], Field(min_length=4, max_length=4)]],
    Field(description="Steps: quantity, formula, numbers and result, each a place in `texts`."),
]


class Fact(Strict):
    """What layers with the same op, settings and shapes share."""

    op: Place
    family: Place
    what: Place
    settings: Annotated[
        list[Annotated[list[Place], Field(min_length=2, max_length=2)]],
        Field(description="Names and values, each a place in `texts`."),
    ]
    arrives: Place
    shape: Annotated[Shape, Field(description="The output's, the batch not counted.")]
    params: Count
    macs: MaybeCount
    output_bytes: Count
    bytes_moved: Count
    saved_bytes: MaybeCount
    steps: Working
    notes: list[Place]


class Columns(Strict):
    """The layers, column by column: the n-th of each is of the n-th layer."""

    path: list[str]
    fact: Annotated[list[Count], Field(description="A place in `facts`.")]
    alike: Annotated[
        list[Count],
        Field(description="Layers of one number fold: op, output and costs are the same."),
    ]
    inputs: Annotated[
        list[list[Count]],
        Field(description="How many layers back each input is; 0: the network's input."),
    ]
    field: Annotated[
        list[Annotated[list[Axis], Field(min_length=1, max_length=3)]],
        Field(
            description=(
                "The receptive field by axis (height and width of an image), once where all agree:"
                " size, jump and start in pixels, or a word."
            )
        ),
    ]
    steps: Annotated[
        list[Working], Field(description="The working of each layer's receptive field.")
    ]
    file: list[Place]
    line: list[Count]
    aux: Annotated[list[Count], Field(description="The layers of auxiliary heads.")]
    hidden: Annotated[
        list[Count], Field(description="The layers that only look at a tensor in another way.")
    ]
    stage: Annotated[
        list[int | None],
        Field(
            description=(
                "How many times smaller than the input the layer's stage is; null: no pixels are"
                " left, or an auxiliary head."
            )
        ),
    ]
    latency: Annotated[
        list[float | None],
        Field(description="Measured milliseconds, null: not measured; empty: nothing was."),
    ]


class PageTotals(Strict):
    """The totals that shares are of."""

    params: Count
    macs: Count
    output_bytes: Count
    bytes_moved: Count
    saved_bytes: Count
    lacking: Annotated[
        list[Literal["macs", "saved_bytes"]],
        Field(description="Those that are lower bounds, as a layer's number is unknown."),
    ]


Changes = Annotated[list[int], Field(min_length=1)]


class ChangesByKind(Strict):
    """Bytes that are alive, by what they are for: each the difference to the moment before, the
    first to 0.
    """

    input: Annotated[Changes, Field(description="The batch, which the caller holds.")]
    weights: Annotated[Changes, Field(description="Parameters and buffers.")]
    gradients: Annotated[Changes, Field(description="Gradients of parameters.")]
    optimizer: Annotated[
        Changes, Field(description="The optimizer's state, and copies of the weights.")
    ]
    saved: Annotated[Changes, Field(description="What autograd keeps for the backward pass.")]
    transient: Annotated[Changes, Field(description="Everything else.")]


class PageStep(Strict):
    """A step of training, moment by moment, column by column: after each kernel that makes a
    tensor, or, of a step with many, after the fullest of neighbouring ones.
    """

    kernels: Annotated[
        list[Annotated[int, Field(ge=1)]],
        Field(description="How many neighbours the moment is the fullest of, itself among them."),
    ]
    phase: Annotated[
        list[Literal["start", "forward", "backward", "optimizer", "end"]],
        Field(description="The parts of the step."),
    ]
    layer: Annotated[list[int | None], Field(description="A layer's number; null: of none.")]
    beside: Annotated[
        list[Place | None],
        Field(description="What is not a layer, such as the loss: a place in `texts`."),
    ]
    kernel: Annotated[list[Place], Field(description="Torch's name of it, a place in `texts`.")]
    changes: ChangesByKind
    lower_bound: Annotated[
        bool, Field(description="Whether of some layers it is unknown what they keep.")
    ]


class PageNetwork(Strict):
    """One network of a page."""

    network: str
    heading: Annotated[str, Field(description="Its title.")]
    input: Shape
    output: list[Shape]
    batch: Annotated[int, Field(ge=1)]
    dtype: Literal["float64", "float32", "float16", "bfloat16"]
    totals: PageTotals
    facts: Annotated[list[Fact], Field(description="What layers share, each once.")]
    layers: Columns
    blocks: Annotated[dict[str, str], Field(description="The name of the block at each path.")]
    step: Annotated[
        PageStep | None, Field(description="A step of training; null: the page draws none.")
    ]
    texts: Annotated[list[str], Field(description="What places refer to, each text once.")]


class Marks(Strict):
    """The layers in which a network differs from the first one, the first from the second."""

    changed: Annotated[list[Count], Field(description="Layers whose settings differ.")]
    only: Annotated[list[Count], Field(description="Layers that the other does not have.")]


class PageData(Strict):
    """What `archprof page NET… --format json` prints, and what the page's script draws from."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    networks: list[PageNetwork]
    marks: Annotated[list[Marks], Field(description="By network; empty where there is one.")]
    image: Annotated[str | None, Field(description="The image of --image, as a data URI.")]


def page_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof page NET… --format json` prints."""
    return json_schema(PageData)
