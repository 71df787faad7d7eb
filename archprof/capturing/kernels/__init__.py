"""What each of torch's operators does in training, on tensors without data: by its name the
program of its kernels.
"""

from __future__ import annotations

from archprof.capturing.arguments import Program
from archprof.capturing.kernels.elements import ELEMENTS
from archprof.capturing.kernels.moves import MOVES
from archprof.capturing.kernels.norms import NORMS
from archprof.capturing.kernels.pooling import POOLING
from archprof.capturing.kernels.products import PRODUCTS
from archprof.capturing.kernels.reductions import REDUCTIONS
from archprof.capturing.kernels.sums import SUMS
from archprof.capturing.kernels.views import VIEWS

KERNELS: dict[str, Program] = (
    ELEMENTS | SUMS | REDUCTIONS | VIEWS | MOVES | PRODUCTS | NORMS | POOLING
)

__all__ = ["KERNELS"]
