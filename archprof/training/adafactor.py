"""The kernels of a step of torch.optim.Adafactor, statement by statement."""

from __future__ import annotations

from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.training.members import Member, Members, by_dtype, in_list, like, one_on_host
from archprof.training.optimizers import UpdateRule, factors


def adafactor_single(run: Run, rule: UpdateRule, members: Members) -> None:
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


def adafactor_foreach(run: Run, rule: UpdateRule, members: Members) -> None:
    run.path = ""
    var_estimates = updates = None
    for group in _by_dtype_and_rank(members):
        grads = [each.gradient for each in group]
        one_on_host(run)
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
    for group in by_dtype(members):
        for each in group:
            key = (each.parameter.itemsize, len(each.shape) > 1)
            groups.setdefault(key, []).append(each)
    return list(groups.values())
