"""What differs from use to use of a block becomes its parameters, as few as will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from archprof.language.document import BUILT_IN
from archprof.language.words import ABOUT, NAME
from archprof.language.writing.blanks import HOLE, Blank, same
from archprof.language.writing.literals import expression, literal

MOST_TIMES = 64  # one value may be written as so many times another
TELLING = ("out", "heads", "kernel", "stride", "groups")  # settings whose names say what they are
WINDOW = ("kernel", "stride", "padding", "dilation", "factor")  # no sizes of tensors
REQUIRED = HOLE  # in place of a default


class BlockParameter:
    """A parameter of a block: its value in each use, and its default."""

    def __init__(self, blank: Blank):
        self.setting, self.place = blank.setting, blank.place
        self.values = blank.values
        self.name = ""
        self.default = _default(blank.values)

    def used_for(self, blank: Blank) -> None:
        """Note one more use: the parameter has the name that says most."""
        if blank.setting in TELLING and self.setting not in TELLING:
            self.setting, self.place = blank.setting, blank.place


def _default(values: Sequence[Any]) -> Any:
    """Return the value that most uses have, or any where a use does not need one; else REQUIRED."""
    known = {_key(value): value for value in values if value is not HOLE}
    counts = Counter(_key(value) for value in values if value is not HOLE)
    ((most, times),) = counts.most_common(1)
    if 2 * times > len(values) or counts.total() < len(values):
        return known[most]
    return REQUIRED


def _key(value: Any) -> tuple[str, str]:
    """Return what two values have in common that are the same to a spec."""
    return type(value).__name__, repr(value)


class Written:
    """What a blank becomes: a text, around the name of a parameter where it has one."""

    def __init__(self, before: str, parameter: BlockParameter | None = None, after: str = ""):
        self.before, self.parameter, self.after = before, parameter, after

    def inner(self) -> str:
        """Return the text as a part of an expression has it."""
        name = f"${self.parameter.name}" if self.parameter else ""
        return f"{self.before}{name}{self.after}"

    def __str__(self) -> str:
        text = self.inner()
        return expression(text) if "$" in text else text


class Parameters:
    """The parameters of one block, found blank by blank in the order of the text."""

    def __init__(self) -> None:
        self.list: list[BlockParameter] = []

    def write(self, blanks: Iterable[Blank]) -> None:
        """Decide what every blank becomes."""
        for blank in blanks:
            blank.text = self._written(blank)

    def _written(self, blank: Blank) -> Written:
        if not blank.known():
            return Written("")
        if blank.constant() and not self._partly(blank):
            return Written(literal(blank.known()[0]))
        for parameter in self.list:
            alike = _window(blank.setting) == _window(parameter.setting)
            if alike and _equal(blank.values, parameter.values):
                parameter.used_for(blank)
                return Written("", parameter)
        return self._derived(blank) or self._new(blank)

    def _partly(self, blank: Blank) -> bool:
        """Whether a layer that only some uses have takes from them what another layer does."""
        return HOLE in blank.values and any(
            parameter.setting == blank.setting and _equal(blank.values, parameter.values)
            for parameter in self.list
        )

    def _derived(self, blank: Blank) -> Written | None:
        """Return what a blank is in terms of what arrives, or of another parameter."""
        for parameter in self.list:
            if blank.setting == "padding" and _is_half(blank.values, parameter):
                return Written("", parameter, " // 2")
        if _window(blank.setting):
            return None
        arriving = _arriving(blank.shapes)
        for name, values in arriving.items():
            if _equal(blank.values, values):
                return Written(name)
        for parameter in self.list:
            if _window(parameter.setting):
                continue
            before, after = _ratio(blank.values, parameter.values)
            if before or after:
                return Written(before, parameter, after)
        for name, values in arriving.items():
            before, after = _ratio(blank.values, values)
            if before or after:
                return Written(f"{before}{name}{after}")
        return None

    def _new(self, blank: Blank) -> Written:
        self.list.append(BlockParameter(blank))
        return Written("", self.list[-1])

    def name(self) -> None:
        """Give every parameter a name: that of its setting, with its layer's where two have it."""
        taken: set[str] = set()
        settings = [parameter.setting for parameter in self.list]
        for parameter in self.list:
            wanted = parameter.setting
            if settings.count(wanted) > 1 and parameter.place:
                wanted = _placed(wanted, parameter.place)
            parameter.name = _free(wanted, taken)
            taken.add(parameter.name)


def _placed(setting: str, place: str) -> str:
    """Return the setting's name with that of its layer, which comes last where it is a number."""
    place = place.strip("_")
    return f"{setting}_{place}" if place[:1].isdigit() else f"{place}_{setting}"


def _free(wanted: str, taken: set[str]) -> str:
    """Return the name, changed as far as it must be."""
    if wanted[:1].isdigit():
        wanted = f"of_{wanted}"
    wanted = wanted[:80]
    if not NAME.match(wanted) or wanted in (*BUILT_IN, *ABOUT, "input", "previous"):
        wanted = f"with_{wanted}" if NAME.match(f"with_{wanted}") else "value"
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    return name


def _equal(values: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether the others are the same wherever a value is needed."""
    return all(
        value is HOLE or (other is not HOLE and same(value, other))
        for value, other in zip(values, others, strict=True)
    )


def _window(setting: str) -> str:
    """Return which setting of a window it is, "" for none: sizes are not multiples of these."""
    return next((word for word in WINDOW if word in setting), "")


def _is_half(values: Sequence[Any], kernel: BlockParameter) -> bool:
    """Whether a padding keeps the size under every odd kernel."""
    return kernel.setting == "kernel" and all(
        value is HOLE or (type(size) is int and size % 2 and same(value, size // 2))
        for value, size in zip(values, kernel.values, strict=True)
    )


def _ratio(values: Sequence[Any], others: Sequence[Any]) -> tuple[str, str]:
    """Return what to write before and behind the others for the values, nothing for no ratio."""
    pairs = [pair for pair in zip(values, others, strict=True) if pair[0] is not HOLE]
    for value, other in pairs:
        if type(value) is not int or type(other) is not int or value < 1 or other < 1:
            return "", ""
    value, other = pairs[0]
    factor, divisor = value // other, other // value
    if 1 < factor <= MOST_TIMES and all(one == factor * two for one, two in pairs):
        return f"{factor} * ", ""
    if 1 < divisor <= MOST_TIMES and all(one * divisor == two for one, two in pairs):
        return "", f" // {divisor}"
    return "", ""


def _arriving(shapes: Sequence[Any]) -> dict[str, list[Any]]:
    """Return by expression what can be said of the shape that arrives, in each use."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) < len(shapes) or min(map(len, known)) == 0:
        return {}
    first, last = [shape[0] for shape in shapes], [shape[-1] for shape in shapes]
    if all(len(shape) == 3 for shape in shapes):
        return {"$channels": first, "$shape[-1]": last}
    return {"$shape[-1]": last, "$shape[0]": first}
