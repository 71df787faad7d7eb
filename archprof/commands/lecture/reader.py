"""A file of claims as a Lecture: every structural fault is found here, at once and in its place."""

from __future__ import annotations

import re
from pathlib import Path

from archprof.commands.lecture.document import (
    RELATIONS,
    TRENDS,
    Claim,
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
from archprof.commands.lecture.experiments import EXPERIMENTS
from archprof.commands.lecture.figures import parse_volume
from archprof.commands.lecture.keys import (
    ABOUT,
    BODIES,
    CELLS,
    KINDS,
    NAMED,
    ROW,
    SHAPED,
    SHAPES,
    SUBJECT,
    TOP,
)
from archprof.commands.lecture.quantities import FACTS, QUANTITIES, Whole
from archprof.commands.lecture.term_reader import Terms
from archprof.language.source import parse
from archprof.language.text import read, with_lines
from archprof.language.value import Value
from archprof.ops import OPS
from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, Problems, closest, nearest

NEEDS = (
    "a file of claims has at least `lecture`, its short name, and `claims`, the statements by"
    " their ids"
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}\Z")


def load_lecture(path: Path, name: str | None = None) -> Lecture:
    """The claims in a file, called `name` in messages.

    Raises ProblemError with everything that is wrong with it.
    """
    if path.is_dir():
        raise ProblemError(
            [
                Problem(
                    Mark(name or str(path)),
                    "file",
                    "a directory, expected a file of claims",
                    "give the path of a .yaml file in it",
                )
            ]
        )
    text, name = read(path, name)
    found = Problems()
    value = parse(text, name, found, ("a file of claims", NEEDS))
    lecture = _Reader(name, text, found).lecture(value, path)
    if found:
        raise ProblemError(with_lines(found, {name: text}))
    return lecture


class _Reader(Terms):
    def __init__(self, file: str, text: str, found: Problems):
        super().__init__(text, found)
        self.file, self.source = file, text
        self.channels_last = False

    def lecture(self, value: Value, path: Path) -> Lecture:
        if not isinstance(value.data, dict) or not value.data.keys() & {"lecture", "claims"}:
            is_spec = isinstance(value.data, dict) and value.data.keys() & {"layers", "blocks"}
            hint = "this is a spec: `archprof check` reads it" if is_spec else NEEDS
            raise ProblemError(
                with_lines(
                    [
                        *self.problems,
                        Problem(value.mark, "kind", "this is no file of claims", hint),
                    ],
                    {self.file: self.source},
                )
            )
        data = self.keys(value, TOP, "a file of claims")
        for key in [key for key in ("lecture", "claims") if key not in data]:
            self.complain(value.mark, "missing", f"a file of claims needs `{key}`", NEEDS)
        name = self.text(data.get("lecture"), "`lecture`")
        if name and not _ID.match(name):
            self.complain(
                data["lecture"].mark,
                "name",
                f"`lecture` is {shown(name)}, expected letters, digits, -, _ and dots",
                "its full name is its `title`",
            )
        self.channels_last = self.lasts(data.get("shapes"), False)
        networks = self.mapping(data.get("networks"), "`networks`")
        for own, item in networks.items():
            self.own(own, item, networks)
        claims = {
            key: self.whole_claim(key, item, (data["claims"].keys or {})[key])
            for key, item in self.mapping(data.get("claims"), "`claims`").items()
        }
        if "claims" in data and not claims and not self.problems:
            self.complain(
                data["claims"].mark,
                "missing",
                "there are no claims",
                "A-01: {of: {network: alexnet, quantity: params}, stated: 60M}",
            )
        return Lecture(
            path,
            self.file,
            self.source,
            name,
            self.text(data.get("title"), "`title`"),
            self.text(data.get("source"), "`source`"),
            self.channels_last,
            claims,
            networks,
        )

    def own(self, name: str, item: Value, networks: dict[str, Value]) -> None:
        """One of the file's own networks: conditions on another, or a spec, which is read when a
        claim asks for it.
        """
        called = f"network `{name}`"
        data = self.keys(item, NAMED, called)
        if item.data is None or (
            isinstance(item.data, dict) and ("network" in data) == ("spec" in data)
        ):
            self.complain(
                item.mark,
                "kind",
                f"{called} needs one of `network` and `spec`",
                "{network: alexnet, input: 3x224x224}, or a spec written out",
            )
        elif "spec" in data:
            for key in [key for key in ("input", "set") if key in data]:
                self.complain(
                    (item.keys or {})[key],
                    "kind",
                    f"{called} has a `spec`, and `{key}` beside it",
                    "the spec itself says that",
                )
        elif "network" in data:
            base = self.text(data["network"], "`network`")
            if base in networks and base != name:
                self.complain(
                    data["network"].mark,
                    "kind",
                    f"{called} is made from `{base}`, another of the file's own",
                    "name a shipped network, or a file",
                )
            self.shape_of(data.get("input"))
            self.mapping(data.get("set"), "`set`")

    def whole_claim(self, key: str, value: Value, mark: Mark) -> Claim:
        """One claim, its shapes written as the file's unless it says otherwise."""
        if not _ID.match(key):
            self.complain(
                mark,
                "name",
                f"claim `{key[:100]}` is no id, expected letters, digits, -, _ and dots",
            )
        before = self.channels_last
        self.channels_last = self.lasts(
            value.data.get("shapes") if isinstance(value.data, dict) else None, before
        )
        claim = self.claim(key, value, mark)
        self.channels_last = before
        return claim

    def claim(self, key: str, value: Value, mark: Mark) -> Claim:
        called = f"claim `{key[:100]}`"
        if not isinstance(value.data, dict):
            self.complain(
                value.mark, "kind", f"{called} is {shown(value.plain())}, expected a mapping"
            )
            return Claim(key, mark, ())
        kind = self.kind(value, called, mark)
        if kind is None:
            return Claim(key, mark, ())
        data = self.keys(value, (*ABOUT, *SUBJECT, *KINDS[kind]), called)
        defaults = {k: data[k] for k in SUBJECT if k in data}
        contradicts = self.words(data.get("contradicts"), "contradicts")
        if key in contradicts:
            self.complain(
                data["contradicts"].mark,
                "kind",
                f"{called} contradicts itself",
                "name the other claim",
            )
        about = {k: self.text(data.get(k), f"`{k}`") for k in ("slide", "says", "note", "likely")}
        return Claim(
            key,
            mark,
            tuple(self.parts(kind, data, defaults, called, mark)),
            **about,
            contradicts=contradicts,
            channels_last=self.channels_last,
            aside=self.flag(data.get("aside"), "aside"),
        )

    def lasts(self, value: Value | None, default: bool) -> bool:
        """Whether shapes are written with their channels last."""
        return (self.choice(value, "shapes", SHAPES) or SHAPES[default]) == "HxWxC"

    def kind(self, value: Value, called: str, mark: Mark) -> str | None:
        kinds = [k for k in KINDS if k in value.data]
        if len(kinds) != 1:
            found = " and ".join(f"`{k}`" for k in kinds) or "none of them"
            meant = (
                next(
                    filter(
                        None,
                        (
                            closest(key, KINDS)
                            for key in value.data
                            if key not in (*ABOUT, *SUBJECT)
                        ),
                    ),
                    None,
                )
                if not kinds
                else None
            )
            self.complain(
                mark,
                "kind",
                f"{called} needs one of {', '.join(f'`{k}`' for k in KINDS)}, found {found}",
                (
                    f"did you mean `{meant}`?"
                    if meant
                    else (
                        "`parts` holds several statements"
                        if kinds
                        else "`of` with `stated` is the usual one"
                    )
                ),
            )
            return None
        return kinds[0]

    def parts(
        self, kind: str, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> list[Part]:
        recorded = self.verdict(data.get("verdict"))
        if kind == "table":
            return self.table(data["table"], defaults, called, recorded)
        if kind != "parts":
            statement = self.statement(kind, data, defaults, called, mark)
            return [Part("", statement, recorded, mark)] if statement is not None else []
        found = []
        entries = self.mapping(data["parts"], f"`parts` of {called}")
        if data["parts"].data in (None, {}):
            self.complain(
                data["parts"].mark,
                "missing",
                f"`parts` of {called} is empty",
                "{conv1: {of: …, stated: …}, conv2: {of: …, stated: …}}",
            )
        for name, item in entries.items():
            part = self.part(
                item, defaults, f"{called}, part `{name[:100]}`", (data["parts"].keys or {})[name]
            )
            if part is not None:
                found.append(part._replace(label=name, recorded=part.recorded or recorded))
        return found

    def part(self, item: Value, defaults: dict[str, Value], called: str, mark: Mark) -> Part | None:
        """One of the statements of a claim."""
        if not isinstance(item.data, dict):
            self.complain(
                item.mark, "kind", f"{called} is {shown(item.plain())}, expected a mapping"
            )
            return None
        kind = self.kind(item, called, mark)
        if kind in ("parts", "table"):
            self.complain(
                mark,
                "kind",
                f"{called} has `{kind}`, which cannot stand inside a part",
                "make it a claim of its own",
            )
        if kind in (None, "parts", "table"):
            return None
        data = self.keys(item, ("verdict", *SUBJECT, *KINDS[kind]), called)
        statement = self.statement(
            kind, data, defaults | {k: data[k] for k in SUBJECT if k in data}, called, mark
        )
        verdict = self.verdict(data.get("verdict"))
        return Part("", statement, verdict, mark) if statement is not None else None

    def statement(
        self, kind: str, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Statement | None:
        """One statement; None where it cannot be read."""
        value, what = data[kind], f"`{kind}` of {called}"
        if kind == "of":
            return self.stated(data, defaults, called, mark)
        if kind == "undecidable":
            return Undecidable(self.text(value, "`undecidable`"))
        if kind == "experiment":
            return self.experiment(value, data, called)
        if not isinstance(value.data, dict):
            self.complain(
                value.mark, "kind", f"{what} is {shown(value.plain())}, expected a mapping"
            )
            return None
        entries = self.keys(value, BODIES[kind], what)
        if kind == "order":
            return self.order(entries, defaults, what, value.mark)
        subject, selection = (
            self.subject(entries, defaults, called, value.mark),
            self.selection(entries),
        )
        read = {
            "every": self.every,
            "modules": self.modules,
            "law": self.law,
            "series": self.series,
        }[kind]
        statement = read(entries, subject or Subject("", mark), selection, what, value.mark)
        return statement if subject is not None else None

    def wanted(
        self, entries: dict[str, Value], key: str, what: str, mark: Mark, hint: str
    ) -> Value | None:
        """An entry that must be there."""
        if key not in entries:
            self.complain(mark, "missing", f"{what} needs `{key}`", hint)
        return entries.get(key)

    # --- the kinds ---

    def stated(
        self, data: dict[str, Value], defaults: dict[str, Value], called: str, mark: Mark
    ) -> Stated | None:
        term = self.term(data["of"], defaults)
        # a figure alone says nothing; a formula may lead to it
        if isinstance(term, Constant) and "formula" not in data:
            self.complain(
                data["of"].mark,
                "kind",
                f"`of` is {shown(data['of'].plain())}, a figure; expected a quantity",
                "{network: alexnet, layers: conv1, quantity: params}",
            )
        value = self.wanted(
            data, "stated", called, mark, "what the lecture says: 35K, 55x55x96, 12x"
        )
        formula = self.formula(data.get("formula"), data.get("with"))
        return (
            self.statement_of(term, value, formula)
            if term is not None and value is not None
            else None
        )

    def statement_of(
        self, term: Term, value: Value, formula: Formula | None = None
    ) -> Stated | None:
        """A term and the figure or shape stated for it."""
        text = str(self.printed(value))
        if not isinstance(term, Quantity) or term.name not in SHAPED:
            figure = self.figure(value)
            return Stated(term, figure, None, text, formula) if figure is not None else None
        shape = parse_volume(value.plain(), self.channels_last)
        if shape is None:
            example = "55x55x96" if self.channels_last else "96x55x55"
            self.complain(
                value.mark,
                "kind",
                f"{shown(value.plain())} is stated of a shape, expected one such as {example}",
            )
            return None
        return Stated(
            term,
            None,
            shape,
            text if isinstance(value.data, (str, int)) else "x".join(map(str, value.plain())),
            formula,
        )

    def order(
        self, entries: dict[str, Value], defaults: dict[str, Value], what: str, mark: Mark
    ) -> Order | None:
        example = '{relation: ">", sides: [{…}, {…}]}'
        relation = (
            self.choice(entries["relation"], "relation", RELATIONS)
            if "relation" in entries
            else ">"
        )
        sides = self.wanted(entries, "sides", what, mark, example)
        if sides is None:
            return None
        if not isinstance(sides.data, list) or len(sides.data) < 2:
            self.complain(
                sides.mark,
                "kind",
                f"`sides` is {shown(sides.plain())}, expected a list of at least two quantities",
                example,
            )
            return None
        terms = [self.term(side, defaults, number=True) for side in sides.data]
        return Order(relation, tuple(t for t in terms if t)) if all(terms) and relation else None

    def every(
        self,
        entries: dict[str, Value],
        subject: Subject,
        selection: Selection,
        what: str,
        mark: Mark,
    ) -> Every:
        given = entries.get("is")
        own = given.data.get("op") if given is not None and isinstance(given.data, dict) else None
        settings = self.settings(
            given, f"`is` of {what}", selection.ops or ((str(own.data),) if own is not None else ())
        )
        followed = self.ops(entries.get("followed_by"), "followed_by")
        if not entries.keys() & {"is", "followed_by"}:
            self.complain(
                mark,
                "missing",
                f"{what} says nothing of its layers",
                "`is: {kernel: 3}` or `followed_by: batch_norm2d`",
            )
        return Every(
            subject,
            selection,
            tuple((k, v) for k, v in settings if k != "op"),
            tuple(str(v) for k, v in settings if k == "op"),
            followed,
            mark,
        )

    def modules(
        self,
        entries: dict[str, Value],
        subject: Subject,
        selection: Selection,
        what: str,
        mark: Mark,
    ) -> Modules | None:
        example = "- {op: conv2d, out: 96, kernel: 7}"
        are = self.wanted(entries, "are", what, mark, example)
        if are is None:
            return None
        if not isinstance(are.data, list) or not are.data:
            self.complain(
                are.mark,
                "kind",
                f"`are` is {shown(are.plain())}, expected a list, the modules in order",
                example,
            )
            return None
        found = []
        for item in are.data:
            op = item.data.get("op") if isinstance(item.data, dict) else None
            if not isinstance(item.data, dict) or op is None:
                self.complain(
                    item.mark,
                    "kind",
                    f"a module of {what} is {shown(item.plain())}, expected its `op` and settings",
                    example,
                )
                continue
            found.append(self.settings(item, f"a module of {what}", (str(op.data),)))
        return Modules(
            subject, self.text(entries.get("under"), "`under`"), selection, tuple(found), mark
        )

    def law(
        self,
        entries: dict[str, Value],
        subject: Subject,
        selection: Selection,
        what: str,
        mark: Mark,
    ) -> Law | None:
        names = self.mapping(entries.get("names"), f"`names` of {what}")
        facts = (*QUANTITIES, *FACTS)
        letters = tuple(
            (letter, self.choice(item, f"names: {letter}", facts)) for letter, item in names.items()
        )
        written = self.wanted(
            entries, "formula", what, mark, "and `names`, what each of its letters stands for"
        )
        formula = self.formula(written, entries.get("with"), names) if written is not None else None
        gives = self.choice(
            self.wanted(
                entries, "gives", what, mark, "which quantity or setting the formula gives: width"
            ),
            "gives",
            facts,
        )
        return (
            Law(subject, selection, formula, letters, gives, mark) if formula is not None else None
        )

    def series(
        self,
        entries: dict[str, Value],
        subject: Subject,
        selection: Selection,
        what: str,
        mark: Mark,
    ) -> Series:
        quantity = self.wanted(
            entries, "quantity", what, mark, "a quantity, or a setting such as out"
        )
        trend = self.wanted(entries, "is", what, mark, f"one of {', '.join(TRENDS)}")
        return Series(
            subject,
            selection,
            self.choice(quantity, "quantity", (*QUANTITIES, *FACTS)),
            self.choice(trend, "is", TRENDS),
            mark,
        )

    def experiment(self, value: Value, data: dict[str, Value], called: str) -> Experiment | None:
        what = f"`experiment` of {called}"
        if not isinstance(value.data, dict):
            self.complain(
                value.mark,
                "kind",
                f"{what} is {shown(value.plain())}, expected a mapping",
                EXPERIMENTS["field"].usage,
            )
            return None
        name = self.choice(
            self.wanted(value.data, "run", what, value.mark, f"one of {', '.join(EXPERIMENTS)}"),
            "run",
            EXPERIMENTS,
        )
        if not name:
            return None
        declared = EXPERIMENTS[name]
        entries = self.keys(value, ("run", *declared.arguments), what)
        for key in [key for key, needed in declared.arguments.items() if needed]:
            self.wanted(entries, key, f"the experiment `{name}`", value.mark, declared.usage)
        for key, item in entries.items():
            self.argument(key, item, declared.usage)
        stated = self.wanted(
            data, "stated", called, value.mark, f"what the experiment must give: {declared.gives}"
        )
        if stated is None or isinstance(stated.data, (type(None), bool, list, dict)):
            if stated is not None:
                self.complain(
                    stated.mark,
                    "kind",
                    f"{shown(stated.plain())} is stated, expected {declared.gives}",
                )
            return None
        return Experiment(
            name,
            tuple((k, v.plain()) for k, v in entries.items() if k != "run"),
            str(self.printed(stated)),
            value.mark,
        )

    def argument(self, key: str, item: Value, usage: str) -> None:
        """Complains of an experiment's argument of the wrong kind."""
        if key == "op":
            self.choice(item, "op", OPS)
        elif key in ("network", "left", "right", "layer", "formula"):
            self.text(item, f"`{key}`")
        elif key in ("channels", "out", "kernel") and (type(item.data) is not int or item.data < 1):
            self.complain(
                item.mark,
                "kind",
                f"`{key}` is {shown(item.plain())}, expected a whole number of at least 1",
                usage,
            )
        elif key == "zeroed":
            self.words(item, key)
        elif key == "nonnegative":
            self.flag(item, key)
        elif key in ("input", "inputs"):
            for one in item.data if key == "inputs" and isinstance(item.data, list) else [item]:
                self.shape_of(one)

    def table(
        self, value: Value, defaults: dict[str, Value], called: str, recorded: str
    ) -> list[Part]:
        """A table's cells: each row selects a layer and states some quantities of it."""
        what, example = f"`table` of {called}", "- {layers: conv1, shape: 96x55x55, params: 35K}"
        if not isinstance(value.data, dict):
            self.complain(
                value.mark,
                "kind",
                f"{what} is {shown(value.plain())}, expected a mapping with `rows`",
                example,
            )
            return []
        data = self.keys(value, BODIES["table"], what)
        rows = self.wanted(data, "rows", what, value.mark, example)
        if rows is not None and (not isinstance(rows.data, list) or not rows.data):
            self.complain(
                rows.mark,
                "kind",
                f"`rows` is {shown(rows.plain())}, expected a list of rows",
                example,
            )
        if rows is None or not isinstance(rows.data, list):
            return []
        below = defaults | {k: data[k] for k in SUBJECT if k in data}
        return [
            part
            for row in rows.data
            for part in self.row(row, below, f"a row of {called}", recorded)
        ]

    def row(self, row: Value, defaults: dict[str, Value], called: str, recorded: str) -> list[Part]:
        """One row's cells, each a statement of its own."""
        if not isinstance(row.data, dict):
            self.complain(
                row.mark,
                "kind",
                f"{called} is {shown(row.plain())}, expected a mapping",
                "{layers: conv1, shape: 96x55x55, params: 35K}",
            )
            return []
        cells, places = self.keys(row, ROW, called), row.keys or {}
        subject, selection = self.subject(cells, defaults, called, row.mark), self.selection(cells)
        own = self.verdict(cells.get("verdict")) or recorded
        stated = [k for k in cells if k in CELLS]
        special = self.mapping(cells.get("verdicts"), "`verdicts`")
        for key in special.keys() - set(stated):
            self.complain(
                (cells["verdicts"].keys or {})[key],
                "unknown-key",
                f"`verdicts` names `{key}`, which the row does not state",
                nearest(key, stated),
            )
        words = {k: self.verdict(v) for k, v in special.items()}
        if not stated and len(cells) == len(row.data):
            self.complain(
                row.mark,
                "missing",
                f"{called} states nothing",
                f"give it one of {', '.join(CELLS[:6])} …",
            )
        label = (
            self.text(cells["label"], "`label`")
            if "label" in cells
            else selection.paths[0]
            if selection.paths
            else "all"
        )
        parts = []
        if subject is None:
            return []
        for name in stated:
            term = Quantity(name, subject, selection, places[name])
            # as `from: input` of a spec: the network's own
            if name == "shape" and selection.paths == ("input",):
                term = term._replace(name="input", selection=Selection())
            elif isinstance(QUANTITIES[name], Whole) and selection != Selection():
                self.complain(
                    places[name],
                    "kind",
                    f"`{name}` is the network's as a whole, and the row selects layers",
                    "state it in a row without `layers`",
                )
            statement = self.statement_of(term, cells[name])
            if statement is not None:
                parts.append(
                    Part(f"{label} {name}", statement, words.get(name) or own, places[name])
                )
        return parts
