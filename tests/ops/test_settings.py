"""The kinds of settings: what a spec may write, what the op holds, and the schema that editors
read.
"""

from __future__ import annotations

import inspect
from typing import Any

import jsonschema
import pytest
import torch

from archprof.ops import OPS, settings
from archprof.ops.settings import Kind

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
    (settings.integers, [1, -2], (1, -2)),
    (settings.integers, [], ()),
    (CHOICE, "tanh", "tanh"),
    (MAYBE, None, None),
    (MAYBE, 2, (2, 2)),
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
    (settings.integers, 3),
    (settings.integers, [1.5]),
    (settings.integers, [0] * 17),
    (CHOICE, "erf"),
    (CHOICE, ["tanh"]),
    (MAYBE, 0),
]
# limits of size, and JSON has no kinds of numbers
NOT_IN_A_SCHEMA = {2**31, float("nan"), 1e31, 3.0}


@pytest.mark.parametrize(("kind", "written", "held"), GOOD)
def test_good(kind: Kind, written: Any, held: Any) -> None:
    assert kind.parse(written) == held
    assert type(kind.parse(written)) is type(held)
    jsonschema.validate(written, kind.schema)


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


@pytest.mark.parametrize(
    ("op", "module", "names"),
    [
        ("local_response_norm", torch.nn.LocalResponseNorm, ("alpha", "beta", "k")),
        ("batch_norm2d", torch.nn.BatchNorm2d, ("eps", "momentum", "affine")),
        ("group_norm", torch.nn.GroupNorm, ("eps", "affine")),
        ("layer_norm", torch.nn.LayerNorm, ("eps",)),
        ("dropout", torch.nn.Dropout, ("p",)),
        ("conv2d", torch.nn.Conv2d, ("groups", "bias")),
        ("conv_transpose2d", torch.nn.ConvTranspose2d, ("groups", "bias")),
        ("linear", torch.nn.Linear, ("bias",)),
        ("avg_pool2d", torch.nn.AvgPool2d, ("ceil_mode", "count_include_pad")),
        ("max_pool2d", torch.nn.MaxPool2d, ("ceil_mode",)),
        ("leaky_relu", torch.nn.LeakyReLU, ("inplace",)),
        ("relu", torch.nn.ReLU, ("inplace",)),
    ],
)
def test_defaults_are_torchs(
    op: str, module: type[torch.nn.Module], names: tuple[str, ...]
) -> None:
    theirs = inspect.signature(module).parameters
    assert {name: OPS[op].settings[name].default for name in names} == {
        name: theirs[name].default for name in names
    }


def test_a_setting_without_a_default_is_required() -> None:
    assert settings.setting(settings.positive).required
    assert settings.setting(settings.positive, 1) == settings.Setting(settings.positive, 1, False)
