"""The rules by which tools count one op, in words and as functions of its shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from archprof.autograd.layout import contiguous
from archprof.graph.graph import Facts
from archprof.ops.base import Shape
from archprof.ops.scale import Scale, ScaleBy
from archprof.record import Record

if TYPE_CHECKING:
    from archprof.ops.convolution import PaddedConvolution
    from archprof.ops.einsum import Einsum
    from archprof.ops.linear import Linear
    from archprof.ops.response_norm import LocalResponseNorm
    from archprof.ops.softmax import Softmax
    from archprof.ops.transposed_convolution import ConvTranspose2d


class Rule(Record):
    """What one op counts for one image: in words, and as a number."""

    words: str
    of: Callable[[Facts], int]


Rules = Mapping[str, Rule]
"""By the op's name in a spec."""

NO_RULES: Rules = MappingProxyType({})


def elements_read(facts: Facts) -> int:
    (read,) = facts.inputs
    return math.prod(read)


def elements_written(facts: Facts) -> int:
    return math.prod(facts.output)


def _biases(facts: Facts) -> int:
    """Return the additions of a bias: one per output element, where there is a bias."""
    return elements_written(facts) if "bias" in facts.weights else 0


def weight_elements(facts: Facts) -> int:
    """Return the elements of the parameters named weight and bias."""
    return sum(
        weight.elements for name, weight in facts.weights.items() if name in ("weight", "bias")
    )


def _affine(facts: Facts) -> bool:
    return "weight" in facts.weights


MACS = Rule("1 per MAC", lambda facts: facts.known_cost.macs)
NOTHING = Rule("nothing", lambda facts: 0)
PER_INPUT = Rule("1 per input element", elements_read)
PER_OUTPUT = Rule("1 per output element", elements_written)
TWICE_PER_INPUT = Rule(
    "2 per input element: as a module and as the function that it calls",
    lambda facts: 2 * elements_read(facts),
)
TWICE_PER_OUTPUT = Rule(
    "2 per output element: as a module and as the function that it calls",
    lambda facts: 2 * elements_written(facts),
)
WITH_BIAS = Rule("1 per MAC, 1 per bias add", lambda facts: facts.known_cost.macs + _biases(facts))
TWO_PER_MAC = Rule("2 per MAC, no bias", lambda facts: 2 * facts.known_cost.macs)
TWO_AND_BIAS = Rule(
    "2 per MAC, 1 per bias add", lambda facts: 2 * facts.known_cost.macs + _biases(facts)
)
NORM_2 = Rule(
    "2 per element, 1 without weight and bias",
    lambda facts: elements_read(facts) * (2 if _affine(facts) else 1),
)
NORM_4 = Rule(
    "4 per element, 2 without weight and bias",
    lambda facts: elements_read(facts) * (4 if _affine(facts) else 2),
)
NORM_5 = Rule(
    "5 per element, 4 without weight and bias",
    lambda facts: elements_read(facts) * (5 if _affine(facts) else 4),
)
STEP_BY_STEP = Rule(
    "1 per MAC, 1 per bias add, of each step",
    lambda facts: facts.known_cost.macs + _biases_of_steps(facts),
)
PROJECTIONS = Rule(
    "1 per MAC of the projections, 1 per bias add",
    lambda facts: _projections(facts) + 4 * elements_written(facts),
)
TWO_PER_PROJECTION = Rule(
    "2 per MAC of the projections, no bias", lambda facts: 2 * _projections(facts)
)


def _biases_of_steps(facts: Facts) -> int:
    """Return the additions of a recurrent layer's biases: all of them, in each of its steps."""
    biases = (w.elements for name, w in facts.weights.items() if name.startswith("bias"))
    return facts.output[0] * sum(biases)


def of_plain_linear(rule: Rule) -> Rule:
    """Return the rule where the module is torch's own; nothing is counted of one whose bias lacks
    some elements, which is a class of its own.
    """
    return Rule(
        f"{rule.words}; nothing with `unbiased`",
        lambda facts: rule.of(facts) if not cast("Linear", facts.op).unbiased else 0,
    )


def _projections(facts: Facts) -> int:
    """Return the MACs of the four projections of a multi-head attention over N×C: 4*N*C*C."""
    tokens, channels = facts.inputs[0]
    return 4 * tokens * channels * channels


# --- what single tools do ---


def transposed_by_output(facts: Facts) -> int:
    """Count a transposed convolution as if it were a convolution of its output: input channels of
    a group times K*K, per output element.
    """
    channels, _, *kernel = facts.weights["weight"].shape
    return (
        elements_written(facts)
        * (channels // cast("ConvTranspose2d", facts.op).groups)
        * math.prod(kernel)
    )


def by_numpy(facts: Facts) -> int:
    """Count the FLOPs that numpy.einsum_path prints, in four digits."""
    return int(cast("Einsum", facts.op).numpy_flops(facts.inputs))


def softmax_rows(facts: Facts) -> int:
    """Count an exponential and a division per element, and n - 1 additions per row of n."""
    return (
        3 * elements_read(facts)
        - elements_read(facts) // facts.inputs[0][cast("Softmax", facts.op).dim]
    )


def pooled_adaptively(facts: Facts) -> int:
    """Count 1 per input and 1 per output element, by thop's own arithmetic: of the output's
    elements times the ratios of the sizes, it drops what lies behind the decimal point.
    """
    ratios = [n / m for n, m in zip(facts.inputs[0][1:], facts.output[1:], strict=True)]
    return int((math.prod(ratios) + 1) * elements_written(facts))


def _aligned_left(one: Shape, other: Shape) -> int:
    """Return the elements of two shapes broadcast from their first dimension on, not from their
    last as torch does.
    """
    return math.prod(max(pair) for pair in zip_longest(one, other, fillvalue=1))


def _calls_mul(facts: Facts) -> bool:
    """Return whether archprof's model multiplies with torch.mul, which these tools replace; in
    place, by a broadcast view and of three factors it does not.
    """
    op = facts.op
    if len(facts.inputs) > 2:
        return False
    if isinstance(op, ScaleBy):
        return not op.inplace
    if isinstance(op, Scale):
        (read,) = facts.inputs
        rank = len(read)
        return not op.size or op.dim % rank == rank - 1
    return True


def _second_factor(facts: Facts) -> Shape:
    """Return the shape of what torch.mul multiplies by: another tensor, with its batch of 1, the
    learned scale, or a number.
    """
    if len(facts.inputs) == 2:
        return (1, *facts.inputs[1])
    return next((weight.shape for weight in facts.weights.values()), ())


def multiplied_left(facts: Facts) -> int:
    return _aligned_left((1, *facts.inputs[0]), _second_factor(facts)) if _calls_mul(facts) else 0


def multiplied(facts: Facts) -> int:
    return elements_written(facts) if _calls_mul(facts) else 0


def local_response(facts: Facts) -> int:
    """Count torch's formula in torch's functions: the square, the mean of the channels with
    size - 1 more as padding, a factor, a sum.
    """
    channels, *pixels = facts.inputs[0]
    return 3 * elements_read(facts) + (
        channels + cast("LocalResponseNorm", facts.op).size - 1
    ) * math.prod(pixels)


def evenly_padded(rule: Rule) -> Rule:
    """Return the rule for a convolution as if an uneven `same` padded the less on both sides."""

    def count(facts: Facts) -> int:
        op = cast("PaddedConvolution", facts.op)
        if getattr(op, "padding_mode", "zeros") != "zeros":  # torch pads it beforehand
            return rule.of(facts)
        places = facts.output[1:]
        seen = math.prod(n - odd for n, odd in zip(places, op.odd(), strict=True))
        return rule.of(facts) * seen // math.prod(places)

    return Rule(f"{rule.words}; an uneven `same` as if it padded the less on both sides", count)


def standardised(facts: Facts) -> int:
    """Count 2 per MAC, 1 per bias add, and for the batch norm of the filters 4 per weight, 5 where
    it scales them.
    """
    per_weight = 5 if "gain" in facts.weights else 4
    convolved = evenly_padded(TWO_AND_BIAS).of(facts)
    return convolved + per_weight * facts.weights["weight"].elements


def by_first_factor(facts: Facts) -> int:
    """Count a product of matrices as if the first factor were the larger one."""
    return math.prod(facts.inputs[0]) * facts.output[-1]


def calflops_transposed(facts: Facts) -> int:
    """Count as calflops: output channels per group for all, divided by the groups again, and
    the bias over a convolution's output.
    """
    op = cast("ConvTranspose2d", facts.op)
    inside, outside, *kernel = facts.weights["weight"].shape
    pixels = facts.inputs[0][1:]
    macs = math.prod(kernel) * inside * (outside // op.groups) * math.prod(pixels)
    if not op.bias:
        return 2 * macs
    sides = zip(pixels, kernel, op.stride, op.padding, op.dilation, strict=True)
    return 2 * macs + outside * math.prod(
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sides
    )


def per_position(facts: Facts) -> int:
    """Count weights and biases once for every place of the output's height and width."""
    return weight_elements(facts) * math.prod(facts.output[1:])


def products_unfused(facts: Facts) -> int:
    """Count the products where torch computes them one by one, by tensors without gradients; the
    fused attention shows none.

    As if the channels of each token lay together in memory: torch does not fuse attention of
    permuted tokens.
    """
    layouts = tuple(contiguous((1, *shape)) for shape in facts.inputs)
    return 0 if facts.op.algorithm(layouts) == "fused" else facts.known_cost.macs
