"""Operators that make tensors out of nothing."""

from __future__ import annotations

from archprof.capturing.operators.row import Operator, free, nothing

_NAMES = """
    arange linspace logspace zeros ones full empty eye tensor scalar_tensor tril_indices
    triu_indices new_zeros new_ones new_full new_empty zeros_like ones_like full_like empty_like
    rand randn randint rand_like randn_like randperm bernoulli hann_window normal
"""

CREATION: dict[str, Operator] = {
    name: Operator("parameter", free, "0", keeps=nothing) for name in _NAMES.split()
}
"""Constants and random numbers: nothing of the image is in them."""

SILENT = frozenset(
    {
        "_assert_tensor_metadata",
        "_assert_async",
        "_assert_scalar",
        "sym_size",
        "sym_constrain_range",
        "sym_constrain_range_for_size",
        "_set_grad_enabled",
        "_enter_autocast",
        "_exit_autocast",
        "lazy_load_decompositions",
    }
)
"""Checks and switches: operators that give no tensor."""
