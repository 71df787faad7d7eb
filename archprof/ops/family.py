"""The families of ops."""

from __future__ import annotations

from typing import Literal, get_args

Family = Literal[
    "convolution",
    "linear",  # a matrix product with weights, over the last dimension
    "attention",
    "product",  # of two tensors, matrix by matrix
    "pooling",
    "reduction",  # all elements along whole dimensions become one
    "normalization",
    "activation",  # a function of each element, softmax and what gates one half by the other
    "arithmetic",  # a function of each element that is not an activation
    "merge",  # several tensors become one
    "scale",  # by a learned or a given factor
    "resize",  # by interpolation
    "movement",  # elements move, and nothing is computed
    "identity",  # in evaluation the input passes through
    "parameter",  # a tensor that does not depend on the image
]
"""What kind of op it is, for those who treat all ops of a kind alike."""
FAMILIES: tuple[Family, ...] = get_args(Family)
