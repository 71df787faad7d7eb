"""Strides, views and orders in memory, against torch's own."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from archprof.autograd import layout
from archprof.autograd.layout import Layout

sizes = st.lists(st.integers(1, 5), min_size=1, max_size=5)


@st.composite
def tensors(draw: st.DrawFn, rank: int | None = None) -> torch.Tensor:
    """A tensor in some order in memory, with gaps along some dimensions."""
    shape = draw(
        sizes if rank is None else st.lists(st.integers(1, 4), min_size=rank, max_size=rank)
    )
    tensor = torch.zeros(shape, device="meta").permute(draw(st.permutations(range(len(shape)))))
    for d in range(tensor.ndim):
        start, step = draw(st.sampled_from([(0, 1), (0, 1), (1, 1), (0, 2)]))
        if tensor.shape[d] > start:
            tensor = tensor[(slice(None),) * d + (slice(start, None, step),)]
    return tensor


def laid(tensor: torch.Tensor) -> Layout:
    return Layout(tuple(tensor.shape), tensor.stride())


@given(tensors())
def test_contiguous(tensor: torch.Tensor) -> None:
    assert laid(tensor).contiguous == tensor.is_contiguous()
    assert layout.contiguous(tuple(tensor.shape)) == laid(torch.empty(tensor.shape, device="meta"))


@given(tensors(rank=4))
def test_channels_last(tensor: torch.Tensor) -> None:
    # in the format that its input suggests
    pooled = torch.nn.functional.adaptive_avg_pool2d(real(tensor), (2, 3))
    if tensor.shape[1] > 1:  # with one channel both formats are one
        assert laid(tensor).channels_last == (not pooled.is_contiguous())
    assert walked(layout.like(tuple(pooled.shape), laid(tensor))) == walked(laid(pooled))


@given(tensors(), st.data())
def test_permuted(tensor: torch.Tensor, data: st.DataObject) -> None:
    order = tuple(data.draw(st.permutations(range(tensor.ndim))))
    assert layout.permuted(laid(tensor), order) == laid(tensor.permute(order))


@given(tensors(), st.data())
def test_viewed(tensor: torch.Tensor, data: st.DataObject) -> None:
    shape: list[int] = []
    rest = tensor.numel()
    while rest > 1 or data.draw(st.booleans()):
        shape.append(data.draw(st.sampled_from([d for d in range(1, rest + 1) if rest % d == 0])))
        rest //= shape[-1]
        if len(shape) > 6:
            shape.append(rest)
            break
    try:
        expected: Layout | None = laid(tensor.view(shape))
    except RuntimeError:
        expected = None
    assert layout.viewed(laid(tensor), tuple(shape)) == expected


@given(st.integers(1, 4).flatmap(lambda rank: st.tuples(tensors(rank=rank), tensors(rank=rank))))
def test_elementwise(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    first, second = pair
    assert walked(layout.elementwise(laid(first))) == walked(laid(real(first).abs()))
    if all(a == b or 1 in (a, b) for a, b in zip(first.shape, second.shape, strict=True)):
        assert walked(layout.elementwise(laid(first), laid(second))) == walked(
            laid(real(first) + real(second))
        )


def real(tensor: torch.Tensor) -> torch.Tensor:
    """The same strides on the CPU."""
    return torch.zeros(4096).as_strided(tensor.shape, tensor.stride())


def walked(place: Layout) -> list[tuple[int, int, int]]:
    """The strides of dimensions with more than one element."""
    return [
        (d, n, s) for d, (n, s) in enumerate(zip(place.shape, place.strides, strict=True)) if n > 1
    ]
