"""Modules and inputs that do not fit, told before anything runs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archprof.capturing.inputs import InputSpec
from archprof.model.fitting import refuse_unfit, takes
from archprof.problem import ProblemError

IMAGE = InputSpec("", (3, 8, 8))


class Net(nn.Module):
    def forward(self, image: Tensor, ids: Tensor, scale: float = 1.0) -> Tensor:
        return image


class Any(nn.Module):
    def forward(self, *images: Tensor, **more: Tensor) -> Tensor:
        return images[0]


class Bare(nn.Module):
    pass


def refused(module: nn.Module, *specs: InputSpec) -> str:
    with pytest.raises(ProblemError) as error:
        refuse_unfit(module, specs, "net")
    return str(error.value)


def named(*names: str) -> list[InputSpec]:
    return [InputSpec(name, (3,)) for name in names]


@pytest.mark.parametrize(
    "specs",
    [
        named("image", "ids"),
        named("", ""),
        named("", "ids"),
        named("ids", "image", "scale"),
        named("", "", ""),
    ],
)
def test_inputs_that_fit(specs: list[InputSpec]) -> None:
    refuse_unfit(Net(), specs, "net")


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (named("imag", "ids"), "net has no input `imag` [capture]\n  hint: did you mean `image`?"),
        (named("image"), "net is not given `ids`"),
        (named("ids"), "net is not given `image`"),
        (named(), "net is not given `image`, `ids`"),
        (named("", "", "", ""), "net is given 4 inputs, and its forward takes `image`, `ids`"),
        (named("image", "image", "ids"), "the input `image` is given twice"),
        (named("", "image", "ids"), "the input `image` is given twice"),
    ],
)
def test_inputs_that_do_not(specs: list[InputSpec], said: str) -> None:
    assert said in refused(Net(), *specs)


def test_one_that_takes_anything_is_asked_by_running_it() -> None:
    refuse_unfit(Any(), named("", "", "", "x", "y"), "net")


def test_forwards_that_do_not_say_what_they_take() -> None:
    traced = torch.jit.trace(nn.Linear(3, 2), torch.zeros(1, 3))  # type: ignore[no-untyped-call]
    assert takes(traced) is None
    refuse_unfit(traced, [IMAGE], "net")
    assert list(takes(Net()) or ()) == ["image", "ids", "scale"]


def test_lazy_modules() -> None:
    text = refused(nn.Sequential(nn.ReLU(), nn.LazyLinear(4)), IMAGE)
    assert "`1` is lazy: its weights have no shape" in text
    assert "net is lazy" in refused(nn.LazyBatchNorm2d(), IMAGE)


@pytest.mark.filterwarnings("ignore")
def test_quantised_modules() -> None:
    module = torch.ao.quantization.quantize_dynamic(  # type: ignore[attr-defined, no-untyped-call]
        nn.Sequential(nn.Linear(8, 4)), {nn.Linear}
    )
    text = refused(module, IMAGE)
    assert "`0` is quantised (Linear)" in text
    assert "before it was quantised" in text


def test_a_module_that_is_not_called() -> None:
    assert "net (Bare) has no forward" in refused(Bare(), IMAGE)
    assert "net (ModuleList) has no forward" in refused(nn.ModuleList([nn.ReLU()]), IMAGE)
