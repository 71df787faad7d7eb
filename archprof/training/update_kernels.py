"""The kernels of an optimizer's step, as torch.optim runs them: what each makes and how long that
lives.

The functions are torch's own, statement by statement, without what makes no tensor: a local name
lives as long as torch's local of the same name, into the next turn of a loop too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archprof.autograd.layout import contiguous
from archprof.autograd.run import STATE, Run
from archprof.autograd.tensor import FakeParameter, FakeTensor, new
from archprof.training.optimizers import (
    ADAMS,
    WITH_MOMENTUM,
    Shape,
    UpdateRule,
    factors,
    state_of,
)


class Member:
    """A parameter that the optimizer updates, and its state by torch's names."""

    __slots__ = ("parameter", "state")

    def __init__(self, parameter: FakeParameter) -> None:
        self.parameter = parameter
        self.state: dict[str, FakeTensor] = {}

    @property
    def path(self) -> str:
        """The layer that it belongs to."""
        return self.parameter.path

    @property
    def shape(self) -> Shape:
        """The parameter's sizes."""
        return self.parameter.shape

    @property
    def gradient(self) -> FakeTensor:
        """Its gradient; raises ValueError where it has none."""
        if self.parameter.gradient is None:
            raise ValueError(f"a parameter of {self.path} has no gradient")
        return self.parameter.gradient


Members = Sequence[Member]


def make_state(run: Run, rule: UpdateRule, member: Member, earlier: bool = False) -> None:
    """Make the state of a parameter that has none yet; `earlier`: an earlier step has made it, no
    kernel of this one.
    """
    if member.state:
        return
    parameter = member.parameter
    for each in state_of(rule, parameter.shape, parameter.itemsize, run.device):
        kernel = "" if earlier else each.kernel
        member.state[each.name] = kept(run, each.shape, each.itemsize, kernel)


def kept(run: Run, shape: Shape, itemsize: int, kernel: str = "") -> FakeTensor:
    """Return a new tensor of the optimizer's state; `kernel`: "" where nothing makes it now."""
    made = FakeTensor(run, contiguous(shape), itemsize)
    run.move(made.memory, STATE)
    if kernel:
        run.note(kernel)
    return made


def like(run: Run, tensor: FakeTensor, kernel: str, shape: Shape | None = None) -> FakeTensor:
    """Return a new tensor with the dtype of another, and its shape unless one is given."""
    return new(run, contiguous(tensor.shape if shape is None else shape), tensor.itemsize, kernel)


def in_list(run: Run, tensors: Sequence[FakeTensor], kernel: str) -> list[FakeTensor]:
    """Return new tensors like those of a list, all made by one kernel."""
    made = [FakeTensor(run, contiguous(each.shape), each.itemsize) for each in tensors]
    run.note(kernel)
    return made


def _by_dtype(members: Members) -> list[list[Member]]:
    """Return the lists in which `foreach` runs parameters of several dtypes; which of them torch
    takes first is the order of a hash table, here the first parameter's.
    """
    groups: dict[int, list[Member]] = {}
    for each in members:
        groups.setdefault(each.parameter.itemsize, []).append(each)
    return list(groups.values())


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
    for group in _by_dtype(members):
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
    for group in _by_dtype(members):
        grads = [each.gradient for each in group]
        _one_on_host(run)
        if rule.decays_gradients:
            grads = in_list(run, grads, "_foreach_add")
        del grads
        roots = in_list(run, [each.state["exp_avg_sq"] for each in group], "_foreach_sqrt")
    del roots


def _one_on_host(run: Run) -> None:
    """Make the 1 by which the step counters grow, which are in the host's memory."""
    if run.device == "cpu":
        new(run, contiguous(()), 4, "lift_fresh")


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
    for group in _by_dtype(members):
        grads = [each.gradient for each in group]
        _one_on_host(run)
        if rule.decays_gradients:
            grads = in_list(run, grads, "_foreach_add")
        avg = in_list(run, [each.state["square_avg"] for each in group], "_foreach_sqrt")
    del grads, avg


def _adafactor_single(run: Run, rule: UpdateRule, members: Members) -> None:
    row_mean = col_mean = grad_squared = var_estimate = update = None
    for each in members:
        run.path = each.path
        grad = each.gradient
        _norm(run, grad)
        if len(grad.shape) > 1:
            rows, columns = factors(grad.shape)
            row_mean = like(run, grad, "linalg_vector_norm", rows)
            col_mean = like(run, grad, "linalg_vector_norm", columns)
            var_estimate = _product(run, grad)
            _mean_of_rows(run, grad)
        else:
            grad_squared = like(run, grad, "mul")
            var_estimate = like(run, grad, "clone")
        update = var_estimate
        _norm(run, update)
    del row_mean, col_mean, grad_squared, var_estimate, update


def _norm(run: Run, tensor: FakeTensor) -> None:
    """Make the norm of a tensor, of which only the number is used."""
    like(run, tensor, "linalg_vector_norm", ())


def _product(run: Run, grad: FakeTensor) -> FakeTensor:
    """Return the product of the row and the column factor, of the gradient's shape."""
    return like(run, grad, "mm" if len(grad.shape) == 2 else "bmm")


def _mean_of_rows(run: Run, grad: FakeTensor) -> FakeTensor:
    return like(run, grad, "mean", (*grad.shape[:-2], 1, 1))


def _adafactor_foreach(run: Run, rule: UpdateRule, members: Members) -> None:
    run.path = ""
    var_estimates = updates = None
    for group in _by_dtype_and_rank(members):
        grads = [each.gradient for each in group]
        _one_on_host(run)
        for each in grads:
            _norm(run, each)
        if len(grads[0].shape) > 1:
            for side in (0, 1):
                means = [
                    like(run, each, "linalg_vector_norm", factors(each.shape)[side])
                    for each in grads
                ]
                del means
            var_estimates = [_product(run, each) for each in grads]
            row_var_means = [_mean_of_rows(run, each) for each in grads]
            del row_var_means
        else:
            grads_squared = in_list(run, grads, "_foreach_mul")
            del grads_squared
            var_estimates = [like(run, each, "clone") for each in grads]
        updates = var_estimates
        for each in updates:
            _norm(run, each)
    del var_estimates, updates


def _by_dtype_and_rank(members: Members) -> list[list[Member]]:
    """Return the lists in which `foreach` Adafactor runs parameters: vectors apart."""
    groups: dict[tuple[int, bool], list[Member]] = {}
    for group in _by_dtype(members):
        for each in group:
            key = (each.parameter.itemsize, len(each.shape) > 1)
            groups.setdefault(key, []).append(each)
    return list(groups.values())


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
    ("adafactor", "single"): _adafactor_single,
    ("adafactor", "foreach"): _adafactor_foreach,
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
