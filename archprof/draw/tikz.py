"""Pictures as TikZ, for LaTeX: the second writer of the same shapes."""

from __future__ import annotations

from archprof.draw import palette
from archprof.draw.outlines import distinct, number, outline
from archprof.draw.shapes import (
    Clipped,
    Label,
    Photo,
    Picture,
    Rectangle,
    Shape,
    Stroke,
    Symbol,
)
from archprof.draw.widths import fitting
from archprof.problem import Mark, ProblemError
from archprof.show.latex import latex

BP = 0.75  # big points in a pixel: 72 to the inch, and 96
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
SIGNS = {"–": "--", "µ": r"$\mu$", "²": r"$^2$"}
KNOWN = "×·→≥…"  # which `latex` writes


def tikz(picture: Picture, theme: str = "light") -> str:
    r"""Return a tikzpicture for \input, in the colours of a theme; it needs the package tikz.

    Raises ProblemError for a picture with a photo, which TikZ cannot hold.
    """
    writer = _TikzWriter(palette.colours(theme))
    body = [line for shape in picture.shapes for line in writer.lines(shape)]
    width, height = number(picture.width * BP), number(picture.height * BP)
    ground = f"\\useasboundingbox (0,0) rectangle ({width}bp,-{height}bp);"
    colours = [
        f"\\definecolor{{archprof{name}}}{{HTML}}{{{writer.colours[name][1:].upper()}}}"
        for name in sorted(writer.used)
    ]
    head = [
        f"% {_comment(picture.title)}",
        f"% {_comment(picture.says)}",
        r"% \usepackage{tikz}",
        *colours,
        r"\begin{tikzpicture}[x=0.75bp, y=-0.75bp, line join=round]",
        ground,
    ]
    return "\n".join([*head, *body, r"\end{tikzpicture}", ""])


def _comment(text: str) -> str:
    """Return a text that stays on its line of comment."""
    return "".join(c if " " <= c <= "~" else "?" for c in text)


def _written(text: str) -> str:
    """Return a text as LaTeX sets it; a character that not every font of LaTeX has becomes `?`."""
    return "".join(SIGNS.get(c) or (latex(c) if _is_known(c) else "?") for c in text)


def _is_known(character: str) -> bool:
    return " " <= character <= "~" or character in KNOWN


class _TikzWriter:
    def __init__(self, colours: dict[str, str]):
        self.colours = colours
        self.used: set[str] = set()

    def lines(self, shape: Shape) -> list[str]:
        """Return the commands that draw a shape."""
        if isinstance(shape, Label):
            return [self.label(shape)]
        if isinstance(shape, Photo):
            message = "TikZ cannot hold an image, and this picture has one"
            raise ProblemError.of(Mark("--image"), "option", message, "-o x.svg or -o x.png")
        if isinstance(shape, Clipped):
            inner = [line for one in shape.shapes for line in self.lines(one)]
            corners = _corners(shape)
            return [r"\begin{scope}", f"\\clip {corners};", *inner, r"\end{scope}"]
        drawn = self.options(shape.style)
        return [f"\\path[{drawn}] {self.path(shape)};"] if drawn else []

    def path(self, shape: Rectangle | Stroke | Symbol) -> str:
        if isinstance(shape, Rectangle):
            rounded = f"[rounded corners={number(shape.radius * BP)}bp] " if shape.radius else ""
            return rounded + _corners(shape)
        if isinstance(shape, Symbol):
            if shape.form == "circle":
                return f"{_at(shape.x, shape.y)} circle[radius={number(shape.radius * BP)}bp]"
            return _joined(list(outline(shape)), closed=True)
        rounded = f"[rounded corners={number(shape.radius * BP)}bp] " if shape.radius else ""
        return rounded + _joined(distinct(shape.points), shape.closed)

    def options(self, names: str) -> str:
        """Return what a style draws with, empty for nothing."""
        style = palette.style(names)
        found = []
        for key, colour in (("fill", style.fill), ("draw", style.stroke)):
            if colour is not None and colour != "none":
                self.used.add(colour)
                found.append(f"{key}=archprof{colour}")
        if style.width is not None:
            found.append(f"line width={number(style.width * BP)}bp")
        if style.opacity is not None:
            found.append(f"opacity={style.opacity:g}")
        if style.dash is not None:
            on, off = style.dash.split()
            found.append(f"dash pattern=on {on}bp off {off}bp")
        return ", ".join(found)

    def label(self, shape: Label) -> str:
        colour = palette.style(shape.style).fill or "ink"
        self.used.add(colour)
        text, tail = fitting(shape)
        font = _font(shape.size) + (r"\bfseries" if shape.bold else "")
        inside = _written(text)
        if tail:
            inside += f"{{{_font(shape.tail_size)}\\mdseries\\ {_written(tail)}}}"
        turned = ", rotate=90" if shape.turned else ""
        anchor = f"anchor={ANCHORS[shape.anchor]}, inner sep=0, outer sep=0{turned}"
        where = _at(shape.x, shape.y)
        return f"\\node[{anchor}, text=archprof{colour}, font={{{font}}}] at {where} {{{inside}}};"


def _font(size: float) -> str:
    return f"\\sffamily\\fontsize{{{number(size * BP)}}}{{{number(size * BP * 1.2)}}}\\selectfont"


def _at(x: float, y: float) -> str:
    return f"({number(x)},{number(y)})"


def _corners(shape: Rectangle | Clipped) -> str:
    end = _at(shape.x + shape.width, shape.y + shape.height)
    return f"{_at(shape.x, shape.y)} rectangle {end}"


def _joined(points: list[tuple[float, float]], closed: bool) -> str:
    line = " -- ".join(_at(x, y) for x, y in points)
    return f"{line} -- cycle" if closed else line
