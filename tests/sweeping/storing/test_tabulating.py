"""The table of rows, against each variant analysed by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

import archprof
from archprof.sweeping.storing.tabulating import TEXT, column_of, schema, tabulated
from archprof.sweeping.variants import TOTALS
from tests.sweeping.tiny import DROPPED, INVALID, POINTS, tiny


def test_a_row_is_a_variant_and_its_totals(tmp_path: Path) -> None:
    """Row 3 of the grid: depths [1, 1], the second width, gated."""
    space = tiny(tmp_path)
    table, how = tabulated(space, np.arange(POINTS))
    row = table.to_pylist()[3]
    names = ("depths.0", "depths.1", "width", "gated", "why")
    assert [row[name] for name in names] == [1, 1, 8, True, None]
    path = tmp_path / "tiny.yaml"
    net = archprof.load(path, width=8, gated=True)
    totals = net.analyze().totals
    # 3*9*8+8 of the first, 8*9*16+16, 16*16+16 of the gate, 16*10+10 of the head
    assert row["params"] == totals.params == 224 + 1168 + 272 + 170
    assert row["macs"] == totals.macs
    assert (row["field_height"], row["field_width"], row["sees"]) == (5, 5, "local")
    assert how.composed


def test_invalid_rows_have_a_reason_and_no_totals(tmp_path: Path) -> None:
    table, _ = tabulated(tiny(tmp_path), np.arange(POINTS))
    rows = table.to_pylist()
    reasons = [row["why"] for row in rows if row["why"] is not None]
    assert reasons.count("where") == DROPPED
    assert reasons.count("shape") == INVALID
    assert len(reasons) == DROPPED + INVALID
    for row in rows:
        lacking = [row[name] is None for name in TOTALS]
        assert all(lacking) if row["why"] else not any(lacking)
        assert (row["message"] is None) == (row["why"] is None)
    assert all("cannot take" in row["message"] for row in rows if row["why"] == "shape")


def test_types_are_those_of_the_space_whatever_the_rows(tmp_path: Path) -> None:
    """So that all parts of a sweep have one schema."""
    text = """\
name: kinds
network: tiny.yaml
space:
  depths: {choice: [[1, 1], [2, 1]]}
  width: {range: 0.5..2.0, step: 0.5}
  gated: {choice: [true]}
  act: {choice: [relu, gelu]}
set: {width: "8 * $width"}
"""
    network = """\
name: tiny
input: 3x8x8
params: {width: 8.0, depths: [1, 1], gated: false, act: relu}
layers:
  first: {repeat: "$depths[0]", op: conv2d, out: "round($width)", kernel: 3, padding: 1}
  act: {op: $act}
  head: {when: $gated, op: conv2d, out: 10, kernel: 1}
"""
    space = tiny(tmp_path, text, network)
    kinds = {name: schema(space).field(name).type for name in ("depths", "width", "gated", "act")}
    assert kinds == {"depths": TEXT, "width": pa.float64(), "gated": pa.bool_(), "act": TEXT}
    for rows in ([0], [15], [0, 15, 3]):
        table, _ = tabulated(space, np.array(rows))
        assert table.schema == schema(space)
    assert table["depths"].to_pylist() == ["[1, 1]", "[2, 1]", "[1, 1]"]
    assert table["act"].to_pylist() == ["relu", "gelu", "gelu"]


def test_a_parameter_called_as_a_total_has_a_column_of_its_own() -> None:
    assert column_of("depth") == "set.depth"
    assert column_of("why") == "set.why"
    assert column_of("depths.0") == "depths.0"
