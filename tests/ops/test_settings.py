"""The kinds of settings: what a spec may write, what the op holds, and the schema that editors
read.
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import torch

from archprof.ops import OPS, settings
from archprof.ops.base import Op, Shape
from archprof.ops.settings import Kind
from tests.small import graph_of

CHOICE = settings.choice("none", "tanh")
MAYBE = settings.optional(settings.pair)

GOOD: list[tuple[Kind, Any, Any]] = [
    (settings.positive, 3, 3),
    (settings.integer, -3, -3),
    (settings.boolean, False, False),
    (settings.number, 1, 1.0),
    (settings.number, -1e-5, -1e-5),
    (settings.probability, 1, 1.0),
    (settings.pair, 3, (3, 3)),
    (settings.pair, [3, 5], (3, 5)),
    (settings.pair_or_zero, 0, (0, 0)),
    (settings.padding, "same", "same"),
    (settings.padding, [0, 1], (0, 1)),
    (settings.padding, [[0, 1], 2], ((0, 1), (2, 2))),
    (settings.integers, [1, -2], (1, -2)),
    (settings.integers, [], ()),
    (CHOICE, "tanh", "tanh"),
    (MAYBE, None, None),
    (MAYBE, 2, (2, 2)),
    (settings.positive, 1, 1),
    (settings.positive, 2**31 - 1, 2**31 - 1),
    (settings.natural, 0, 0),
    (settings.positives, 1, 1),
    (settings.positives, [1, 2, 3], (1, 2, 3)),
    (settings.positives, [1] * 16, (1,) * 16),
    (settings.number_from_1, 1, 1.0),
    (settings.probability, 0, 0.0),
    (settings.number, 1e30, 1e30),
    (settings.integers, [0] * 16, (0,) * 16),
    (settings.dimensions, -1, (-1,)),
    (settings.dimensions, [1, 2], (1, 2)),
    (settings.numbers, 3, 3.0),
    (settings.numbers, [3], (3.0,)),
    (settings.numbers, [[1, 2], [3, 4]], ((1.0, 2.0), (3.0, 4.0))),
    (settings.numbers, [[[[0.5]]]], ((((0.5,),),),)),
    (settings.numbers, [0] * 4096, (0.0,) * 4096),
    (settings.numbers, [[0] * 64] * 64, ((0.0,) * 64,) * 64),
    (settings.table, [[0]], ((0,),)),
    (settings.table, [[0, 2], [1]], ((0, 2), (1,))),
    (settings.table, [list(range(1024))], (tuple(range(1024)),)),
    (settings.table, [[0]] * 1024, ((0,),) * 1024),
    (settings.sides(3), 2, (2, 2, 2)),
    (settings.sides(3), [1, 2, 3], (1, 2, 3)),
    (settings.sides_of_padding(1), [[0, 1]], ((0, 1),)),
    (settings.sides_of_padding(3), 0, (0, 0, 0)),
    (settings.optional_sides(1), None, None),
]
BAD: list[tuple[Kind, Any]] = [
    (settings.positive, 0),
    (settings.positive, True),
    (settings.positive, 3.0),
    (settings.positive, "3"),
    (settings.positive, 2**31),
    (settings.integer, None),
    (settings.boolean, 1),
    (settings.boolean, "true"),
    (settings.number, "1"),
    (settings.number, True),
    (settings.number, float("nan")),
    (settings.number, 1e31),
    (settings.probability, 1.5),
    (settings.probability, -0.1),
    (settings.pair, 0),
    (settings.pair, [1]),
    (settings.pair, [1, 2, 3]),
    (settings.pair, [1, True]),
    (settings.pair_or_zero, -1),
    (settings.padding, "valid"),
    (settings.padding, [[0, 1]]),
    (settings.padding, [[0, 1], [0]]),
    (settings.padding, [[0, 1], [0, -1]]),
    (settings.integers, 3),
    (settings.integers, [1.5]),
    (settings.integers, [0] * 17),
    (CHOICE, "erf"),
    (CHOICE, ["tanh"]),
    (MAYBE, 0),
    (settings.natural, -1),
    (settings.positives, 0),
    (settings.positives, [1, 0]),
    (settings.positives, [1] * 17),
    (settings.number_from_1, 0.5),
    (settings.dimensions, []),
    (settings.dimensions, [0] * 17),
    (settings.dimensions, [0.5]),
    (settings.numbers, []),
    (settings.numbers, "1"),
    (settings.table, []),
    (settings.table, [[]]),
    (settings.table, [0]),
    (settings.table, [[-1]]),
    (settings.sides(3), [1, 2]),
    (settings.sides(3), 0),
    (settings.sides_of_padding(3), [[0, 1], [0, 1]]),
    (settings.sides_of_padding(1), "same"),
]
BEYOND_A_SCHEMA: list[tuple[Kind, Any]] = [
    (settings.numbers, [[1, 2], [3]]),
    (settings.numbers, [[1], 2]),
    (settings.numbers, [[[[[0]]]]]),
    (settings.numbers, [0] * 4097),
    (settings.numbers, [[0] * 64] * 65),
    (settings.table, [[0, 0]]),
    (settings.table, [[0], list(range(1025))]),
    (settings.table, [[0]] * 1025),
]
"""What a schema cannot refuse: lists of unequal length, too many numbers, one number twice."""
# limits of size, and JSON has no kinds of numbers
NOT_IN_A_SCHEMA = {2**31, float("nan"), 1e31, 3.0}


@pytest.mark.parametrize(("kind", "written", "held"), GOOD)
def test_good(kind: Kind, written: Any, held: Any) -> None:
    assert kind.parse(written) == held
    assert type(kind.parse(written)) is type(held)
    jsonschema.validate(written, kind.schema)


@pytest.mark.parametrize(("kind", "written"), BEYOND_A_SCHEMA)
def test_bad_beyond_a_schema(kind: Kind, written: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the op words the message
        kind.parse(written)


@pytest.mark.parametrize(("kind", "written"), BAD)
def test_bad(kind: Kind, written: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the op words the message
        kind.parse(written)
    if (
        not isinstance(written, (int, float))
        or isinstance(written, bool)
        or (written == written and written not in NOT_IN_A_SCHEMA)
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(written, kind.schema)


IMAGE, TOKENS = (4, 6, 8), (6, 8)
SEQUENCE, VOLUME = (4, 8), (4, 6, 8, 8)
TORCHS: dict[str, tuple[str, Shape, torch.nn.Module]] = {
    "conv2d": ("out: 6, kernel: 3", IMAGE, torch.nn.Conv2d(4, 6, 3)),
    "conv_transpose2d": ("out: 6, kernel: 3", IMAGE, torch.nn.ConvTranspose2d(4, 6, 3)),
    "linear": ("out: 5", TOKENS, torch.nn.Linear(8, 5)),
    "max_pool2d": ("kernel: 2", IMAGE, torch.nn.MaxPool2d(2)),
    "avg_pool2d": ("kernel: 2", IMAGE, torch.nn.AvgPool2d(2)),
    "batch_norm2d": ("", IMAGE, torch.nn.BatchNorm2d(4)),
    "layer_norm": ("", TOKENS, torch.nn.LayerNorm(8)),
    "group_norm": ("groups: 2", IMAGE, torch.nn.GroupNorm(2, 4)),
    "local_response_norm": ("size: 3", IMAGE, torch.nn.LocalResponseNorm(3)),
    "relu": ("", IMAGE, torch.nn.ReLU()),
    "relu6": ("", IMAGE, torch.nn.ReLU6()),
    "leaky_relu": ("", IMAGE, torch.nn.LeakyReLU()),
    "prelu": ("", IMAGE, torch.nn.PReLU()),
    "silu": ("", IMAGE, torch.nn.SiLU()),
    "gelu": ("", IMAGE, torch.nn.GELU()),
    "hardsigmoid": ("", IMAGE, torch.nn.Hardsigmoid()),
    "hardswish": ("", IMAGE, torch.nn.Hardswish()),
    "dropout": ("", IMAGE, torch.nn.Dropout()),
    "conv1d": ("out: 6, kernel: 3", SEQUENCE, torch.nn.Conv1d(4, 6, 3)),
    "conv3d": ("out: 6, kernel: 3", VOLUME, torch.nn.Conv3d(4, 6, 3)),
    "conv_transpose1d": ("out: 6, kernel: 3", SEQUENCE, torch.nn.ConvTranspose1d(4, 6, 3)),
    "conv_transpose3d": ("out: 6, kernel: 3", VOLUME, torch.nn.ConvTranspose3d(4, 6, 3)),
    "max_pool1d": ("kernel: 2", SEQUENCE, torch.nn.MaxPool1d(2)),
    "max_pool3d": ("kernel: 2", VOLUME, torch.nn.MaxPool3d(2)),
    "avg_pool1d": ("kernel: 2", SEQUENCE, torch.nn.AvgPool1d(2)),
    "avg_pool3d": ("kernel: 2", VOLUME, torch.nn.AvgPool3d(2)),
    "batch_norm1d": ("", SEQUENCE, torch.nn.BatchNorm1d(4)),
    "batch_norm3d": ("", VOLUME, torch.nn.BatchNorm3d(4)),
    "instance_norm1d": ("", SEQUENCE, torch.nn.InstanceNorm1d(4)),
    "instance_norm2d": ("", IMAGE, torch.nn.InstanceNorm2d(4)),
    "instance_norm3d": ("", VOLUME, torch.nn.InstanceNorm3d(4)),
    "elu": ("", IMAGE, torch.nn.ELU()),
    "celu": ("", IMAGE, torch.nn.CELU()),
    "selu": ("", IMAGE, torch.nn.SELU()),
    "mish": ("", IMAGE, torch.nn.Mish()),
    "softplus": ("", IMAGE, torch.nn.Softplus()),
    "hardtanh": ("", IMAGE, torch.nn.Hardtanh()),
    "glu": ("dim: -1", IMAGE, torch.nn.GLU()),
    "dropout1d": ("", SEQUENCE, torch.nn.Dropout1d()),
    "dropout2d": ("", IMAGE, torch.nn.Dropout2d()),
    "dropout3d": ("", VOLUME, torch.nn.Dropout3d()),
}


@pytest.mark.parametrize("op", TORCHS)
def test_defaults_are_torchs(op: str) -> None:
    """A layer with no settings but the necessary is torch's module with none but those; a pair
    is what torch makes of one number.
    """
    written, shape, theirs = TORCHS[op]
    ours = layer(op, written, shape).build(torch, (shape,))
    assert type(ours) is type(theirs)
    assert attributes(ours) == attributes(theirs)


CONV2D = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1, "bias": True}
# where torch has no such module, or archprof another default: the source of each
OTHERS: dict[str, tuple[str, Shape, dict[str, Any]]] = {
    "table_conv2d": ("out: 1, kernel: 2, table: [[0]]", IMAGE, CONV2D),
    "blur_pool2d": ("", IMAGE, {"kernel": 3, "stride": 2}),  # timm.layers.BlurPool2d
    # timm's BiT, and its NFNets
    "std_conv2d": ("out: 6, kernel: 3", IMAGE, {**CONV2D, "eps": 1e-6}),
    "scaled_std_conv2d": ("out: 6, kernel: 3", IMAGE, {**CONV2D, "gamma": 1.0, "eps": 1e-5}),
    "scale": ("size: [8]", TOKENS, {"value": 1.0, "dim": -1}),
    "scale_by": ("factor: 2", IMAGE, {"inplace": False}),
    "layer_norm2d": ("", IMAGE, {"eps": 1e-6}),  # torchvision's ConvNeXt
    "rms_norm": ("", TOKENS, {"eps": 1e-6}),  # Llama
    "global_response_norm": ("", (6, 8, 4), {"eps": 1e-6}),  # ConvNeXt V2
    "global_response_norm2d": ("", IMAGE, {"eps": 1e-6}),
    **{
        name: ("dim: 0", IMAGE, {"keepdim": False})  # torch.mean, sum, amax, amin
        for name in ("mean", "sum", "max", "min")
    },
    "norm": ("dim: 0", IMAGE, {"p": 2.0, "keepdim": False}),  # torch.linalg.vector_norm
    # torch.nn.functional.normalize, whose 1 counts the batch
    "normalize": ("", IMAGE, {"dim": 0, "p": 2.0, "eps": 1e-12}),
    "softmax": ("", TOKENS, {"dim": -1}),
    "log_softmax": ("", TOKENS, {"dim": -1}),
    "select": ("", TOKENS, {"dim": 0, "index": 0}),  # a class token
    "flatten": ("", IMAGE, {"start": 0, "end": -1}),  # torch.nn.Flatten, whose 1 counts the batch
    "pad": (
        "",
        IMAGE,
        {"sides": (), "channels": (0, 0), "value": 0.0, "lowest": False, "mode": "constant"},
    ),
    "pad_same": ("kernel: 3", IMAGE, {"stride": (1, 1), "dilation": (1, 1), "lowest": False}),
    "slice": ("", IMAGE, {"dim": 0, "start": 0, "stop": None, "step": 1}),  # everything
}
OF_SEVERAL_INPUTS: dict[str, dict[str, Any]] = {
    "add": {"inplace": False},
    "clamp": {"min": None, "max": None},  # of one input, and refused with neither
    "buffer": {
        **dict.fromkeys(("size", "values", "rule")),
        # torch.arange's and torch.linspace's; Vaswani et al. 2017; torch.nn.Module.register_buffer
        **{"start": 0.0, "step": 1.0, "stop": 1.0, "temperature": 10_000.0, "persistent": True},
        **{"dtype": "float", "batched": False},
    },
    "position_encoding2d": {"temperature": 10_000.0},  # timm's EdgeNeXt
    "concat": {"dim": 0},
    "parameter": {"value": 0.0, "batched": False},
    "relative_position_bias": {"index": "flat", "persistent": True, "class_token": False},
    "attention": {"scale": None, "causal": False},  # torch's scaled_dot_product_attention
    "window_mask": {"buffer": False},
    # torch.nn.functional.interpolate's, of which one of the first two is given
    "interpolate": {
        "size": None,
        "factor": None,
        "mode": "nearest",
        "align_corners": False,
        "antialias": False,
    },
    # torch.nn.Embedding's, which looks up whole numbers, and the recurrent layers'
    "embedding": {"padding_idx": None},
    "lstm": {"num_layers": 1, "bias": True, "bidirectional": False, "dropout": 0.0},
    "gru": {"num_layers": 1, "bias": True, "bidirectional": False, "dropout": 0.0},
    "rnn": {
        "num_layers": 1,
        "bias": True,
        "bidirectional": False,
        "dropout": 0.0,
        "nonlinearity": "tanh",
    },
    # of several outputs
    "split": {"dim": 0, "part": None},
    "chunk": {"dim": 0, "part": None},
    "deform_conv2d": CONV2D,  # torchvision.ops.DeformConv2d
}


@pytest.mark.parametrize("op", OTHERS)
def test_other_defaults(op: str) -> None:
    written, shape, defaults = OTHERS[op]
    ours = layer(op, written, shape)
    assert {name: getattr(ours, name) for name in defaults} == defaults


def test_every_default_is_tested() -> None:
    for op, cls in OPS.items():
        defaults = {
            name: declared.default
            for name, declared in cls.settings.items()
            if not declared.required
        }
        assert (
            op in TORCHS
            or (OTHERS[op][2] if op in OTHERS else OF_SEVERAL_INPUTS.get(op, {})) == defaults
        ), op


def layer(op: str, written: str, shape: Shape) -> Op:
    """The op as a spec has it with these settings."""
    return graph_of({"x": f"op: {op}" + f", {written}" * bool(written)}, shape).nodes[0].op


def attributes(module: torch.nn.Module) -> dict[str, Any]:
    """What a module was made with; a pair of the same number twice as that number."""
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return {
        name: value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
        for name, value in public.items()
    }


def test_a_setting_without_a_default_is_required() -> None:
    assert settings.setting(settings.positive, about="How many.").required
    assert settings.setting(settings.positive, 1, about="How many.") == settings.Setting(
        settings.positive, 1, False, "How many.", "value"
    )
