"""What autograd keeps, in words."""

from __future__ import annotations

import pytest

from archprof.commands.reference.kept import kept_in_words
from archprof.ops.answers import Saved

OWN = Saved("own", elements=4_096)


@pytest.mark.parametrize(
    ("saved", "inputs", "words"),
    [
        (None, 1, ("unknown",)),
        ((), 1, ("nothing",)),
        ((Saved("input"),), 1, ("its input",)),
        ((Saved("input", 1),), 2, ("input 2",)),
        ((Saved("output"),), 3, ("its output",)),
        ((OWN,), 1, ("a tensor of its own with 4,096 elements",)),
        ((Saved("own", elements=1),), 1, ("a tensor of its own with 1 element",)),
        ((OWN, OWN), 1, ("2 tensors of its own with 4,096 elements",)),
        ((OWN, Saved("output")), 1, ("a tensor of its own with 4,096 elements", "its output")),
        (
            (OWN._replace(itemsize=8),),
            1,
            ("a tensor of its own with 4,096 elements, 8 bytes each",),
        ),
        ((Saved("input", at_least=4),), 1, ("its input, at least 4 bytes each",)),
        (
            (OWN._replace(per_sample=False),),
            1,
            ("a tensor of its own with 4,096 elements for the whole batch",),
        ),
        ((Saved("input", wanted_by=(1,)),), 2, ("input 1, where input 2 needs a gradient",)),
        (
            (Saved("input", 2, wanted_by=(0, 1, 3), algorithm="math"),),
            4,
            ("math: input 3, where input 1, 2 or 4 needs a gradient",),
        ),
    ],
)
def test_words(saved: tuple[Saved, ...] | None, inputs: int, words: tuple[str, ...]) -> None:
    assert kept_in_words(saved, inputs) == words
