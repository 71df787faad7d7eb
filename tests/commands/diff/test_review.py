"""Networks before and after: their states, and what a spec states keeps none from comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from archprof.commands.diff import review
from archprof.commands.diff.review import Compared, pair, whole
from archprof.problem import Mark, Problem, ProblemError
from tests.commands.diff.networks import CONV, WIDER, net

FAULT = (Problem(Mark("net.yaml", 1, 1), "shape", "a fault"),)


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (pair(net(CONV), net(CONV), ("old", "new")).networks[0], "same"),
        (pair(net(CONV), net(WIDER), ("old", "new")).networks[0], "changed"),
        (Compared("net", None, net(CONV)), "added"),
        (Compared("net", net(CONV), None), "removed"),
        (Compared("net", net(CONV), None, new_faults=FAULT), "broken"),
        (Compared("net", None, None, old_faults=FAULT, new_faults=FAULT), "broken"),
        (Compared("net", None, net(CONV), old_faults=FAULT), "mended"),
    ],
)
def test_states(one: Compared, state: str) -> None:
    assert one.state == state


def test_what_a_spec_states_keeps_nothing_from_being_compared() -> None:
    stated = net(
        CONV.replace("bias: false", "bias: false, shape: 1x8x8"), tail="expect: {params: 1}"
    )
    assert whole(stated) is stated
    broken = net("conv: {op: conv2d, out: 8, kernel: 9}")
    with pytest.raises(ProblemError, match="conv"):
        whole(broken)


def test_a_comparison_that_fails_is_a_fault_of_the_new_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one that takes too long: the network is broken, and its files are named all the same."""

    class Side:
        faults: tuple[Problem, ...] = ()

        @contextmanager
        def allowed(self, path: str) -> Iterator[None]:
            assert path == "net.yaml"
            yield

    def refuse(old: object, new: object) -> None:
        raise ProblemError(FAULT)

    after, key, files = Side(), ("net.yaml", "small"), ("net.yaml", "block.yaml")
    sides = (net(CONV), ()), (net(WIDER), ())
    found = review._compared(after, key, *sides, files)  # type: ignore[arg-type]
    assert (found.name, found.state, found.files) == ("small", "changed", files)
    assert after.faults == ()
    monkeypatch.setattr(review, "difference", refuse)
    found = review._compared(after, key, *sides, files)  # type: ignore[arg-type]
    assert found == Compared("small", None, None, None, files, (), FAULT)
    assert found.state == "broken"
    assert after.faults == FAULT
