"""Which conditions networks meet, and at which place."""

from __future__ import annotations

import re

import pytest

from archprof.analysis.analysis import Analysis
from archprof.commands.diff.fail_conditions import parse_condition
from archprof.commands.diff.met_conditions import change_text, met_conditions
from archprof.commands.diff.review import Compared, Review, pair
from tests.commands.diff.networks import CONV, LAST, WIDER, net


def messages(old: Analysis, new: Analysis, *conditions: str) -> list[str]:
    found = met_conditions(
        pair(old, new, ("old", "new")), (parse_condition(text) for text in conditions)
    )
    return [f"{v.problem.mark.line}: {v.problem.message}" for v in found]


@pytest.mark.parametrize(
    ("condition", "meets"),
    [
        ("macs>+12.5%", False),
        ("macs>=+12.5%", True),
        ("macs>+12.4%", True),
        ("macs<+12.6%", True),
        ("params>324", False),
        ("params>323", True),
        ("params>+35", True),
        ("params>+36", False),
        ("params<=324", True),
        ("params!=324", False),
    ],
)
def test_conditions_just_below_and_just_above(condition: str, meets: bool) -> None:
    assert bool(messages(net(CONV), net(WIDER), condition)) == meets


def test_a_condition_is_placed_at_the_change_that_weighs_most() -> None:
    """In line 5 `last` costs 128 MACs more, in line 4 `conv` 2,304; of what becomes less, in
    line 5.
    """
    old, new = net(CONV, LAST), net(WIDER, LAST)
    assert messages(old, new, "macs>+10%") == [
        "4: net: macs 19.5 K -> 21.9 K (+12.5%) meets `macs>+10%`, most by changed `conv`"
    ]
    narrower = net(WIDER, LAST.replace("out: 2", "out: 1"))
    # 18,432 + 1,024 = 19,456 before; 20,736 + 576 = 21,312 now; `last` has 448 less
    assert messages(old, narrower, "macs<1M") == [
        "5: net: macs 19.5 K -> 21.3 K (+9.5%) meets `macs<1M`, most by changed `last`"
    ]
    assert messages(old, narrower, "macs<=1M", "macs>1") == [
        "5: net: macs 19.5 K -> 21.3 K (+9.5%) meets `macs<=1M`, most by changed `last`",
        "4: net: macs 19.5 K -> 21.3 K (+9.5%) meets `macs>1`, most by changed `conv`",
    ]


def test_of_a_quantity_that_is_no_sum_the_first_that_changed() -> None:
    deeper = net("first: {op: conv2d, out: 4, kernel: 1, bias: false}", CONV)
    assert messages(net(CONV), deeper, "depth>1") == [
        "4: net: depth 1 -> 2 (+100.0%) meets `depth>1`, most by added `first`"
    ]


def test_a_new_network_meets_conditions_on_its_own_numbers_alone() -> None:
    added = Review("old", "new", (Compared("net", None, net(CONV)),))
    assert [
        v.problem.message
        for v in met_conditions(
            added, [parse_condition("params>287"), parse_condition("params>+1%")]
        )
    ] == ["net: params 288 meets `params>287`"]
    removed = Review("old", "new", (Compared("net", net(CONV), None),))
    assert met_conditions(removed, [parse_condition("params>0")]) == []


def test_a_renamed_network_is_compared_with_the_removed_one_of_its_numbers() -> None:
    """`was` is called `is` now; `new` has 8*2 + 2 parameters behind 288, and what is left to
    compare it with is `gone`, of 324.
    """
    kept = pair(net(CONV), net(CONV), ("old", "new")).networks[0]
    new = net(CONV, LAST.replace("bias: false", "bias: true"))
    networks = (
        kept,
        Compared("was", net(CONV), None),
        Compared("gone", net(WIDER), None),
        Compared("is", None, net(CONV)),
        Compared("new", None, new),
    )
    found = met_conditions(Review("old", "new", networks), [parse_condition("params>-50%")])
    assert [
        (v.compared.name, re.findall(r"params (.+?) \(", v.problem.message)) for v in found
    ] == [("net", ["288 -> 288"]), ("is", ["288 -> 288"]), ("new", ["324 -> 306"])]


def test_nothing_that_changed_is_nothing_to_blame() -> None:
    assert messages(net(CONV), net(CONV), "params>287") == [
        "1: net: params 288 -> 288 (-) meets `params>287`"
    ]


def test_totals_in_words() -> None:
    one, other = net(CONV).totals, net(WIDER).totals
    # 1,152 and 1,296 bytes
    assert change_text("weights", one, other) == "weights 1.12 KiB -> 1.27 KiB (+12.5%)"
    assert change_text(
        "field", one, net(CONV, "pool: {op: adaptive_avg_pool2d, size: 1}").totals
    ).startswith("field ")
    assert change_text("params", None, one) == "params 288"
