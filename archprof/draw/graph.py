"""A network's graph as a picture: blocks as cards, open ones as frames, skips in orange."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.totals import Sum
from archprof.draw import palette
from archprof.draw.canvas import Canvas
from archprof.draw.columned import TrunkCut, cuts, in_columns
from archprof.draw.kinds import FORMS, kind
from archprof.draw.layout import layout, walk
from archprof.draw.placed import PlacedBox
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.tree import Item, Net, network_tree, open_all
from archprof.draw.widths import TAIL_GAP, fitting, text_width
from archprof.show.folding import describe

NAME, SMALL, TITLE = 12, 11, 13  # font sizes
LAYER_HEIGHT, BLOCK_HEIGHT = 26, 46
LAYER_WIDTH, BLOCK_WIDTH = 190, 210  # at least
WIDEST = 420  # of a card: longer texts are cut
EDGE = 10  # from a card's side to its text
SYMBOL = 14  # for the form of a layer's kind
TOP = 26  # above the layout, for the input's shape
BESIDE = 96  # above and below the boxes of a graph in columns
MOST_OPEN = 20_000  # boxes that are drawn

QUANTITIES = ("macs", "params", "output_bytes", "saved_bytes")
LONG = {
    "macs": "multiply-accumulates",
    "params": "parameters",
    "output_bytes": "bytes of outputs",
    "saved_bytes": "bytes kept for the backward pass",
}


def graph_picture(analysis: Analysis, everything: bool = False, by: str = "macs") -> Picture:
    """Return the graph, coloured by a quantity; `everything`: with every block open."""
    net = network_tree(analysis)
    if everything:
        open_all(net.root)
    return _Drawing(analysis, net, by).picture()


def graph_on_canvas(
    analysis: Analysis, canvas: Canvas, everything: bool = False, by: str = "macs"
) -> Picture:
    """Return the graph scaled for a canvas, on one wider than high in columns where that helps.

    It stays larger than the canvas where its texts would be too small otherwise.
    """
    net = network_tree(analysis)
    if everything:
        open_all(net.root)
    drawing = _Drawing(analysis, net, by)
    whole = drawing.picture()
    smallest = canvas.graph_text / SMALL
    if canvas.width < canvas.height * 1.5 or fits(whole, canvas, smallest):
        return scaled(whole, fitted(whole, canvas))
    columned = drawing.picture(canvas.height / smallest - BESIDE)
    best = columned if fits(columned, canvas, smallest) else min(whole, columned, key=excess)
    return scaled(best, fitted(best, canvas))


class _Drawing:
    def __init__(self, analysis: Analysis, net: Net, by: str):
        self.analysis, self.net, self.by = analysis, net, by
        self.root = layout(net, net.root, self.sizes)
        self.most = max((self.sum(box.item).known for box in self.closed()), default=0)

    def closed(self) -> Iterator[PlacedBox]:
        for box, _, _ in walk(self.root):
            if not box.boxes and box is not self.root:
                yield box

    def sum(self, item: Item, quantity: str | None = None) -> Sum:
        rows = (self.analysis.layers[i] for i in item.layers)
        return Sum.of(_value(row, quantity or self.by) for row in rows)

    def sizes(self, item: Item) -> tuple[float, float]:
        """Return how large a card must be for its texts."""
        wide = text_width(item.name, NAME, bold=True)
        if item.layer is not None:
            row = self.analysis.layers[item.layer]
            texts = describe(row), units.shape(row.node.output)
            wide += sum(text_width(text, SMALL) for text in texts) + SYMBOL + 14 + 2 * EDGE
            return min(WIDEST, max(LAYER_WIDTH, round(wide + 0.5))), LAYER_HEIGHT
        wide = text_width(item.name, TITLE, bold=True) + text_width(self.kind_of(item), NAME)
        wide = max(wide + 50, text_width(self.costs(item), SMALL)) + 2 * EDGE
        return min(WIDEST, max(BLOCK_WIDTH, round(wide + 0.5))), BLOCK_HEIGHT

    def kind_of(self, item: Item) -> str:
        return item.block or units.number_of(len(item.layers), "layer")

    def costs(self, item: Item) -> str:
        """Return the second line of a card: 256x56x56 · 75.0 K params · 231 M MACs."""
        shape = units.shape(self.analysis.layers[item.layers[-1]].node.output)
        params = self.sum(item, "params").known
        macs = _shown(self.sum(item, "macs"), "macs")
        return " · ".join([shape, f"{units.count(params)} params", f"{macs} MACs"])

    def picture(self, most: float | None = None) -> Picture:
        """Return the whole; `most`: in columns that are no higher than that."""
        shapes: list[Shape] = []
        wires: list[Shape] = []
        titles: list[Shape] = []
        cards: list[Shape] = []
        depths = {id(self.root): 0}
        for box, x, y in walk(self.root):
            depth = depths[id(box)]
            for inner in box.boxes:
                depths[id(inner)] = depth + 1
            for wire in sorted(box.wires, key=lambda wire: wire.skip):
                points = tuple((px + x, py + y + TOP) for px, py in wire.points)
                wires.append(Stroke(points, "skip" if wire.skip else "wire", radius=6))
            if box.boxes and depth:
                face, *texts = self.frame(box, x, y + TOP, depth)
                shapes.append(face)
                titles += texts
            elif depth:
                cards += self.card(box, x, y + TOP)
        shapes += [*wires, *titles, *cards, *self.ends()]
        height = self.root.height + TOP + 40
        width = self.root.width
        where = [TrunkCut(y + TOP, x) for y, x in cuts(self.root, most)] if most else []
        if where:
            shapes, width, height = in_columns(shapes, where, width)
            height += 24
        shapes += self.legend(height - 14)
        width = max(width, 300)
        return Picture(width, height, tuple(shapes), self.title, self.says())

    @property
    def title(self) -> str:
        return f"The graph of {self.analysis.graph.network.heading}"

    def frame(self, box: PlacedBox, x: float, y: float, depth: int) -> list[Shape]:
        item = box.item
        note = f"×{item.times}, the first shown" if item.members else ""
        what = " ".join(filter(None, [item.block, note]))
        style, room = f"frame{min(4, depth)}", box.width - 2 * EDGE
        name = Label(x + EDGE, y + 15, item.name, "text", NAME, bold=True, room=room)
        name = name._replace(tail=what, tail_size=SMALL)
        # behind the title, so that a wire does not run through it
        texts = fitting(name)
        wide = text_width(texts[0], NAME, bold=True) + text_width(texts[1], SMALL) + TAIL_GAP
        patch = Rectangle(x + EDGE - 2, y + 4, min(wide + 4, room), 14, f"patch{min(4, depth)}")
        return [Rectangle(x, y, box.width, box.height, style, radius=10), patch, name]

    def card(self, box: PlacedBox, x: float, y: float) -> list[Shape]:
        item = box.item
        total = self.sum(item)
        step = palette.heat(total.known / self.most) if self.most else 0
        shapes: list[Shape] = []
        for behind in (2, 1) if item.members else ():
            shift = 4 * behind
            style = f"heat{step} under"
            shapes.append(
                Rectangle(x + shift, y - shift, box.width - shift, box.height, style, radius=7)
            )
        face = Rectangle(
            x, y, box.width, box.height, f"heat{step} face", 6, self.tip(item), item.layer
        )
        write = self.layer_texts if item.layer is not None else self.block_texts
        return [*shapes, face, *write(box, x, y, f"on{step}")]

    def layer_texts(self, box: PlacedBox, x: float, y: float, ink: str) -> list[Shape]:
        row = self.analysis.layers[box.item.first]
        shape = units.shape(row.node.output)
        room = box.width - 2 * EDGE - SYMBOL - 8 - text_width(shape, SMALL)
        name = Label(x + EDGE + SYMBOL, y + 17, box.item.name, ink, NAME, bold=True, room=room)
        return [
            Symbol(FORMS[kind(row.node)], x + EDGE + 4, y + 13, 3.6, ink),
            name._replace(tail=describe(row), tail_size=SMALL),
            Label(x + box.width - EDGE, y + 17, shape, ink, SMALL, "end"),
        ]

    def block_texts(self, box: PlacedBox, x: float, y: float, ink: str) -> list[Shape]:
        item = box.item
        times = f"×{item.times}" if item.members else ""
        room = box.width - 2 * EDGE - 8 - text_width(times, TITLE, bold=True)
        name = Label(x + EDGE, y + 19, item.name, ink, TITLE, bold=True, room=room)
        return [
            name._replace(tail=self.kind_of(item), tail_size=NAME),
            Label(x + box.width - EDGE, y + 19, times, ink, TITLE, "end", bold=True),
            Label(x + EDGE, y + 36, self.costs(item), ink, SMALL, room=box.width - 2 * EDGE),
        ]

    def tip(self, item: Item) -> str:
        layers = units.number_of(len(item.layers), "layer")
        return f"{item.id}: {layers}, {_shown(self.sum(item), self.by)} {LONG[self.by]}"

    def ends(self) -> list[Shape]:
        """Return the input's shape above where its tensor starts."""
        x = self.root.ins[0].x
        shape = units.shape(self.analysis.graph.input)
        text = f"{self.analysis.graph.called(-1)} {shape}"
        left = max(x, text_width(text, NAME) / 2 + 4)
        return [Label(left, TOP - 2, text, "mute", NAME, "middle")]

    def legend(self, y: float) -> list[Shape]:
        most = _shown(Sum(self.most, True), self.by)
        steps = [
            Rectangle(24 + 5 * k, y - 9, 5.3, 10, f"heat{k}") for k in range(palette.STEPS + 1)
        ]
        text = f"{most} {LONG[self.by]}"
        end = 24 + 5 * palette.STEPS + 11
        return [
            Label(14, y, "0", "mute", SMALL),
            *steps,
            Label(end, y, text, "mute", SMALL, room=max(60.0, self.root.width - end - 4)),
        ]

    def says(self) -> str:
        totals = self.analysis.totals
        skips = {wire.source for box, _, _ in walk(self.root) for wire in box.wires if wire.skip}
        most = max(self.closed(), key=lambda box: self.sum(box.item).known, default=None)
        sentence = (
            f"{units.number_of(len(self.net.root.layers), 'layer')} from"
            f" {units.shape(self.analysis.graph.input)} to"
            f" {' and '.join(units.shape(shape) for shape in self.analysis.output)},"
            f" {units.count(totals.params)} parameters"
        )
        if skips:
            sentence += f", {units.number_of(len(skips), 'tensor')} that pass others by"
        if most is None or not self.most:
            return f"{sentence}."
        share = units.share(self.sum(most.item).known, self.sum(self.net.root).known)
        return f"{sentence}; {most.item.id} has most of the {LONG[self.by]} ({share})."


def _value(row: LayerAnalysis, quantity: str) -> int | None:
    if quantity == "macs" and row.node.aux:
        return 0
    value: int | None = getattr(row, quantity)
    return value


def _shown(total: Sum, quantity: str) -> str:
    text = units.size(total.known) if quantity.endswith("bytes") else units.count(total.known)
    return str(text) if total.complete else str(units.at_least(text))


def fitted(picture: Picture, canvas: Canvas) -> float:
    """Return by what a graph is scaled for a canvas: never so far that its texts are too small."""
    whole = min(canvas.width / picture.width, canvas.height / picture.height)
    return max(canvas.graph_text / SMALL, min(whole, canvas.text / SMALL))


def fits(picture: Picture, canvas: Canvas, scale: float) -> bool:
    """Whether a graph of this scale is no larger than a canvas."""
    return picture.width * scale <= canvas.width and picture.height * scale <= canvas.height


def excess(picture: Picture) -> float:
    """Return the longer side, by the proportions of a slide."""
    return max(picture.width / 16, picture.height / 9)


def scaled(picture: Picture, by: float) -> Picture:
    """Return a graph with every length multiplied, texts too."""
    shapes = tuple(_scaled(shape, by) for shape in picture.shapes)
    return picture._replace(width=picture.width * by, height=picture.height * by, shapes=shapes)


def _scaled(shape: Shape, by: float) -> Shape:
    if isinstance(shape, Stroke):
        points = tuple((x * by, y * by) for x, y in shape.points)
        return shape._replace(points=points, radius=shape.radius * by)
    lengths = ("x", "y", "width", "height", "radius", "size", "tail_size", "room")
    given = {name: getattr(shape, name, None) for name in lengths}
    larger = {name: value * by for name, value in given.items() if value is not None}
    return shape._replace(**larger)
