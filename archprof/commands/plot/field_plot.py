"""The receptive field of a layer that the user names."""

from __future__ import annotations

import re

from archprof.allowance import paused
from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Field
from archprof.commands.plot.photo import read_photo
from archprof.commands.plot.plots import PlotOptions
from archprof.draw.field import Influence, field_picture, unit_grid
from archprof.draw.shapes import Picture
from archprof.problem import Mark, ProblemError, nearest


def field_plot(analysis: Analysis, options: PlotOptions) -> Picture:
    """Return the field of `options.layer`, without one of the layer with the largest field.

    Raises ProblemError for a network without images, an unknown layer, and a unit that is not
    there.
    """
    graph = analysis.graph
    if len(graph.input) != 3:
        message = f"{graph.network.name} takes no image, and what its units see is not a picture"
        raise ProblemError.of(Mark("--kind"), "field", message, "--kind depth, or another network")
    layer = _layer(analysis, options.layer)
    grid = unit_grid(analysis, layer)
    unit = _unit(options.unit, grid) if options.unit is not None else (grid[0] // 2, grid[1] // 2)
    photo = read_photo(options.image) if options.image is not None else None
    influence = influence_on(analysis, layer, unit) if options.effective else None
    return field_picture(analysis, options.canvas, layer, unit, photo, influence)


def _layer(analysis: Analysis, name: str | None) -> int:
    paths = [node.path for node in analysis.graph.nodes]
    if name is None:
        return _largest(analysis)
    if name not in paths:
        message = f"{analysis.graph.network.name} has no layer `{name[:60]}`"
        raise ProblemError.of(Mark("--layer"), "layer", message, nearest(name, paths))
    return paths.index(name)


def _largest(analysis: Analysis) -> int:
    """Return the first layer with the largest field that is less than everything."""
    best, size = 0, 0
    for i in analysis.graph.main:
        axes = analysis.sights[i].axes
        sizes = [axis.size for axis in axes if isinstance(axis, Field)]
        if len(sizes) == len(axes) and max(sizes) > size:
            best, size = i, max(sizes)
    return best


def _unit(text: str, grid: tuple[int, int]) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,9}),([0-9]{1,9})", text)
    unit = (int(found[1]), int(found[2])) if found else None
    if unit is None or unit[0] >= grid[0] or unit[1] >= grid[1]:
        message = f"`{text[:60]}`, expected row and column of one of {grid[0]}x{grid[1]} units"
        hint = f"--unit {grid[0] // 2},{grid[1] // 2} is the one in the middle"
        raise ProblemError.of(Mark("--unit"), "option", message, hint)
    return unit


def influence_on(analysis: Analysis, layer: int, unit: tuple[int, int]) -> Influence:
    """Return the effective field. Raises ProblemError where torch is not installed."""
    with paused():  # torch takes what it takes, from its import on
        try:
            from archprof.commands.plot.effective_field import effective_field
        except ModuleNotFoundError as error:
            name = (error.name or "torch").partition(".")[0]
            message = f"{name} is not installed, and a gradient is computed"
            hint = 'pip install "archprof[torch]", or without --effective the theoretical field'
            raise ProblemError.of(Mark("--effective"), "torch", message, hint) from None
        return effective_field(analysis, layer, unit)
