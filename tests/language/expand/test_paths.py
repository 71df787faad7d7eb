"""Paths of layers, and names that torch cannot have."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks


def test_a_name_that_torch_cannot_hold_is_told_with_the_way_to_it() -> None:
    text = (
        "name: net\ninput: 3x8x8\nblocks:\n  b: {layers: {train: {op: conv2d, out: 1, kernel:"
        " 1}}}\nlayers:\n  a: {block: b}\n"
    )
    (problem,) = expand(next(networks(load_text(text)))).problems
    assert (problem.mark.line, problem.chain) == (4, ("a (block b, <text>:6)",))
    assert (
        problem.message
        == "no layer can be called `train`: torch.nn.Module has an attribute of this name"
    )
    assert problem.hint == "choose another name, for instance `train_`"
