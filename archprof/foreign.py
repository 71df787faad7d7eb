"""Words of torch, Keras, TensorFlow, Caffe, ONNX and JAX, beside archprof's.

A hint about an unknown word comes from these tables before it comes from spelling: `selu` is not
a slip for `relu`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from archprof.foreign_ops import OPS
from archprof.vocabulary import Vocabulary

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
        "batch": "batch_size batchsize bs images",
        "optimizer": "optim opt",
        "amp": "autocast mixed_precision precision",
        "freeze": "frozen",
        "checkpoint": "checkpoints checkpointing grad_checkpointing gradient_checkpointing",
        "accumulate": "grad_accum accumulation_steps gradient_accumulation_steps",
    },
    {
        "flops max_flops gflops max_gflops": (
            "`max_macs` limits a forward pass's multiply-accumulates, `max_step_flops` the FLOPs of"
            " a step of training"
        ),
    },
)
"""Limits and conditions of `budget:`."""

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
