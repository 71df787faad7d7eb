"""What sums, products and powers do in training."""

from __future__ import annotations

from archprof.autograd.chains import Gradients, added_product, chained, combined, unlearned
from archprof.autograd.layout import elementwise
from archprof.autograd.pointwise import add, divide, multiply, scaled, shifted, summed_to
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.capturing.arguments import Arguments, Program


def _two(given: Arguments) -> bool:
    return given.has("self") and given.has("other")


def plain(given: Arguments) -> FakeTensor:
    """Return the output of an operator through which no gradient goes, such as a comparison."""
    if given.inplace:
        made = given.first.viewed(given.first.layout)
        given.run.note(given.kernel)
        return made
    return unlearned(given.run, given.name, given.all, given.itemsize, given.layout)


def _add(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    if not _two(given):
        return _shifted(given)
    first, second = given["self"], given["other"]
    if given.get("alpha", 1) != 1 and not given.inplace:
        return combined(given.run, "add", [first, second], [], [(0, ""), (1, "mul.Scalar")])
    return add(given.run, first, second, given.inplace)


def _shifted(given: Arguments) -> FakeTensor:
    x = given.first
    if not given.inplace:
        return shifted(given.run, x, given.name)
    made = x.viewed(x.layout)
    given.run.note(given.kernel)
    return attach(given.run, given.kernel, made, [x], (), lambda gradient: [gradient])


def _subtract(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    if not _two(given):
        return _shifted(given)
    gradients: Gradients = [(0, ""), (1, "neg")]
    if given.get("alpha", 1) != 1:
        gradients = [(0, ""), (1, "neg mul")]
    return _written(given, "sub", [given["self"], given["other"]], gradients)


def _subtract_from(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    if not _two(given):
        return chained(given.run, given.first, "rsub", "nothing", "neg")
    return combined(given.run, "rsub", [given["self"], given["other"]], [], [(0, "neg"), (1, "")])


def _written(
    given: Arguments, name: str, inputs: list[FakeTensor], gradients: Gradients
) -> FakeTensor:
    """Return an elementwise function that keeps nothing, in place where the operator is."""
    return combined(given.run, name, inputs, [], gradients, given.inplace)


def _multiply(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    if not _two(given):
        return scaled(given.run, given.first, inplace=given.inplace)
    if given.inplace:
        return multiply_in_place(given.run, given["self"], given["other"])
    return multiply(given.run, given["self"], given["other"])


def multiply_in_place(run: Run, x: FakeTensor, y: FakeTensor) -> FakeTensor:
    """Return a product in the memory of the first factor, which is copied where the second one
    needs it.
    """
    kept = new(run, elementwise(x.layout), x.itemsize, "clone") if y.trains else None
    made = x.viewed(x.layout)
    run.note("mul_")
    first, second = (x.layout, x.trains), (y.layout, y.trains)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = [None, None]
        size = gradient.itemsize
        product = None
        if second[1]:
            product = new(run, elementwise(gradient.layout, first[0]), size, "mul")
        if first[1]:
            found[0] = new(run, elementwise(gradient.layout, second[0]), size, "mul")
        if product is not None:
            found[1] = summed_to(run, product, second[0].shape)
        return found

    return attach(run, "mul_", made, [x, y], [kept, y if x.trains else None], back)


def _divide(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    if _two(given):
        return divide(given.run, given["self"], given["other"])
    return scaled(given.run, given.first, "div", given.inplace)


def _power(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    if given.has("exponent") or not given.has("self"):
        return unlearned(given.run, "pow", given.all, given.itemsize, given.layout)
    return chained(given.run, given.first, "pow", "input", "pow mul mul", given.inplace)


def _add_product(given: Arguments) -> FakeTensor:
    whole = [given["self"], given["tensor1"], given["tensor2"]]
    return added_product(given.run, whole[0], whole[1], whole[2], given.inplace)


def _add_quotient(given: Arguments) -> FakeTensor:
    whole = [given["self"], given["tensor1"], given["tensor2"]]
    gradients = [(0, ""), (1, "empty_like mul"), (2, "mul mul.Scalar div neg mul")]
    return combined(given.run, "addcdiv", whole, [whole[1], whole[2]], gradients)


def _interpolated(given: Arguments) -> FakeTensor:
    ends = [given["self"], given["end"]]
    if given.has("weight"):
        whole = [*ends, given["weight"]]
        gradients = [(1, "mul"), (0, "empty_like mul"), (2, "sub mul")]
        return combined(given.run, "lerp", whole, whole, gradients)
    return combined(given.run, "lerp", ends, [], [(0, "mul.Scalar"), (1, "mul.Scalar")])


SUMS: dict[str, Program] = {
    "add": _add,
    "sub": _subtract,
    "rsub": _subtract_from,
    "mul": _multiply,
    "div": _divide,
    "true_divide": _divide,
    "pow": _power,
    "addcmul": _add_product,
    "addcdiv": _add_quotient,
    "lerp": _interpolated,
}
"""By torch's name of an operator what it does."""
