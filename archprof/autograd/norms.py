"""Normalizations, and softmax."""

from __future__ import annotations

import math
from collections.abc import Sequence

from archprof.autograd.casting import WIDE, as_wide, cast, copied
from archprof.autograd.chains import clamp
from archprof.autograd.layout import Layout, contiguous, elementwise, like
from archprof.autograd.pointwise import add, divide, multiply, power, rsqrt, shifted, summed_to
from archprof.autograd.pooling import mean_of_rows
from archprof.autograd.rates import BACKWARD
from archprof.autograd.reductions import vector_norm
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, KeptTensors, attach, before, lies_as, new
from archprof.autograd.views import clone, contiguously, expand, view


def batch_norm(
    run: Run,
    x: FakeTensor,
    weight: FakeTensor | None,
    bias: FakeTensor | None,
    running: bool = True,
) -> FakeTensor:
    """Return the batch normalised channel by channel; its mean and inverse deviation are kept.

    `running`: there are running statistics, which are never narrower than the network.
    """
    channels = contiguous((x.shape[1],))
    made = FakeTensor(run, like(x.shape, x.layout), x.itemsize)
    size = max(_statistics(run, x, weight), run.itemsize if running else 0)
    kept = [FakeTensor(run, channels, size) for _ in range(2)]
    run.note("native_batch_norm")
    source = x.layout
    return attach(
        run,
        "native_batch_norm",
        made,
        [x, weight, bias],
        [x, weight, *kept],
        _Norm(run, "batch_norm", like(source.shape, source), x.itemsize, [x, weight, bias]),
    )


def layer_norm(
    run: Run,
    x: FakeTensor,
    weight: FakeTensor | None,
    bias: FakeTensor | None,
    dims: int = 1,
) -> FakeTensor:
    """Return every row normalised over its last `dims` dimensions; the gradient is contiguous."""
    bias = cast(run, "layer_norm", bias)
    weight = cast(run, "layer_norm", weight)
    x = cast(run, "layer_norm", x)
    rows = contiguous((*x.shape[: len(x.shape) - dims], *[1] * dims))
    made = FakeTensor(run, contiguous(x.shape), x.itemsize)
    kept = [FakeTensor(run, rows, _statistics(run, x, weight)) for _ in range(2)]
    run.note("native_layer_norm")
    return attach(
        run,
        "native_layer_norm",
        made,
        [x, weight, bias],
        [x, weight, *kept],
        _Norm(run, "layer_norm", contiguous(x.shape), x.itemsize, [x, weight, bias]),
    )


def group_norm(
    run: Run, x: FakeTensor, groups: int, weight: FakeTensor | None, bias: FakeTensor | None
) -> FakeTensor:
    """Return every sample normalised group by group; an input that is neither contiguous nor
    channels-last is copied first.
    """
    bias = cast(run, "group_norm", bias)
    weight = cast(run, "group_norm", weight)
    x = cast(run, "group_norm", x)
    if not (x.layout.contiguous or x.layout.channels_last):
        x = clone(run, x)
    laid = like(x.shape, x.layout)
    made = FakeTensor(run, laid, x.itemsize)
    statistic = contiguous((x.shape[0], groups))
    kept = [FakeTensor(run, statistic, _statistics(run, x, weight)) for _ in range(2)]
    run.note("native_group_norm")
    return attach(
        run,
        "native_group_norm",
        made,
        [x, weight, bias],
        [x, weight, *kept],
        _Norm(run, "group_norm", laid, x.itemsize, [x, weight, bias]),
    )


def instance_norm(
    run: Run, x: FakeTensor, weight: FakeTensor | None, bias: FakeTensor | None
) -> FakeTensor:
    """Return every sample normalised channel by channel: a batch norm of one sample that has the
    channels of all, the scales and shifts repeated for each.
    """
    samples, channels = x.shape[:2]
    repeated = [each and _repeated(run, each, samples) for each in (weight, bias)]
    seen = view(run, contiguously(run, x), (1, samples * channels, *x.shape[2:]))
    made = batch_norm(run, seen, repeated[0], repeated[1], running=False)
    del seen, repeated
    return view(run, made, x.shape)


def _repeated(run: Run, weight: FakeTensor, times: int) -> FakeTensor:
    channels, size = weight.shape[0], weight.itemsize
    made = new(run, contiguous((times * channels,)), size, "repeat")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        if times == 1:
            return [gradient.viewed(Layout((channels,), (1,)))]
        return [new(run, contiguous((channels,)), size, "sum")]

    return attach(run, "repeat", made, [weight], (), back)


def _statistics(run: Run, x: FakeTensor, weight: FakeTensor | None) -> int:
    """Return the bytes of a statistic: on a GPU of float32 at least; on the CPU of the wider of
    input and scale (is_mixed_type of aten/src/ATen/native/cpu/mixed_data_type.h).
    """
    if run.device == "cuda":
        return max(WIDE, x.itemsize)
    return x.itemsize if weight is None else max(x.itemsize, weight.itemsize)


class _Norm:
    """The gradients of a norm's input, scale and shift, all of one kernel."""

    def __init__(
        self,
        run: Run,
        name: str,
        layout: Layout,
        itemsize: int,
        inputs: Sequence[FakeTensor | None],
    ) -> None:
        self.run, self.name, self.layout, self.itemsize = run, name, layout, itemsize
        self.wanted = [each is not None and each.trains for each in inputs]
        self.weights = [None if each is None else (each.layout, each.itemsize) for each in inputs]

    def __call__(self, gradient: FakeTensor) -> list[FakeTensor | None]:
        laid = like(gradient.shape, self.layout)
        if self.name == "group_norm" and not lies_as(gradient.layout, laid):
            gradient = new(self.run, laid, gradient.itemsize, "clone")
        found: list[FakeTensor | None] = [None, None, None]
        if self.wanted[0]:
            found[0] = FakeTensor(self.run, self.layout, self.itemsize)
        for place in (1, 2):
            weight = self.weights[place]
            if self.wanted[place] and weight is not None:
                found[place] = FakeTensor(self.run, *weight)
        self.run.note(f"native_{self.name}_backward")
        self.run.count(0, BACKWARD[self.name] * math.prod(gradient.shape))
        return found


def softmax(run: Run, x: FakeTensor, name: str = "_softmax") -> FakeTensor:
    """Return the softmax over the last dimension, or over any: its layout is contiguous."""
    x = cast(run, "softmax", x)
    made = new(run, contiguous(x.shape), x.itemsize, name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["softmax"] * math.prod(gradient.shape))
        laid = contiguous(gradient.shape)
        return [new(run, laid, gradient.itemsize, "_softmax_backward_data")]

    return attach(run, name, made, [x], [made], back)


def global_response_norm(
    run: Run, x: FakeTensor, weight: FakeTensor, bias: FakeTensor, channels_last: bool
) -> FakeTensor:
    """Return x + bias + weight * (x * its norm over the pixels / the mean of those norms), as
    ConvNeXt V2 computes it: addcmul(bias, weight, x * ratio) + x.
    """
    batch = x.shape[0]
    channels = math.prod(weight.shape)
    norms = (batch, 1, 1, channels) if channels_last else (batch, channels, 1, 1)
    along = (1, 1, 1, channels) if channels_last else (1, channels, 1, 1)
    norm = _norm(run, x, norms)
    ratio = _divided_by_mean(run, norm)
    shift, scale = view(run, bias, along), view(run, weight, along)  # before it, as torch does
    product = multiply(run, x, ratio)
    size = max(product.itemsize, shift.itemsize)
    laid = elementwise(shift.layout, scale.layout, product.layout)
    before(run, True, scale, product)
    made = new(run, laid, size, "addcmul")
    of_product, of_scale = product.layout, scale.layout
    product_size = product.itemsize
    wants = [each.trains for each in (shift, scale, product)]

    def times(gradient: FakeTensor, factor: Layout, itemsize: int) -> FakeTensor:
        run.count(0, 2 * math.prod(gradient.shape))
        valued = new(run, factor, itemsize, "mul.Scalar")  # times addcmul's `value`
        found = new(run, elementwise(gradient.layout, factor), gradient.itemsize, "mul")
        del valued
        return found

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        scales = products = shifts = None
        if wants[1]:
            scales = times(gradient, of_product, product_size)
        if wants[2]:
            products = times(gradient, of_scale, gradient.itemsize)
        kept.end_of_kernels()
        if wants[0]:
            shifts = summed_to(run, gradient, along)
        if scales is not None:
            scales = summed_to(run, scales, along)
        if products is not None:
            products = as_wide(run, products, product_size)
        return [shifts, scales, products]

    kept = KeptTensors([scale if wants[2] else None, product if wants[1] else None])
    attach(run, "addcmul", made, [shift, scale, product], kept, back)
    del product, scale, shift
    return add(run, x, made)  # `norm` and `ratio` are torch's names too, and live to here


def _norm(run: Run, x: FakeTensor, norms: tuple[int, ...]) -> FakeTensor:
    """Return each channel's norm over its pixels."""
    x = cast(run, "linalg_vector_norm", x)
    size = x.itemsize
    norm = new(run, contiguous(norms), size, "linalg_vector_norm")
    source = x.layout

    def of_norm(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, 2 * math.prod(source.shape))
        unit = new(run, elementwise(source), size, "div")
        zero = new(run, contiguous(norms), 1, "eq")
        made = new(run, elementwise(source), size, "mul")
        del unit, zero
        return [made]

    return attach(run, "norm", norm, [x], [x, norm], of_norm)


def _divided_by_mean(run: Run, norm: FakeTensor) -> FakeTensor:
    """Return the norms divided by their mean over the channels and a small number."""
    norms, size, one = norm.shape, norm.itemsize, (norm.shape[0], 1, 1, 1)
    mean = new(run, contiguous(one), size, "mean")

    def of_mean(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, math.prod(norms))
        return [new(run, contiguous(norms), size, "div")]

    attach(run, "mean", mean, [norm], (), of_mean)
    shifted = new(run, contiguous(one), size, "add")
    attach(run, "add", shifted, [mean], (), lambda gradient: [gradient])
    del mean
    before(run, norm.trains, norm, shifted)
    made = new(run, contiguous(norms), size, "div")

    def of_ratio(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, 5 * math.prod(norms))
        laid = contiguous(norms)
        quotient = new(run, laid, size, "div")
        again = new(run, laid, size, "div")
        negated = new(run, laid, size, "neg")
        product = new(run, laid, size, "mul")
        del quotient, again, negated
        first = new(run, laid, size, "div")
        kept.end_of_kernels()
        return [first, summed_to(run, product, one)]

    kept = KeptTensors([norm, shifted])
    return attach(run, "div", made, [norm, shifted], kept, of_ratio)


def normalize(run: Run, x: FakeTensor, dim: int, order: float) -> FakeTensor:
    """Return every vector along a dimension divided by its norm, which is first raised to a least
    value.
    """
    norms = vector_norm(run, x, [dim], True, order)
    least = clamp(run, norms, least=True, most=False)
    del norms  # which torch gives no name
    return divide(run, x, expand(run, least, x.shape))


def rms_norm(run: Run, x: FakeTensor, weight: FakeTensor | None) -> FakeTensor:
    """Return every row over the root of its mean square, composed in float32; contiguous."""
    x = cast(run, "rms_norm", x)
    own = x.itemsize
    wide = x if own >= WIDE else copied(run, x, WIDE)
    squares = power(run, wide)
    root = rsqrt(run, shifted(run, mean_of_rows(run, squares), inplace=True))
    del squares
    made = multiply(run, wide, root)
    if weight is not None:
        made = multiply(run, made, weight)
    del wide
    made = contiguously(run, made)
    return made if made.itemsize == own else copied(run, made, own)
