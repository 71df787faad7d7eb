"""Pictures as SVG: the one place that writes its elements.

Every text is escaped and every identity is a number, so that nothing of a spec is markup.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from archprof.draw import palette
from archprof.draw.outlines import number, outline, path
from archprof.draw.shapes import Clipped, Label, Photo, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.widths import TAIL_GAP, fitting
from archprof.units import printable

FONT = 'Helvetica, Arial, "Liberation Sans", "Nimbus Sans", "Segoe UI", Roboto, sans-serif'
ATTRIBUTES = {
    "fill": "fill",
    "stroke": "stroke",
    "width": "stroke-width",
    "dash": "stroke-dasharray",
}
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escaped(text: str) -> str:
    """Return a text as it stands in an element or an attribute: control characters written out,
    of what XML cannot have nothing left.
    """
    kept = "".join(c for c in printable(text) if c >= " " and not _is_no_character(ord(c)))
    return kept.translate(ENTITIES)


def _is_no_character(code: int) -> bool:
    return 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE


def standalone(picture: Picture, theme: str = "light", prefix: str = "p") -> str:
    """Return a file of its own, in the colours of a theme.

    "auto" has the light ones, and the dark ones where the reader's system asks for them. `prefix`
    begins its identities.
    """
    colours = palette.colours("light" if theme == "auto" else theme)
    writer = _Writer(colours, theme == "auto", prefix)
    style = f"<style>{media(picture)}</style>" if theme == "auto" else ""
    ground = Rectangle(0, 0, picture.width, picture.height, "ground")
    return writer.document(picture, style, (ground, *picture.shapes)) + "\n"


def inline(picture: Picture, prefix: str = "p") -> str:
    """Return an element for a page that has `css()`; `prefix` begins its identities."""
    return _Writer(None, classes=True, prefix=prefix).document(picture, "", picture.shapes)


def css() -> str:
    """Return the rules of a page: the colours as variables, for light and dark, and the styles.

    `data-theme` on the root is stronger than what the reader's system asks for.
    """
    dark = _variables("dark")
    parts = [
        f":root{{{_variables('light')}}}",
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}',
        f':root[data-theme="dark"]{{{dark}}}',
    ]
    return "".join([*parts, *(_rule(name, style) for name, style in palette.STYLES.items())])


def _variables(theme: str) -> str:
    return "".join(f"--a-{name}:{value};" for name, value in palette.colours(theme).items())


def _rule(name: str, style: palette.Ink) -> str:
    found = []
    for key, value in style._asdict().items():
        if value is None:
            continue
        named = key in ("fill", "stroke") and value != "none"
        found.append(f"{ATTRIBUTES.get(key, key)}:{f'var(--a-{value})' if named else value}")
    return f".a-{name}{{{';'.join(found)}}}"


def media(picture: Picture) -> str:
    """Return the rules that make a picture dark where the reader's system is."""
    dark = palette.colours("dark")
    rules = []
    for name in sorted({"ground", *_styles(picture.shapes)}):
        style = palette.STYLES[name]
        colours = {"fill": style.fill, "stroke": style.stroke}
        given = [f"{key}:{dark[c]}" for key, c in colours.items() if c is not None and c != "none"]
        if given:
            rules.append(f".a-{name}{{{';'.join(given)}}}")
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _styles(shapes: tuple[Shape, ...]) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, Clipped):
            yield from _styles(shape.shapes)
        elif not isinstance(shape, Photo):
            yield from shape.style.split()


class _Writer:
    def __init__(self, colours: dict[str, str] | None, classes: bool, prefix: str = "p"):
        self.colours, self.classes, self.prefix = colours, classes, prefix
        self.identities = 0

    def document(self, picture: Picture, head: str, shapes: tuple[Shape, ...]) -> str:
        width, height = number(picture.width), number(picture.height)
        title, says = f"{self.prefix}-t", f"{self.prefix}-d"
        body = "".join(self.shape(shape) for shape in shapes)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="{title} {says}"'
            f' font-family="{escaped(FONT)}"><title id="{title}">{escaped(picture.title)}</title>'
            f'<desc id="{says}">{escaped(picture.says)}</desc>{head}{body}</svg>'
        )

    def shape(self, shape: Shape) -> str:
        if isinstance(shape, Rectangle):
            return self.rectangle(shape)
        if isinstance(shape, Stroke):
            return self._element("path", f'd="{path(shape)}"', shape.style, shape.tip)
        if isinstance(shape, Symbol):
            return self.symbol(shape)
        if isinstance(shape, Label):
            return self.label(shape)
        if isinstance(shape, Photo):
            content = base64.b64encode(shape.content).decode()
            return (
                f'<image {_sides(shape)} preserveAspectRatio="none"'
                f' href="data:image/{shape.kind};base64,{content}"/>'
            )
        return self.window(shape)

    def rectangle(self, shape: Rectangle) -> str:
        rounded = f' rx="{number(shape.radius)}"' if shape.radius else ""
        return self._element("rect", _sides(shape) + rounded, shape.style, shape.tip, shape.layer)

    def symbol(self, shape: Symbol) -> str:
        if shape.form == "circle":
            x, y, radius = number(shape.x), number(shape.y), number(shape.radius)
            where = f'cx="{x}" cy="{y}" r="{radius}"'
            return self._element("circle", where, shape.style, shape.tip, shape.layer)
        where = f'd="{path(Stroke(outline(shape), shape.style, closed=True))}"'
        return self._element("path", where, shape.style, shape.tip, shape.layer)

    def label(self, shape: Label) -> str:
        text, tail = fitting(shape)
        where = f'x="{number(shape.x)}" y="{number(shape.y)}" font-size="{number(shape.size)}"'
        if shape.anchor != "start":
            where += f' text-anchor="{shape.anchor}"'
        if shape.bold:
            where += ' font-weight="600"'
        if shape.turned:
            where += f' transform="rotate(-90 {number(shape.x)} {number(shape.y)})"'
        inside = escaped(text)
        if tail:
            size = number(shape.tail_size)
            attributes = f'dx="{TAIL_GAP}" font-size="{size}" font-weight="400"'
            inside += f"<tspan {attributes}>{escaped(tail)}</tspan>"
        return f"<text {where}{self._drawn(shape.style)}>{inside}</text>"

    def window(self, shape: Clipped) -> str:
        self.identities += 1
        name = f"{self.prefix}-w{self.identities}"
        inner = "".join(self.shape(one) for one in shape.shapes)
        clip = f'<clipPath id="{name}"><rect {_sides(shape)}/></clipPath>'
        return f'{clip}<g clip-path="url(#{name})">{inner}</g>'

    def _element(
        self, tag: str, where: str, style: str, tip: str = "", layer: int | None = None
    ) -> str:
        data = f' data-i="{layer}"' if layer is not None and self.classes else ""
        start = f"<{tag} {where}{self._drawn(style)}{data}"
        return f"{start}><title>{escaped(tip)}</title></{tag}>" if tip else f"{start}/>"

    def _drawn(self, names: str) -> str:
        """Return how a style draws: its classes, and its attributes where colours are known."""
        found = ""
        if self.classes:
            found += f' class="{" ".join(f"a-{name}" for name in names.split())}"'
        if self.colours is None:
            return found
        for key, value in palette.style(names)._asdict().items():
            if value is not None:
                shown = self.colours.get(value, value) if key in ("fill", "stroke") else value
                found += f' {ATTRIBUTES.get(key, key)}="{shown}"'
        return found


def _sides(shape: Rectangle | Photo | Clipped) -> str:
    sides = {"x": shape.x, "y": shape.y, "width": shape.width, "height": shape.height}
    return " ".join(f'{name}="{number(value)}"' for name, value in sides.items())
