"""The base of every op: its settings, and what it answers about shapes, weights, cost, what each
output reads, what autograd keeps, and how torch builds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, dataclass_transform

from archprof.autograd.layout import Layout, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.foreign import SETTINGS, meant_settings
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.elements import FRACTIONS, Elements
from archprof.ops.family import Family
from archprof.ops.reading import Reading, same
from archprof.ops.setting_hints import value_hint
from archprof.ops.settings import Setting, setting
from archprof.ops.sliding_window import SlidingWindow
from archprof.record import Record

Shape = tuple[int, ...]  # without the batch: C×H×W, N×C or C


class ShapeError(ValueError):
    """An op cannot take these inputs; the message shows the arithmetic, `hint` the way out."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.hint = hint


class NoImageError(ShapeError):
    """The input is not channels x height x width."""


class NoRoomError(ShapeError):
    """The input is smaller than a window."""


class Fault(Record):
    """The reason why a setting is refused."""

    name: str
    message: str
    hint: str = ""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(setting,))
class Op:
    """An operation with its settings, immutable.

    Subclasses answer the questions below; cost has no default.
    """

    name: ClassVar[str]  # in a spec
    family: ClassVar[Family]
    settings: ClassVar[dict[str, Setting]] = {}
    _key: tuple[Any, ...]

    rank: ClassVar[int] = 0  # the axes behind the channels that it works along; 0: any
    arity: ClassVar[tuple[int, int | None]] = (1, 1)  # fewest and most inputs
    # inputs are aligned from their last dimension: torch's batch may meet another dimension
    broadcasts: ClassVar[bool] = False
    # one for all samples whatever arrives, and no gradient goes through it
    constant: ClassVar[bool] = False
    # `build` gives a module, which is put at the layer's path; otherwise a Function
    is_module: ClassVar[bool] = True
    draws: ClassVar[bool] = False  # random numbers in training
    arrives: ClassVar[bool] = False  # a further input of the network, one for each sample
    elements: Elements = FRACTIONS  # what those of such an input are
    # it looks up rows by whole numbers, of which there are so many; None: it reads fractions
    rows: int | None = None
    counted_as: str = ""  # how its FLOPs are counted, in words, where no working shows it
    # the bytes of an element of its output where they do not follow the network's dtype
    itemsize: int | None = None
    counts_depth: ClassVar[int] = 0  # layers with weights, as in "VGG-16", or those in a row

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}
        declared = cls.settings | own
        cls.settings = {name: value.of_rank(cls.rank) for name, value in declared.items()}

    def __init__(self, **values: Any) -> None:
        """Take settings as a spec writes them.

        Raises ValueError naming every fault; `faults` returns them one by one.
        """
        try:
            parsed = {
                name: declared.kind.parse(values[name])
                if declared.required or name in values
                else declared.default
                for name, declared in self.settings.items()
            }
        except (KeyError, ValueError):
            parsed = {}
        unfit = not values.keys() <= parsed.keys() or len(parsed) < len(self.settings)
        if unfit or self.conflicts(values):
            raise ValueError("; ".join(f.message for f in self.faults(values)))
        self.__dict__.update(parsed, _key=tuple(parsed.values()))

    @classmethod
    def faults(cls, values: dict[str, Any]) -> list[Fault]:
        """Return everything wrong with these settings: unknown, missing, of the wrong kind."""
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
                hint = value_hint(name, value, declared)
                found.append(
                    Fault(
                        name, f"`{name}` is {shown(value)}, expected {declared.kind.expected}", hint
                    )
                )
        meant = meant_settings(values, cls.settings)  # which are complained of as unknown
        found += [
            Fault(name, f"`{name}` is missing, expected {declared.kind.expected}")
            for name, declared in cls.settings.items()
            if declared.required and name not in values and name not in meant
        ]
        return found + cls.conflicts(values)

    @classmethod
    def conflicts(cls, values: dict[str, Any]) -> list[Fault]:
        """Return what is wrong with settings that do not fit each other."""
        return []

    def given(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""
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
        """Return the output's shape. Raises ShapeError with the arithmetic."""
        raise NotImplementedError

    def steps(self) -> tuple[Op, ...]:
        """Return the ops, each behind the one before, that a spec's entry stands for where torch
        takes several: what pads ahead of a window.
        """
        return (self,)

    def parts(self, shape: Shape) -> tuple[Op, ...]:
        """Return an op for each tensor where a spec's entry gives several. Raises ShapeError."""
        return ()

    def sliding_window(self) -> SlidingWindow | None:
        """Return the window that slides over the pixels, or that a padding makes room for; None
        where there is none.
        """
        return None

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        """Return the parameters and buffers by torch name, in torch's order; "" is the layer's own
        path.
        """
        return {}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost | None:
        """Return the arithmetic of one forward pass in evaluation, one sample; None: unknown."""
        raise NotImplementedError

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        """Return what an output unit reads of each input; None where that has no regular answer."""
        raise NotImplementedError

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        """Return the tensors that autograd keeps in training; None: unknown."""
        raise NotImplementedError

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        """Return the elements of the contiguous copy that autograd keeps instead of an input that
        `saved` names; 0: it keeps the input as it lies in memory.
        """
        return 0

    def algorithm(self, inputs: tuple[Layout, ...]) -> str:
        """Return which of its algorithms torch picks, where they keep different tensors."""
        return ""

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        """Return the most bytes alive at once in tensors that the op makes for itself in
        evaluation, beside its inputs and its output of this shape (batch first).

        As torch computes it on the CPU. What a kernel takes as scratch is not a tensor.
        """
        return 0

    def _kept_beside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        """Return the bytes of the tensors of their own that `saved` names, where torch makes them
        in evaluation too.
        """
        saved = self.saved(tuple(i.shape[1:] for i in inputs), shape[1:])
        return sum(item.own_bytes(shape[0], itemsize) for item in saved or () if item.what == "own")

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        """Return whether the output has memory of its own, shares its first input's (where `layout`
        allows), or overwrites it.
        """
        return "new"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        """Return how the output of this shape (batch first) lies in memory.

        None: contiguous, and for a view that only a copy will do.
        """
        return None

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        """Return the output of what torch's kernels do in training, on tensors without data.

        `weights`: by torch name. `shape`: the output's, batch first.
        """
        raise NotImplementedError

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        """Return the formulas by quantity: `channels height width` (or `tokens` …) for the shape,
        `params`, `macs`, `flops`.
        """
        raise NotImplementedError

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        """Return where a hand calculation goes wrong: windows that do not divide evenly."""
        return ()

    def beyond_onnx(self, inputs: tuple[Shape, ...]) -> str:
        """Return why torch's exporter writes another op into an ONNX file, "" where it does not."""
        return ""

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        """Return a torch.nn module, or a Function, for inputs of these shapes."""
        raise NotImplementedError


class PointwiseOp(Op):
    """One output element per input element, at the same place."""

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (same(len(output)),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return elementwise(inputs[0]) if self.storage(training) == "new" else inputs[0]


def shown(value: Any) -> str:
    """Return a value as a message quotes it, cut when it is long."""
    if value is None:
        text = "nothing"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = repr(value)
    else:
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
