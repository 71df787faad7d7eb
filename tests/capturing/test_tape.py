"""What a tape says of its own parts."""

from __future__ import annotations

import pytest
import torch

from archprof.capturing.tape import ITEMSIZES, Tensor, TensorRef, values


def test_a_tensor_has_its_elements() -> None:
    assert Tensor((1, 3, 4, 5), "float32", (60, 20, 5, 1), 0).elements == 3 * 4 * 5
    assert Tensor((), "float32", (), 0).elements == 1
    assert Tensor((0, 3), "float32", (3, 1), 0).elements == 0


@pytest.mark.parametrize("dtype", ITEMSIZES)
def test_bytes_are_torchs(dtype: str) -> None:
    assert ITEMSIZES[dtype] == getattr(torch, dtype).itemsize


def test_tensors_of_arguments_come_in_order() -> None:
    given = {
        "a": TensorRef(4),
        "b": [1, TensorRef(2), [TensorRef(9), None]],
        "c": {"d": TensorRef(7)},
        "e": 5,
    }
    assert list(values(given)) == [4, 2, 9, 7]
    assert list(values([True, "x", 1.5, None])) == []


def test_arguments_may_be_deep() -> None:
    deep: list[object] = [TensorRef(1)]
    for _ in range(10_000):
        deep = [deep]
    assert list(values(deep)) == [1]
