"""Whether a stated figure is printed in the quotation, or translates words of it."""

from __future__ import annotations

import re
from fractions import Fraction

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.texts.finder import find_figures
from archprof.language.value import Value
from archprof.ops.base import shown

OUT = (
    "quote the lecture's figure in `says`, or its word for it with `reads: half`; what it does not"
    " state goes under `also`"
)
NUMBER_WORDS = {
    "0": "zero no none not nothing never without remove removed eliminate eliminated eliminating",
    "1/4": "quarter",
    "1/2": "half halve halves halved halving",
    "1": "one a an once single same equal equals as each every all only identical original",
    "2": "two twice double doubles doubled doubling both pair",
    "3": "three thrice triple triples tripled tripling",
    "4": "four quadruple quadruples quadrupled quadrupling",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "10": "ten",
    "12": "twelve",
    "100": "hundred",
}
"""The words that translate a number: "half" for 0.5 and for 50 %, "without" for 0."""
_NUMBERS = {
    word: Fraction(number) for number, words in NUMBER_WORDS.items() for word in words.split()
}


def read_from(
    pieces: ClaimPieces, kind: str, data: dict[str, Value], says: str | None, has_text: bool
) -> str:
    """Return the words of a quotation that a stated figure translates, "" where it is printed.

    Records a figure that is neither; where the file names its text (`has_text`), what is printed is
    looked for in that. Without a quotation nothing is compared.
    """
    reads = pieces.text(data.get("reads"), "`reads`")
    if "stated" not in data or says is None:
        return reads
    value = data["stated"].plain()
    stated = str(pieces.printed(data["stated"]))
    if isinstance(value, list):
        stated = "x".join(map(str, value))
    if reads and normalised(reads) not in normalised(says):
        pieces.complain(
            data["reads"].mark,
            "quote",
            f"`reads` is {shown(reads)}, which `says` does not have",
            OUT,
        )
    elif reads and not _is_formula(data, reads) and not translates(stated, reads):
        message = f"{shown(stated)} is stated, which {shown(reads)} does not say"
        pieces.complain(data["reads"].mark, "quote", message, OUT)
    elif not (reads or has_text) and not _is_result(kind, stated) and not is_printed(stated, says):
        message = f"{shown(stated)} is stated, which `says` does not have"
        pieces.complain(data["stated"].mark, "quote", message, OUT)
    return reads


def _is_formula(data: dict[str, Value], reads: str) -> bool:
    """Return whether words are the claim's own formula, whose result is compared: 2k for 2*k."""
    formula = str(data["formula"].plain()) if "formula" in data else ""
    return bool(formula) and normalised(formula.replace("*", "")) == normalised(reads)


def _is_result(kind: str, stated: str) -> bool:
    """Return whether it is a word for what an experiment gives, which no lecture prints."""
    return kind == "experiment" and is_word(stated)


def is_word(stated: str) -> bool:
    """Return whether what is stated is neither a figure nor a shape."""
    return parse_figure(stated) is None and _axes(stated) is None


def is_printed(stated: str, says: str) -> bool:
    """Return whether a quotation has this figure, or a shape of which it is an axis.

    The digits, their prefix and their precision are the same; spaces, thousands and a unit that
    only one of them has do not matter. Words must be in it as they are.
    """
    wanted, axes = parse_figure(stated), _axes(stated)
    if wanted is None and axes is None:
        return normalised(stated) in normalised(says)
    for found in find_figures(says):
        if isinstance(found.value, PrintedFigure):
            same = wanted is not None and _same(wanted, found.value)
        else:
            same = axes == found.value or (wanted is not None and wanted.value in found.value)
        if same:
            return True
    return False


def translates(stated: str, words: str) -> bool:
    """Return whether words that a figure is read from say this number, in digits or in letters."""
    wanted = parse_figure(stated)
    if wanted is None:
        return True
    said = {_NUMBERS[word] for word in re.findall(r"[a-z]+", words.casefold()) if word in _NUMBERS}
    # a name's digits too, which no figure of a text has: "ResNet-152" says 152
    said |= {Fraction(digits) for digits in re.findall(r"\d+(?:\.\d+)?", words.replace(",", ""))}
    for found in find_figures(words):
        if isinstance(found.value, PrintedFigure):
            said.add(found.value.value)
    return wanted.value in said


def normalised(text: str) -> str:
    """Return a text without its case and its spaces."""
    return "".join(text.casefold().split())


def _same(one: PrintedFigure, two: PrintedFigure) -> bool:
    units = {one.unit, two.unit} - {""}
    return one.value == two.value and one.step == two.step and len(units) < 2


def _axes(stated: str) -> tuple[int, ...] | None:
    """Return the numbers of a shape as it is printed, None for other text."""
    numbers = re.split(r" ?[x×] ?", stated.strip())
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
        return None
    return tuple(map(int, numbers))
