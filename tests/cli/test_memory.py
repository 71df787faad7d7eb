"""Where memory ends every command does too, in CPython as well."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import pytest

from archprof.cli import application, main
from archprof.commands.check import check_file, check_paths
from archprof.language.expand import bodies, builder, layers, operations

SMALL = 256  # the largest number that CPython has ready: any other one needs memory
KEPT = [main, application, check_paths, check_file, bodies, builder, layers, operations]
"""What a large network passes through while memory fills, and after it has ended."""


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


@pytest.mark.parametrize("module", KEPT, ids=lambda module: module.__name__)
def test_what_is_left_for_lack_of_memory_needs_none(module: Any) -> None:
    """CPython enters the handlers of `with` and of an `except` clause with the number of the
    instruction that failed. Where there is no memory for that number it fails again, at the same
    instruction, without end.
    """
    entries: Callable[[CodeType], Any] = dis._parse_exception_table  # type: ignore[attr-defined]
    with open(module.__file__, encoding="utf-8") as file:
        code = compile(file.read(), module.__file__, "exec")
    late = {
        function.co_qualname
        for function in codes(code)
        for entry in entries(function)
        if entry.lasti and (entry.end // 2) - 1 > SMALL
    }
    assert not late
