"""A file of claims as a Lecture: every structural fault is found here, at once and in its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from archprof.analysis.counting import DTYPES, OPTIMIZERS
from archprof.claims.document import (
    COMBINATIONS,
    RELATIONS,
    TRENDS,
    Claim,
    Combined,
    Constant,
    Every,
    Experiment,
    Formula,
    Law,
    Lecture,
    Modules,
    Order,
    Part,
    Quantity,
    Selection,
    Series,
    Stated,
    Statement,
    Subject,
    Term,
    Undecidable,
)
from archprof.claims.experiments import EXPERIMENTS
from archprof.claims.figures import parse_figure, parse_volume
from archprof.claims.quantities import FACTS, QUANTITIES, Whole
from archprof.claims.verdicts import recordable
from archprof.ops import OPS
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, Problems, nearest
from archprof.spec.expression import compile_expression
from archprof.spec.functions import FUNCTIONS, ExpressionError
from archprof.spec.pieces import Pieces, parse_shape
from archprof.spec.source import Value, parse, read, with_lines, within

TOP = ("lecture", "title", "source", "shapes", "networks", "claims")
NAMED = ("network", "input", "set", "spec")
SUBJECT = ("network", "input", "set", "batch", "dtype", "optimizer")
SELECTION = ("layers", "first", "last", "op", "where", "block", "aux")
ABOUT = ("slide", "says", "note", "verdict", "likely", "contradicts", "shapes")
KINDS = {
    "of": ("of", "stated", "formula", "with"),
    "table": ("table",),
    "order": ("order",),
    "every": ("every",),
    "modules": ("modules",),
    "law": ("law",),
    "series": ("series",),
    "experiment": ("experiment", "stated"),
    "parts": ("parts",),
    "undecidable": ("undecidable",),
}
"""The kinds of claims by the word each is known by, and the words each takes."""
CELLS = tuple(name for name in QUANTITIES if name not in (*SUBJECT, *SELECTION))
"""The quantities that a table's row may state: there `layers` and `input` say what the row is about."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*\Z")


def load_lecture(path: Path, name: str | None = None) -> Lecture:
    """The claims in a file, called `name` in messages. Raises ProblemError with everything that is wrong with it."""
    text, name = read(path, name)
    found = Problems()
    value = parse(text, name, found)
    reader = _Reader(name, text, found)
    lecture = reader.lecture(value, path)
    if found:
        raise ProblemError(with_lines(found, {name: text}))
    return lecture


class _Reader(Pieces):
    def __init__(self, file: str, text: str, found: Problems):
        super().__init__(text, found)
        self.file, self.source = file, text
        self.channels_last = False
        self.networks: dict[str, Value] = {}

    def lecture(self, value: Value, path: Path) -> Lecture:
        data = self.keys(value, TOP, "a file of claims")
        for key in ("lecture", "claims"):
            if key not in data:
                self.complain(value.mark, "missing", f"a file of claims needs `{key}`", "`lecture` is its short name, `claims` has the statements by their ids")
        self.channels_last = self.lasts(data.get("shapes"), False)
        self.networks = self.mapping(data.get("networks"), "`networks`")
        for name, item in self.networks.items():
            self.keys(item, NAMED, f"network `{name}`")
            if isinstance(item.data, dict) and ("network" in item.data) == ("spec" in item.data):
                self.complain(item.mark, "kind", f"network `{name}` needs one of `network` and `spec`",
                              "{network: alexnet, input: 3x224x224}, or a spec written out")
        claims = {}
        for key, item in self.mapping(data.get("claims"), "`claims`").items():
            mark = ((data["claims"].keys or {})[key])
            if not _ID.match(key):
                self.complain(mark, "name", f"claim `{key[:100]}` is no id, expected letters, digits, -, _ and dots")
            whole, self.channels_last = self.channels_last, self.lasts(item.data.get("shapes") if isinstance(item.data, dict) else None, self.channels_last)
            claims[key] = self.claim(key, item, mark)
            self.channels_last = whole
        for claim in claims.values():
            for other in claim.contradicts:
                if other == claim.id:
                    self.complain(claim.mark, "kind", f"claim `{claim.id}` contradicts itself", "name the other claim")
        return Lecture(path, self.file, self.source, self.text(data.get("lecture"), "`lecture`"), self.text(data.get("title"), "`title`"),
                       self.text(data.get("source"), "`source`"), self.channels_last, claims, self.networks)

    def claim(self, key: str, value: Value, mark: Mark) -> Claim:
        called = f"claim `{key}`"
        if not isinstance(value.data, dict):
            self.complain(value.mark, "kind", f"{called} is {shown(value.plain())}, expected a mapping")
            return Claim(key, mark, ())
        data = value.data
        kind = self.kind(value, called, mark)
        if kind is None:
            return Claim(key, mark, ())
        data = self.keys(value, (*ABOUT, *SUBJECT, *KINDS[kind]), called)
        defaults = {k: data[k] for k in SUBJECT if k in data}
        contradicts = data.get("contradicts")
        items = contradicts.data if contradicts is not None and isinstance(contradicts.data, list) else [contradicts] if contradicts is not None else []
        return Claim(key, mark, tuple(self.parts(kind, value, data, defaults, called, mark)), self.text(data.get("slide"), "`slide`"),
                     self.text(data.get("says"), "`says`"), self.text(data.get("note"), "`note`"), self.text(data.get("likely"), "`likely`"),
                     tuple(self.text(item, "`contradicts`") for item in items), self.channels_last)

    def lasts(self, value: Value | None, default: bool) -> bool:
        """Whether shapes are written with their channels last."""
        return self.choice(value, "shapes", ("CxHxW", "HxWxC"), "HxWxC" if default else "CxHxW") == "HxWxC"

    def kind(self, value: Value, called: str, mark: Mark) -> str | None:
        kinds = [k for k in KINDS if k in value.data]
        if len(kinds) != 1:
            found = " and ".join(f"`{k}`" for k in kinds) or "none of them"
            self.complain(mark, "kind", f"{called} needs one of {', '.join(f'`{k}`' for k in KINDS)}, found {found}", "`of` with `stated` is the usual one")
            return None
        return kinds[0]

    def parts(self, kind: str, value: Value, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark) -> list[Part]:
        recorded = self.verdict(data.get("verdict"))
        if kind == "table":
            return self.table(data["table"], defaults, called, recorded)
        if kind != "parts":
            statement = self.statement(kind, data, defaults, called, mark)
            return [Part("", statement, recorded, mark)] if statement is not None else []
        found = []
        for name, item in self.mapping(data["parts"], f"`parts` of {called}").items():
            place, label = (data["parts"].keys or {})[name], f"{called}, part `{name}`"
            if not isinstance(item.data, dict):
                self.complain(item.mark, "kind", f"{label} is {shown(item.plain())}, expected a mapping")
                continue
            inner = self.kind(item, label, place)
            if inner in (None, "parts", "table"):
                if inner is not None:
                    self.complain(place, "kind", f"{label} has `{inner}`, which cannot stand inside a part")
                continue
            entries = self.keys(item, ("verdict", *SUBJECT, *KINDS[inner]), label)
            statement = self.statement(inner, entries, defaults | {k: entries[k] for k in SUBJECT if k in entries}, label, place)
            if statement is not None:
                found.append(Part(name, statement, self.verdict(entries.get("verdict")) or recorded, place))
        return found

    def statement(self, kind: str, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark) -> Statement | None:
        """One statement; None where it cannot be read."""
        value = data[kind]
        if kind == "of":
            return self.stated(data, defaults, called, mark)
        if kind == "undecidable":
            return Undecidable(self.text(value, "`undecidable`"))
        if kind == "experiment":
            return self.experiment(value, data, called)
        words: tuple[str, ...] = {"order": ("relation", "sides"), "every": ("is", "followed_by"), "modules": ("under", "are"),
                 "law": ("formula", "with", "names", "gives"), "series": ("quantity", "is")}[kind]
        words += (*(SUBJECT if kind != "order" else ()), *(SELECTION if kind != "order" else ()))
        entries = self.keys(value, words, f"`{kind}` of {called}")
        if not isinstance(value.data, dict):
            return None
        if kind == "order":
            relation = self.choice(entries.get("relation"), "relation", RELATIONS, ">")
            sides = entries.get("sides")
            if sides is None or not isinstance(sides.data, list) or len(sides.data) < 2:
                self.complain(value.mark, "kind", f"`order` of {called} needs `sides`, a list of at least two", '{relation: ">", sides: [{…}, {…}]}')
                return None
            terms = [self.term(side, defaults) for side in sides.data]
            return Order(relation, tuple(t for t in terms if t)) if all(terms) else None
        subject = self.subject(entries, defaults, called, value.mark)
        if subject is None:
            return None
        if kind == "modules":
            return self.modules(entries, subject, called, value.mark)
        selection = self.selection(entries)
        if kind == "every":
            settings = self.settings(entries.get("is"), f"`is` of {called}")
            ops = tuple(str(v) for k, v in settings if k == "op")
            followed = self.ops(entries.get("followed_by"), "followed_by")
            if not settings and not followed:
                self.complain(value.mark, "missing", f"`every` of {called} says nothing of its layers", "`is: {kernel: 3}` or `followed_by: batch_norm2d`")
            return Every(subject, selection, tuple((k, v) for k, v in settings if k != "op"), ops, followed, value.mark)
        if kind == "series":
            return Series(subject, selection, self.choice(entries.get("quantity"), "quantity", (*QUANTITIES, *FACTS), "params"),
                          self.choice(entries.get("is"), "is", TRENDS, "constant"), value.mark)
        names = self.mapping(entries.get("names"), f"`names` of {called}")
        for name, item in names.items():
            self.choice(item, f"names: {name}", (*QUANTITIES, *FACTS), "")
        formula = self.formula(entries.get("formula"), entries.get("with"), set(names))
        if formula is None:
            self.complain(value.mark, "missing", f"`law` of {called} needs a `formula`", "and `names`, what each of its letters stands for")
            return None
        return Law(subject, selection, formula, tuple((k, str(v.data)) for k, v in names.items()),
                   self.choice(entries.get("gives"), "gives", (*QUANTITIES, *FACTS), "width"), value.mark)

    def stated(self, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark) -> Stated | None:
        term = self.term(data["of"], defaults)
        if "stated" not in data:
            self.complain(mark, "missing", f"{called} has no `stated`", "what the lecture says: 35K, 55x55x96, 12x")
            return None
        formula = self.formula(data.get("formula"), data.get("with"), set())
        return self.statement_of(term, data["stated"], formula) if term is not None else None

    def statement_of(self, term: Term, value: Value, formula: Formula | None = None) -> Stated | None:
        """A term and the figure or shape stated for it."""
        text = value.plain()
        if isinstance(term, Quantity) and term.name in ("shape", "input"):
            shape = parse_volume(text, self.channels_last)
            if shape is None:
                example = "55x55x96" if self.channels_last else "96x55x55"
                self.complain(value.mark, "kind", f"{shown(text)} is stated of a shape, expected one such as {example}")
                return None
            return Stated(term, None, shape, str(text), formula)
        figure = parse_figure(text)
        if figure is None:
            self.complain(value.mark, "kind", f"{shown(text)} is stated, expected a figure such as 35K, 1.8e9, 96 MB, 12x or 55",
                          "a figure with an exponent stands in quotes")
            return None
        return Stated(term, figure, None, str(text), formula)

    def table(self, value: Value, defaults: dict[str, Value], called: str, recorded: str) -> list[Part]:
        """A table's cells: each row selects a layer and states some quantities of it."""
        data = self.keys(value, ("rows", *SUBJECT), f"`table` of {called}")
        rows = data.get("rows")
        if rows is None or not isinstance(rows.data, list) or not rows.data:
            self.complain(value.mark, "missing", f"`table` of {called} needs `rows`, a list", "- {layers: conv1, shape: 96x55x55, params: 35K}")
            return []
        defaults = defaults | {k: data[k] for k in SUBJECT if k in data}
        parts = []
        for row in rows.data:
            cells = self.keys(row, (*CELLS, *SELECTION, *SUBJECT, "label", "verdict", "verdicts"), f"a row of {called}")
            subject = self.subject(cells, defaults, called, row.mark)
            if subject is None:
                continue
            selection = self.selection(cells)
            own = self.verdict(cells.get("verdict")) or recorded
            special = {k: self.verdict(v) for k, v in self.mapping(cells.get("verdicts"), "`verdicts`").items()}
            for k in special.keys() - cells.keys():
                self.complain(row.mark, "unknown-key", f"`verdicts` names `{k}`, which the row does not state")
            label = self.text(cells["label"], "`label`") if "label" in cells else selection.paths[0] if selection.paths else "all"
            stated = [k for k in cells if k in CELLS]
            if not stated:
                self.complain(row.mark, "missing", f"a row of {called} states nothing", f"give it one of {', '.join(CELLS[:6])} …")
            for name in stated:
                term = Quantity(name, subject, selection, (row.keys or {})[name])
                if name == "shape" and selection.paths == ("input",):  # as `from: input` of a spec: the network's own
                    term = term._replace(name="input", selection=Selection())
                statement = self.statement_of(term, cells[name])
                if statement is not None:
                    parts.append(Part(f"{label} {name}", statement, special.get(name, own), (row.keys or {})[name]))
        return parts

    def modules(self, entries: dict[str, Value], subject: Subject, called: str, mark: Mark) -> Modules | None:
        are = entries.get("are")
        if are is None or not isinstance(are.data, list) or not are.data:
            self.complain(mark, "missing", f"`modules` of {called} needs `are`, the modules in order", "- {op: conv2d, out: 96, kernel: 7}")
            return None
        found = []
        for item in are.data:
            settings = self.settings(item, f"a module of {called}")
            ops = [v for k, v in settings if k == "op"]
            if not ops or ops[0] not in OPS:
                self.complain(item.mark, "kind", f"a module of {called} has no known `op`, found {shown(ops[0]) if ops else 'none'}",
                              nearest(str(ops[0]), OPS) if ops else "- {op: conv2d, kernel: 7}")
            found.append(settings)
        return Modules(subject, self.text(entries.get("under"), "`under`"), self.selection(entries), tuple(found), mark)

    def experiment(self, value: Value, data: dict[str, Value], called: str) -> Experiment | None:
        entries = self.mapping(value, f"`experiment` of {called}")
        name = self.choice(entries.get("run"), "run", tuple(EXPERIMENTS), "")
        if name not in EXPERIMENTS:
            return None
        wanted = EXPERIMENTS[name].arguments
        self.keys(value, ("run", *wanted), f"`experiment` of {called}")
        for missing in [k for k, needed in wanted.items() if needed and k not in entries]:
            self.complain(value.mark, "missing", f"the experiment `{name}` needs `{missing}`", EXPERIMENTS[name].usage)
        if "stated" not in data:
            self.complain(value.mark, "missing", f"{called} has no `stated`", f"what the experiment must give: {EXPERIMENTS[name].gives}")
            return None
        return Experiment(name, tuple((k, v.plain()) for k, v in entries.items() if k != "run"), str(data["stated"].plain()), value.mark)

    # --- terms ---

    def term(self, value: Value, defaults: dict[str, Value]) -> Term | None:
        """A quantity, a figure, or a ratio, sum, difference or product of terms."""
        if not isinstance(value.data, dict):
            figure = parse_figure(value.data)
            if figure is None:
                self.complain(value.mark, "kind", f"{shown(value.plain())} is no quantity", "{network: alexnet, layers: conv1, quantity: params}, or a number")
                return None
            return Constant(figure)
        how = [k for k in COMBINATIONS if k in value.data]
        if how:
            self.keys(value, (how[0], *SUBJECT), f"`{how[0]}`")
            inner = value.data[how[0]]
            if not isinstance(inner.data, list) or len(inner.data) < 2 or (how[0] in ("ratio", "difference") and len(inner.data) != 2):
                self.complain(inner.mark, "kind", f"`{how[0]}` needs a list of {'two' if how[0] in ('ratio', 'difference') else 'at least two'} quantities")
                return None
            terms = [self.term(item, defaults | {k: value.data[k] for k in SUBJECT if k in value.data}) for item in inner.data]
            return Combined(how[0], tuple(t for t in terms if t)) if all(terms) else None
        data = self.keys(value, ("quantity", "each", *SUBJECT, *SELECTION), "a quantity")
        name = self.choice(data.get("quantity"), "quantity", tuple(QUANTITIES), "")
        subject = self.subject(data, defaults, "a quantity", value.mark)
        if name not in QUANTITIES or subject is None:
            if "quantity" not in data:
                self.complain(value.mark, "missing", "`quantity` is missing", f"one of {', '.join(QUANTITIES)}")
            return None
        selection = self.selection(data)
        if isinstance(QUANTITIES[name], Whole) and selection != Selection():
            self.complain(value.mark, "kind", f"`{name}` is the network's as a whole, and layers are selected", "leave the selection away")
        return Quantity(name, subject, selection, value.mark, self.text(data.get("each"), "`each`"))

    def subject(self, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark) -> Subject | None:
        given = defaults | {k: data[k] for k in SUBJECT if k in data}
        if "network" not in given:
            self.complain(mark, "missing", f"{called} names no `network`", "a shipped network, or one of the file's `networks`")
            return None
        batch = given.get("batch")
        if batch is not None and (type(batch.data) is not int or batch.data < 1):
            self.complain(batch.mark, "kind", f"`batch` is {shown(batch.plain())}, expected a whole number of at least 1")
            batch = None
        values = tuple((k, _frozen(v.plain())) for k, v in self.mapping(given.get("set"), "`set`").items())
        return Subject(self.text(given["network"], "`network`"), given["network"].mark, self.shape_of(given.get("input")), values, batch.data if batch else 1,
                       self.choice(given.get("dtype"), "dtype", tuple(DTYPES), "float32"),
                       self.choice(given.get("optimizer"), "optimizer", tuple(OPTIMIZERS), "sgd"))

    def shape_of(self, value: Value | None) -> tuple[int, ...] | None:
        if value is None:
            return None
        shape = parse_shape(value.plain())
        if shape is None:
            self.complain(value.mark, "kind", f"`input` is {shown(value.plain())}, expected channels x height x width such as 3x224x224")
        return shape

    def selection(self, data: dict[str, Value]) -> Selection:
        paths = self.words(data.get("layers"), "layers")
        return Selection(paths, self.text(data.get("first"), "`first`"), self.text(data.get("last"), "`last`"), self.ops(data.get("op"), "op"),
                         self.settings(data.get("where"), "`where`"), self.text(data.get("block"), "`block`"), self.flag(data.get("aux"), "aux"))

    def ops(self, value: Value | None, what: str) -> tuple[str, ...]:
        names = self.words(value, what)
        for name in names:
            if name not in OPS and value is not None:
                self.complain(value.mark, "kind", f"`{what}` is {shown(name)}, expected an op", nearest(name, OPS))
        return names

    def words(self, value: Value | None, what: str) -> tuple[str, ...]:
        if value is None:
            return ()
        items = value.data if isinstance(value.data, list) else [value]
        for item in items:
            if not isinstance(item.data, (str, int)) or isinstance(item.data, bool):
                self.complain(item.mark, "kind", f"`{what}` is {shown(item.plain())}, expected a name or a list of names")
        return tuple(str(item.data) for item in items)

    def settings(self, value: Value | None, what: str) -> tuple[tuple[str, Any], ...]:
        return tuple((k, _frozen(v.plain())) for k, v in self.mapping(value, what).items())

    def choice(self, value: Value | None, what: str, known: tuple[str, ...], default: str) -> str:
        if value is None:
            return default
        if value.data not in known:
            self.complain(value.mark, "kind", f"`{what}` is {shown(value.plain())}, expected one of {', '.join(known)}" if len(known) < 12
                          else f"`{what}` is {shown(value.plain())}, which is not known", nearest(str(value.data), known))
            return default
        return str(value.data)

    def verdict(self, value: Value | None) -> str:
        text = self.text(value, "`verdict`")
        if value is not None and text and not recordable(text):
            self.complain(value.mark, "kind", f"`verdict` is {shown(text)}, expected holds, holds rounded, holds as …, differs or undecidable")
            return ""
        return text

    def formula(self, value: Value | None, numbers: Value | None, letters: set[str]) -> Formula | None:
        """A hand calculation as on the slide: its letters need no `$`."""
        if value is None:
            return None
        text = str(value.data) if type(value.data) in (int, float) else self.text(value, "`formula`")
        given: dict[str, int | float] = {}
        for name, item in self.mapping(numbers, "`with`").items():
            if type(item.data) not in (int, float):
                self.complain(item.mark, "kind", f"{name} is {shown(item.plain())}, expected a number")
            else:
                given[name] = item.data
        try:
            expression = compile_expression(_WORD.sub(lambda m: m[0] if m[0] in FUNCTIONS else f"${m[0]}", text))
        except ExpressionError as error:
            self.complain(within(value.mark, text, min(error.column, len(text)), self.text_lines), "expression", f"`{text}`: {error}", error.hint)
            return None
        unknown = [name for name in expression.names if name not in given and name not in letters]
        for name in unknown:
            self.complain(value.mark, "unknown-name", f"`{text}`: the letter {name} has no number", f"with: {{{name}: 1}}")
        return None if unknown else Formula(text, tuple(given.items()), expression, value.mark)


def _frozen(value: Any) -> Any:
    """A value that can be compared and hashed: lists become tuples."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else tuple((k, _frozen(v)) for k, v in value.items()) if isinstance(value, dict) else value


def is_lecture(path: Path) -> bool:
    """Whether a YAML file holds claims, going by the keys at its margin."""
    try:
        return any(line.startswith("claims:") for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return False
