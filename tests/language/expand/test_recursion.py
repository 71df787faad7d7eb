"""Blocks inside themselves, and blocks that an expression chooses."""

from __future__ import annotations

from archprof.allowance import Allowance
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.limits import Limits
from tests.language.expand.graphs import faults, paths

TREE = (
    "blocks:\n  tree:\n    params: {levels: }\n    layers:\n"
    "      left: {block: tree, when: $levels > 1, with: {levels: $levels - 1}}\n"
    "      right: {block: tree, when: $levels > 1, with: {levels: $levels - 1}}\n"
    "      relu: {op: relu}\n"
)


def test_a_block_may_contain_itself_where_a_when_ends_it() -> None:
    """2^3 - 1 trees of three levels, each with an activation."""
    found = paths(TREE + "layers:\n  t: {block: tree, with: {levels: 3}}\n")
    assert len(found) == 7
    assert found[:3] == ["t.left.left.relu", "t.left.right.relu", "t.left.relu"]
    assert found[-1] == "t.relu"


def test_a_repeat_of_none_ends_it_too() -> None:
    text = (
        "blocks:\n  b:\n    params: {n: }\n    layers:\n"
        "    - {op: relu}\n    - {block: b, repeat: $n, with: {n: $n - 1}}\n"
        "layers:\n- {block: b, with: {n: 2}}\n"
    )
    # b(2) has two of b(1), each of which has one of b(0)
    assert " ".join(paths(text)) == "0.0 0.1.0 0.1.1.0 0.2.0 0.2.1.0"


def test_what_does_not_end_names_its_blocks() -> None:
    endless = TREE.replace("$levels - 1", "$levels")
    (first,) = faults(endless + "layers:\n  t: {block: tree, with: {levels: 2}}\n")
    assert first == "7:7 blocks nested deeper than 50 levels: `tree` -> `tree`"


def test_a_tree_that_is_too_large_ends_by_the_allowance() -> None:
    """2^40 trees: no more than the layers that are allowed are built."""
    layers = "layers:\n  t: {block: tree, with: {levels: 40}}\n"
    text = f"name: net\ninput: 3x8x8\n{TREE}{layers}"
    with Allowance(Limits(layers=500), alarm=False):
        (problem,) = expand(next(networks(load_text(text)))).problems
    assert problem.message == "the network has more than 500 layers"
    assert problem.hint.startswith(
        "lower a `repeat`, or how often `tree` is inside itself: `tree` -> `tree`; "
    )


def test_blocks_inside_themselves_are_no_cycle_for_those_who_count() -> None:
    """Counting before anything is built takes what a value decides as nothing."""
    text = TREE + "layers:\n  t: {block: tree, repeat: 3, with: {levels: 2}}\n"
    assert len(paths(text)) == 9


# --- a block that an expression chooses ---


def test_a_chosen_block_leaves_out_what_only_others_take() -> None:
    text = (
        "params: {deep: %s}\nblocks:\n"
        "  one: {params: {out: }, layers: [{op: conv2d, out: $out, kernel: 1}]}\n"
        "  many: {params: {out: , times: }, layers: [{op: conv2d, out: $out, kernel: 1, repeat:"
        " $times}]}\n"
        "layers:\n  b: {block: \"'many' if $deep else 'one'\", with: {out: 4, times: 2%s}}\n"
    )
    assert paths(text % ("true", "")) == ["b.0", "b.1"]
    assert paths(text % ("false", "")) == ["b.0"]
    assert faults(text % ("false", ", tims: 3")) == ["8:69 block `one` has no parameter `tims`"]
