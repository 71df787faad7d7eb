"""The inputs of a captured network as they are written: 3x224x224, image=3x224x224."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archprof.capturing.tape import ITEMSIZES
from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape, shown
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import Record

MAX_INPUTS = 64

_NAME = re.compile(r"[^\W\d][\w.:/-]*\Z")


class InputSpec(Record):
    """An input: its name in `forward`, "" for the next one in order; its shape without the batch;
    and torch's name of its dtype, "" for that of the module's weights.
    """

    name: str
    shape: Shape
    dtype: str = ""


def input_specs(texts: Sequence[str]) -> tuple[InputSpec, ...]:
    """Return the inputs that `--input` gives. Raises ProblemError."""
    if len(texts) > MAX_INPUTS:
        raise _refused(f"{len(texts)} inputs", f"at most {MAX_INPUTS}")
    return tuple(_input_spec(text) for text in texts)


def is_input_name(name: str) -> bool:
    """Whether `--input` takes a name: an argument of `forward`, or ONNX's such as `input.1`."""
    return _NAME.match(name) is not None


def _input_spec(text: str) -> InputSpec:
    name, equals, rest = text.rpartition("=")
    size, colon, dtype = rest.partition(":")
    shape = parse_shape(size.strip())
    if shape is None or (equals and not is_input_name(name.strip())):
        raise _refused(shown(text), "3x224x224, or NAME=3x224x224, or NAME=77:int64; no batch")
    if colon and dtype not in ITEMSIZES:
        raise ProblemError.of(
            Mark("--input"),
            "override",
            f"there is no dtype `{dtype[:40]}`",
            nearest(dtype, ITEMSIZES, "dtypes"),
        )
    return InputSpec(name.strip(), shape, dtype)


def _refused(found: str, expected: str) -> ProblemError:
    return ProblemError.of(Mark("--input"), "override", f"{found}, expected {expected}")
