"""What Swin adds to the scores within a window: relative_position_bias and window_mask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.attention import window_mask
from archprof.autograd.layout import Layout, contiguous
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import contiguously, gathered, narrow, permute, view
from archprof.ops.answers import FREE, Cost, Function, Saved, Weight, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.reading import New, Reading
from archprof.ops.settings import boolean, choice, pair, positive, setting


class RelativePositionBias(Op):
    """Looks up the bias of every pair of tokens in a window of h×w: a table of
    (2h-1)*(2w-1)×heads gives heads×h*w×h*w. Liu et al. 2021, section 3.2.

    Its index of pairs is an integer buffer whose state-dict key is the layer's own path; not
    `persistent`: it has no key. `class_token`: a further token in front has three biases of its own
    behind the table's others, towards the tokens of the window, from them, and to itself (BEiT).
    """

    name: ClassVar[str] = "relative_position_bias"
    family: ClassVar[Family] = "parameter"

    window: tuple[int, int] = setting(pair, about="Height and width of a window, in tokens.")
    index: str = setting(
        choice("flat", "square"),
        "flat",
        about="Whether the index is one row of all pairs (Swin) or tokens by tokens (MaxViT).",
    )
    persistent: bool = setting(boolean, True, about="Whether the state dict has its index.")
    class_token: bool = setting(
        boolean, False, about="Whether there is a class token in front of the window's."
    )

    is_module: ClassVar[bool] = False

    @property
    def tokens(self) -> int:
        """How many tokens have a bias towards each other."""
        return math.prod(self.window) + self.class_token

    def output_shape(self, *inputs: Shape) -> Shape:
        height, width = self.window
        offsets, further = (2 * height - 1) * (2 * width - 1), ""
        if self.class_token:
            offsets, further = offsets + 3, " + 3"
        if len(inputs[0]) != 2 or inputs[0][0] != offsets:
            formula = f"(2*{height} - 1)*(2*{width} - 1)"
            if height == width:
                formula = f"(2*{height} - 1)^2"
            raise ShapeError(
                f"the table is {product(inputs[0])}, expected {formula}{further} = {offsets}"
                " offsets * heads"
            )
        return (inputs[0][1], self.tokens, self.tokens)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (self.tokens**2,) if self.index == "flat" else (self.tokens, self.tokens)
        return {"": Weight(shape, trainable=False, itemsize=8, persistent=self.persistent)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), New(), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # as it is looked up, pair by pair, before it is turned head by head
        return 0 if 1 in (shape[1], self.tokens) else math.prod(shape) * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        table = inputs[0]
        tokens, (offsets, heads) = self.tokens, table.shape[1:]
        rows = narrow(run, table, contiguous((offsets, heads)), "select")
        pairs = gathered(run, rows, (tokens**2, heads), None)
        by_head = permute(run, view(run, pairs, (tokens, tokens, heads)), (2, 0, 1))
        del pairs
        return view(run, contiguously(run, by_head), shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.relative_position_bias,
            buffers={"": lambda: self._index(torch)},
        )

    def _index(self, torch: Any) -> Any:
        """Return the row of the table for each pair of tokens, in torch."""
        said = {"class_token": self.class_token, "square": self.index == "square"}
        further = {name: True for name, value in said.items() if value}
        return torch.nn.relative_position_index(*self.window, **further)


class WindowMask(Op):
    """-100 between the tokens of a shifted window that were not neighbours before the shift, else
    0: windows×1×N×N for windows of N tokens.

    The map of `height`×`width` tokens was rolled by `shift` and cut into the windows that arrive;
    as torchvision and timm compute it. `buffer`: kept as a buffer outside the state dict, as timm
    does, instead of made anew each time.
    """

    name: ClassVar[str] = "window_mask"
    family: ClassVar[Family] = "parameter"

    height: int = setting(positive, about="Height of the map, in tokens.")
    width: int = setting(positive, about="Width of the map, in tokens.")
    shift: int = setting(positive, about="How far the map was rolled, in tokens.")
    buffer: bool = setting(
        boolean,
        False,
        about="Whether the mask is kept, outside the state dict, instead of made anew each time.",
    )

    constant: ClassVar[bool] = True
    is_module: ClassVar[bool] = False

    def _window(self, shape: Shape) -> int:
        """Return the side of a window. Raises ShapeError where the windows do not tile the map."""
        side = math.isqrt(shape[1]) if len(shape) == 3 else 0
        if (
            side == 0
            or side * side != shape[1]
            or self.height % side
            or self.width % side
            or shape[0] * shape[1] != self.height * self.width
        ):
            raise ShapeError(
                f"{product(shape)} are not windows x tokens x channels of"
                f" {self.height}x{self.width}"
            )
        if self.shift >= side:
            raise ShapeError(
                f"a shift of {self.shift} is no smaller than the window of {side}x{side}"
            )
        return side

    def output_shape(self, *inputs: Shape) -> Shape:
        self._window(inputs[0])
        return (inputs[0][0], 1, inputs[0][1], inputs[0][1])

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return (
            {"": Weight(self.output_shape(*inputs), trainable=False, persistent=False)}
            if self.buffer
            else {}
        )

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view" if self.buffer else "new"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return contiguous(shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the number of each token's region, again window by window where that is not a view,
        # whether two differ
        if self.buffer:
            return 0
        regions = self.height * self.width * itemsize
        if self._window(inputs[0].shape[1:]) != self.width:
            regions *= 2
        return regions + math.prod(shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self.buffer:
            return weights[""].viewed(contiguous(shape))
        return window_mask(run, inputs[0], self.height, self.width, shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        place = {
            "height": self.height,
            "width": self.width,
            "window": self._window(inputs[0]),
            "shift": self.shift,
        }
        if self.buffer:
            return Function(
                torch.nn.kept,
                buffers={"": lambda: torch.nn.window_mask(torch.zeros(()), **place)[0]},
            )
        return Function(torch.nn.window_mask, kwargs=place)
