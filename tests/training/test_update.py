"""An optimizer's step for parameters alone: every tensor that torch makes in it, by name."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.autograd.layout import contiguous
from archprof.autograd.run import STATE, Run
from archprof.autograd.tensor import FakeParameter, FakeTensor
from archprof.training.optimizers import IMPLEMENTATIONS, UpdateRule
from archprof.training.update import Update
from tests.training.updates import births_in_torch, births_simulated

SHAPES = [(3, 4), (5,), (2, 3, 4, 5), (7,), ()]
RUNS = [
    (name, implementation)
    for name, known in IMPLEMENTATIONS.items()
    for implementation in ("default", *known)
    if name != "adam8bit"
]
AROUND = [
    {},
    {"clip": True},
    {"scaler": True},
    {"ema": True},
    {"clip": True, "scaler": True, "ema": True, "master_weights": True},
]


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize(("name", "implementation"), RUNS)
def test_every_tensor_of_a_step_is_torchs(name: str, implementation: str, first: bool) -> None:
    for decay in (None, False, True):
        for amsgrad in {False, name in ("adam", "adamw")}:
            for around in AROUND:
                rule = UpdateRule(name, implementation, decay, amsgrad, **around)
                assert_equal(rule, SHAPES, first)


def assert_equal(rule: UpdateRule, shapes: list[tuple[int, ...]], first: bool) -> None:
    """Master weights are those of narrower ones; nothing else is."""
    dtype = torch.bfloat16 if rule.master_weights else torch.float32
    expected = births_in_torch(rule, shapes, first=first, dtype=dtype)
    itemsize = dtype.itemsize
    assert births_simulated(rule, shapes, first=first, itemsize=itemsize) == expected, rule


sizes = st.lists(st.integers(1, 6), max_size=5).map(tuple)


@settings(max_examples=60)
@given(
    st.sampled_from(RUNS),
    st.sampled_from([None, False, True]),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.lists(sizes, min_size=1, max_size=6),
)
def test_random_parameters(
    run: tuple[str, str],
    decay: bool | None,
    switches: list[bool],
    shapes: list[tuple[int, ...]],
) -> None:
    amsgrad, *around, first = switches
    amsgrad = amsgrad and run[0] in ("adam", "adamw")
    assert_equal(UpdateRule(*run, decay, amsgrad, *around), shapes, first)


def test_clipping_one_gradient_after_the_other_has_the_same_peak() -> None:
    """clip_grad_norm_(foreach=False) makes the norms apart; all of them are alive together all the
    same: three of 4 bytes, their stack of 12 and the norm of that.
    """
    births, left = births_simulated(UpdateRule(clip=True), [(3, 4), (5,), (2, 3)], first=False)
    assert births[:3] == [
        ("_foreach_norm", 3 * 4),
        ("stack", 3 * 4 + 3 * 4),
        ("linalg_vector_norm", 3 * 4 + 3 * 4 + 4),
    ]
    parameters = [torch.ones(shape, requires_grad=True) for shape in ((3, 4), (5,), (2, 3))]
    for each in parameters:
        each.grad = torch.ones_like(each)
    assert max(live for _, live in births) == clipped_apart(parameters)
    assert left == 0


def clipped_apart(parameters: list[torch.Tensor]) -> int:
    from archprof.model.step_tracker import StepTracker

    gradients = [each.grad for each in parameters if each.grad is not None]
    tracker = StepTracker([*parameters, *gradients])
    before = tracker.live
    with tracker:
        torch.nn.utils.clip_grad_norm_(parameters, 1.0, foreach=False)
    return tracker.peak().live - before


def test_a_parameter_without_a_gradient_has_no_state() -> None:
    """AdamW for two of 3 and 5 elements, the second without a gradient: two moments of 12 bytes and
    a counter of 4 are left.
    """
    run = Run()
    parameters = [FakeParameter(run, (3,), 4, False), FakeParameter(run, (5,), 4, False)]
    update = Update(run, UpdateRule("adamw"), parameters, parameters, 8)
    parameters[0].gradient = FakeTensor(run, contiguous((3,)), 4)
    run.note("start")
    update.step()
    assert run.kinds[STATE] == 2 * 3 * 4 + 4


def test_a_step_without_a_gradient_makes_nothing() -> None:
    run = Run()
    parameters = [FakeParameter(run, (3,), 4, False)]
    update = Update(run, UpdateRule("adamw", clip=True), parameters, parameters, 3)
    run.note("start")
    update.step()
    assert len(run.births) == 1


def test_state_on_a_gpu() -> None:
    """The counters of AdamW in lists stay in the host's memory; a fused one has them beside the
    parameters, 4 bytes each.
    """
    for implementation, counters in (("default", 0), ("foreach", 0), ("single", 0), ("fused", 2)):
        run = Run("cuda")
        parameters = [FakeParameter(run, (3,), 4, False), FakeParameter(run, (5,), 4, False)]
        update = Update(run, UpdateRule("adamw", implementation), parameters, parameters, 8)
        run.backdate(lambda: update.resume(parameters))  # noqa: B023
        assert run.kinds[STATE] == 2 * (3 + 5) * 4 + counters * 4


def test_lists_are_the_default_on_a_gpu() -> None:
    """So all square roots of AdamW are alive together, and no 1 for counters is made."""
    run = Run("cuda")
    parameters = [FakeParameter(run, (3,), 4, False), FakeParameter(run, (5,), 4, False)]
    update = Update(run, UpdateRule("adamw"), parameters, parameters, 8)
    run.note("start")
    run.backdate(lambda: update.resume(parameters))
    for each in parameters:
        each.gradient = FakeTensor(run, contiguous(each.shape), 4)
    run.note("backward")
    before = run.live
    update.step()
    births = [(birth.kernel, birth.live - before) for birth in run.births[2:]]
    assert births == [("_foreach_sqrt", (3 + 5) * 4)]
