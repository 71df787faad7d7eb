"""What every op answers: its shapes, weights, cost, what each output reads, what autograd keeps,
how torch builds it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, dataclass_transform, get_args

from archprof import units
from archprof.foreign import SETTINGS
from archprof.ops.layout import Layout, elementwise
from archprof.ops.settings import Setting, integers, setting
from archprof.ops.window import Window

Shape = tuple[int, ...]  # without the batch: C×H×W, N×C or C

Family = Literal[
    "convolution",
    "linear",  # a matrix product with weights, over the last dimension
    "attention",
    "pooling",
    "normalization",
    "activation",  # a function of each element, and softmax
    "merge",  # several tensors become one
    "scale",  # by a learned or a given factor
    "resize",  # by interpolation
    "movement",  # elements move, and nothing is computed
    "identity",  # in evaluation the input passes through
    "parameter",  # a tensor that does not depend on the image
]
"""What kind of op it is, for those who treat all ops of a kind alike."""
FAMILIES: tuple[Family, ...] = get_args(Family)


class ShapeError(ValueError):
    """An op cannot take these inputs; the message shows the arithmetic, `hint` the way out."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.hint = hint


class NoImageError(ShapeError):
    """What arrives is not channels x height x width."""


class NoRoomError(ShapeError):
    """What arrives is smaller than a window."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One parameter (trainable) or buffer of an op, under its torch name; integer buffers keep
    their own width.
    """

    shape: Shape
    trainable: bool = True
    itemsize: int | None = None  # bytes per element where it does not follow the network's dtype
    persistent: bool = True  # whether the state dict has it

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


class Cost(NamedTuple):
    """Arithmetic for one sample. Totals scale with the batch.

    `macs`: multiply-accumulates of convolutions, linear layers and matrix products, no bias.
    `flops`: all arithmetic, by the table in `rates.py`. `fvcore`: what fvcore counts (default: the
    MACs).  `lecture`: what a lecture adds to the MACs (k² per pooled output).
    """

    macs: int
    flops: int
    fvcore: int | None = None
    lecture: int = 0


FREE = Cost(0, 0)


# --- what each output unit reads, dimension by dimension (receptive fields) ---


class Same(NamedTuple):
    """Output index i along this dimension reads input index i of dimension `dim`."""

    dim: int


class Taps(NamedTuple):
    """Output index o = q·len(taps) + r reads input indices first_r + q·step … last_r + q·step of
    dimension `dim`, every `every`-th.

    One entry and step S is a strided window; S entries and step 1 an upsampling by S. None: this
    output reads nothing. `padding`: how many units of padding there are to read before the first
    and behind the last input index; what would lie beyond is not read. None: as many as the windows
    reach.
    """

    dim: int
    taps: tuple[tuple[int, int] | None, ...]
    step: int
    every: int = 1  # the dilation
    padding: int | None = None


class Raster(NamedTuple):
    """Several input dimensions laid out one after the other in this one (flatten)."""

    dims: tuple[int, ...]


class New(NamedTuple):
    """A dimension of its own (channels); an input dimension that no output dimension names is
    read whole.
    """


Reading = tuple[Same | Taps | Raster | New, ...]  # one entry per output dimension


def same(rank: int) -> Reading:
    """Every output element reads the input element at its own place."""
    return tuple(Same(i) for i in range(rank))


# --- what autograd keeps for the backward pass ---


class Saved(NamedTuple):
    """A tensor kept for the backward pass: an input (its number), the output, or one of its own.

    `elements` per sample (or in total where `per_sample` is false) of `itemsize` bytes; None: the
    network's dtype, but `at_least` so many bytes (norms keep their statistics in float32): an input
    of a narrower dtype is kept as a copy, and `narrow` elements in place of `elements`.
    `wanted_by`: kept only where one of these inputs needs a gradient; empty: wherever the op
    trains. `algorithm`: kept only where `Op.algorithm` is this one.
    """

    what: Literal["input", "output", "own"]
    number: int = 0
    elements: int = 0
    itemsize: int | None = None
    per_sample: bool = True
    at_least: int = 1
    wanted_by: tuple[int, ...] = ()
    narrow: int | None = None
    algorithm: str = ""

    def own_bytes(self, samples: int, itemsize: int) -> int:
        """Bytes of a tensor of its own for a batch of so many samples, at a dtype of so many
        bytes.
        """
        elements = (
            self.elements if self.narrow is None or itemsize >= self.at_least else self.narrow
        )
        return (
            elements
            * (samples if self.per_sample else 1)
            * max(self.itemsize or itemsize, self.at_least)
        )


class Function(NamedTuple):
    """How torch computes an op that is no module: target(*inputs, *weights, *args, **kwargs);
    `listed` passes the inputs as one list.

    `buffers` makes the values of those weights that are not trained, by name; the trained ones
    start from `start`.
    """

    target: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 - never mutated
    listed: bool = False
    buffers: dict[str, Callable[[], Any]] = {}  # noqa: RUF012 - never mutated
    start: float = 0.0


# --- the working, as written on the board ---


@dataclass(frozen=True, slots=True)
class Working:
    """A formula over named numbers: `floor((H + 2P - K)/S) + 1` with H=227, P=0, K=11, S=4.

    The text is the project's own expression language with `$` left out, so that tests evaluate it.
    """

    formula: str
    values: dict[str, int] = field(default_factory=dict)

    def substituted(self) -> str:
        """The formula with its numbers put in."""
        return re.sub(r"[A-Za-z]\w*", lambda m: str(self.values.get(m[0], m[0])), self.formula)


class Fault(NamedTuple):
    """Why a setting was refused."""

    name: str
    message: str
    hint: str = ""


def _value_hint(name: str, value: Any, declared: Setting) -> str:
    """Return the way out for a value of the wrong kind, "" for none."""
    # as adaptive_avg_pool2d has its `size`
    if name == "size" and type(value) is int and declared.kind is integers:
        return f"write [{value}]"
    if name == "padding" and isinstance(value, str) and value.lower() == "valid":
        return "TensorFlow's `valid` pads nothing: write 0"
    return ""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(setting,))
class Op:
    """An operation with its settings, immutable.

    Subclasses answer the questions below; cost has no default.
    """

    name: ClassVar[str]  # in a spec
    family: ClassVar[Family]
    settings: ClassVar[dict[str, Setting]] = {}
    _key: tuple[Any, ...]

    arity: ClassVar[tuple[int, int | None]] = (1, 1)  # fewest and most inputs
    # its inputs are aligned from their last dimension, so that torch's batch may meet another
    # dimension
    broadcasts: ClassVar[bool] = False
    # one for all samples whatever arrives, and no gradient goes through it
    constant: ClassVar[bool] = False
    # `build` gives a module, which stands at the layer's path; otherwise a Function
    is_module: ClassVar[bool] = True
    # layers with weights, as in "VGG-16": one, or those that an op holds in a row
    counts_depth: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}
        cls.settings = cls.settings | own
        for name, declared in own.items():
            setattr(cls, name, declared.default)

    def __init__(self, **values: Any) -> None:
        """From settings as a spec writes them.

        Raises ValueError naming every fault; `faults` says them one by one.
        """
        faults = self.faults(values)
        if faults:
            raise ValueError("; ".join(f.message for f in faults))
        parsed = {
            name: declared.kind.parse(values[name]) if name in values else declared.default
            for name, declared in self.settings.items()
        }
        self.__dict__.update(parsed, _key=tuple(parsed.values()))

    @classmethod
    def faults(cls, values: dict[str, Any]) -> list[Fault]:
        """Everything wrong with these settings: unknown, missing, of the wrong kind."""
        found = []
        for name, value in values.items():
            declared = cls.settings.get(name)
            if declared is None:
                found.append(
                    Fault(
                        name,
                        f"unknown setting `{name}`",
                        SETTINGS.hint(name, cls.settings, "settings"),
                    )
                )
                continue
            try:
                declared.kind.parse(value)
            except ValueError:
                hint = _value_hint(name, value, declared)
                found.append(
                    Fault(
                        name, f"`{name}` is {shown(value)}, expected {declared.kind.expected}", hint
                    )
                )
        found += [
            Fault(name, f"`{name}` is missing, expected {declared.kind.expected}")
            for name, declared in cls.settings.items()
            if declared.required and name not in values
        ]
        return found

    def given(self) -> dict[str, Any]:
        """The settings that differ from their defaults."""
        return {
            name: getattr(self, name)
            for name, declared in self.settings.items()
            if declared.required or getattr(self, name) != declared.default
        }

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key == other._key

    def __hash__(self) -> int:
        return hash((type(self), self._key))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.given().items())})"

    def output_shape(self, *inputs: Shape) -> Shape:
        """The output's shape. Raises ShapeError with the arithmetic."""
        raise NotImplementedError

    def sliding_window(self) -> Window | None:
        """Return the window that slides over the pixels, or that a padding makes room for; None
        where there is none.
        """
        return None

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        """Parameters and buffers by torch name, in torch's order; "" is the layer's own path."""
        return {}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        """Arithmetic of one forward pass in evaluation, one sample."""
        raise NotImplementedError

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        """What one output unit reads of each input; None where that has no regular answer."""
        raise NotImplementedError

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        """Tensors autograd keeps in training."""
        raise NotImplementedError

    def kept_as_is(self, item: Saved, layout: Layout) -> bool:
        """Whether an input that `saved` names is kept as it lies in memory; otherwise autograd
        keeps a contiguous copy of it.
        """
        return True

    def algorithm(self, inputs: tuple[Layout, ...]) -> str:
        """Which of its algorithms torch picks, where they keep different tensors."""
        return ""

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        """Most bytes of tensors alive at once that the op makes for itself in evaluation, beside
        its inputs and its output of this shape (batch first).

        As torch computes it on the CPU. What a kernel takes as scratch is no tensor.
        """
        return 0

    def _kept_beside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        """Bytes of the tensors of their own that `saved` names, where torch makes them in
        evaluation too.
        """
        saved = self.saved(tuple(i.shape[1:] for i in inputs), shape[1:])
        return sum(item.own_bytes(shape[0], itemsize) for item in saved if item.what == "own")

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        """Whether the output has memory of its own, shares its first input's (where `layout`
        allows), or overwrites it.
        """
        return "new"

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        """How the output of this shape (batch first) lies in memory.

        None: contiguous, and for a view that only a copy will do.
        """
        return None

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        """Formulas by quantity: `channels height width` (or `tokens` …) for the shape, `params`,
        `macs`, `flops`.
        """
        raise NotImplementedError

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        """Where a hand calculation goes wrong: windows that do not divide evenly."""
        return ()

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        """A torch.nn module, or a Function, for inputs of these shapes."""
        raise NotImplementedError


class PointwiseOp(Op):
    """One output element per input element, at the same place."""

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (same(len(output)),)

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return elementwise(inputs[0]) if self.storage(training) == "new" else inputs[0]


def channels_first(op: str, shape: Shape) -> tuple[int, int, int]:
    """The shape as C, H, W. Raises ShapeError when it is none."""
    if len(shape) != 3:
        raise NoImageError(
            f"{op} needs an input of channels x height x width, found {units.shape(shape)}",
            "a flatten or a pooling before it took the spatial axes away" if len(shape) < 3 else "",
        )
    return shape


def with_dimensions(op: str, shape: Shape) -> Shape:
    """The shape, which is no scalar's. Raises ShapeError when it is."""
    if not shape:
        raise ShapeError(f"{op} needs an input of one dimension at least, found a scalar")
    return shape


def shown(value: Any) -> str:
    """A value as a message quotes it, cut when it is long."""
    text = (
        "nothing"
        if value is None
        else (
            str(value).lower()
            if isinstance(value, bool)
            else repr(value)
            if isinstance(value, str)
            else str(value)
        )
    )
    return text if len(text) <= 60 else text[:57] + "..."


def product(shape: Shape) -> str:
    """A product for a working: 64*55*55."""
    return "*".join(map(str, shape)) or "1"
