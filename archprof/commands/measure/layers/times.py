"""What was measured of a network's layers: windows between stamps, kernels, and the whole pass."""

from __future__ import annotations

from typing import NamedTuple


class KernelTime(NamedTuple):
    """A kernel of a layer: how often it is launched in a pass, and the seconds of all its runs."""

    name: str
    launches: int
    seconds: float


class LayerTime(NamedTuple):
    """Seconds of one layer, medians over the passes.

    `seconds` are those from the stamp before it to the stamp after it, its window;
    `kernel_seconds` those of its kernels alone, None on the CPU; `kernels` has each of them.
    """

    node: int
    path: str
    seconds: float
    kernel_seconds: float | None = None
    kernels: tuple[KernelTime, ...] = ()

    @property
    def busy(self) -> float:
        """Return the seconds of its kernels where they are known, else of its window."""
        return self.seconds if self.kernel_seconds is None else self.kernel_seconds


class LayerTimes(NamedTuple):
    """Every layer on the path, in order; whole = total - stamping + rest, nothing scaled.

    `whole`: median seconds of a forward pass. On CUDA they are the device's own: it is held until
    the pass is queued, and never waits for the host. `stamping`: what the stamps themselves take in
    one pass, from stamps around nothing. `passes`: how many passes of each kind. `unheld`: median
    seconds of a pass that the host queues while the device runs it, as ordinary runs do; None on
    the CPU. `held`: whether the device was held until all was queued, None on the CPU; where it
    could not be, windows contain what the host takes to launch. `unseen`: why no kernels were seen
    on a CUDA device.
    """

    layers: tuple[LayerTime, ...]
    whole: float
    stamping: float
    passes: int
    unheld: float | None = None
    held: bool | None = None
    unseen: str = ""

    @property
    def total(self) -> float:
        """Return the sum of the layers' windows."""
        return sum(layer.seconds for layer in self.layers)

    @property
    def kernels(self) -> float | None:
        """Return the sum of the layers' kernels, None where they are not known."""
        known = [layer.kernel_seconds for layer in self.layers if layer.kernel_seconds is not None]
        return sum(known) if known else None

    @property
    def rest(self) -> float:
        """Return what the whole takes beyond its layers: gaps between them.

        It is negative where the whole takes less, as after fusion.
        """
        return self.whole - (self.total - self.stamping)
