"""Words of torch, Keras, TensorFlow, Caffe, ONNX and JAX, beside archprof's.

A hint about an unknown word comes from these tables before it comes from spelling: `selu` is no
slip for `relu`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from archprof.vocabulary import Vocabulary

OPS = Vocabulary(
    {
        "conv2d": "conv convolution convolution2d",
        "conv_transpose1d": "Conv1DTranspose deconv1d transposed_conv1d",
        "conv_transpose3d": "Conv3DTranspose deconv3d transposed_conv3d",
        "conv_transpose2d": (
            "conv_transpose Conv2DTranspose deconv deconvolution deconv2d transposed_conv2d"
        ),
        "scaled_std_conv2d": "std_conv2d ws_conv2d weight_standardized_conv2d",
        "linear": "Dense InnerProduct fc fully_connected Gemm affine",
        "max_pool2d": "MaxPool MaxPooling2D max_pooling",
        "avg_pool2d": (
            "AveragePool AveragePooling2D AvgPool average_pooling avg_pooling mean_pool2d"
        ),
        "adaptive_avg_pool2d": "adaptive_avg_pool adaptive_average_pool2d",
        "adaptive_max_pool2d": "adaptive_max_pool",
        "instance_norm2d": "InstanceNorm InstanceNormalization",
        "dropout2d": "SpatialDropout2D FeatureDropout",
        "batch_norm2d": (
            "BatchNormalization BatchNorm bn bn2d SyncBatchNorm FusedBatchNorm FrozenBatchNorm2d"
        ),
        "layer_norm": "LayerNormalization ln",
        "group_norm": "GroupNormalization gn",
        "rms_norm": "RMSNormalization",
        "local_response_norm": "LRN LocalResponseNormalization",
        "global_response_norm": "GRN GlobalResponseNormalization",
        "leaky_relu": "lrelu RReLU",
        "silu": "swish",
        "hardswish": "h_swish hard_silu",
        "hardsigmoid": "h_sigmoid",
        "sigmoid": "logistic",
        "mean": "ReduceMean",
        "max": "amax ReduceMax",
        "min": "amin ReduceMin",
        "normalize": "UnitNormalization l2_normalize L2Norm LpNormalization",
        "matmul": "bmm mm dot_product",
        "softmax": "Softmax2d",
        "elu": "exponential_linear_unit",
        "glu": "gated_linear_unit",
        "add": "addition plus AddV2 residual shortcut skip",
        "multiply": "mul product prod",
        "subtract": "sub minus difference",
        "divide": "div true_divide quotient",
        "clamp": "clip clip_by_value",
        "pow": "power square",
        "concat": "Concatenate cat ConcatV2",
        "reshape": "view unflatten squeeze unsqueeze expand_dims",
        "permute": "transpose swapaxes movedim rearrange",
        "pad": "ZeroPad2d ZeroPadding2D ConstantPad2d padding",
        "slice": "crop CenterCrop Cropping2D narrow StridedSlice",
        "interpolate": (
            "Upsample UpSampling2D Resize ResizeBilinear UpsamplingNearest2d UpsamplingBilinear2d"
        ),
        "pixel_shuffle": "DepthToSpace",
        "pixel_unshuffle": "SpaceToDepth",
        "channel_shuffle": "ShuffleChannel",
        "multihead_attention": "mha self_attention",
        "attention": "ScaledDotProductAttention sdpa",
        "drop_path": "StochasticDepth",
        "identity": "noop",
        "buffer": "constant Const register_buffer full zeros arange linspace",
        "scale": "LayerScale gamma",
        "embedding": "embed word_embedding lookup_table EmbeddingBag",
        "lstm": "CuDNNLSTM LSTMCell",
        "rnn": "SimpleRNN RNNCell",
    },
    {
        "Softshrink Hardshrink Tanhshrink Threshold Snake ReGLU squareplus": (
            "the activations here: relu, gelu, silu, elu, mish, softplus; all are in `archprof ops`"
        ),
        "QuickGELU": "`scale_by` with `factor: 1.702`, `sigmoid`, then `multiply` with the input",
        "CReLU": "a `relu`, a `relu` behind `scale_by` with `factor: -1`, and `concat`",
        "Activation activation_fn act nonlinearity": (
            "an activation is the op itself, such as {op: relu}"
        ),
        "SwiGLU GeGLU": "`chunk` in 2, an activation on one, `multiply`; `glu` has a sigmoid",
        "normalization": (
            "the norms here: batch_norm2d, layer_norm, layer_norm2d, group_norm, instance_norm2d,"
            " rms_norm, local_response_norm, normalize"
        ),
        "pool pooling pool2d LPPool2d FractionalMaxPool2d MaxUnpool2d": (
            "the poolings here: max_pool2d, avg_pool2d, adaptive_avg_pool2d, adaptive_max_pool2d"
        ),
        "GlobalAveragePool GlobalAveragePooling2D GlobalAvgPool global_avg_pool2d gap": (
            "`adaptive_avg_pool2d` with `size: 1` is the mean over height and width"
        ),
        "GlobalMaxPool GlobalMaxPooling2D": (
            "`adaptive_max_pool2d` with `size: 1` is the largest over height and width"
        ),
        "DepthwiseConv2D depthwise_conv depthwise": "a conv2d with `groups: $channels`",
        "DeformConv2d deform_conv": (
            "it is torchvision's, not torch's: a `conv2d` has its parameters and its MACs"
        ),
        "SeparableConv2D separable_conv": (
            "a conv2d with `groups: $channels`, then a conv2d with `kernel: 1`"
        ),
        "cross_attention": (
            "`attention` takes queries, keys and values from different layers: from: [q, k, v]"
        ),
        "sinh cosh tan atan log2 expm1": "functions here: pow, exp, log, sqrt, abs, sin, cos",
        "neg reciprocal rsqrt": "`scale_by` with `factor: -1`; `pow` with `exponent: -1` or -0.5",
        "Eltwise": "`add` or `multiply`",
        "unbind tensor_split": "`split` and `chunk` take a tensor apart",
        "stack": "`concat` joins along a dimension that is there; `reshape` makes one",
        "ReflectionPad2d": "`pad` with `mode: reflect`",
        "ReplicationPad2d": "`pad` with `mode: replicate`",
        "CircularPad2d": "two `slice` of the pixels from the other side, joined by `concat`",
        "AlphaDropout FeatureAlphaDropout": (
            "`dropout` is nearest, `dropout2d` drops whole channels; none of them costs anything in"
            " evaluation"
        ),
        "Sequential ModuleList layers": "layers in a row are a list of layers, without an op",
        "SE SqueezeExcite SqueezeExcitation SEBlock": (
            "it is a block: use: blocks/squeeze_excitation.yaml"
        ),
        "Input InputLayer Placeholder": (
            "the network's `input:` says its shape; layers name it `input` in `from`"
        ),
    },
)
"""Operations. What a note names, `tests/test_foreign.py` looks for in the table of ops."""

SETTINGS = Vocabulary(
    {
        "out": (
            "out_channels out_features out_planes filters num_filters units features num_output"
            " num_outputs output_channels out_dim dim_out c_out channels width"
        ),
        "hidden": "hidden_size hidden_dim n_hidden d_hidden",
        "kernel": (
            "kernel_size kernel_shape pool_size ksize filter_size filter_shape window_shape window"
            " size"
        ),
        "stride": "strides window_strides subsample",
        "padding": "pad pads border_mode",
        "padding_mode": "pad_mode pad_type",
        "sides": "padding pads paddings pad",
        "dilation": "dilations rate dilation_rate atrous_rate rhs_dilation atrous",
        "groups": "group num_groups n_groups feature_group_count cardinality",
        "bias": "use_bias with_bias bias_term bias_attr",
        "heads": "num_heads n_heads nhead head",
        "p": "rate prob probability drop_prob drop_rate dropout dropout_ratio drop",
        "eps": "epsilon",
        "affine": "elementwise_affine scale center",
        "size": (
            "output_size out_size output_shape target_shape shape newshape local_size depth_radius"
        ),
        "factor": "scale_factor upscale_factor downscale_factor scale block_size blocksize upscale",
        "mode": "interpolation method resample",
        "slope": "negative_slope alpha",
        "order": "perm permutation dims axes",
        "dim": "axis axes",
        "dims": "axis axes dim",
        "shifts": "shift",
        "start": "start_dim begin starts start_index",
        "end": "end_dim",
        "stop": "end ends stop_index",
        "step": "stride steps strides",
        "value": "fill_value init_value init_values constant",
        "k": "bias knorm",
        "window": "window_size",
    },
    {
        "in_channels in_features in_planes input_channels input_dim num_features num_channels"
        " normalized_shape input_shape embed_dim c_in in_dim": (
            "it is not given: it is what arrives at the layer"
        ),
        "freeze requires_grad trainable": "write frozen: true where no gradient is wanted",
        "data_format layout channels_last": "tensors are channels x height x width",
        "no_bias": "write bias: false",
        "keep_prob": "`p` is the share that is dropped: 1 - keep_prob",
        "activation activation_fn act act_layer": (
            "an activation is a layer of its own, such as {op: relu}"
        ),
        "norm norm_layer normalization batch_norm use_bn": (
            "a norm is a layer of its own, such as {op: batch_norm2d}"
        ),
        "kernel_initializer bias_initializer weight_initializer initializer weight_filler"
        " bias_filler kernel_init bias_init weight_init": (
            "`init` says how weights start: init: {weight: {normal: 0.01}}"
        ),
        "dtype device": "a spec has none; commands take --dtype and --device",
    },
)
"""Settings of ops, and parameters of blocks."""

SETTINGS_OF: dict[tuple[str, str], str] = {
    ("interpolate", "antialias"): "resizing is without antialiasing; the mode area has means",
    (
        "multihead_attention",
        "scale",
    ): "scores are always divided by the root of the channels of a head",
}
"""Words that mean something else at one op."""

DIMENSIONS = ("dim", "dims", "order", "start", "end")
"""Settings that number dimensions, elsewhere from the batch on."""

KEYS = Vocabulary(
    {
        "op": "type class module kind layer_type operator func",
        "from": "inputs bottom bottoms inbound inbound_nodes input sources source",
        "repeat": "times num_blocks num_layers n number",
        "when": "if condition cond enabled",
        "with": "args kwargs arguments parameters",
        "aux": "auxiliary",
        "frozen": "freeze",
        "share": "tied tie weights_from",
        "layers": "model modules backbone architecture",
        "params": "parameters variables hyperparameters hparams defaults args",
        "let": "vars locals define",
        "blocks": "modules definitions",
        "use": "import imports include includes",
        "input": "input_shape input_size input_dim image_size",
        "variants": "models configs sizes",
        "title": "description",
        "source": "reference url paper link arxiv",
        "year": "date",
        "budget": "limits limit",
        "expect": "expected asserts assert",
        "init": "initializer weight_init",
        "aliases": "alias",
    },
    {
        "requires_grad trainable": SETTINGS.notes["freeze requires_grad trainable"],
    },
)
"""Keys of a spec, a block and a layer."""

BUDGETS = Vocabulary(
    {
        "max_params": "params max_parameters parameters max_weights",
        "max_macs": "macs max_mac",
        "max_peak_memory": "max_memory peak_memory memory max_peak_inference_bytes",
        "max_training_memory": (
            "training_memory max_training training max_training_bytes max_train_memory"
            " max_training_peak training_peak max_training_peak_bytes"
        ),
        "max_step_flops": "step_flops max_training_flops training_flops",
        "max_depth": "depth max_layers",
        "min_receptive_field": "receptive_field",
        "max_latency_ms": "latency latency_ms max_latency max_time_ms",
    },
    {
        "flops max_flops gflops max_gflops": (
            "`max_macs` limits a forward pass's multiply-accumulates, `max_step_flops` the FLOPs of"
            " a step of training"
        ),
    },
)
"""Limits of `budget:`."""

VALUES = Vocabulary(
    {
        "$channels": "in_channels in_features in_planes inplanes c_in cin input_channels c",
        "$index": "i idx",
        "$count": "n total",
        "$shape": "size input_shape",
    },
    {},
)
"""Names behind a `$`."""


def op_hint(name: str, known: Iterable[str]) -> str:
    """Return the way out for an operation that there is not."""
    known = set(known)
    image = OPS.meant(f"{name[:-2]}2d", known) or ""  # MaxPooling1D is max_pool1d
    if (other := image[:-2] + name[-2:].lower()) in known and re.search(r"[13][dD]\Z", name):
        return f"it is called `{other}` here"
    return OPS.hint(name, known) or "not in the language: `archprof ops` lists the operations"


def setting_hint(op: str, name: str, known: Iterable[str]) -> str:
    """Return the way out for a setting that the op does not have."""
    if (note := SETTINGS_OF.get((op, name))) is not None:
        return note
    counted = "; the batch is not counted" if SETTINGS.meant(name, known) in DIMENSIONS else ""
    return SETTINGS.hint(name, known, "settings") + counted


def meant_settings(names: Iterable[str], known: Collection[str]) -> set[str]:
    """Return the settings among `known` that stand in `names` under another library's name."""
    meant = {SETTINGS.meant(name, known) for name in names if name not in known}
    return {name for name in meant if name is not None}
