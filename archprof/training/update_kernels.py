"""The kernels of an optimizer's step, as torch.optim runs them: what each makes and how long that
lives.

The functions are torch's own, statement by statement, without what makes no tensor: a local name
lives as long as torch's local of the same name, into the next turn of a loop too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.autograd.run import Run
from archprof.training.adafactor import adafactor_foreach, adafactor_single
from archprof.training.members import Members, by_dtype, in_list, like, make_state, one_on_host
from archprof.training.optimizers import ADAMS, WITH_MOMENTUM, UpdateRule


def _sgd_single(run: Run, rule: UpdateRule, members: Members) -> None:
    grad = None
    for each in members:
        run.path = each.path
        grad = each.gradient
        if rule.decays:
            grad = like(run, grad, "add")
        make_state(run, rule, each)
        if rule.name == "nesterov":
            grad = like(run, grad, "add")


def _sgd_foreach(run: Run, rule: UpdateRule, members: Members) -> None:
    run.path = ""
    for group in by_dtype(members):
        grads = [each.gradient for each in group]
        if rule.decays:
            grads = in_list(run, grads, "_foreach_add")
        for each in group:
            make_state(run, rule, each)
        del grads


def _adam_single(run: Run, rule: UpdateRule, members: Members) -> None:
    grad = denom = None
    for each in members:
        run.path = each.path
        grad = each.gradient
        if rule.decays_gradients:
            grad = like(run, grad, "add")
        root = like(run, each.state["exp_avg_sq"], "sqrt")
        denom = like(run, root, "div")
        del root
    del grad, denom


def _adam_foreach(run: Run, rule: UpdateRule, members: Members) -> None:
    run.path = ""
    roots = None
    for group in by_dtype(members):
        grads = [each.gradient for each in group]
        one_on_host(run)
        if rule.decays_gradients:
            grads = in_list(run, grads, "_foreach_add")
        del grads
        roots = in_list(run, [each.state["exp_avg_sq"] for each in group], "_foreach_sqrt")
    del roots


def _rmsprop_single(run: Run, rule: UpdateRule, members: Members) -> None:
    grad = avg = None
    for each in members:
        run.path = each.path
        grad = each.gradient
        if rule.decays_gradients:
            grad = like(run, grad, "add")
        avg = like(run, each.state["square_avg"], "sqrt")
    del grad, avg


def _rmsprop_foreach(run: Run, rule: UpdateRule, members: Members) -> None:
    run.path = ""
    grads = avg = None
    for group in by_dtype(members):
        grads = [each.gradient for each in group]
        one_on_host(run)
        if rule.decays_gradients:
            grads = in_list(run, grads, "_foreach_add")
        avg = in_list(run, [each.state["square_avg"] for each in group], "_foreach_sqrt")
    del grads, avg


def _lion_single(run: Run, rule: UpdateRule, members: Members) -> None:
    update = None
    for each in members:
        run.path = each.path
        make_state(run, rule, each)
        average = like(run, each.state["exp_avg"], "mul")
        grad = like(run, each.gradient, "mul")
        update = like(run, grad, "add")
        del average, grad
    del update


def _adam8bit_single(run: Run, rule: UpdateRule, members: Members) -> None:
    """Run bitsandbytes' Adam8bit, whose kernel works in place."""
    for each in members:
        run.path = each.path
        make_state(run, rule, each)


def _in_place(run: Run, rule: UpdateRule, members: Members) -> None:
    """Run a fused kernel, which makes nothing."""


PROGRAMS: dict[tuple[str, str], Callable[[Run, UpdateRule, Members], Any]] = {
    ("sgd", "single"): _sgd_single,
    ("sgd", "foreach"): _sgd_foreach,
    ("adam", "single"): _adam_single,
    ("adam", "foreach"): _adam_foreach,
    ("rmsprop", "single"): _rmsprop_single,
    ("rmsprop", "foreach"): _rmsprop_foreach,
    ("adafactor", "single"): adafactor_single,
    ("adafactor", "foreach"): adafactor_foreach,
    ("lion", "single"): _lion_single,
    ("adam8bit", "single"): _adam8bit_single,
}


def update(run: Run, rule: UpdateRule, members: Members) -> None:
    """Run the step of an optimizer for parameters that have gradients."""
    implementation = rule.implementation_on(run.device)
    family = rule.name
    if family in WITH_MOMENTUM:
        family = "sgd"
    elif family in ADAMS:
        family = "adam"
    states_first = family in ("adam", "rmsprop", "adafactor") or implementation == "fused"
    if states_first:
        for each in members:
            run.path = each.path
            make_state(run, rule, each)
    PROGRAMS.get((family, implementation), _in_place)(run, rule, members)
