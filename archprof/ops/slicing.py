"""Where branches part: slice and select."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import narrow, seen_as
from archprof.ops.answers import FREE, Cost, Function, Saved, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.reading import Reading, Same, Taps
from archprof.ops.reshape import dimension
from archprof.ops.settings import integer, optional, setting


class Excerpt(Op):
    """The base of what takes some elements along `dim`: views, which cost and keep nothing."""

    family: ClassVar[Family] = "movement"

    dim: int = setting(
        integer, 0, about="The dimension that is cut, the batch not counted: 0 is the channels."
    )

    is_module: ClassVar[bool] = False

    def _indices(self, shape: Shape) -> range:
        """Return the elements that are taken along `dim`. Raises ShapeError."""
        raise NotImplementedError

    def reaches_end(self) -> bool:
        """Return whether it goes on to the end, however long the input is."""
        return False

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        along = dimension(self.name, self.dim, len(shape))
        return (*shape[:along], len(self._indices(shape)), *shape[along + 1 :])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        along, taken = self.dim % len(output), self._indices(inputs[0])
        return (
            tuple(
                Taps(i, ((taken.start, taken.start),), taken.step) if i == along else Same(i)
                for i in range(len(output))
            ),
        )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"

    def _leaves_out(self, shape: Shape) -> bool:
        """Whether torch's indexing leaves out this slice, as it is of everything, and gives a view
        of it all.
        """
        taken, size = self._indices(shape), shape[self.dim]
        return (taken.start, taken.step, len(taken)) == (0, 1, size)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        along, step = self.dim % (len(shape) - 1) + 1, self._indices(inputs[0].shape[1:]).step
        return Layout(
            shape,
            tuple(
                stride * step if d == along else stride
                for d, stride in enumerate(inputs[0].strides)
            ),
        )

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        picked = self._indices(inputs[0])
        formula = Working(
            "(stop - start + step - 1)//step",
            {"stop": picked.stop, "start": picked.start, "step": picked.step},
        )
        return {
            f"dim {self.dim % len(output)}": formula,
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working("0"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self._leaves_out(inputs[0].shape[1:]):
            return seen_as(run, "alias", inputs[0], inputs[0].layout, lambda gradient: gradient)
        layout = self.layout((inputs[0].layout,), shape, training=True)
        return narrow(run, inputs[0], layout)


class Slice(Excerpt):
    """Elements start, start + step, … before stop along `dim`: channel splits, crops, a
    factorised reduction's shifted path.
    """

    name: ClassVar[str] = "slice"

    start: int = setting(integer, 0, about="The first element, from the end where negative.")
    stop: int | None = setting(
        optional(integer),
        None,
        about="The element behind the last, from the end where negative; nothing: all the rest.",
    )
    step: int = setting(integer, 1, about="From each element to the next.")

    def _indices(self, shape: Shape) -> range:
        return range(*slice(self.start, self.stop, self.step).indices(shape[self.dim]))

    def _leaves_out(self, shape: Shape) -> bool:
        # -4 of 4 begins at 0, which torch does not look for
        return self.start == 0 and super()._leaves_out(shape)

    def reaches_end(self) -> bool:
        return self.stop is None and self.start >= 0

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if not -len(shape) <= self.dim < len(shape):
            raise ShapeError(
                f"slice along dim {self.dim} of a tensor of {len(shape)} dimensions (the batch is"
                " not counted)"
            )
        if self.step < 1:
            raise ShapeError(f"step {self.step}: torch slices forwards only")
        along = self.dim % len(shape)
        if not self._indices(shape):
            axis = (
                ("channels", "height", "width")[along] if len(shape) == 3 else "tensor's dimension"
            )
            raise ShapeError(
                f"the slice {self.start}:{'' if self.stop is None else self.stop} of {shape[along]}"
                " elements is empty",
                f"dim {self.dim} is the {axis}: the batch is not counted",
            )
        return super().output_shape(*inputs)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        dim = self.dim if self.dim < 0 else self.dim + 1
        return Function(
            torch.nn.slice,
            kwargs={"dim": dim, "start": self.start, "stop": self.stop, "step": self.step},
        )


class Select(Op):
    """The one element at `index` along `dim`, which dimension is gone then: a class token out of
    its sequence. torch.select.
    """

    name: ClassVar[str] = "select"
    family: ClassVar[Family] = "movement"

    dim: int = setting(
        integer, 0, about="The dimension that is left out, the batch not counted: 0 is the first."
    )
    index: int = setting(integer, 0, about="Which element of it, from the end where negative.")

    is_module: ClassVar[bool] = False

    def _along(self, shape: Shape) -> int:
        """Return the dimension counted from 0. Raises ShapeError where there is none to leave."""
        if not -len(shape) <= self.dim < len(shape) or len(shape) < 2:
            raise ShapeError(
                f"select along dim {self.dim} of a tensor of {len(shape)} dimensions (the batch is"
                " not counted)"
            )
        return self.dim % len(shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        along = self._along(shape)
        if not -shape[along] <= self.index < shape[along]:
            raise ShapeError(
                f"index {self.index} of {shape[along]} elements along dim {self.dim}",
                "the first is 0, the last -1",
            )
        return (*shape[:along], *shape[along + 1 :])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        # one element of the dimension is read, and of a field along it no unit is left
        return (None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        along = self._along(inputs[0].shape[1:]) + 1
        strides = inputs[0].strides
        return Layout(shape, (*strides[:along], *strides[along + 1 :]))

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        layout = self.layout((inputs[0].layout,), shape, training=True)
        return narrow(run, inputs[0], layout, "select")

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        dim = self.dim if self.dim < 0 else self.dim + 1
        return Function(torch.select, kwargs={"dim": dim, "index": self.index})
