"""A folder of parts, also as other programs read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest

from archprof.problem import ProblemError
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.space.bounds import FIELD
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import Stored, column, kept, open_folder
from archprof.sweeping.wanted_sample import with_sample
from tests.sweeping.tiny import DROPPED, INVALID, POINTS, tiny

VALID = POINTS - DROPPED - INVALID


@pytest.fixture
def space(tmp_path: Path) -> Space:
    return tiny(tmp_path)


@pytest.fixture
def job(tmp_path: Path, space: Space) -> SweepJob:
    """A sweep of three parts, of which all are there."""
    folder = tmp_path / "out"
    folder.mkdir()
    made = SweepJob(folder, origin_of(space), identity_of(space, 40))
    for shard in made.missing():
        made.make(shard)
    return made


@pytest.fixture
def stored(job: SweepJob) -> Stored:
    found = open_folder(job.folder)
    assert found is not None
    return found


def test_what_is_there_is_not_made_again(job: SweepJob) -> None:
    assert job.missing() == []
    (job.folder / "part-00001.parquet").unlink()
    assert [shard.number for shard in job.missing()] == [1]
    before = (job.folder / "part-00000.parquet").read_bytes()
    job.make(job.missing()[0])
    assert job.missing() == []
    assert (job.folder / "part-00000.parquet").read_bytes() == before


def test_rows_part_by_part(stored: Stored) -> None:
    pages = list(stored.pages(["macs", "gated", "sees", "width"]))
    assert sum(len(page.rows) for page in pages) == VALID
    first = pages[0].values
    kinds = {name: values.dtype.kind for name, values in first.items()}
    assert kinds == {"macs": "i", "gated": "b", "sees": "O", "width": "i"}
    assert (first["macs"][0], first["gated"][1], first["sees"][0]) == (20160, True, "local")


def test_an_invalid_row_is_on_no_page_whatever_is_read(stored: Stored) -> None:
    assert sum(len(page.rows) for page in stored.pages([])) == VALID
    assert sum(len(page.rows) for page in stored.pages(["width"])) == VALID


def test_names_of_a_budget_are_understood(stored: Stored) -> None:
    names = ["receptive_field", "peak_memory", "peak_inference_bytes", "field_width"]
    for page in stored.pages(names):
        values = page.values
        assert (values["peak_memory"] == values["peak_inference_bytes"]).all()
        assert (values["receptive_field"] == values["field_width"]).all()


def test_who_sees_everything_sees_more_than_any_number(tmp_path: Path) -> None:
    """As `check` has it of a `min_receptive_field`; a gate sees the whole input."""
    network = """\
name: tiny
input: 3x8x8
params: {gated: false}
layers:
  first: {op: conv2d, out: 4, kernel: 3, padding: 1}
  pool: {when: $gated, op: adaptive_avg_pool2d, size: 1}
  join: {when: $gated, op: multiply, from: [first, pool]}
"""
    text = "name: seeing\nnetwork: tiny.yaml\nspace: {gated: {choice: [false, true]}}\n"
    space = tiny(tmp_path, text, network)
    job = SweepJob(tmp_path, origin_of(space), identity_of(space, 40))
    job.make(job.missing()[0])
    found = open_folder(tmp_path)
    assert found is not None
    (page,) = found.pages(["sees", "receptive_field"])
    seen = dict(zip(page.values["sees"], page.values["receptive_field"].tolist(), strict=True))
    assert seen == {"local": 3, "all": 2**62}


def test_a_field_that_is_unknown_is_within_no_limit() -> None:
    columns = {"field_height": [5, 5, 5, None], "field_width": [7, 7, 7, None]}
    table = pa.table(
        {**columns, "sees": pa.array(["local", "all", "unknown", "all"]).dictionary_encode()}
    )
    assert column(FIELD, table).to_pylist() == [5, 2**62, None, 2**62]


def test_rows_by_their_numbers_in_the_order_that_is_asked(stored: Stored) -> None:
    table = stored.taken([95, 3, 41])
    assert table["row"].to_pylist() == [95, 3, 41]
    assert stored.taken([]).num_rows == 0
    with pytest.raises(ProblemError, match="there is no row 96 in it"):
        stored.taken([3, 96])


def test_a_part_that_is_missing_is_left_out(job: SweepJob) -> None:
    (job.folder / "part-00000.parquet").unlink()
    found = open_folder(job.folder)
    assert found is not None
    assert (found.rows, found.identity.rows) == (56, 96)
    with pytest.raises(ProblemError, match="there is no row 3 in it"):
        found.taken([3])


def test_other_files_are_not_looked_at(job: SweepJob) -> None:
    for name in ("part-0.parquet", "part-000001.parquet", "notes.txt", ".part-00001.parquet.ab"):
        (job.folder / name).write_text("x")
    assert job.missing() == []
    found = open_folder(job.folder)
    assert found is not None
    assert found.rows == POINTS


def test_an_empty_folder_has_no_sweep(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert open_folder(tmp_path / "empty") is None
    with pytest.raises(ProblemError, match="cannot be read: No such file"):
        open_folder(tmp_path / "missing")


def test_a_part_of_another_seed_is_refused(job: SweepJob, space: Space) -> None:
    other = identity_of(with_sample(space, 50, 3), 40)
    with pytest.raises(ProblemError) as error:
        kept(job.folder, other)
    said = "it is a part of another sweep: its sample: method grid, count None, seed 0, here method"
    assert said in str(error.value)


def test_parts_that_are_swapped_or_beyond_the_end_are_refused(job: SweepJob) -> None:
    first, second = (job.folder / f"part-0000{i}.parquet" for i in (0, 1))
    shutil.copy(first, job.folder / "part-00009.parquet")
    with pytest.raises(ProblemError, match="the sweep that lies here ends with part 2"):
        open_folder(job.folder)
    (job.folder / "part-00009.parquet").unlink()
    shutil.copy(first, second)
    found = open_folder(job.folder)
    assert found is not None
    with pytest.raises(ProblemError, match=r"it is part-00000.parquet by its own word"):
        list(found.pages(["macs"]))
    with pytest.raises(ProblemError, match="by its own word"):
        job.missing()


def test_a_part_of_another_sweep_is_found_when_it_is_read(
    job: SweepJob, space: Space, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    changed = space.replaced(conditions=space.conditions.replaced(batch=2))
    other = SweepJob(tmp_path / "other", origin_of(space), identity_of(changed, 40))
    other.make(other.identity.shard(1))
    shutil.copy(tmp_path / "other" / "part-00001.parquet", job.folder)
    found = open_folder(job.folder)
    assert found is not None
    with pytest.raises(ProblemError, match="a part of another sweep than the first part here"):
        list(found.pages(["macs"]))


def test_duckdb_pandas_and_polars_read_it(job: SweepJob, stored: Stored) -> None:
    """Each counts the valid rows with one `first` layer, and finds their least MACs."""
    macs = [
        value
        for page in stored.pages(["depths.0", "macs"])
        for value in page.values["macs"][page.values["depths.0"] == 1].tolist()
    ]
    expected = len(macs), min(macs)
    pattern = f"{job.folder}/part-*.parquet"
    query = f"""select count(macs), min(macs) from '{pattern}' where "depths.0" = 1"""
    assert duckdb.sql(query).fetchall() == [expected]
    frame = pandas.read_parquet(job.folder)
    chosen = frame[frame["depths.0"] == 1]["macs"]
    assert (chosen.count(), chosen.min()) == expected
    one = polars.scan_parquet(pattern).filter(polars.col("depths.0") == 1)
    found = one.select(polars.col("macs").count(), polars.col("macs").min().alias("least"))
    assert found.collect().row(0) == expected
    reasons = duckdb.sql(f"select why, count(*) from '{pattern}' group by why").fetchall()
    assert dict(reasons) == {None: VALID, "shape": INVALID, "where": DROPPED}


def test_whole_numbers_are_exact(stored: Stored) -> None:
    """A column with nulls is not read as floats."""
    for page in stored.pages(["macs"]):
        assert page.values["macs"].dtype == np.int64
