"""Every classifier of torchvision is shipped under torchvision's name, with its record.

`alexnet` and `googlenet` are the papers' networks here; `shared.OURS` has torchvision's.
"""

from __future__ import annotations

from pathlib import Path

from archprof.language.find import find
from archprof.problem import ProblemError

DATA = Path(__file__).parents[1] / "data"


def torchvision_names() -> list[str]:
    """Return the names of the data file, whose first line says where they are from."""
    lines = (DATA / "torchvision_classifiers.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def is_found(name: str) -> bool:
    """Whether a network is shipped under that name, or has it as an alias."""
    try:
        find(name)
    except ProblemError:
        return False
    return True


def test_all_80_are_found() -> None:
    names = torchvision_names()
    assert len(set(names)) == 80
    assert [name for name in names if not is_found(name)] == []


def test_each_has_the_record_that_it_is_held_to() -> None:
    """`test_records.py` and `test_build.py` compare every record there is."""
    records = {path.stem for path in (DATA / "models").glob("torchvision-*.json")}
    wanted = {f"torchvision-{name}" for name in torchvision_names()}
    assert sorted(wanted - records) == []
