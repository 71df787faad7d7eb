"""What a network does to signals and gradients at initialisation, as measured; the records."""

from __future__ import annotations

from typing import NamedTuple


class LayerSignal(NamedTuple):
    """A layer of the main path at initialisation.

    `activation` is the root mean square of its output's elements, `gradient` the norm of one
    image's gradient with respect to that output.
    """

    layer: int
    activation: float
    gradient: float
