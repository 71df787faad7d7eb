"""The onnx library, where it is installed, and an ONNX file as its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archprof.allowance import limits
from archprof.capturing.onnx.wire import NotProtobuf, without_elements
from archprof.language.reading import Unsafe, read_bytes
from archprof.limits import raising
from archprof.problem import Mark, ProblemError

OLDEST = (1, 16)
"""The first version of the library that says what one node gives, and has four-bit dtypes."""

# Protobuf takes up to this many bytes for one of a file: an empty message is 2 bytes in a file.
_SWELLS = 50


def library(place: str) -> Any:
    """Return the module onnx. Raises ProblemError where there is none, or one too old."""
    hint = 'pip install "archprof[onnx]"'
    try:
        import onnx
        import onnx.checker
        import onnx.defs
        import onnx.helper
        import onnx.numpy_helper
        import onnx.shape_inference
    except ImportError as error:
        message = f"the package onnx, which reads such files, cannot be imported: {error}"
        raise ProblemError.of(Mark(place), "onnx", message, hint) from None
    version = tuple(int(part) for part in onnx.__version__.split(".")[:2] if part.isdigit())
    if version < OLDEST:
        message = f"the package onnx is {onnx.__version__}, expected 1.16 or newer"
        raise ProblemError.of(Mark(place), "onnx", message, hint)
    return onnx


def load(onnx: Any, path: Path) -> Any:
    """Return an ONNX file's model, its large tensors without their elements.

    Data outside of the file is not read. A file may have eight tenths of the megabytes that a run
    may use, and without weights' elements a fiftieth of them, since that much more is what the
    smallest messages take in memory. Raises ProblemError.
    """
    name, megabytes = str(path), limits().megabytes
    most = int(0.8 * megabytes * 1e6)
    raw = _read(path, most)
    if len(raw) > most:
        message = f"larger than {most / 1e6:g} MB"
        hint = f"save the weights as external data; {raising('megabytes', 4 * megabytes)}"
        raise ProblemError.of(Mark(name), "limit", message, hint)
    try:
        plain = without_elements(raw)
    except NotProtobuf as error:
        raise _no_model(name, str(error)) from None
    most = int(megabytes * 1e6 / _SWELLS)
    if len(plain) > most:
        message = f"{len(plain) / 1e6:.1f} MB without its weights, more than {most / 1e6:g} MB"
        hint = raising("megabytes", len(plain) * _SWELLS / 1e6)
        raise ProblemError.of(Mark(name), "limit", message, hint)
    from google.protobuf.message import DecodeError

    try:
        model = onnx.ModelProto.FromString(plain)
    except (DecodeError, ValueError, RecursionError) as error:
        raise _no_model(name, str(error)) from None
    if not model.graph.node:
        raise _no_model(name, "it has no nodes")
    return model


def _no_model(name: str, reason: str) -> ProblemError:
    hint = "give a file that `torch.onnx.export` or `onnx.save` wrote"
    return ProblemError.of(Mark(name), "file", f"no ONNX network: {reason}", hint)


def _read(path: Path, most: int) -> bytes:
    def refuse(message: str, hint: str = "") -> ProblemError:
        return ProblemError.of(Mark(str(path)), "file", message, hint)

    try:
        if path.is_dir():
            raise refuse("a directory, expected an ONNX file", "give the path of a .onnx file")
        return read_bytes(path, most)
    except FileNotFoundError:
        raise refuse("there is no such file", "give the path of a .onnx file") from None
    except Unsafe as error:
        raise refuse(f"cannot be read: {error.strerror}", error.hint) from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise refuse(f"cannot be read: {error}") from None
