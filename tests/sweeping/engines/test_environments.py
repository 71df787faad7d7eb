"""Which machines have other versions, in words."""

from __future__ import annotations

from archprof import __version__
from archprof.sweeping.engines.environments import differences, here, same_environment

ADDRESS = "tcp://10.0.0.1:8786"


def test_equal_places_have_no_problem() -> None:
    assert differences(ADDRESS, {"numpy": "2.4"}, {"a": {"numpy": "2.4", "lz4": "1"}}) == []


def test_places_that_differ_alike_are_one_problem() -> None:
    found = differences(
        ADDRESS,
        {"archprof": "0.2", "numpy": "2.4"},
        {
            "the worker tcp://10.0.0.2:1": {"archprof": "0.2", "numpy": "2.3"},
            "the worker tcp://10.0.0.3:1": {"archprof": "0.2", "numpy": "2.3"},
            "the worker tcp://10.0.0.4:1": {"archprof": "0.2", "numpy": "2.4"},
            "the scheduler": {"numpy": "2.4", "archprof": None},
        },
    )
    assert [(str(one.mark), one.message) for one in found] == [
        (ADDRESS, "the worker tcp://10.0.0.2:1 and 1 more: numpy is 2.3 instead of 2.4"),
        (ADDRESS, "the scheduler: archprof is missing instead of 0.2"),
    ]
    assert {one.hint for one in found} == {same_environment()}


def test_the_way_out_installs_what_is_here() -> None:
    assert here()["archprof"] == __version__
    words = same_environment().split()
    assert f"archprof=={__version__}" in words
    assert f"numpy=={here()['numpy']}" in words
