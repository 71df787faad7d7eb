"""How the tools that `--count` names count each op, as data: by op a rule in words and as a
function of shapes.

The reference is what a tool prints for archprof's own torch model (`archprof.model.compile.build`),
recorded by scripts/record_counts.py. Tools that hook modules count a function written in their
place otherwise or not at all, so that the same network in other code can give another figure. An op
that a tool's table does not name counts nothing there, as in the tool.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import zip_longest
from types import MappingProxyType
from typing import NamedTuple, cast

from archprof.graph.graph import Facts
from archprof.ops.activation import Softmax
from archprof.ops.base import Shape
from archprof.ops.linear import Scale, ScaleBy
from archprof.ops.resize import Interpolate
from archprof.ops.response_norm import LocalResponseNorm
from archprof.ops.transposed_convolution import ConvTranspose2d


class Rule(NamedTuple):
    """What one op counts for one image: in words, and as a number."""

    words: str
    of: Callable[[Facts], int]


Rules = Mapping[str, Rule]
"""By the op's name in a spec."""

NO_RULES: Rules = MappingProxyType({})


def _read(facts: Facts) -> int:
    (read,) = facts.inputs
    return math.prod(read)


def _written(facts: Facts) -> int:
    return math.prod(facts.output)


def _biases(facts: Facts) -> int:
    """Additions of a bias: one per output element, where there is one."""
    return _written(facts) if "bias" in facts.weights else 0


def _weights(facts: Facts) -> int:
    """Elements of the parameters named weight and bias."""
    return sum(
        weight.elements for name, weight in facts.weights.items() if name in ("weight", "bias")
    )


def _affine(facts: Facts) -> bool:
    return "weight" in facts.weights


MACS = Rule("1 per MAC", lambda facts: facts.cost.macs)
NOTHING = Rule("nothing", lambda facts: 0)
_PER_INPUT = Rule("1 per input element", _read)
_PER_OUTPUT = Rule("1 per output element", _written)
_TWICE_PER_INPUT = Rule(
    "2 per input element: as a module and as the function that it calls",
    lambda facts: 2 * _read(facts),
)
_TWICE_PER_OUTPUT = Rule(
    "2 per output element: as a module and as the function that it calls",
    lambda facts: 2 * _written(facts),
)
_WITH_BIAS = Rule("1 per MAC, 1 per bias add", lambda facts: facts.cost.macs + _biases(facts))
_TWO_PER_MAC = Rule("2 per MAC, no bias", lambda facts: 2 * facts.cost.macs)
_TWO_AND_BIAS = Rule(
    "2 per MAC, 1 per bias add", lambda facts: 2 * facts.cost.macs + _biases(facts)
)
_NORM_2 = Rule(
    "2 per element, 1 without weight and bias",
    lambda facts: _read(facts) * (2 if _affine(facts) else 1),
)
_NORM_4 = Rule(
    "4 per element, 2 without weight and bias",
    lambda facts: _read(facts) * (4 if _affine(facts) else 2),
)
_NORM_5 = Rule(
    "5 per element, 4 without weight and bias",
    lambda facts: _read(facts) * (5 if _affine(facts) else 4),
)
_PROJECTIONS = Rule(
    "1 per MAC of the projections, 1 per bias add",
    lambda facts: _projections(facts) + 4 * _written(facts),
)
_TWO_PER_PROJECTION = Rule(
    "2 per MAC of the projections, no bias", lambda facts: 2 * _projections(facts)
)


def _projections(facts: Facts) -> int:
    """MACs of the four projections of a multi-head attention over N×C: 4*N*C*C."""
    tokens, channels = facts.inputs[0]
    return 4 * tokens * channels * channels


# --- what single tools do ---


def _transposed_by_output(facts: Facts) -> int:
    """A transposed convolution as if it were a convolution of its output: input channels of a
    group times K*K, per output element.
    """
    channels, _, *kernel = facts.weights["weight"].shape
    return (
        _written(facts) * (channels // cast(ConvTranspose2d, facts.op).groups) * math.prod(kernel)
    )


def _softmax_rows(facts: Facts) -> int:
    """An exponential and a division per element, n - 1 additions per row of n."""
    return 3 * _read(facts) - _read(facts) // facts.inputs[0][cast(Softmax, facts.op).dim]


def _interpolated(nearest: int, bilinear: int) -> Callable[[Facts], int]:
    return lambda facts: (
        _written(facts) * (bilinear if cast(Interpolate, facts.op).mode == "bilinear" else nearest)
    )


def _aligned_left(one: Shape, other: Shape) -> int:
    """Elements of two shapes broadcast from their first dimension on, not from their last as
    torch does.
    """
    return math.prod(max(pair) for pair in zip_longest(one, other, fillvalue=1))


def _calls_mul(facts: Facts) -> bool:
    """Whether archprof's model multiplies with torch.mul, which these tools replace; in place
    and by a broadcast view it does not.
    """
    op = facts.op
    if isinstance(op, ScaleBy):
        return not op.inplace
    if isinstance(op, Scale):
        (read,) = facts.inputs
        rank = len(read)
        return not op.size or op.dim % rank == rank - 1
    return True


def _second_factor(facts: Facts) -> Shape:
    """The shape of what torch.mul multiplies by: another tensor, with its batch of 1, the
    learned scale, or a number.
    """
    if len(facts.inputs) == 2:
        return (1, *facts.inputs[1])
    return next((weight.shape for weight in facts.weights.values()), ())


def _multiplied_left(facts: Facts) -> int:
    return _aligned_left((1, *facts.inputs[0]), _second_factor(facts)) if _calls_mul(facts) else 0


def _multiplied(facts: Facts) -> int:
    return _written(facts) if _calls_mul(facts) else 0


def _local_response(facts: Facts) -> int:
    """torch's formula in torch's functions: the square, the mean of the channels with size - 1
    more as padding, a factor, a sum.
    """
    channels, *pixels = facts.inputs[0]
    return 3 * _read(facts) + (channels + cast(LocalResponseNorm, facts.op).size - 1) * math.prod(
        pixels
    )


def _standardised(facts: Facts) -> int:
    """2 per MAC, 1 per bias add, and 5 per weight: the batch norm that standardises the filters."""
    return 2 * facts.cost.macs + _biases(facts) + 5 * facts.weights["weight"].elements


def _calflops_transposed(facts: Facts) -> int:
    """calflops takes output channels per group for all, divides by the groups again, and adds
    the bias over a convolution's output.
    """
    op = cast(ConvTranspose2d, facts.op)
    inside, outside, *kernel = facts.weights["weight"].shape
    pixels = facts.inputs[0][1:]
    macs = math.prod(kernel) * inside * (outside // op.groups) * math.prod(pixels)
    if not op.bias:
        return 2 * macs
    sides = zip(pixels, kernel, op.stride, op.padding, op.dilation, strict=True)
    return 2 * macs + outside * math.prod(
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sides
    )


def _per_position(facts: Facts) -> int:
    """Weights and biases, once for every place of the output's height and width."""
    return _weights(facts) * math.prod(facts.output[1:])


def _windows(facts: Facts) -> int:
    """The products where torch computes them one by one: attention within windows; the fused one
    shows none.

    As if the channels of each token lay together in memory: torch does not fuse attention of
    permuted tokens.
    """
    query, _, value, *_ = facts.inputs
    fused = len(query) == 2 and query[-1] == value[-1]
    return 0 if fused else facts.cost.macs


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


THOP: Rules = {
    **_each("conv2d linear", MACS),
    "conv_transpose2d": Rule(
        "(input channels of a group)*K*K per output element", _transposed_by_output
    ),
    **_each("batch_norm2d layer_norm", _NORM_4),
    "prelu": _PER_INPUT,
    "softmax": Rule("3 per element, less 1 per row", _softmax_rows),
    "avg_pool2d": _PER_OUTPUT,
    "adaptive_avg_pool2d": Rule(
        "1 per input and 1 per output element", lambda facts: _read(facts) + _written(facts)
    ),
    "interpolate": Rule("per output element 1, bilinear 11", _interpolated(1, 11)),
}

_RESPONSE = Rule("3 per element, and 1 per element padded by size - 1 channels", _local_response)
_MUL_LEFT = Rule("1 per element, shapes broadcast from the left; none in place", _multiplied_left)

PTFLOPS_MODULES: Rules = {
    **_each("conv2d conv_transpose2d linear", _WITH_BIAS),
    **_each("batch_norm2d group_norm", _NORM_2),
    **_each(
        "layer_norm relu relu6 leaky_relu prelu gelu max_pool2d avg_pool2d adaptive_avg_pool2d",
        _PER_INPUT,
    ),
    "interpolate": _PER_OUTPUT,
}

PTFLOPS: Rules = {
    **PTFLOPS_MODULES,
    **_each("relu prelu gelu max_pool2d avg_pool2d adaptive_avg_pool2d", _TWICE_PER_INPUT),
    **_each("silu softmax", _PER_INPUT),
    "interpolate": _TWICE_PER_OUTPUT,
    "local_response_norm": _RESPONSE,
    **_each("multiply scale scale_by", _MUL_LEFT),
}

PTFLOPS_ATEN: Rules = {
    **_each("conv2d conv_transpose2d scaled_std_conv2d linear", _WITH_BIAS),
    "table_conv2d": MACS,
    "multihead_attention": _PROJECTIONS,
    "attention": Rule(
        "1 per MAC within windows, nothing for the fused attention of one sequence", _windows
    ),
}

TORCHINFO: Rules = {
    **_each(
        "conv2d conv_transpose2d scaled_std_conv2d table_conv2d",
        Rule("weights and biases once per output pixel", _per_position),
    ),
    **_each(
        "prelu linear batch_norm2d layer_norm layer_norm2d group_norm rms_norm global_response_norm"
        " global_response_norm2d",
        Rule("weights and biases once per image, whatever the tokens or pixels", _weights),
    ),
    "multihead_attention": Rule(
        "weights and biases of the output projection once per image",
        lambda facts: sum(
            w.elements for name, w in facts.weights.items() if name.startswith("out_proj")
        ),
    ),
}

CALFLOPS: Rules = {
    "conv2d": _TWO_AND_BIAS,
    "scaled_std_conv2d": Rule("2 per MAC, 1 per bias add, 5 per weight", _standardised),
    "conv_transpose2d": Rule(
        "2 per MAC divided by the groups once more, 1 per element of a convolution's output for the"
        " bias",
        _calflops_transposed,
    ),
    **_each("linear table_conv2d", _TWO_PER_MAC),
    "multihead_attention": _TWO_PER_PROJECTION,
    "batch_norm2d": _NORM_2,
    **_each("layer_norm layer_norm2d group_norm", _NORM_5),
    **_each(
        "relu leaky_relu prelu silu gelu softmax max_pool2d avg_pool2d adaptive_avg_pool2d"
        " interpolate",
        _PER_INPUT,
    ),
    "local_response_norm": _RESPONSE,
    **_each("multiply scale scale_by", _MUL_LEFT),
}

DEEPSPEED: Rules = {
    **CALFLOPS,
    "conv_transpose2d": _TWO_AND_BIAS,
    **_each("multihead_attention attention", _TWO_PER_MAC),
    "interpolate": _PER_OUTPUT,
    **_each("multiply scale scale_by", Rule("1 per output element; none in place", _multiplied)),
}

TIMM: Rules = _each("attention multihead_attention", MACS)
"""Where timm's benchmark differs from fvcore: it runs attention as two products, which fvcore
sees.
"""
