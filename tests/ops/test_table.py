"""The table of ops: what an op needs beside its class; what is missing is named in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest

from archprof.language.schema import spec_schema
from archprof.language.shipped_folder import specs_folder
from archprof.ops import OPS
from archprof.ops.base import Op
from archprof.ops.family import FAMILIES
from archprof.ops.rates import FORMULAS, RATES
from archprof.ops.settings import boolean, setting
from tests.generated import networks
from tests.generated.layers import MAKERS
from tests.ops.cases import OF_TOKENS, SEVERAL, SINGLE

RENDERED = json.loads((specs_folder() / "schema.json").read_text(encoding="utf-8"))["$defs"]
RATED = {
    *(name.removesuffix("_bilinear").removesuffix("_nearest") for name in RATES),
    *(name.strip() for names in FORMULAS for name in names.split(",")),
    "layer_norm2d",  # has the rate of layer_norm
}
COMPANY = Path(networks.__file__).read_text(encoding="utf-8")
"""Where ops that need others beside them are made."""


def missing(op: type[Op]) -> list[str]:
    """Return what an op still needs, and where."""
    name, found = op.name, []
    if getattr(op, "family", None) not in FAMILIES:
        found.append(f"a `family` in its class, one of {', '.join(FAMILIES)}")
    if OPS.get(name) is not op:
        found.append("its class in the table of archprof/ops/__init__.py")
    if name not in RATED:
        found.append("its FLOPs in archprof/ops/rates.py")
    found += [
        f"what its setting `{word}` means, `about` in its declaration"
        for word, declared in op.settings.items()
        if not declared.about
    ]
    if name not in SINGLE and name not in SEVERAL and name not in OF_TOKENS:
        found.append("its row in tests/ops/cases.py")
    if name not in MAKERS and f'"{name}"' not in COMPANY and f"op: {name}" not in COMPANY:
        found.append("its maker in tests/generated/layers.py")
    if name not in RENDERED or RENDERED[name] != spec_schema()["$defs"].get(name):
        found.append("specs/schema.json made again: archprof schema -o specs/schema.json")
    return found


@pytest.mark.parametrize("name", OPS)
def test_nothing_of_an_op_is_forgotten(name: str) -> None:
    still = missing(OPS[name])
    assert not still, f"the op `{name}` still needs {'; '.join(still)}"


def test_all_that_is_forgotten_is_named() -> None:
    class Forgotten(Op):
        name: ClassVar[str] = "forgotten"

        riddle: bool = setting(boolean, False, about="")

    assert missing(Forgotten) == [
        f"a `family` in its class, one of {', '.join(FAMILIES)}",
        "its class in the table of archprof/ops/__init__.py",
        "its FLOPs in archprof/ops/rates.py",
        "what its setting `riddle` means, `about` in its declaration",
        "its row in tests/ops/cases.py",
        "its maker in tests/generated/layers.py",
        "specs/schema.json made again: archprof schema -o specs/schema.json",
    ]


def test_every_family_has_an_op() -> None:
    assert {op.family for op in OPS.values()} == set(FAMILIES)


@pytest.mark.parametrize(
    ("family", "ops"),
    [
        (
            "convolution",
            {
                *("conv1d", "conv2d", "conv3d"),
                *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
                *("table_conv2d", "std_conv2d", "scaled_std_conv2d", "deform_conv2d"),
            },
        ),
        ("linear", {"linear", "embedding", "lstm", "gru", "rnn"}),
        ("attention", {"attention", "multihead_attention"}),
        (
            "pooling",
            {
                "blur_pool2d",
                *(
                    f"{kind}_pool{rank}d"
                    for kind in ("max", "avg", "adaptive_avg", "adaptive_max")
                    for rank in (1, 2, 3)
                ),
            },
        ),
        (
            "merge",
            {"add", "multiply", "concat", "subtract", "divide", "maximum", "minimum"},
        ),
        (
            "arithmetic",
            {"pow", "exp", "log", "sqrt", "abs", "sin", "cos", "clamp", "shift_by"},
        ),
        ("scale", {"scale", "scale_by"}),
        ("resize", {"interpolate"}),
        (
            "identity",
            {"identity", "dropout", "dropout1d", "dropout2d", "dropout3d", "drop_path"},
        ),
        (
            "parameter",
            {"parameter", "buffer", "position_encoding2d", "relative_position_bias", "window_mask"},
        ),
    ],
)
def test_families_by_hand(family: str, ops: set[str]) -> None:
    assert {name for name, op in OPS.items() if op.family == family} == ops


def test_the_table_imports_a_file_when_its_op_is_asked_for() -> None:
    program = """
import sys
from archprof.ops import OPS
assert "conv2d" in OPS and "conv4d" not in OPS and len(OPS) == len(list(OPS)) > 50
assert "archprof.ops.convolution" not in sys.modules
assert OPS["conv2d"] is OPS.get("conv2d") is sys.modules["archprof.ops.convolution"].Conv2d
assert "archprof.ops.attention" not in sys.modules
assert OPS.get("conv4d") is None
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_op_has_the_name_of_its_row() -> None:
    assert [op.name for op in OPS.values()] == list(OPS)


INPUTS = {
    "deform_conv2d": (2, 3),
    "parameter": (0, 0),  # tensors of their own
    "buffer": (0, 0),
    "attention": (3, 4),  # queries, keys, values, and a bias
    "einsum": (1, 2),
    "matmul": (2, 2),
    "subtract": (2, 2),
    "divide": (2, 2),
    "maximum": (2, 2),
    "minimum": (2, 2),
    "add": (2, None),
    "multiply": (2, None),
    "concat": (1, None),
}
"""How many inputs an op takes, at least and at most, where that is not one."""


@pytest.mark.parametrize("name", OPS)
def test_how_many_inputs_an_op_takes(name: str) -> None:
    assert OPS[name].arity == INPUTS.get(name, (1, 1))
