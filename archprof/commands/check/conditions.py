"""Under which conditions budgets and rules about shapes are asked: `--at
input=3x320x320,batch=8`.
"""

from __future__ import annotations

from typing import NamedTuple

from archprof.analysis.counting import DTYPES
from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, Problem, ProblemError, nearest

MAX_BATCH = 1_000_000


class Conditions(NamedTuple):
    """Another input than the spec's, images at a time, and the dtype of activations and weights."""

    input: Shape | None = None
    batch: int = 1
    dtype: str = "float32"


NATIVE = Conditions()


def parse_conditions(text: str) -> Conditions:
    """From `input=3x320x320,batch=8,dtype=float16`, each at most once. Raises ProblemError."""
    found = Conditions()
    given: set[str] = set()
    for part in text.split(","):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or key in given:
            raise _refused(
                f"{shown(part)}, expected KEY=VALUE, each key once",
                "such as input=3x320x320,batch=8,dtype=float16",
            )
        given.add(key)
        if key == "input":
            found = found._replace(input=parse_shape(value))
            good = found.input is not None
        elif key == "batch":
            good = (
                value.isascii()
                and value.isdigit()
                and 1 <= int(value[:9]) <= MAX_BATCH
                and len(value) <= 7
            )
            found = found._replace(batch=int(value)) if good else found
        elif key == "dtype":
            good = value in DTYPES
            found = found._replace(dtype=value)
        else:
            raise _refused(
                f"there is no condition `{key}`", nearest(key, Conditions._fields, "conditions")
            )
        if not good:
            expected = {
                "input": "a shape such as 3x320x320",
                "batch": f"a whole number from 1 to {MAX_BATCH:,}",
                "dtype": f"one of {', '.join(DTYPES)}",
            }
            raise _refused(f"`{key}` is {shown(value)}, expected {expected[key]}")
    return found


def _refused(message: str, hint: str = "") -> ProblemError:
    return ProblemError([Problem(Mark("--at"), "option", message, hint)])
