"""Exported programs, as torch.export.save writes them, as tapes."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from archprof.capturing.tape import Tape
from archprof.model.captured_module import unguarded
from archprof.model.tracing import written
from archprof.problem import Mark, ProblemError


def program(path: Path, name: str) -> tuple[Tape, nn.Module]:
    """Return what an exported program computes, and it as a module.

    The file is read by torch, which must be trusted with it. Raises ProblemError for a file that is
    not a program, and for one that was exported for several images, or for any number of them.
    """
    if not path.is_file():
        raise ProblemError.of(Mark(name), "file", "there is no such file")
    try:
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")
            found = torch.export.load(path)
            module = unguarded(found)
    except Exception as error:  # noqa: BLE001 - whatever torch raises on a file that is none
        said = " ".join(str(error).split())[:200]
        message = f"it cannot be read as a program: {type(error).__name__}: {said}"
        raise ProblemError.of(
            Mark(name), "capture", message, "torch.export.save writes one"
        ) from None
    try:
        tape = written(module, found, name, "an exported program")
    except ValueError as error:
        hint = "export it with example inputs of one image, and no dynamic shapes"
        raise ProblemError.of(Mark(name), "capture", str(error), hint) from None
    _refuse_several(tape)
    return tape, module


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what torch logs of a file that it cannot read: the error says it."""
    logger = logging.getLogger("torch.export")
    disabled = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = disabled


def _refuse_several(tape: Tape) -> None:
    """Raise ProblemError where the program's inputs are not of one image."""
    for name, number in tape.inputs.items():
        shape = tape.tensors[number].shape
        if shape and shape[0] != 1:
            message = f"its input {name} is {'x'.join(map(str, shape))}, expected a batch of 1"
            hint = "export it with example inputs of one image"
            raise ProblemError.of(Mark(tape.name), "capture", message, hint)
