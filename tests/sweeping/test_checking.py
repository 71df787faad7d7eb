"""The self-check finds what differs from a full analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from archprof.sweeping.checking import Checked, Discrepancy, checked, in_words
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import Stored, open_folder
from archprof.sweeping.storing.identity import Totalled
from archprof.sweeping.storing.parts import write_part
from tests.sweeping.tiny import SPACE, tiny


def stored(space: Space, folder: Path, changes: dict[str, list[Any]] | None = None) -> Stored:
    """A sweep in one part, some columns of it replaced."""
    job = SweepJob(folder, origin_of(space), identity_of(space, 100))
    shard = job.identity.shard(0)
    job.make(shard)
    found = open_folder(folder)
    assert found is not None
    table = found.read(shard)
    for name, values in (changes or {}).items():
        place = table.column_names.index(name)
        column = pa.array(values, pa.string() if name == "why" else pa.int64())
        if name == "why":
            column = column.dictionary_encode()
        table = table.set_column(place, name, column)
    write_part(folder, job.identity, shard, table, Totalled(True))
    return found


def test_what_is_stored_is_what_a_full_analysis_gives(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    found = checked(space, stored(space, tmp_path), 64, np.random.default_rng(1))
    assert found == Checked(64)
    assert in_words(found) == "64 rows analysed in full: equal"


def test_another_total_is_found(tmp_path: Path) -> None:
    """All rows have one parameter more: of three rows that are drawn each has it."""
    space = tiny(tmp_path, SPACE.replace("1..4]", "1..3]"))  # without invalid ones
    good = stored(space, tmp_path).taken(range(72))
    wrong = [None if one is None else one + 1 for one in good["params"].to_pylist()]
    found = checked(space, stored(space, tmp_path, {"params": wrong}), 3, np.random.default_rng(1))
    assert {one.name for one in found.differing} == {"params"}
    assert len(found.differing) == found.rows == 3
    first = found.differing[0]
    assert first == Discrepancy(first.row, "params", wrong[first.row], wrong[first.row] - 1)
    assert in_words(found) == (
        f"3 rows analysed in full: row {first.row:,} has params {first.stored}, in full"
        f" {first.full}, and 2 more rows differ; this is a bug in archprof: please report it with"
        " the space"
    )


def test_an_invalid_row_that_has_totals_is_found_and_the_other_way_round(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    good = stored(space, tmp_path).taken(range(96)).to_pylist()
    turned = [None if row["why"] == "shape" else "shape" for row in good]
    found = checked(space, stored(space, tmp_path, {"why": turned}), 40, np.random.default_rng(1))
    whys = {(one.stored, one.full) for one in found.differing if one.name == "why"}
    assert whys == {(None, "shape"), ("shape", None)}


def test_rows_that_the_space_drops_are_not_counted(tmp_path: Path) -> None:
    space = tiny(tmp_path, SPACE.replace("<= 6", "<= 2"))  # one of twelve is left
    found = stored(space, tmp_path)
    assert checked(space, found, 5, np.random.default_rng(1)).rows == 5
    nothing = tiny(tmp_path, SPACE.replace("<= 6", "<= 1"))
    assert checked(nothing, stored(nothing, tmp_path), 5).rows == 0
