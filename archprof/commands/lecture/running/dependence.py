"""What an output depends on: other images, the mode, chance, other channels, places and shifts."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, fx

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.lecture.running.arguments import (
    ExperimentArguments,
    alike,
    first_output,
    sample,
)

IMAGES = 4
"""Images in a batch: enough for a batch's statistics to differ when all but one are replaced."""


def depends(arguments: ExperimentArguments) -> str:
    """Return depends or independent: the first image's output, before and after one change.

    `changed` is one of the other images of the batch, the mode, chance, all channels but the
    first (and the first channel of the output is compared), the place of each pixel within its
    window, or the place of the image, which is shifted by one pixel around its edges. Everything
    else, chance too, is the same.
    """
    analysis = arguments.analysis("network")
    module = arguments.filled(analysis)
    what = arguments.choice("changed")
    training = arguments.choice("mode", "evaluation") == "training"
    if what == "mode" and arguments.argument("mode") is not None:
        raise arguments.refuse("both modes are compared, and `mode` is one", "omit `mode`")
    x = sample("input", IMAGES, *analysis.graph.input)
    changed = CHANGES[what](x, analysis, arguments) if what in CHANGES else x
    before = _output(module, x, training, 0)
    after = _output(module, changed, training != (what == "mode"), int(what == "chance"))
    first = (0, 0) if what == "channels" else (0,)
    return "independent" if alike(after[first], before[first]) == "equal" else "depends"


def _output(module: fx.GraphModule, x: Tensor, training: bool, seed: int) -> Tensor:
    """Return the output in one mode, in which chance is the seed's."""
    kept = {name: value.clone() for name, value in module.state_dict().items()}
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        result = module.train(training)(x.clone())  # a layer in place would overwrite its input
    module.load_state_dict(kept)  # running statistics move in training
    return first_output(result)


def _other_images(x: Tensor, analysis: Analysis, arguments: ExperimentArguments) -> Tensor:
    return torch.cat([x[:1], 1 + 3 * sample("other images", *x[1:].shape)])


def _other_channels(x: Tensor, analysis: Analysis, arguments: ExperimentArguments) -> Tensor:
    if x.shape[1] < 2:
        raise arguments.refuse("the input has one channel", "one of at least two")
    return torch.cat([x[:, :1], 1 + 3 * sample("other channels", *x[:, 1:].shape)], 1)


def _other_places(x: Tensor, analysis: Analysis, arguments: ExperimentArguments) -> Tensor:
    """Return images in which the rows and the columns of every window are in reverse order.

    A window is that of the first layer that has one, without padding, and beside the next.
    """
    size = analysis.graph.input
    windows = [node.op.sliding_window() for node in analysis.graph.nodes]
    window = next((window for window in windows if window is not None), None)
    if len(size) != 3 or window is None:
        raise arguments.refuse("no layer has a window that slides over an image")
    (rows, columns), (height, width) = window.kernel, size[1:]
    if window.stride != window.kernel or any(window.padding) or height % rows or width % columns:
        raise arguments.refuse(
            f"windows of {rows}x{columns} do not tile the image of {units.shape(size)}",
            "a stride as large as the window, no padding, and an image of a multiple of it",
        )
    tiles = x.view(*x.shape[:2], height // rows, rows, width // columns, columns)
    return tiles.flip((3, 5)).reshape(x.shape)


def _shifted(x: Tensor, analysis: Analysis, arguments: ExperimentArguments) -> Tensor:
    return x.roll(1, -1)


CHANGES: dict[str, Callable[[Tensor, Analysis, ExperimentArguments], Tensor]] = {
    "batch": _other_images,
    "channels": _other_channels,
    "place": _other_places,
    "shift": _shifted,
}
"""The changes of an input; the mode and chance are none."""
