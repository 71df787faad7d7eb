"""What two layouts are compared by."""

from __future__ import annotations

from archprof.draw.fingerprint import as_json, fingerprint, records
from archprof.draw.layout import layout
from archprof.draw.tree import Wired, net


def test_records_are_in_thousandths() -> None:
    """One layer of 100 by 20 under the input: at (14, 10 + 18), in 128 by 28 + 20 + 10.

    The wire is straight; its corners are in a gap of 18 without slots, half a slot below 10 + 9.
    """
    drawn = net("net", [Wired("a", 0, (-1,), 1)], {})
    root = layout(drawn, drawn.root, lambda item: (100, 20))
    assert list(records(root)) == [
        " 0 0 128000 58000",
        "-1 0 64000 10000 64000 22500 64000 22500 64000 28000",
        "a 14000 28000 100000 20000",
    ]


def test_another_place_is_another_hash() -> None:
    one = net("net", [Wired("a", 0, (-1,), 1), Wired("b", 1, (0,), 1)], {})
    other = net("net", [Wired("a", 0, (-1,), 1), Wired("b", 1, (-1,), 1)], {})
    assert fingerprint(one) != fingerprint(other)
    assert len(fingerprint(one)) == 16


def test_what_the_browser_is_given() -> None:
    given = as_json("net", [Wired("a", 3, (-1,), 5)], {"a": "block"})
    assert given == {"name": "net", "layers": [["a", 3, (-1,), 5, 1]], "blocks": {"a": "block"}}
