"""Tapes for tests: one of a small network with everything in it, and small random ones."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from archprof.capturing.tape import (
    ITEMSIZES,
    MAX_SIZE,
    ModuleCall,
    Operation,
    StateEntry,
    StoppedAt,
    Tape,
    Tensor,
    TensorRef,
)
from archprof.capturing.tape_writer import tape_text


@cache
def recorded() -> Tape:
    """A convolution, batch norm, dropout (training is captured too), splits, attention, an LSTM,
    tied, unused and frozen weights, infinity among the arguments, two outputs.
    """
    import torch
    from torch import Tensor as Images
    from torch import nn

    from archprof.model.tracing import Inputs, traced

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, padding=1)
            self.bn = nn.BatchNorm2d(8)
            self.drop = nn.Dropout(0.1)
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
            self.lstm = nn.LSTM(8, 4, batch_first=True)
            self.table = nn.Embedding(5, 4)
            self.fc = nn.Linear(4, 5)
            self.fc.weight = self.table.weight
            self.unused = nn.Linear(2, 2).requires_grad_(requires_grad=False)

        def forward(self, images: Images) -> tuple[Images, Images]:
            x = self.drop(self.bn(self.conv(images)).relu())
            x = torch.cat([x, x + 1], 1).chunk(2, 1)[0].flatten(2).transpose(1, 2)
            x = self.lstm(self.attention(x, x, x)[0] + x * 2.0)[0]
            mask = torch.zeros(5, dtype=torch.bool, device=x.device)
            return self.fc(x.mean(1)).masked_fill(mask, float("-inf")), x.cumprod(1)

    with torch.device("meta"):
        module, images = Net(), torch.zeros(1, 3, 6, 6)
    tape = traced(module, Inputs((images,)), "net", "Net")
    return tape.replaced(
        arguments={"depth": 3, "name": "x", "sizes": [1, [2]], "none": None},
        training=traced(module, Inputs((images,)), "net", "Net", training=True),
    )


@cache
def recorded_text() -> str:
    return tape_text(recorded())


def data() -> Any:
    """The recorded tape as JSON has it, a new copy."""
    return json.loads(recorded_text())


# --- random ones ---

SIZES = st.integers(0, 5) | st.just(MAX_SIZE)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
DTYPES = st.sampled_from(sorted(ITEMSIZES))
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
)


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    shape = draw(st.lists(SIZES, max_size=4))
    strides = draw(st.lists(SIZES, min_size=len(shape), max_size=len(shape)))
    return Tensor(tuple(shape), draw(DTYPES), tuple(strides), draw(st.integers(-1, 9)))


@st.composite
def tapes(draw: st.DrawFn, inner: bool = True) -> Tape:
    """A tape that has the form of one; what it says need not be true of any network."""
    made = tuple(draw(st.lists(tensors(), min_size=1, max_size=5)))
    numbers = st.integers(0, len(made) - 1)
    values = st.recursive(
        PLAIN | numbers.map(TensorRef),
        lambda parts: st.lists(parts, max_size=3) | st.dictionaries(NAMES, parts, max_size=3),
        max_leaves=5,
    )
    modules: list[ModuleCall] = []
    for _ in range(draw(st.integers(0, 4))):
        parent = draw(st.integers(-1, len(modules) - 1))
        modules.append(ModuleCall(draw(NAMES), draw(NAMES), parent))
    operation = st.builds(
        Operation,
        st.sampled_from(["aten.relu.default", "aten.conv2d.default", "own.op.default"]) | NAMES,
        st.dictionaries(NAMES, values, max_size=3),
        st.lists(numbers, max_size=2).map(tuple),
        st.integers(-1, len(modules) - 1),
        NAMES,
        st.integers(0, 10**6),
    )
    weight = st.builds(StateEntry, numbers, st.booleans(), st.booleans(), st.booleans())
    outputs = tuple(draw(st.lists(numbers, min_size=1, max_size=2)))
    return Tape(
        draw(NAMES),
        draw(NAMES),
        draw(st.dictionaries(NAMES, numbers, max_size=2)),
        outputs,
        made,
        draw(st.dictionaries(NAMES, weight, max_size=3)),
        tuple(modules),
        tuple(draw(st.lists(operation, max_size=4))),
        arguments=draw(st.dictionaries(NAMES, values, max_size=2)),
        made_by=draw(NAMES),
        stopped=draw(st.none() | st.builds(StoppedAt, NAMES, st.integers(0, 99), NAMES)),
        training=draw(st.none() | tapes(inner=False)) if inner else None,
    )
