"""How the tools that `--count` names count each op, as data: by op a rule in words and as a
function of shapes.

The reference is what a tool prints for archprof's own torch model (`archprof.model.compile.build`),
recorded by scripts/record_counts.py. Tools that hook modules count a function written in their
place otherwise or not at all, so that the same network in other code can give another figure. An op
that a tool's table does not name counts nothing there, as in the tool.
"""

from __future__ import annotations

from archprof.analysis import interpolation_rules as interpolation
from archprof.analysis.tool_rules import (
    MACS,
    NORM_2,
    NORM_4,
    NORM_5,
    PER_INPUT,
    PER_OUTPUT,
    PROJECTIONS,
    STEP_BY_STEP,
    TWICE_PER_INPUT,
    TWO_AND_BIAS,
    TWO_PER_MAC,
    TWO_PER_PROJECTION,
    WITH_BIAS,
    Rule,
    Rules,
    by_first_factor,
    by_numpy,
    calflops_transposed,
    elements_read,
    evenly_padded,
    local_response,
    multiplied,
    multiplied_left,
    of_plain_linear,
    per_position,
    pooled_adaptively,
    products_unfused,
    softmax_rows,
    standardised,
    transposed_by_output,
    weight_elements,
)


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


def _ranks(names: str, rule: Rule) -> dict[str, Rule]:
    """Return the rule for the ops of these families along one, two and three axes."""
    return {f"{name}{rank}d": rule for name in names.split() for rank in (1, 2, 3)}


THOP: Rules = {
    **_ranks("conv", MACS),
    "linear": of_plain_linear(MACS),
    **_ranks(
        "conv_transpose",
        Rule("(input channels of a group)*K*K per output element", transposed_by_output),
    ),
    **_ranks("batch_norm instance_norm", NORM_4),
    "layer_norm": NORM_4,
    "prelu": PER_INPUT,
    "softmax": Rule("3 per element, less 1 per row", softmax_rows),
    **_ranks("avg_pool", PER_OUTPUT),
    **_ranks(
        "adaptive_avg_pool",
        Rule("1 per input and 1 per output element, in floating point", pooled_adaptively),
    ),
    "interpolate": Rule(
        "per output element nearest 1, linear 5, bilinear 11, bicubic 259; others, and what is"
        " antialiased, 0",
        interpolation.by_mode({"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 224 + 35}),
    ),
}

_PRODUCT = Rule("1 per MAC, as if the first factor were the larger one", by_first_factor)
_TWICE_PRODUCT = Rule(
    "2 per MAC, as if the first factor were the larger one",
    lambda facts: 2 * by_first_factor(facts),
)
_RESPONSE = Rule("3 per element, and 1 per element padded by size - 1 channels", local_response)
_MUL_LEFT = Rule("1 per element, shapes broadcast from the left; none in place", multiplied_left)

PTFLOPS_MODULES: Rules = {
    **_ranks("conv conv_transpose", WITH_BIAS),
    "linear": of_plain_linear(WITH_BIAS),
    **_ranks("batch_norm instance_norm", NORM_2),
    "group_norm": NORM_2,
    **_each("layer_norm relu relu6 leaky_relu prelu elu gelu", PER_INPUT),
    **_ranks("max_pool avg_pool adaptive_avg_pool adaptive_max_pool", PER_INPUT),
    "interpolate": Rule("1 per output element, antialiased 0", interpolation.as_module),
}

PTFLOPS: Rules = {
    **PTFLOPS_MODULES,
    **_each("relu prelu elu gelu", TWICE_PER_INPUT),
    **_ranks("max_pool avg_pool adaptive_avg_pool adaptive_max_pool", TWICE_PER_INPUT),
    **_each("silu softmax", PER_INPUT),
    "interpolate": Rule(
        "1 per output element as a module, antialiased 0; as a function again, or 1 per input"
        " element times the factors, each rounded down",
        interpolation.twice,
    ),
    "local_response_norm": _RESPONSE,
    **_each("multiply scale scale_by", _MUL_LEFT),
    "matmul": _PRODUCT,
}

PTFLOPS_ATEN: Rules = {
    **_ranks("conv conv_transpose", WITH_BIAS),
    **_each("std_conv2d scaled_std_conv2d linear", WITH_BIAS),
    **_each("table_conv2d blur_pool2d matmul einsum", MACS),
    **_each("gru rnn", STEP_BY_STEP),
    "multihead_attention": PROJECTIONS,
    "attention": Rule(
        "1 per MAC where torch computes the products one by one, nothing for the fused attention",
        products_unfused,
    ),
}

_STEPS = Rule(
    "weights and biases once per step",
    lambda facts: facts.output[0] * sum(w.elements for w in facts.weights.values()),
)
PER_POSITION = Rule("weights and biases once per output pixel", per_position)
ONCE_PER_IMAGE = Rule(
    "weights and biases once per image, whatever the tokens or pixels", weight_elements
)

TORCHINFO: Rules = {
    **_ranks("conv conv_transpose", PER_POSITION),
    **_each("std_conv2d scaled_std_conv2d table_conv2d deform_conv2d", PER_POSITION),
    **_ranks("batch_norm instance_norm", ONCE_PER_IMAGE),
    **_each("lstm gru rnn", _STEPS),
    **_each(
        "embedding prelu linear layer_norm layer_norm2d group_norm rms_norm global_response_norm"
        " global_response_norm2d",
        ONCE_PER_IMAGE,
    ),
    "multihead_attention": Rule(
        "weights and biases of the output projection once per image",
        lambda facts: sum(
            w.elements for name, w in facts.weights.items() if name.startswith("out_proj")
        ),
    ),
}

CALFLOPS: Rules = {
    **_ranks("conv", evenly_padded(TWO_AND_BIAS)),
    "std_conv2d": Rule("2 per MAC, 1 per bias add, 4 per weight", standardised),
    "scaled_std_conv2d": Rule("2 per MAC, 1 per bias add, 5 per weight", standardised),
    **_ranks(
        "conv_transpose",
        Rule(
            "2 per MAC divided by the groups once more, 1 per element of a convolution's output for"
            " the bias",
            calflops_transposed,
        ),
    ),
    "table_conv2d": evenly_padded(TWO_PER_MAC),
    **_each("linear blur_pool2d", TWO_PER_MAC),
    "matmul": _TWICE_PRODUCT,
    "einsum": Rule("the FLOPs of numpy.einsum_path, in four digits", by_numpy),
    "multihead_attention": TWO_PER_PROJECTION,
    **_ranks("batch_norm", NORM_2),
    **_ranks("instance_norm", NORM_5),
    **_each("layer_norm layer_norm2d group_norm", NORM_5),
    **_each("relu leaky_relu prelu elu silu gelu softmax", PER_INPUT),
    **_ranks("max_pool avg_pool adaptive_avg_pool adaptive_max_pool", PER_INPUT),
    "interpolate": Rule(
        "1 per input element, or 1 per pixel of a size", interpolation.by_pixels(elements_read)
    ),
    "local_response_norm": _RESPONSE,
    **_each("multiply scale scale_by", _MUL_LEFT),
}

DEEPSPEED: Rules = {
    **CALFLOPS,
    **_ranks("conv_transpose", TWO_AND_BIAS),
    **_each("multihead_attention attention", TWO_PER_MAC),
    "interpolate": Rule(
        "1 per input element times the factors, rounded down, or 1 per pixel of a size",
        interpolation.by_pixels(interpolation.times_factors),
    ),
    **_each("multiply scale scale_by", Rule("1 per output element; none in place", multiplied)),
}

TIMM: Rules = _each("attention multihead_attention", MACS)
"""Where timm's benchmark differs from fvcore: it runs attention as two products, which fvcore
sees.
"""
