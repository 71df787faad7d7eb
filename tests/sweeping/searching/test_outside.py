"""The user's own objective: its number, and what goes wrong in it, in words."""

from pathlib import Path
from typing import Any

import pytest

from archprof.language.network import Network
from archprof.problem import ProblemError
from archprof.sweeping.searching.outside import judged
from archprof.sweeping.single import network_of, single_variants
from archprof.sweeping.variants import Variants
from tests.sweeping.tiny_spaces import tiny_space


@pytest.fixture
def network(tmp_path: Path) -> Network:
    space = tiny_space(tmp_path)
    assert list(single_variants(space, [0]))
    return network_of(space.network, Variants(1, {"width": 3, "blocks": 2}, (3, 8, 8)), 0)


def test_its_number_is_a_float(network: Network) -> None:
    assert judged(lambda one: one.overrides["width"], network, 0) == 3.0


class _Number:
    def __float__(self) -> float:
        return 0.5


def test_a_tensor_of_one_number_is_a_number(network: Network) -> None:
    assert judged(lambda one: _Number(), network, 0) == 0.5


def raising(network: Network) -> float:
    raise KeyError("no such weight")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (raising, "it raised KeyError for tiny with width=3, blocks=2, input=3x8x8 (trial 1,234)"),
        (lambda one: None, "it gave nothing for tiny"),
        (lambda one: "fast", "it gave 'fast' for tiny"),
        (lambda one: float("nan"), "it gave nan for tiny"),
        (lambda one: float("inf"), "it gave inf for tiny"),
        (lambda one: 10**400, "for tiny"),
    ],
)
def test_what_is_no_number_is_refused_in_words(
    network: Network, function: Any, message: str
) -> None:
    with pytest.raises(ProblemError) as refused:
        judged(function, network, 1234)
    assert message in str(refused.value)


def test_ctrl_c_goes_through(network: Network) -> None:
    def interrupted(network: Network) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(interrupted, network, 0)
