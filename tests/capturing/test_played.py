"""Captured modules in training, against torch's own steps: every tensor's birth, and what is not
known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archprof.api import capture
from archprof.capturing.assemble import assemble, network
from archprof.capturing.kernels import KERNELS
from archprof.capturing.operators import OPERATORS
from archprof.capturing.tape import Operation, Tape, TensorRef
from archprof.capturing.tape import Tensor as OnTape
from archprof.graph.freezing import freeze
from archprof.model.step_tracker import track_step
from tests.captured import captured
from tests.training.tracked import differences, lives, simulated

SAMPLES = 2
Shape = tuple[int, ...]


class Residual(nn.Module):
    """Two convolutions beside the input, in place where they can be."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.second, self.act = nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.norm(self.first(x)))
        y = self.second(y)
        y += x
        return self.act(y)


class Gated(nn.Module):
    """Squeeze and excitation."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.pool = nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1)
        self.less, self.more = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.silu(self.stem(x))
        gate = self.more(functional.relu(self.less(self.pool(x)))).sigmoid()
        return x * gate


class Attention(nn.Module):
    """Heads out of one product, as in timm's transformers."""

    def __init__(self, fused: bool = True) -> None:
        super().__init__()
        self.norm, self.qkv, self.proj = nn.LayerNorm(12), nn.Linear(12, 36), nn.Linear(12, 12)
        self.fused = fused

    def forward(self, x: Tensor) -> Tensor:
        samples, tokens, width = x.shape
        y = self.qkv(self.norm(x)).reshape(samples, tokens, 3, 2, 6).permute(2, 0, 3, 1, 4)
        y = (self.attended if self.fused else self.multiplied)(*y.unbind(0))
        y = y.transpose(1, 2).reshape(samples, tokens, width)
        return x + self.proj(y)

    def attended(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return functional.scaled_dot_product_attention(q, k, v)

    def multiplied(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return (q * 6**-0.5 @ k.transpose(-2, -1)).softmax(-1) @ v


class TokensFirst(nn.Module):
    """torch's own attention, which puts the tokens before the samples, and takes both together."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(12)
        self.attention = nn.MultiheadAttention(12, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        x, _ = self.attention(x, x, x, need_weights=False)
        return x


class Windows(nn.Module):
    """Windows that are folded into the batch, and back."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        samples, height, width, channels = x.shape
        x = x.view(samples, height // 2, 2, width // 2, 2, channels)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, channels)
        x = self.mix(x)
        x = x.view(samples, height // 2, width // 2, 2, 2, channels)
        return x.permute(0, 1, 3, 2, 4, 5).reshape(samples, height, width, channels)


class Tokens(nn.Module):
    """A class token in front, and a position for each."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 6))
        self.place = nn.Parameter(torch.zeros(1, 5, 6))
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        x = x + self.place
        return self.head(x[:, 0])


class Standardised(nn.Module):
    """A convolution whose weight is standardised by a batch norm, as timm's StdConv2d."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, 3, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        weight = functional.batch_norm(
            self.weight.reshape(1, 8, -1), None, None, training=True, momentum=0.0
        ).reshape_as(self.weight)
        return functional.conv2d(x, weight)


class Tied(nn.Module):
    """One weight in two modules, and a module that runs twice."""

    def __init__(self) -> None:
        super().__init__()
        self.there, self.back = nn.Linear(6, 6, bias=False), nn.Linear(6, 6, bias=False)
        self.back.weight = self.there.weight
        self.twice = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.back(self.there(x).relu())
        return self.twice(self.twice(x))


class Parted(nn.Module):
    """Parts of a tensor, one of which is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3, 9, 1)

    def forward(self, x: Tensor) -> Tensor:
        first, _, last = self.mix(x).chunk(3, 1)
        return first * last


class Biased(nn.Module):
    """Scores with a bias out of a table, by indices that are a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(7, 2))
        self.register_buffer("index", torch.arange(16) % 7)
        self.mix = nn.Linear(6, 12)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mix(x).view(x.shape[0], 4, 2, 6).transpose(1, 2)
        bias = self.table[self.index].view(4, 4, 2).permute(2, 0, 1).contiguous()
        return functional.scaled_dot_product_attention(x, x, x, bias.unsqueeze(0))


class Held(nn.Module):
    """What a module is given lives until it returns: the first convolution's output, which nobody
    keeps, while the block runs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 1)
        self.block = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(8 * 36, 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.block(self.first(x))


MODULES: dict[str, tuple[Callable[[], nn.Module], Shape]] = {
    "residual": (Residual, (8, 6, 6)),
    "gated": (Gated, (3, 6, 6)),
    "attention": (Attention, (5, 12)),
    "attention by products": (lambda: Attention(fused=False), (5, 12)),
    "windows": (Windows, (4, 6, 6)),
    "tokens": (Tokens, (4, 6)),
    "standardised": (Standardised, (3, 6, 6)),
    "tied": (Tied, (4, 6)),
    "parted": (Parted, (3, 6, 6)),
    "biased": (Biased, (4, 6)),
    "held": (Held, (3, 6, 6)),
}


@pytest.mark.parametrize("unobserved", [False, True])
@pytest.mark.parametrize("name", MODULES)
def test_every_birth_is_torchs(name: str, unobserved: bool) -> None:
    make, shape = MODULES[name]
    module = make()
    graph = captured(module, (1, *shape))
    target = torch.zeros(SAMPLES, dtype=torch.int64)
    module.train()
    image = torch.rand(SAMPLES, *shape)
    tracked = track_step(module, module, image, target, unobserved=unobserved)
    timeline = simulated(graph, batch=SAMPLES, observed=not unobserved)
    assert not differences(tracked, timeline)
    assert not timeline.unknown


def test_every_birth_of_a_backward_pass_with_tokens_first_is_torchs() -> None:
    """Forwards, torch's function holds tensors that it needs no more until it returns."""
    module = TokensFirst()
    graph = captured(module, (1, 5, 12))
    image, target = torch.rand(SAMPLES, 5, 12), torch.zeros(SAMPLES, dtype=torch.int64)
    tracked = track_step(module.train(), module, image, target)
    timeline = simulated(graph, batch=SAMPLES, observed=True)
    backward = [live for phase, live in lives(tracked.births) if phase == "backward"]
    assert [live for phase, live in lives(timeline.births) if phase == "backward"] == backward


@pytest.mark.parametrize("name", ["residual", "attention", "biased"])
def test_every_birth_beside_frozen_weights_is_torchs(name: str) -> None:
    """All but norms and tables are frozen, as in fine-tuning."""
    make, shape = MODULES[name]
    module = make()
    trained = ("norm", "table")
    frozen = [path for path, _ in module.named_parameters() if not path.startswith(trained)]
    graph = freeze(captured(module, (1, *shape)), frozen)
    for path, parameter in module.named_parameters():
        parameter.requires_grad_(path not in frozen)
    image, target = torch.rand(SAMPLES, *shape), torch.zeros(SAMPLES, dtype=torch.int64)
    tracked = track_step(module.train(), module, image, target)
    assert not differences(tracked, simulated(graph, SAMPLES, observed=True))


class Both(nn.Module):
    """Takes an image and rows of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.rows = nn.Linear(6, 4), nn.Linear(3, 4)

    def forward(self, image: Tensor, rows: Tensor) -> Tensor:
        return self.image(image) + self.rows(rows)


def test_a_second_input_is_held_beside_the_first() -> None:
    """A tracker that is not told of it sees 2*3 elements of 4 bytes less."""
    module = Both()
    graph = captured(module, (1, 6), (1, 3))
    rows = torch.rand(SAMPLES, 3)
    target = torch.zeros(SAMPLES, dtype=torch.int64)
    image = torch.rand(SAMPLES, 6)
    tracked = track_step(lambda x: module(x, rows), module, image, target)
    timeline = simulated(graph, batch=SAMPLES, observed=True)
    seen = [(phase, live + 2 * 3 * 4) for phase, live in lives(tracked.births)]
    assert lives(timeline.births) == seen


class Heads(nn.Module):
    """Has a second head in training, of which there is a graph of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.drop = nn.Linear(8, 8), nn.Dropout(0.5)
        self.head, self.other = nn.Linear(8, 2), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = self.drop(self.body(x))
        return (self.head(x), self.other(x)) if self.training else self.head(x)


@pytest.mark.filterwarnings("ignore")
def test_a_head_of_training_is_trained() -> None:
    module = Heads()
    graph = capture(module, 8).graph
    image, target = torch.rand(SAMPLES, 8), torch.zeros(SAMPLES, dtype=torch.int64)
    tracked = track_step(module.train(), module, image, target, auxiliary=1)
    assert not differences(tracked, simulated(graph, batch=SAMPLES, observed=True))


class Recurrent(nn.Module):
    """What autograd keeps of a recurrent layer is not known."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(6, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0][:, 0])


def test_what_is_not_known_is_named() -> None:
    timeline = simulated(captured(Recurrent(), (1, 5, 6)), batch=SAMPLES)
    assert "lstm" in timeline.unknown
    assert "head" not in timeline.unknown


def test_a_step_of_a_captured_module_counts_as_a_spec_does() -> None:
    """A linear layer of 12 x 36 on 2 x 5 tokens, once forwards and twice backwards, and the others
    alike: 12*36 + 12*12, and the scores 2 heads * 5 * 5 * 6 for Q K^T and again for V.
    """
    timeline = simulated(captured(Attention(fused=False), (1, 5, 12)), batch=SAMPLES)
    forward = 2 * (5 * (12 * 36 + 12 * 12) + 2 * 2 * 5 * 5 * 6)
    assert timeline.forward.macs == forward
    # the input wants no gradient, but the norm before the first product trains
    assert timeline.backward.macs == 2 * forward


def lying(operation: Operation) -> Tape:
    """Return a tape of one operation on an input of 2 x 3, whose output is said to be of 2 x 2."""
    tensors = [OnTape(shape, "float32", (0,) * len(shape), -1) for shape in [(1, 2, 3), (1, 2, 2)]]
    return Tape("net", "Net", {"x": 0}, (1,), tuple(tensors), {}, (), (operation,))


@pytest.mark.parametrize(
    ("name", "arguments", "outputs"),
    [
        ("view", {"size": [1, 2, 2]}, (1,)),  # of another number of elements
        ("unbind", {"dim": 1}, (1,)),  # into one part of two
        ("permute", {"dims": [0, 5, 9]}, (1,)),  # of dimensions that are not there
        ("sum", {"dim": "all"}, (1,)),  # a dimension that is not a number
        ("linear", {"weight": None}, (1,)),  # without a weight
    ],
)
def test_an_operation_that_cannot_be_is_unknown(
    name: str, arguments: dict[str, Any], outputs: tuple[int, ...]
) -> None:
    first = "input" if name == "linear" else "self"
    given = {first: TensorRef(0), **arguments}
    tape = lying(Operation(f"aten.{name}.default", given, outputs, -1, "", 0))
    timeline = simulated(assemble(network(tape)), batch=SAMPLES)
    assert len(timeline.unknown) == 1


def test_every_program_is_of_an_operator_that_has_a_row() -> None:
    assert set(KERNELS) <= set(OPERATORS)
