"""What torch.export leaves out on its way, and that everything is as before afterwards."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch

from archprof.model.export_shortcuts import without_code, without_lines
from archprof.model.frames import place

tracebacks = import_module("torch.utils._traceback")
graphs = import_module("torch.fx._lazy_graph_module")


TORCH = str(Path(torch.__file__).parent / "nn" / "modules" / "module.py")


def frames(*named: tuple[str, str, int]) -> list[dict[str, object]]:
    """Return frames as torch has them, innermost first, from outermost first."""
    return [{"filename": file, "line": line, "name": name} for file, name, line in named[::-1]]


def kept(found: list[dict[str, object]], skip: int = 0) -> list[tuple[str, str, int | None]]:
    with without_lines():
        summary = tracebacks._extract_symbolized_tb(found, skip)
    assert all(one._line is None for one in summary)  # nothing was looked up
    return [(one.filename, one.name, one.lineno) for one in summary]


OUTER = ("net.py", "forward", 7)
BLOCK = ("block.py", "forward", 3)
HELPER = ("helper.py", "attention", 9)
WITHIN = [("run.py", "main", 1), (TORCH, "_call_impl", 5), OUTER, (TORCH, "_call_impl", 5), BLOCK]


def test_what_is_read_of_a_stack_is_kept() -> None:
    """The outermost forward, the innermost one of the user's, and the user's innermost frame."""
    called = frames(*WITHIN, (TORCH, "forward", 8), HELPER, (TORCH, "linear", 2))
    assert kept(called) == [OUTER, BLOCK, HELPER]
    assert kept(frames(*WITHIN, (TORCH, "forward", 8))) == [OUTER, BLOCK]
    assert kept(frames(("run.py", "main", 1), OUTER)) == [OUTER]


def test_a_stack_of_torch_alone_is_kept_from_its_forward_on() -> None:
    inside = [(TORCH, "forward", 8), (TORCH, "_conv_forward", 4)]
    assert kept(frames((TORCH, "_call_impl", 5), *inside)) == inside
    assert kept(frames((TORCH, "_call_impl", 5))) == []


def test_the_innermost_frames_are_skipped() -> None:
    assert kept(frames(*WITHIN, HELPER), skip=1) == [OUTER, BLOCK]
    assert kept(frames(*WITHIN, HELPER), skip=2) == [OUTER]


def test_the_place_is_that_of_the_whole_stack(tmp_path: Path) -> None:
    """As torch's own summary has it, filtered as torch filters it: from the first forward on."""
    path = tmp_path / "code.py"
    path.write_text("first = 1\nsecond = 2\n", encoding="utf-8")
    found = frames(("net.py", "forward", 1), (TORCH, "_call_impl", 5), (str(path), "helper", 2))
    whole = "".join(tracebacks._extract_symbolized_tb(found, 0).format())
    with without_lines():
        few = "".join(tracebacks._extract_symbolized_tb(found, 0).format())
    assert place(few) == place(whole) == (str(path), 2)
    assert "second = 2" in few


@pytest.mark.parametrize("fails", [False, True])
def test_torch_is_as_before_afterwards(fails: bool) -> None:
    before = tracebacks._extract_symbolized_tb, graphs._force_skip_lazy_graph_module_flag
    lazily = graphs._use_lazy_graph_module_flag
    try:
        with without_code(), without_lines():
            assert tracebacks._extract_symbolized_tb is not before[0]
            assert graphs._use_lazy_graph_module_flag
            if fails:
                raise KeyError
    except KeyError:
        pass
    assert (tracebacks._extract_symbolized_tb, graphs._force_skip_lazy_graph_module_flag) == before
    assert graphs._use_lazy_graph_module_flag == lazily


def test_another_torch_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(tracebacks, "_extract_symbolized_tb")
    monkeypatch.setitem(sys.modules, "torch.fx._lazy_graph_module", None)
    with without_code(), without_lines():
        assert not hasattr(tracebacks, "_extract_symbolized_tb")
