"""What torch.export leaves out on its way, and that everything is as before afterwards."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from archprof.model.export_shortcuts import without_code, without_lines

tracebacks = import_module("torch.utils._traceback")
graphs = import_module("torch.fx._lazy_graph_module")


def frames(path: Path) -> list[dict[str, object]]:
    return [
        {"filename": str(path), "line": 2, "name": "inner"},
        {"filename": str(path), "line": 1, "name": "outer"},
        {"filename": str(path), "line": 1, "name": "outermost"},
    ]


def test_frames_are_torchs_own_with_their_lines_looked_up_later(tmp_path: Path) -> None:
    """Innermost first become outermost first; the number of a line stays, and its text is there
    for those who write it.
    """
    path = tmp_path / "code.py"
    path.write_text("first = 1\nsecond = 2\n", encoding="utf-8")
    expected = tracebacks._extract_symbolized_tb(frames(path), 0)
    with without_lines():
        found = tracebacks._extract_symbolized_tb(frames(path), 0)
    assert [(one.name, one.lineno) for one in found] == [
        ("outermost", 1),
        ("outer", 1),
        ("inner", 2),
    ]
    assert found[2]._line is None
    assert found.format() == expected.format()
    assert found[2].line == "second = 2"


def test_the_first_frames_are_skipped(tmp_path: Path) -> None:
    with without_lines():
        found = tracebacks._extract_symbolized_tb(frames(tmp_path / "no.py"), 1)
    assert [one.name for one in found] == ["outermost", "outer"]


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
