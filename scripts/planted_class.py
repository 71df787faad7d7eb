"""A class of thirty whose mistakes are known: each sheet is answered by the formulas here, with
mistakes put in, and marked by `archprof grade`; every mistake must be named.

`python scripts/planted_class.py FOLDER` writes the sheets as students hand them in, marks them, and
prints each mistake beside what archprof says of it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

STUDENTS = 30
NETWORK, SEED, BLANKS = "alexnet", 30, 16
QUIZ = ("--to", "flatten", "--ask", "output,params,macs,memory", "--blank", str(BLANKS))


class Layer(NamedTuple):
    """A row of AlexNet: channels in and out, the window, and its input's side; a pooling or a norm
    has no weights.
    """

    name: str
    channels: int
    out: int
    kernel: int
    stride: int
    padding: int
    weights: bool


LAYERS = (
    Layer("conv1", 3, 96, 11, 4, 0, True),
    Layer("pool1", 96, 96, 3, 2, 0, False),
    Layer("norm1", 96, 96, 1, 1, 0, False),
    Layer("conv2", 96, 256, 5, 1, 2, True),
    Layer("pool2", 256, 256, 3, 2, 0, False),
    Layer("norm2", 256, 256, 1, 1, 0, False),
    Layer("conv3", 256, 384, 3, 1, 1, True),
    Layer("conv4", 384, 384, 3, 1, 1, True),
    Layer("conv5", 384, 256, 3, 1, 1, True),
    Layer("pool3", 256, 256, 3, 2, 0, False),
)
"""Krizhevsky et al. 2012 in one tower, as its slides have it; flatten comes behind."""
IMAGE = 227


def side(layer: Layer, before: int, padding: int | None = None) -> int:
    """Return floor((N + 2P - K)/S) + 1."""
    p = layer.padding if padding is None else padding
    return (before + 2 * p - layer.kernel) // layer.stride + 1


def sides(wrong: tuple[str, int] = ("", 0), asked: Collection[str] = ()) -> dict[str, int]:
    """Return the side of each layer's output; a `wrong` one is gone on from through the layers
    whose output is asked for, up to one that the sheet shows.
    """
    found, right, mine = {}, IMAGE, IMAGE
    for layer in LAYERS:
        right, mine = side(layer, right), side(layer, mine)
        if layer.name == wrong[0]:
            mine = wrong[1]
        elif layer.name not in asked:
            mine = right
        found[layer.name] = mine
    return found


SIDES = sides()


def before(name: str) -> int:
    """Return the side of a layer's right input."""
    names = [layer.name for layer in LAYERS]
    place = names.index(name)
    return SIDES[names[place - 1]] if place else IMAGE


def params(layer: Layer) -> int:
    """Return (K*K*C + 1)*N."""
    return (layer.kernel**2 * layer.channels + 1) * layer.out if layer.weights else 0


def macs(layer: Layer, output: int) -> int:
    """Return K*K*C*N*H*W."""
    weights = layer.kernel**2 * layer.channels * layer.out
    return weights * output**2 if layer.weights else 0


Answers = dict[tuple[str, str], str]
"""Answers by layer and column."""


def worked_out(outputs: dict[str, int]) -> Answers:
    """Return every layer's answers with these sides: shapes as HxWxC, numbers bare."""
    found: Answers = {}
    for layer in LAYERS:
        output = outputs[layer.name]
        found[layer.name, "Output"] = f"{output}x{output}x{layer.out}"
        found[layer.name, "Params"] = str(params(layer))
        found[layer.name, "MACs"] = str(macs(layer, output))
        found[layer.name, "Memory"] = str(4 * layer.out * output**2)
    last = LAYERS[-1].out * outputs[LAYERS[-1].name] ** 2
    found["flatten", "Output"], found["flatten", "Params"] = str(last), "0"
    found["flatten", "MACs"], found["flatten", "Memory"] = "0", str(4 * last)
    return found


def totals(answers: Answers) -> Answers:
    """Return the sums of the numbers of all layers."""
    return {
        ("total", column): str(sum(int(text) for (_, c), text in answers.items() if c == column))
        for column in ("Params", "MACs", "Memory")
    }


class Mistake(NamedTuple):
    """A mistake that students make: the column, the layers where it can be made, the wrong answer,
    and the words by which archprof must name it.
    """

    column: str
    layers: tuple[str, ...]
    wrong: Callable[[Layer], str]
    named: str


def shape(size: int, layer: Layer) -> str:
    return f"{size}x{size}x{layer.out}"


def transposed(layer: Layer) -> str:
    """Return the parameters with their second and third digit exchanged."""
    text = str(params(layer))
    return text[0] + text[2] + text[1] + text[3:]


def unpadded(layer: Layer) -> int:
    """Return the side of a layer's output with its padding forgotten."""
    return side(layer, before(layer.name), 0)


def elements(layer: Layer) -> int:
    """Return the elements of a layer's output."""
    return layer.out * SIDES[layer.name] ** 2


CONVS = tuple(layer.name for layer in LAYERS if layer.weights)
POOLS = ("pool1", "pool2", "pool3")
MISTAKES = (
    Mistake("Output", ("conv1",), lambda at: shape(side(at, 224), at), "at an input of 224x224"),
    Mistake("Output", CONVS[1:], lambda at: shape(unpadded(at), at), "with padding 0"),
    Mistake("Output", POOLS, lambda at: shape(SIDES[at.name] - 1, at), "without the + 1"),
    Mistake(
        "Output",
        ("conv2", "conv3"),
        lambda at: f"{SIDES[at.name]}x{SIDES[at.name]}x{at.channels}",
        "with the channels of its input",
    ),
    Mistake("Output", ("flatten",), lambda at: shape(SIDES["pool3"], at), "not flattened"),
    Mistake("Params", CONVS, lambda at: str(params(at) - at.out), "counted without biases"),
    Mistake(
        "Params",
        CONVS,
        lambda at: str((at.kernel**2 + 1) * at.out),
        "without the channels of its input",
    ),
    Mistake("Params", CONVS, lambda at: str(at.kernel**2 * at.channels), "of one filter"),
    Mistake("Params", CONVS, lambda at: transposed(at), "two digits transposed"),
    Mistake("MACs", CONVS, lambda at: str(2 * macs(at, SIDES[at.name])), "counted 2 per MAC"),
    Mistake("MACs", CONVS, lambda at: str(macs(at, 1)), "without the size of the output"),
    Mistake("MACs", CONVS, lambda at: str(params(at)), "its parameters"),
    Mistake(
        "MACs",
        ("conv1", "conv2"),
        lambda at: f"{macs(at, SIDES[at.name]) / 1e6:.4f}",
        "counted in millions",
    ),
    Mistake("Memory", CONVS + POOLS, lambda at: str(elements(at)), "counted 1 byte per element"),
    Mistake(
        "Memory", CONVS + POOLS, lambda at: str(8 * elements(at)), "counted 8 bytes per element"
    ),
    Mistake(
        "Memory", POOLS, lambda at: str(4 * at.channels * before(at.name) ** 2), "of its input"
    ),
)
STEP = 7
"""From one mistake of a sheet to the next: coprime to their number, so that none is left out."""


class Planted(NamedTuple):
    """A mistake in a sheet: whose, where, what was written, and how it must be named."""

    student: str
    layer: str
    column: str
    answer: str
    named: str


def plant(student: str, blanks: list[tuple[str, str]], first: int) -> Iterator[Planted]:
    """Yield two mistakes of different columns, the first from `first` on that the blanks allow."""
    layers = {layer.name: layer for layer in LAYERS}
    layers["flatten"] = LAYERS[-1]
    columns: set[str] = set()
    for turn in range(len(MISTAKES)):
        mistake = MISTAKES[(first + STEP * turn) % len(MISTAKES)]
        places = [
            name for name, column in blanks if column == mistake.column and name in mistake.layers
        ]
        if places and mistake.column not in columns and len(columns) < 2:
            columns.add(mistake.column)
            name = places[first % len(places)]
            answer = mistake.wrong(layers[name])
            yield Planted(student, name, mistake.column, answer, mistake.named)


def fill_in(sheet: Path, student: str, first: int) -> list[Planted]:
    """Answer a sheet with two mistakes, going on from a wrong shape, and return them."""
    rows = list(csv.reader(sheet.read_text(encoding="utf-8").splitlines()))
    titles = [title.partition(" (")[0] for title in rows[1]]
    blanks = [(row[0], titles[i]) for row in rows[2:] for i, cell in enumerate(row) if cell == "?"]
    planted = list(plant(student, blanks, first))
    asked = [name for name, column in blanks if column == "Output"]
    right, mine = worked_out(SIDES), worked_out(sides(_wrong_side(planted), asked))
    if "flatten" not in asked:
        mine["flatten", "Memory"] = right["flatten", "Memory"]
    answers = {cell: mine[cell] if cell in blanks else text for cell, text in right.items()}
    summed, columns = totals(answers), {one.column for one in planted}
    for cell, text in totals(right).items():
        answers[cell] = text if cell[1] in columns else summed[cell]
    answers |= {(one.layer, one.column): one.answer for one in planted}
    for row in rows[2:]:
        row[:] = [answers[row[0], titles[i]] if cell == "?" else cell for i, cell in enumerate(row)]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return planted


def _wrong_side(planted: list[Planted]) -> tuple[str, int]:
    """Return the layer whose side is wrong, and that side, which the student goes on from."""
    sizes = [(one.layer, int(one.answer.split("x")[0])) for one in planted if "x" in one.answer]
    return next(((name, size) for name, size in sizes if name in SIDES), ("", 0))


def hand_in(folder: Path, archprof: Callable[..., object]) -> list[Planted]:
    """Make the class's sheets with the command line, answer all, and return the mistakes."""
    names = folder / "names.csv"
    students = [f"Student {number:02d}" for number in range(1, STUDENTS + 1)]
    names.write_text("name\n" + "".join(f"{name}\n" for name in students), encoding="utf-8")
    made = ("--students", names, "--format", "csv", "-o", folder / "sheets")
    archprof("quiz", NETWORK, *QUIZ, "--seed", SEED, *made, "--key", folder / "key.csv")
    planted: list[Planted] = []
    for number, name in enumerate(students):
        sheet = folder / "sheets" / f"{name.lower().replace(' ', '_')}.csv"
        planted += fill_in(sheet, name, number)
    return planted


def main(folder: Path) -> int:
    """Plant, mark, and print each mistake with its name; exit 1 where one is not named."""
    import json

    from archprof.cli.application import start

    def archprof(*words: object) -> object:
        return start([str(word) for word in words])

    folder.mkdir(parents=True, exist_ok=True)
    planted = hand_in(folder, archprof)
    marked = ("grade", folder / "sheets", "--key", folder / "key.csv")
    archprof(*marked, "--letters", folder / "letters")
    archprof(*marked, "--format", "json", "-o", folder / "marks.json")
    data = json.loads((folder / "marks.json").read_text(encoding="utf-8"))
    marks = {
        (student["student"], mark["layer"], mark["column"]): mark
        for student in data["students"]
        for mark in student["marks"]["marks"]
    }
    print(f"\n{len(planted)} mistakes put into {STUDENTS} sheets, and what archprof says of each:")
    missed = 0
    for one in planted:
        slip = marks[one.student, one.layer, one.column]["slip"]
        missed += one.named not in slip
        sign = "ok" if one.named in slip else "NOT NAMED"
        place = f"{one.layer} {one.column}"
        print(f"{one.student}  {place:<15} {one.answer:<12} {sign}: {slip}")
    print(f"{len(planted) - missed} of {len(planted)} named")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
