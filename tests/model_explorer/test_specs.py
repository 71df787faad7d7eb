"""The networks of a spec file, as Model Explorer asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.model_explorer.specs import analyses, analysis_of
from archprof.problem import ProblemError

SPECS = Path(__file__).parent.parent.parent / "specs"
DATA = Path(__file__).parent.parent / "data"


def test_a_family_is_all_its_networks() -> None:
    found = analyses(str(SPECS / "vgg.yaml"))
    assert {"vgg11", "vgg16", "vgg19_bn"} <= set(found)
    # 13 convolutions and three layers of weights: Simonyan, Zisserman 2014
    assert found["vgg16"].totals.params == 138_357_544


def test_one_network_by_name() -> None:
    assert analysis_of(str(DATA / "lenet.yaml"), "lenet").totals.params == 61_706
    with pytest.raises(ProblemError, match="no network `other`"):
        analysis_of(str(DATA / "lenet.yaml"), "other")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (DATA / "broken.yaml", "shape-assertion"),
        (SPECS / "blocks" / "swin.yaml", "no network in it"),
        (SPECS / "none.yaml", "no such file"),
        (SPECS, "a directory"),
    ],
)
def test_what_is_no_network_is_said(file: Path, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        analyses(str(file))
