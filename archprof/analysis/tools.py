"""How the tools that `--count` names count each op, as data: by op a rule in words and as a
function of shapes.

The reference is what a tool prints for archprof's own torch model (`archprof.model.compile.build`),
recorded by scripts/record_counts.py. Tools that hook modules count a function written in their
place otherwise or not at all, so that the same network in other code can give another figure. An op
that a tool's table does not name counts nothing there, as in the tool.
"""

from __future__ import annotations

from archprof.analysis.tool_rules import (
    MACS,
    NORM_2,
    NORM_4,
    NORM_5,
    PER_INPUT,
    PER_OUTPUT,
    PROJECTIONS,
    TWICE_PER_INPUT,
    TWICE_PER_OUTPUT,
    TWO_AND_BIAS,
    TWO_PER_MAC,
    TWO_PER_PROJECTION,
    WITH_BIAS,
    Rule,
    Rules,
    calflops_transposed,
    elements_read,
    elements_written,
    interpolated,
    local_response,
    multiplied,
    multiplied_left,
    per_position,
    products_in_windows,
    softmax_rows,
    standardised,
    transposed_by_output,
    weight_elements,
)


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


THOP: Rules = {
    **_each("conv2d linear", MACS),
    "conv_transpose2d": Rule(
        "(input channels of a group)*K*K per output element", transposed_by_output
    ),
    **_each("batch_norm2d layer_norm", NORM_4),
    "prelu": PER_INPUT,
    "softmax": Rule("3 per element, less 1 per row", softmax_rows),
    "avg_pool2d": PER_OUTPUT,
    "adaptive_avg_pool2d": Rule(
        "1 per input and 1 per output element",
        lambda facts: elements_read(facts) + elements_written(facts),
    ),
    "interpolate": Rule("per output element 1, bilinear 11", interpolated(1, 11)),
}

_RESPONSE = Rule("3 per element, and 1 per element padded by size - 1 channels", local_response)
_MUL_LEFT = Rule("1 per element, shapes broadcast from the left; none in place", multiplied_left)

PTFLOPS_MODULES: Rules = {
    **_each("conv2d conv_transpose2d linear", WITH_BIAS),
    **_each("batch_norm2d group_norm", NORM_2),
    **_each(
        "layer_norm relu relu6 leaky_relu prelu gelu max_pool2d avg_pool2d adaptive_avg_pool2d",
        PER_INPUT,
    ),
    "interpolate": PER_OUTPUT,
}

PTFLOPS: Rules = {
    **PTFLOPS_MODULES,
    **_each("relu prelu gelu max_pool2d avg_pool2d adaptive_avg_pool2d", TWICE_PER_INPUT),
    **_each("silu softmax", PER_INPUT),
    "interpolate": TWICE_PER_OUTPUT,
    "local_response_norm": _RESPONSE,
    **_each("multiply scale scale_by", _MUL_LEFT),
}

PTFLOPS_ATEN: Rules = {
    **_each("conv2d conv_transpose2d scaled_std_conv2d linear", WITH_BIAS),
    "table_conv2d": MACS,
    "multihead_attention": PROJECTIONS,
    "attention": Rule(
        "1 per MAC within windows, nothing for the fused attention of one sequence",
        products_in_windows,
    ),
}

_STEPS = Rule(
    "weights and biases once per step",
    lambda facts: facts.output[0] * sum(w.elements for w in facts.weights.values()),
)

TORCHINFO: Rules = {
    **_each(
        "conv2d conv_transpose2d scaled_std_conv2d table_conv2d",
        Rule("weights and biases once per output pixel", per_position),
    ),
    "lstm": _STEPS,
    "gru": _STEPS,
    "rnn": _STEPS,
    **_each(
        "embedding prelu linear batch_norm2d layer_norm layer_norm2d group_norm rms_norm"
        " global_response_norm global_response_norm2d",
        Rule("weights and biases once per image, whatever the tokens or pixels", weight_elements),
    ),
    "multihead_attention": Rule(
        "weights and biases of the output projection once per image",
        lambda facts: sum(
            w.elements for name, w in facts.weights.items() if name.startswith("out_proj")
        ),
    ),
}

CALFLOPS: Rules = {
    "conv2d": TWO_AND_BIAS,
    "scaled_std_conv2d": Rule("2 per MAC, 1 per bias add, 5 per weight", standardised),
    "conv_transpose2d": Rule(
        "2 per MAC divided by the groups once more, 1 per element of a convolution's output for the"
        " bias",
        calflops_transposed,
    ),
    **_each("linear table_conv2d", TWO_PER_MAC),
    "multihead_attention": TWO_PER_PROJECTION,
    "batch_norm2d": NORM_2,
    **_each("layer_norm layer_norm2d group_norm", NORM_5),
    **_each(
        "relu leaky_relu prelu silu gelu softmax max_pool2d avg_pool2d adaptive_avg_pool2d"
        " interpolate",
        PER_INPUT,
    ),
    "local_response_norm": _RESPONSE,
    **_each("multiply scale scale_by", _MUL_LEFT),
}

DEEPSPEED: Rules = {
    **CALFLOPS,
    "conv_transpose2d": TWO_AND_BIAS,
    **_each("multihead_attention attention", TWO_PER_MAC),
    "interpolate": PER_OUTPUT,
    **_each("multiply scale scale_by", Rule("1 per output element; none in place", multiplied)),
}

TIMM: Rules = _each("attention multihead_attention", MACS)
"""Where timm's benchmark differs from fvcore: it runs attention as two products, which fvcore
sees.
"""
