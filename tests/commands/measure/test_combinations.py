"""What excludes each other is refused with a way out, and the way out is free."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.commands.measure.combinations import Choice, check, no_float8
from archprof.problem import ProblemError

REFUSED: list[tuple[dict[str, Any], str, str, dict[str, Any]]] = [
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


def test_why_there_is_no_float8() -> None:
    (problem,) = no_float8("fp8").problems
    assert "there is no `fp8`: torch has no convolutions in it" in problem.message
    assert "converts none" in problem.message
    assert "torchao or TensorRT" in problem.hint
