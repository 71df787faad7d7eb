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
        "softmax": "Softmax2d",
        "add": "addition plus sum AddV2 residual shortcut skip",
        "multiply": "mul product prod",
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
        "scale": "LayerScale gamma",
        "embedding": "embed word_embedding lookup_table EmbeddingBag",
        "lstm": "CuDNNLSTM LSTMCell",
        "rnn": "SimpleRNN RNNCell",
    },
    {
        "ELU SELU CELU Mish Softplus Softsign Softshrink Hardshrink Tanhshrink LogSigmoid"
        " Hardtanh Threshold QuickGELU CReLU Snake": (
            "the activations here: relu, relu6, leaky_relu, prelu, sigmoid, tanh, silu, gelu,"
            " hardsigmoid, hardswish"
        ),
        "Activation activation_fn act nonlinearity": (
            "an activation is the op itself, such as {op: relu}"
        ),
        "clip clamp": "`relu6` clips to 0 … 6; no other clipping is in the language",
        "GLU SwiGLU GeGLU": (
            "two layers `slice` the channels in halves, an activation gates one of them, `multiply`"
            " joins them"
        ),
        "log_softmax": "there is no logarithm; `softmax` is the same without it",
        "InstanceNorm2d InstanceNorm InstanceNormalization": (
            "`group_norm` with `groups: $channels, affine: false` is the same"
        ),
        "norm normalization": (
            "the norms here: batch_norm2d, layer_norm, layer_norm2d, group_norm, rms_norm,"
            " local_response_norm"
        ),
        "pool pooling pool2d LPPool2d FractionalMaxPool2d MaxUnpool2d": (
            "the poolings here: max_pool2d, avg_pool2d, adaptive_avg_pool2d"
        ),
        "GlobalAveragePool GlobalAveragePooling2D GlobalAvgPool global_avg_pool2d gap mean"
        " ReduceMean": ("`adaptive_avg_pool2d` with `size: 1` is the mean over height and width"),
        "AdaptiveMaxPool2d GlobalMaxPool GlobalMaxPooling2D amax ReduceMax": (
            "there is no adaptive max pooling; `max_pool2d` with `kernel: '$shape[1:]'` pools the"
            " whole height and width"
        ),
        "DepthwiseConv2D depthwise_conv depthwise": (
            "a depthwise convolution is a conv2d with `groups: $channels`"
        ),
        "SeparableConv2D separable_conv": (
            "a conv2d with `groups: $channels`, then a conv2d with `kernel: 1`"
        ),
        "MatMul bmm Einsum": (
            "`linear` multiplies by weights, `attention` its inputs; there is no other matrix"
            " product"
        ),
        "cross_attention": (
            "`attention` takes queries, keys and values from different layers: from: [q, k, v]"
        ),
        "subtract sub": "`scale_by` with `factor: -1`, then `add`",
        "div divide true_divide": (
            "`scale_by` multiplies by a constant; there is no division by a tensor"
        ),
        "Eltwise": "`add` or `multiply`",
        "split chunk unbind tensor_split": "one `slice` for each part",
        "stack": "`concat` joins along a dimension that is there; `reshape` makes one",
        "ReflectionPad2d ReplicationPad2d CircularPad2d": (
            "`pad` puts a constant around the pixels, nothing else"
        ),
        "AlphaDropout Dropout1d Dropout2d Dropout3d SpatialDropout2D FeatureAlphaDropout": (
            "`dropout` is nearest: it drops single elements; neither costs anything in evaluation"
        ),
        "Sequential ModuleList layers": "layers in a row are a list of layers, without an op",
        "SE SqueezeExcite SqueezeExcitation SEBlock": (
            "it is a block: use: blocks/squeeze_excitation.yaml"
        ),
        "buffer constant": "there are no constant tensors; a `parameter` is trained",
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
        "padding_mode pad_mode pad_type": "padding is by zeros only",
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
    ("interpolate", "size"): "the output's size follows from a whole `factor`",
    ("interpolate", "output_size"): "the output's size follows from a whole `factor`",
    ("attention", "scale"): "scores are always divided by the root of the channels of a head",
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
        "share": (
            "weights are shared op by op: an op in a block or group names the one whose weights it"
            " uses, as in share: left.conv1"
        ),
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
    if re.search(r"[13]d\Z", name.lower()):
        return (
            "operations are on images and tokens: there is none on sequences (1d) or volumes (3d)"
        )
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
