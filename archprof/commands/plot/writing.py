"""A picture as a file, of the kind that its name's ending says."""

from __future__ import annotations

from pathlib import Path

from archprof.cli.ranges import refused
from archprof.draw.shapes import Picture
from archprof.show import terminal

ENDINGS = (".svg", ".png", ".tex")


def refuse_ending(output: Path | None, option: str = "--output") -> None:
    """Raise ProblemError for a file of another kind, before anything is computed."""
    if output is not None and output.suffix.lower() not in ENDINGS:
        found = f"`{output.suffix}`" if output.suffix else "no ending"
        message = f"{found} at the end of the file's name, expected .svg, .png or .tex"
        raise refused(option, message, "such as x.svg")


def write(picture: Picture, output: Path | None, size: str, theme: str) -> None:
    """Write SVG, PNG or TikZ; without a file SVG to standard output.

    Raises ProblemError where the kind cannot be written, OSError where the file cannot.
    """
    ending = ".svg" if output is None else output.suffix.lower()
    if ending == ".png":
        from archprof.commands.plot.raster import png

        terminal.emit_bytes(png(picture, size, theme), output)
    elif ending == ".tex":
        from archprof.draw.tikz import tikz

        terminal.emit(tikz(picture, "light" if theme == "auto" else theme), output)
    else:
        from archprof.draw.svg import standalone

        terminal.emit(standalone(picture, theme), output)
