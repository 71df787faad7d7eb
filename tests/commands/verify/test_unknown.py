"""Witnesses have nothing to confirm where a number is unknown, and say so."""

from __future__ import annotations

import pytest

from archprof.commands.verify.oracle import verify
from tests.small import graph_of

CONV = "op: conv2d, out: 4, kernel: 3, padding: 1"


@pytest.mark.usefixtures("opaque")
def test_what_is_unknown_is_not_confirmed() -> None:
    found = verify(graph_of({"a": CONV, "u": "op: opaque", "b": CONV}, (4, 6, 8)))
    assert not [check for check in found.checks if check.ours != check.theirs]
    confirmed = {(check.quantity, check.path) for check in found.checks}
    assert {("flops", "a"), ("flops", "b"), ("params", "u"), ("output_shape", "u")} <= confirmed
    assert (
        not {("flops", "u"), ("flops", ""), ("saved_bytes", "u"), ("saved_bytes", "")} & confirmed
    )
    for note in (
        "no total FLOPs, the cost of `u` is unknown",
        "no FLOPs by fvcore, the cost of `u` is unknown",
        "no saved bytes, what is kept of `u` is unknown",
    ):
        assert note in found.notes
