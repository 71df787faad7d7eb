"""What excludes each other is refused with a way out, and the way out is free."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.commands.measure.planning.combinations import Choice, check, other_float8
from archprof.problem import ProblemError

REFUSED: list[tuple[dict[str, Any], str, str, dict[str, Any]]] = [
    (
        {"dtype": "float8", "device": "cpu"},
        "the CPU has no arithmetic in float8",
        "--device cuda",
        {"device": "cuda"},
    ),
    (
        {"dtype": "float8", "device": "cuda", "train": True},
        "float8 is measured in inference",
        "leave out --train",
        {"train": False},
    ),
    (
        {"dtype": "float8", "device": "cuda", "mode": "onnxruntime"},
        "no operator in the ONNX opset",
        "--mode graph or compile",
        {"mode": "graph"},
    ),
    (
        {"dtype": "float8", "device": "cuda", "autocast": True},
        "--dtype is float8",
        "--dtype bfloat16",
        {"autocast": False},
    ),
    # what is asked, what is said, in which hint, and what the hint makes of it
    ({"optimizer": "adamw"}, "steps in training", "--train", {"train": True}),
    (
        {"largest_batch": True},
        "on the CPU nothing refuses a batch",
        "--device cuda",
        {"device": "cuda"},
    ),
    (
        {"largest_batch": True, "device": "cuda", "mode": "onnxruntime"},
        "an allocator of its own",
        "--mode eager",
        {"mode": "eager"},
    ),
    ({"frozen": True}, "an inference trains nothing", "--train", {"train": True}),
    ({"transfers": True}, "nothing to copy", "--device cuda", {"device": "cuda"}),
    (
        {"mode": "onnxruntime", "train": True},
        "inference only",
        "--mode eager or compile",
        {"mode": "compile"},
    ),
    (
        {"mode": "onnxruntime", "autocast": True, "dtype": "float16"},
        "has no autocast",
        "--dtype float16 without --autocast",
        {"autocast": False},
    ),
    (
        {"mode": "onnxruntime", "memory_format": "channels_last"},
        "lost in the export",
        "--memory-format contiguous",
        {"memory_format": "contiguous"},
    ),
    (
        {"mode": "onnxruntime", "dtype": "bfloat16"},
        "whose Conv has no bfloat16",
        "--dtype float16",
        {"dtype": "float16"},
    ),
    (
        {"mode": "onnxruntime", "device": "cuda", "flush_cache": True},
        "a stream of its own",
        "leave out --flush-cache",
        {"flush_cache": False},
    ),
    (
        {"autocast": True, "dtype": "tf32"},
        "--dtype is tf32",
        "--dtype bfloat16",
        {"dtype": "bfloat16"},
    ),
    (
        {"autocast": True, "dtype": "float16", "mode": "graph", "train": True},
        "GradScaler",
        "--dtype bfloat16",
        {"dtype": "bfloat16"},
    ),
]


@pytest.mark.parametrize(("asked", "says", "hint", "instead"), REFUSED)
def test_what_excludes_each_other(
    asked: dict[str, Any], says: str, hint: str, instead: dict[str, Any]
) -> None:
    wanted = {"device": "cpu"} | asked
    with pytest.raises(ProblemError) as error:
        check(Choice(**wanted))
    (problem,) = error.value.problems
    assert says in problem.message
    assert hint in problem.hint
    check(Choice(**(wanted | instead)))


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"optimizer": "momentum", "train": True, "mode": "graph", "device": "cuda"},
        {"autocast": True, "dtype": "float16", "train": True},
        {"autocast": True, "dtype": "float16", "mode": "graph", "device": "cuda"},
        {"mode": "onnxruntime", "flush_cache": True},
        {"mode": "onnxruntime", "device": "cuda", "transfers": True, "dtype": "tf32"},
        {"mode": "max-autotune", "train": True, "autocast": True, "dtype": "bfloat16"},
    ],
)
def test_what_goes_together(wanted: dict[str, Any]) -> None:
    check(Choice(**({"device": "cpu"} | wanted)))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("fp8", "there is no `fp8`: e4m3 is called float8 here"),
        ("float8_e5m2", "there is no `float8_e5m2`: e5m2 is for gradients, inference has e4m3"),
    ],
)
def test_other_names_of_float8(name: str, says: str) -> None:
    (problem,) = other_float8(name).problems
    assert (problem.message, problem.hint) == (says, "--dtype float8")
