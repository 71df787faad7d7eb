"""What modules of every kind come to when they are captured: multiply-accumulates by hand."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from archprof.analysis.totals import Totals
from archprof.api import Loaded, capture
from archprof.capturing.inputs import InputSpec
from archprof.capturing.targets import target
from archprof.model.capturing import captured, made
from archprof.problem import ProblemError
from tests.captured import OLD

pytestmark = pytest.mark.filterwarnings("ignore")


def loaded(module: nn.Module, given: Any = "3x8x8") -> Loaded:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return capture(module, given)


def totals(module: nn.Module, given: Any = "3x8x8") -> Totals:
    """Return the totals of a network whose parameters and buffers are all counted."""
    found = loaded(module, given).analyze().totals
    assert found.params == sum(p.numel() for p in module.parameters())
    assert found.buffers == sum(b.numel() for b in module.buffers())
    return found


class Calls(nn.Module):
    """A module that computes a function of its parts."""

    def __init__(self, function: Any, *parts: nn.Module):
        super().__init__()
        self.function = function
        for name, part in zip("abcd", parts, strict=False):
            self.add_module(name, part)

    def forward(self, x: Tensor) -> Any:
        return self.function(self, x)


POINT = 3 * 3 * 8 * 8
"""MACs of a 1x1 convolution from 3 to 3 channels on 8x8 places."""


def point() -> nn.Conv2d:
    return nn.Conv2d(3, 3, 1)


class Scripted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = point()

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.conv(x))


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0] * 2


def tied() -> nn.Module:
    module = nn.Sequential(nn.Linear(8, 8, bias=False), nn.ReLU(), nn.Linear(8, 8, bias=False))
    module[2].weight = module[0].weight
    return module


def extended() -> nn.Module:
    """One whose parameters and buffers are all that torch allows."""
    module = Calls(lambda self, x: self.a(x) * self.b.table, point(), nn.Module())
    module.b.register_buffer("table", torch.ones(3, 1, 1), persistent=False)
    module.b.whole = nn.Parameter(torch.arange(4), requires_grad=False)
    module.b.complex = nn.Parameter(torch.zeros(2, dtype=torch.complex64))
    module.b.unused = nn.Parameter(torch.zeros(5))
    with torch.no_grad():
        module.b.late = nn.Parameter(torch.zeros(7))
    return module


TWICE = Calls(lambda self, x: self.a(self.a(x)), point())
ROWS = 3 * 8 * 8 * 8
"""MACs of a linear layer from 8 to 8 on the 3x8 rows of an image."""

KNOWN: list[tuple[str, nn.Module, int]] = [
    ("weights used twice are paid once", TWICE, 2 * POINT),
    ("tied weights", tied(), 2 * ROWS),
    ("every kind of weight", extended(), POINT),
    ("no parameters", nn.ReLU(), 0),
    ("its input is its output", Calls(lambda self, x: x), 0),
    ("no gradient inside", Calls(torch.no_grad()(lambda self, x: self.a(x)), point()), POINT),
    ("a Function of its own", Calls(lambda self, x: Doubled.apply(self.a(x)), point()), POINT),
    (
        "checkpointed",
        Calls(lambda self, x: self.b(checkpoint(self.a, x, use_reentrant=False)), point(), point()),
        2 * POINT,
    ),
    (
        "checkpointed as it was once",
        Calls(lambda self, x: self.b(checkpoint(self.a, x, use_reentrant=True)), point(), point()),
        2 * POINT,
    ),
    ("data parallel", nn.DataParallel(point()), POINT),
    ("compiled", torch.compile(point()), POINT),
    ("channels last", point().to(memory_format=torch.channels_last), POINT),  # type: ignore[call-overload]
    ("in half", point().half(), POINT),
    ("in double", point().double(), POINT),
    ("in training", nn.Sequential(point(), nn.BatchNorm2d(3), nn.Dropout()).train(), POINT),
    (
        "a mapping and a list of outputs",
        Calls(lambda self, x: {"a": [self.a(x), x]}, point()),
        POINT,
    ),
]


@pytest.mark.parametrize(
    ("module", "macs"), [case[1:] for case in KNOWN], ids=[case[0] for case in KNOWN]
)
def test_every_parameter_once_and_every_product(module: nn.Module, macs: int) -> None:
    found = totals(module)
    assert (found.macs, found.unknown.cost) == (macs, ())


def autocast(self: Calls, x: Tensor) -> Any:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        x = self.a(x)
    return self.b(x.float())


def test_autocast_inside() -> None:
    assert totals(Calls(autocast, point(), nn.Linear(8, 8))).macs == POINT + ROWS


TOKENS, WIDTH = 5, 16
PROJECTIONS = 4 * TOKENS * WIDTH * WIDTH  # query, key, value and output
PRODUCTS = 2 * TOKENS * TOKENS * WIDTH  # of all heads together: scores, and what they weigh
ATTENDING = PROJECTIONS + PRODUCTS
FORWARD = 2 * TOKENS * WIDTH * 32
LSTM = 2 * 4 * TOKENS * 16 * (8 + 16) + 2 * 4 * TOKENS * 16 * (32 + 16)
"""Two directions, four gates: on the input of 8 and the state of 16, then on both states."""


@pytest.mark.parametrize(
    ("module", "given", "macs"),
    [
        (
            Calls(
                lambda self, x: self.a(x, x, x)[0], nn.MultiheadAttention(16, 4, batch_first=True)
            ),
            "5x16",
            ATTENDING,
        ),
        (
            Calls(
                lambda self, x: self.a(x, x, x, need_weights=False)[0],
                nn.MultiheadAttention(16, 4, batch_first=True),
            ),
            "5x16",
            ATTENDING,
        ),
        (
            nn.TransformerEncoderLayer(16, 2, 32, batch_first=True),
            "5x16",
            ATTENDING + FORWARD,
        ),
        (
            Calls(lambda self, x: self.a(x, x), nn.Transformer(16, 2, 1, 1, 32, batch_first=True)),
            "5x16",
            3 * ATTENDING + 2 * FORWARD,
        ),
        pytest.param(
            nn.LSTM(8, 16, 2, batch_first=True, bidirectional=True),
            "5x8",
            LSTM,
            # which is seen as an operator of oneDNN's, of unknown cost
            marks=pytest.mark.skipif(OLD, reason="torch exports no recurrent layers"),
        ),
        (nn.GRU(8, 16, batch_first=True), "5x8", 3 * TOKENS * 16 * (8 + 16)),
    ],
    ids=["attention", "without weights", "encoder layer", "transformer", "lstm", "gru"],
)
def test_layers_with_layers_inside(module: nn.Module, given: str, macs: int) -> None:
    found = totals(module, given)
    assert (found.macs, found.unknown.cost) == (macs, ())


# --- what is not known ---


@torch.library.custom_op("archprof_tests::twist", mutates_args=())
def twist(x: Tensor, weight: Tensor) -> Tensor:
    return x.clone()


@twist.register_fake
def _(x: Tensor, weight: Tensor) -> Tensor:
    return torch.empty_like(x)


def test_operators_of_nobody_are_named_and_counted_and_never_zero() -> None:
    module = Calls(lambda self, x: twist(twist(self.a(x), self.a.bias), self.a.bias), point())
    network = loaded(module)
    analysis = network.analyze()
    unknown = [layer for layer in analysis.layers if layer.macs is None]
    assert [layer.node.kind for layer in unknown] == ["archprof_tests.twist.default"] * 2
    assert [layer.flops for layer in unknown] == [None, None]
    assert len(analysis.totals.unknown.cost) == 2
    assert analysis.totals.macs == POINT  # what is known, a lower bound
    assert analysis.totals.params == 3 * 3 + 3


@pytest.mark.parametrize(
    "wrap", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm]
)
def test_weights_that_are_computed(wrap: Any) -> None:
    """The convolution is counted, its weight's own arithmetic is counted or unknown."""
    found = totals(wrap(nn.Conv2d(3, 4, 3)))
    products = 4 * 6 * 6 * 3 * 9
    matrix = 4 * 3 * 9  # times a vector, once in evaluation
    assert found.macs in (products, products + matrix)
    assert found.unknown.cost


def test_a_layer_that_waits_for_its_sizes() -> None:
    with pytest.raises(ProblemError, match="is lazy"):
        loaded(nn.LazyConv2d(4, 1))


def test_a_script_names_the_way_out() -> None:
    with pytest.raises(ProblemError, match="the module that it was scripted from"):
        loaded(torch.jit.script(Scripted()))


def test_a_trace_is_followed() -> None:
    assert totals(torch.jit.trace(point(), torch.zeros(1, 3, 8, 8))).macs == POINT


# --- inputs ---


class Several(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(100, 8)
        self.dense = nn.Linear(12, 8)

    def forward(self, image: Tensor, ids: Tensor, *, scale: float = 1) -> tuple[Tensor, Tensor]:
        return self.dense(image.flatten(1)), self.table(ids) * scale


@pytest.mark.parametrize(
    "given",
    [
        {"image": "3x2x2", "ids": "7:int64"},
        {"ids": "7:int64", "image": (3, 2, 2)},
        {"image": [3, 2, 2], "ids": "7:int32"},
    ],
)
def test_several_inputs(given: Mapping[str, Any]) -> None:
    network = loaded(Several(), given)
    tape = network.network.tape
    assert {name: tape.tensors[n].shape for name, n in tape.inputs.items()} == {
        "image": (1, 3, 2, 2),
        "ids": (1, 7),
    }
    found = network.analyze().totals
    assert (found.macs, found.params) == (12 * 8, 100 * 8 + 12 * 8 + 8)


def test_an_input_has_the_dtype_of_the_weights_where_it_has_none() -> None:
    half = point().half()
    dtypes = {
        name: [t.dtype for t in made(module, [InputSpec("", (3,), name)]).positional]
        for name, module in (("", half), ("float64", half))
    }
    assert dtypes == {"": [torch.float16], "float64": [torch.float64]}
    assert made(nn.ReLU(), [InputSpec("x", (3,))]).named["x"].dtype is torch.float32
    assert made(nn.ReLU(), [InputSpec("x", (3,))]).named["x"].shape == (1, 3)


def test_dataclasses_of_outputs() -> None:
    """As Hugging Face's models give them: a mapping with attributes."""

    @dataclass
    class Output(dict[str, Any]):
        logits: Tensor

        def __post_init__(self) -> None:
            self["logits"] = self.logits

    network = loaded(Calls(lambda self, x: Output(self.a(x)), point()))
    assert network.analyze().totals.macs == POINT
    assert network.network.tape.outputs


# --- targets ---


@pytest.mark.usefixtures("code")
def test_a_target_with_its_arguments() -> None:
    found = target("model.py:Small")
    assert found is not None
    tape, module = captured(found, [InputSpec("", (3, 8, 8))], {"depth": 1, "width": 4})
    assert (tape.name, tape.heading) == ("model.py:Small", "Small, built without weights")
    assert tape.arguments == {"depth": 1, "width": 4}
    assert tape.made_by == f"torch {torch.__version__}"
    assert {call.path for call in tape.modules} >= {"stem", "body.0", "head"}
    assert {o.file for o in tape.operations} == {"model.py"}
    assert module.stem.out_channels == 4


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    ("text", "shape"),
    [("model.py:Configured", (1, 3, 8, 8)), ("model.py:Small:body", (1, 8, 8, 8))],
)
def test_inputs_that_are_known(text: str, shape: tuple[int, ...]) -> None:
    """A configuration says its images; a part is given what arrives at it in the whole."""
    found = target(text)
    assert found is not None
    specs = [InputSpec("", (3, 8, 8))] if "Small" in text else []
    if found.submodule:
        specs = [InputSpec("", (8, 8, 8))]
    tape, _ = captured(found, specs, {})
    assert [tape.tensors[n].shape for n in tape.inputs.values()] == [shape]


@pytest.mark.usefixtures("code")
def test_inputs_that_are_not() -> None:
    found = target("model.py:Several")
    assert found is not None
    with pytest.raises(ProblemError, match="its forward takes image, ids, scale"):
        captured(found, [], {})
