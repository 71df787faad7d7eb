"""The arguments of torch's modules: their names, and the defaults that need not be written.

Without torch, which a static command does not load; tests/commands/export/test_code_signatures.py
compares the table with the installed torch.
"""

from __future__ import annotations

from typing import Any

from archprof.commands.export.code_expressions import MISSING, CallArgument, Expression, Literal

_NEEDED = MISSING
_WINDOW = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True}
_CONV = {"in_channels": _NEEDED, "out_channels": _NEEDED, "kernel_size": _NEEDED}

_RECURRENT = {
    "input_size": _NEEDED,
    "hidden_size": _NEEDED,
    "num_layers": 1,
    "bias": True,
    "dropout": 0.0,
    "bidirectional": False,
}
_POOL = {"kernel_size": _NEEDED, "stride": None, "padding": 0}


def _ranks(name: str, signature: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the signature of a family's modules along one, two and three axes."""
    return {f"nn.{name}{rank}d": signature for rank in (1, 2, 3)}


SIGNATURES: dict[str, dict[str, Any]] = {
    **_ranks("Conv", {**_CONV, **_WINDOW, "padding_mode": "zeros"}),
    **_ranks(
        "ConvTranspose",
        {
            **_CONV,
            "stride": 1,
            "padding": 0,
            "output_padding": 0,
            "groups": 1,
            "bias": True,
            "dilation": 1,
        },
    ),
    "nn.Linear": {"in_features": _NEEDED, "out_features": _NEEDED, "bias": True},
    "nn.Embedding": {"num_embeddings": _NEEDED, "embedding_dim": _NEEDED, "padding_idx": None},
    **_ranks("BatchNorm", {"num_features": _NEEDED, "eps": 1e-5, "momentum": 0.1, "affine": True}),
    **_ranks(
        "InstanceNorm", {"num_features": _NEEDED, "eps": 1e-5, "momentum": 0.1, "affine": False}
    ),
    "nn.GroupNorm": {
        "num_groups": _NEEDED,
        "num_channels": _NEEDED,
        "eps": 1e-5,
        "affine": True,
    },
    "nn.LayerNorm": {"normalized_shape": _NEEDED, "eps": 1e-5, "elementwise_affine": True},
    "nn.RMSNorm": {"normalized_shape": _NEEDED, "eps": None},
    "nn.LocalResponseNorm": {"size": _NEEDED, "alpha": 1e-4, "beta": 0.75, "k": 1.0},
    "nn.ReLU": {"inplace": False},
    "nn.ReLU6": {"inplace": False},
    "nn.SiLU": {"inplace": False},
    "nn.Hardsigmoid": {"inplace": False},
    "nn.Hardswish": {"inplace": False},
    "nn.LeakyReLU": {"negative_slope": 0.01, "inplace": False},
    "nn.PReLU": {"num_parameters": 1},
    "nn.GELU": {"approximate": "none"},
    "nn.Softmax": {"dim": None},
    "nn.LogSoftmax": {"dim": None},
    "nn.ELU": {"alpha": 1.0, "inplace": False},
    "nn.CELU": {"alpha": 1.0, "inplace": False},
    "nn.SELU": {"inplace": False},
    "nn.Mish": {"inplace": False},
    "nn.Softplus": {"beta": 1.0, "threshold": 20.0},
    "nn.Hardtanh": {"min_val": -1.0, "max_val": 1.0, "inplace": False},
    "nn.GLU": {"dim": -1},
    **_ranks("MaxPool", {**_POOL, "dilation": 1, "return_indices": False, "ceil_mode": False}),
    **_ranks("AvgPool", {**_POOL, "ceil_mode": False, "count_include_pad": True}),
    **_ranks("AdaptiveAvgPool", {"output_size": _NEEDED}),
    **_ranks("AdaptiveMaxPool", {"output_size": _NEEDED}),
    "nn.Dropout": {"p": _NEEDED},  # its default says too little
    **_ranks("Dropout", {"p": _NEEDED}),
    "nn.Flatten": {"start_dim": 1, "end_dim": -1},
    "nn.Upsample": {
        "size": None,
        "scale_factor": None,
        "mode": "nearest",
        "align_corners": None,
    },
    "nn.ChannelShuffle": {"groups": _NEEDED},
    "nn.PixelShuffle": {"upscale_factor": _NEEDED},
}
"""By the name that exported code has for it: arguments in torch's order, with their defaults."""

OWN: dict[str, dict[str, Any]] = {
    "LayerNorm2d": SIGNATURES["nn.LayerNorm"],
    "AntialiasedUpsample": SIGNATURES["nn.Upsample"],
    "PartlyBiasedLinear": {
        "in_features": _NEEDED,
        "out_features": _NEEDED,
        "start": _NEEDED,
        "stop": _NEEDED,
    },
    "GlobalResponseNorm": {"channels": _NEEDED, "eps": 1e-6},
    "GlobalResponseNorm2d": {"channels": _NEEDED, "eps": 1e-6},
    "BlurPool2d": {"channels": _NEEDED, "kernel": _NEEDED, "stride": _NEEDED},
    "StdConv2d": SIGNATURES["nn.Conv2d"],
    "ScaledStdConv2d": SIGNATURES["nn.Conv2d"],
    "DeformConv2d": {**_CONV, **_WINDOW},
    "TableConv2d": {"table": _NEEDED, "kernel": _NEEDED, **_WINDOW, "bias": _NEEDED},
    "SequenceLSTM": _RECURRENT,
    "SequenceGRU": _RECURRENT,
    "SequenceRNN": {**_RECURRENT, "nonlinearity": "tanh"},
    "MultiheadSelfAttention": {"channels": _NEEDED, "heads": _NEEDED},
    "DropPath": {"p": _NEEDED},
    "functional.normalize": {"input": _NEEDED, "p": 2.0, "dim": 1, "eps": 1e-12},
    "torch.linalg.vector_norm": {"input": _NEEDED, "ord": 2.0, "dim": None, "keepdim": False},
    "functional.pad": {"input": _NEEDED, "pad": _NEEDED, "mode": "constant", "value": None},
}
"""The same of archprof's own modules, which exported code brings along, and of functions."""

_BESIDE = {"in_channels", "out_channels", "in_features", "out_features", "num_features"}
_BESIDE |= {"normalized_shape", "output_size", "num_channels", "channels", "p", "start_dim"}
_BESIDE |= {"input_size", "hidden_size", "num_embeddings", "embedding_dim"}
_BESIDE |= {"end_dim", "upscale_factor", "input", "pad", "size"}
"""Arguments that people write without their names."""

_PAIRS = {"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"}
_PAIRS |= {"kernel", "scale_factor"}
"""Arguments of which a single number stands for all axes."""


def arguments(
    function: str, values: tuple[Expression, ...], named: dict[str, Expression]
) -> tuple[CallArgument, ...]:
    """Return the arguments of a call, in torch's order.

    Where the function is not in the table, all of them are written as they come.
    """
    known = SIGNATURES.get(function) or OWN.get(function) or {}
    names = list(known)[: len(values)]
    names += [""] * (len(values) - len(names))
    if "" in names:
        unnamed = tuple(CallArgument("", value, positional=True) for value in values)
        return unnamed + tuple(CallArgument(name, value) for name, value in named.items())
    given = dict(zip(names, values, strict=True)) | named
    order = [name for name in known if name in given]
    order += [name for name in given if name not in known]
    return tuple(
        CallArgument(name, _of(name, given[name]), known.get(name, MISSING), name in _BESIDE)
        for name in order
    )


def _of(name: str, value: Expression) -> Expression:
    """Return a value as it is written: one number for two equal ones."""
    if not isinstance(value, Literal):
        return value
    number = value.value
    if name in _PAIRS and isinstance(number, tuple) and len(set(number)) == 1:
        number = number[0]
    return Literal(number, name)
