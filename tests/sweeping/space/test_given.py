"""Values of parameters that are typed in place of a space's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archprof.problem import ProblemError
from archprof.sweeping.running import SweepJob, identity_of, origin_of, read_again
from archprof.sweeping.space.given import with_given
from tests.sweeping.tiny import SPACE, tiny


def test_values_with_commas_ranges_and_lists(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    found = with_given(space, ["width=4,12", "depths=[2, 1..2]", "gated = {choice: [true]}"])
    assert found.columns == space.columns
    assert found.size() == 4
    (batch,) = found.variants(np.arange(4))
    columns = {name: values.tolist() for name, values in batch.columns.items()}
    assert columns == {
        "depths.0": [2, 2, 2, 2],
        "depths.1": [1, 1, 2, 2],
        "width": [4, 12, 4, 12],
        "gated": [True, True, True, True],
    }
    assert with_given(space, ["width=4..7"]).size() == 3 * 4 * 4 * 2


def test_a_parameter_of_the_network_alone_is_added(tmp_path: Path) -> None:
    text = SPACE.replace("  gated: {choice: [false, true]}\n", "")
    space = with_given(tiny(tmp_path, text), ["gated=true", "input=8,10"])
    assert space.columns[-2:] == ("gated", "input")
    batch = next(one for one in space.variants(np.arange(8)) if one.variants is not None)
    assert batch.variants is not None
    assert batch.variants.values["gated"] is True
    assert batch.variants.input is not None


def test_it_is_another_sweep_also_in_another_process(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    given = with_given(space, ["width=4,12"])
    assert given.hash != space.hash
    assert read_again(origin_of(given)).hash == given.hash
    job = SweepJob(tmp_path, origin_of(given), identity_of(given, 100))
    (shard,) = job.missing()
    assert shard.last == 3 * 4 * 2 * 2
    job.make(shard)
    assert job.missing() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("width", "'width', expected a parameter and its values"),
        ("=3", "expected a parameter and its values"),
        ("width=", "expected a parameter and its values"),
        ("wdth=3", "there is no parameter 'wdth'"),
        ("width=a..b", "expected two numbers such as 1..8"),
        ("width={choice: [1", "this `[` is not closed"),
        ("width=1]}\nother: {choice: [2", "expected a parameter and its values"),
        ("width=$gated", "width"),
    ],
)
def test_what_is_none(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProblemError) as error:
        with_given(tiny(tmp_path), [text])
    assert said in str(error.value)
