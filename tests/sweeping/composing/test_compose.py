"""Composed totals against those of each variant by itself, which is what they have to equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from archprof.analysis import part as parts
from archprof.autograd.layout import contiguous
from archprof.column import Column
from archprof.graph.state import Lying, State
from archprof.language.find import find
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.sweeping.composing.compose import NotComposed, compose
from archprof.sweeping.composing.composed import Composed
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.in_full import in_full
from archprof.sweeping.totals import totals_of
from archprof.sweeping.variants import TOTALS, Found, Variants
from tests.effort import TIMES
from tests.sweeping.composing.chains import Chain, chains

PLAIN = SweepConditions()
COUNT = 12
GENERATED = settings(
    max_examples=120 * TIMES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def differing(ours: Found, theirs: Found) -> list[str]:
    """Where two differ: the names of totals of valid variants, and which variants are valid.

    Of a variant with several faults either may name another one first.
    """
    valid = theirs.reasons == 0
    found = [] if np.array_equal(ours.reasons == 0, valid) else ["valid"]
    both = ((name, ours.totals[name][valid], theirs.totals[name][valid]) for name in TOTALS)
    return found + [name for name, one, other in both if not np.array_equal(one, other)]


def rules(found: Found) -> list[str]:
    """By row the rule of what is wrong with it, "" where nothing is."""
    names = ["", *(rule for rule, _ in found.faults)]
    return [names[reason] for reason in found.reasons.tolist()]


class Families:
    """Variants of shipped networks at random, from the same numbers each time."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(19)

    def whole(self, low: int, high: int, step: int = 1) -> Column:
        return Column(step * self.random.integers(low // step, high // step + 1, COUNT))

    def real(self, low: float, high: float) -> Column:
        return Column(self.random.uniform(low, high, COUNT))

    def one_of(self, *values: float) -> Column:
        return Column(self.random.choice(values, COUNT))

    def depths(self, low: int = 1) -> list[Column]:
        return [self.whole(low, 4), self.whole(low, 4), self.whole(low, 12), self.whole(low, 4)]

    def square(self, low: int = 32, high: int = 300, step: int = 1) -> tuple[Any, ...]:
        side = self.whole(low, high, step)
        return 3, side, side

    def all(self) -> dict[str, tuple[str, dict[str, Any], tuple[Any, ...]]]:
        """By name a network, what its parameters are, and its input."""
        groups = self.one_of(1, 2, 4, 8)
        widths = [self.whole(8, 200) for _ in range(4)]
        return {
            "resnet50": ("resnet50", {"depths": self.depths(0), "groups": groups}, self.square()),
            "padded": ("resnet18", {"depths": self.depths(), "shortcut": "A"}, self.square()),
            "mobilenet_v2": ("mobilenet_v2", {"width": self.real(0.2, 2)}, self.square()),
            "efficientnet": (
                "efficientnet_b0",
                {"width": self.real(0.4, 2.2), "depth": self.real(0.4, 1.8)},
                self.square(),
            ),
            "convnext": (
                "convnext_tiny",
                {
                    "depths": self.depths(),
                    "widths": widths,
                    "drop_path": self.one_of(0.0, 0.1, 0.5),
                },
                self.square(),
            ),
            "densenet": (
                "densenet121",
                {"growth": self.whole(4, 48), "depths": [self.whole(1, 6) for _ in range(4)]},
                self.square(),
            ),
            "swin": (
                "swin_t",
                {"embed": self.whole(32, 160, 32), "depths": [2, 2, self.whole(1, 5), 2]},
                (3, 224, 224),
            ),
            "shufflenet": ("shufflenet_v2_x1_0", {}, self.square()),
            "mnasnet": ("mnasnet1_0", {}, self.square()),
        }


FAMILIES = Families().all()


@pytest.mark.parametrize("family", FAMILIES)
def test_families_compose_to_what_each_variant_has(family: str) -> None:
    name, values, shape = FAMILIES[family]
    network, variants = find(name), Variants(COUNT, values, shape)
    found = totals_of(network, variants, PLAIN)
    assert found.composed
    assert differing(found, in_full(network, variants, PLAIN)) == []


@pytest.mark.parametrize(
    "conditions",
    [
        SweepConditions(batch=32),
        SweepConditions(dtype="float16"),
        SweepConditions(batch=8, dtype="bfloat16", count="full", optimizer="adamw", ema=True),
        SweepConditions(count="fvcore"),
        SweepConditions(count="lecture", dtype="float64"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("family", ["resnet50", "convnext", "mobilenet_v2"])
def test_under_all_conditions(family: str, conditions: SweepConditions) -> None:
    name, values, shape = FAMILIES[family]
    network, variants = find(name), Variants(COUNT, values, shape)
    found = totals_of(network, variants, conditions)
    assert found.composed
    assert differing(found, in_full(network, variants, conditions)) == []


def test_invalid_variants_have_the_reason_that_each_has_by_itself() -> None:
    """Depths below 0 are no number of turns; 64 channels have no 3 groups; 1 to 70 pixels are
    sometimes too few for what pools.
    """
    families = Families()
    depths = [families.whole(-1, 2) for _ in range(4)]
    values = {"depths": depths, "groups": families.one_of(1, 3, 64)}
    variants = Variants(COUNT, values, families.square(1, 70))
    network = find("resnet50")
    found, alone = totals_of(network, variants, PLAIN), in_full(network, variants, PLAIN)
    assert {"", "kind"} <= set(rules(alone))
    assert differing(found, alone) == []
    assert rules(found) == rules(alone)
    assert found.faults[found.reasons[found.reasons > 0][0] - 1] in alone.faults


def test_a_block_that_shares_with_a_layer_outside_it_is_analysed_with_that() -> None:
    text = (
        "name: shared\ninput: 3x8x8\nparams: {width: 4}\n"
        "blocks: {again: {layers: {conv: {op: conv2d, out: $width, kernel: 1, share: first}}}}\n"
        "layers:\n  stem: {op: conv2d, out: $width, kernel: 1}\n"
        "  first: {op: conv2d, out: $width, kernel: 1}\n  again: {block: again}\n"
    )
    (network,) = networks(load_text(text))
    variants = Variants(2, {"width": Column(np.array([4, 6]))}, (3, 8, 8))
    found = totals_of(network, variants, PLAIN)
    assert "shares the weights of a layer outside it" in found.refused
    # of the stem 3 inputs and a bias, of the shared layer as many as its outputs
    assert found.totals["params"].tolist() == [4 * (3 + 1) + 4 * (4 + 1), 6 * (3 + 1) + 6 * (6 + 1)]


@pytest.mark.parametrize(
    ("network", "shape", "why"),
    [
        ("vit_b_16", (3, Column(np.array([32, 48])), 32), "takes what is not directly before it"),
        ("vgg16", (3, Column(np.array([224, 300])), 224), "the fields of its units are not alike"),
    ],
)
def test_what_cannot_be_composed_is_analysed_by_itself(
    network: str, shape: tuple[Any, ...], why: str
) -> None:
    found = totals_of(find(network), Variants(2, {}, shape), PLAIN)
    assert not found.composed
    assert why in found.refused
    assert differing(found, in_full(find(network), Variants(2, {}, shape), PLAIN)) == []


def both(chain: Chain, conditions: SweepConditions = PLAIN) -> tuple[Found, Found]:
    network = chain.network
    return (
        totals_of(network, chain.variants, conditions),
        in_full(network, chain.variants, conditions),
    )


@pytest.mark.slow
def test_chains_at_random() -> None:
    """Views, permutes, layers in place, dropout, frozen layers, repeats, groups and branches."""
    seen = {"composed": 0, "valid": 0, "invalid": 0}

    @GENERATED
    @given(chain=chains())
    def agrees(chain: Chain) -> None:
        batch = 1 + chain.variants.count % 3
        ours, theirs = both(chain, SweepConditions(batch=batch))
        assert differing(ours, theirs) == [], chain.text
        seen["composed"] += ours.composed
        seen["valid"] += int((theirs.reasons == 0).sum())
        seen["invalid"] += int((theirs.reasons > 0).sum())

    agrees()
    assert min(seen.values()) > 0
    assert seen["composed"] > 60 * TIMES


def lying(state: State, training: bool, **changed: Any) -> State:
    """A state with something else of how it lies in memory."""
    mode = "training" if training else "evaluation"
    return state.replaced(**{mode: state.lying(training)._replace(**changed)})


def relaid(lying: Lying, trains: bool | None = None) -> Any:
    plain = contiguous(lying.layout.shape)
    return plain._replace(trains=lying.layout.trains if trains is None else trains)


MUTANTS: dict[str, Any] = {
    "kept is lost": lambda s: s.replaced(kept=False),
    "always kept": lambda s: s.replaced(kept=True),
    "always a gradient": lambda s: lying(s, True, layout=s.training.layout._replace(trains=True)),
    "never a gradient": lambda s: lying(s, True, layout=s.training.layout._replace(trains=False)),
    "layout in evaluation": lambda s: lying(s, False, layout=relaid(s.evaluation)),
    "layout in training": lambda s: lying(s, True, layout=relaid(s.training)),
    "bytes in evaluation": lambda s: lying(
        s, False, bytes=4 * s.evaluation.layout.shape[0] * int(np.prod(s.shape))
    ),
    "bytes in training": lambda s: lying(
        s, True, bytes=4 * s.training.layout.shape[0] * int(np.prod(s.shape))
    ),
    "no network's input in evaluation": lambda s: lying(s, False, given=False),
    "always the network's input": lambda s: lying(s, False, given=True),
    "axes are forgotten": lambda s: s.replaced(dims=((),) * len(s.shape)),
    "all of the input is a field": lambda s: s.replaced(axes=("field",) * len(s.axes)),
    "nothing sees all": lambda s: s.replaced(
        axes=tuple("unknown" if axis == "whole" else axis for axis in s.axes)
    ),
    "units of fields": lambda s: s.replaced(units=tuple(unit + 1 for unit in s.units)),
}


WRITTEN = (
    # a norm keeps a copy of what does not lie in order, though relu keeps that memory already
    """
name: permuted
input: 4x6x8
layers:
- {op: conv2d, out: 4, kernel: 3, padding: 1}
- {op: relu}
- {op: permute, order: [0, 2, 1]}
- {op: instance_norm2d}
- {op: conv2d, out: 3, kernel: 3}
""",
    # branches that join have as many units
    """
name: joined
input: 4x6x8
blocks:
  residual:
    layers:
      conv: {op: conv2d, out: 4, kernel: 3, padding: 1}
      sum: {op: add, from: [conv, input]}
layers:
- {op: conv2d, out: 4, kernel: 3}
- {block: residual}
""",
    # what layer_norm2d makes is kept by it, and not by celu, which works in place
    """
name: kept
input: 4x6x8
blocks:
  residual:
    layers:
      same: {op: identity}
      sum: {op: add, from: [same, input]}
layers:
- - {op: dropout}
  - {op: layer_norm2d}
- {op: flatten, start: 2}
- {block: residual}
- {op: select, dim: 1, index: 1}
- - {op: celu, inplace: true}
  - {op: log}
""",
    # a part's input is a view of more memory than its own
    """
name: part
input: 4x6x8
layers:
- - {op: relu}
  - {op: slice, dim: -1, start: -5}
- {op: flatten}
- {op: identity}
""",
    """
name: selected
input: 4x6x8
layers:
- {op: select, dim: -1, index: -2}
- {op: group_norm, groups: 1}
- {op: identity}
- {op: softsign}
- {op: flatten}
- {op: hardsigmoid}
""",
)


def written() -> list[Chain]:
    sides = tuple(Column(np.array([side, side + 2, side + 4])) for side in (6, 8))
    return [Chain(text, Variants(3, {}, (4, *sides))) for text in WRITTEN]


class Noticed(Exception):
    """A chain has other totals under a mutant."""


def look(chain: Chain, composed: Callable[[Chain], Composed]) -> None:
    """Compare a chain composed under a mutant with its variants in full; raises Noticed."""
    theirs = in_full(chain.network, chain.variants, PLAIN)
    try:
        ours = composed(chain)
    except NotComposed:
        return
    valid = (theirs.reasons == 0) & ~ours.apart
    wrong = [name for name in TOTALS if (ours.totals[name] != theirs.totals[name])[valid].any()]
    if wrong or ((ours.reasons > 0) & valid).any():
        raise Noticed(chain.text)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_state_that_forgets_something_is_noticed(
    mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each field of a state matters in some chain: a part that leaves another one is found out."""
    change, ends = MUTANTS[mutant], parts._ends

    def composed(chain: Chain) -> Composed:
        with monkeypatch.context() as patched:
            patched.setattr(parts, "_ends", lambda *given: change(ends(*given)))
            return compose(chain.network, chain.variants, PLAIN)

    @settings(GENERATED, max_examples=400, report_multiple_bugs=False)
    @given(chain=chains())
    def at_random(chain: Chain) -> None:
        look(chain, composed)

    def first_noticed() -> None:
        for chain in written():
            look(chain, composed)
        at_random()

    with pytest.raises(Noticed):
        first_noticed()
