"""A tree of values to a Document: every structural fault of a file is found here, at once and in
its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from archprof.allowance import limits, raising
from archprof.foreign import BUDGETS, KEYS, SETTINGS, op_hint, setting_hint
from archprof.language.budget import LATENCY, LIMITS, parse_limit
from archprof.language.document import (
    BUILT_IN,
    EXPECTABLE,
    Block,
    Body,
    Document,
    Layer,
    Template,
    Variant,
)
from archprof.language.expression import is_expression
from archprof.language.pieces import (
    ABOUT,
    NETWORK,
    RESERVED,
    Pieces,
    kind_hint,
    parse_shape,
    same_kind,
)
from archprof.language.source import Value, with_lines
from archprof.language.structure import check_blocks, check_references
from archprof.ops import OPS
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, Problems, closest, nearest

TOP = ("name", *ABOUT, "use", "params", "let", "init", "blocks", "layers", "output", "variants")
BLOCK = ("inputs", "params", "let", "budget", "layers", "output")
COMMON = ("from", "when", "repeat", "name", "flat", "aux")
ONLY = {
    "op": ("op", "shape", "share", "init"),
    "block": ("block", "with", "first"),
    "network": ("network",),
    "layers": ("layers", "output"),
}

_NEEDED = "a spec has at least `name`, `input` and `layers`; a file of blocks `name` and `blocks`"


def read_document(
    value: Value,
    path: Path,
    file: str,
    text: str,
    found: Problems,
    use: Callable[[Template], Document | None],
) -> Document:
    """The document, checked. `use` loads the files that `use:` names.

    Raises ProblemError with `found` and everything else.
    """
    places = {problem.mark for problem in found}
    reader = _Reader(file, text)
    try:
        document = reader.document(value, path, use)
        problems = list(reader.problems)
    except ProblemError as error:
        document, problems = None, list(error.problems)
    # where the text itself is at fault, what stands in for its value says nothing
    problems = [*found, *(problem for problem in problems if problem.mark not in places)]
    if problems or document is None:
        raise ProblemError(with_lines(problems, {file: text}))
    return document


class _Reader(Pieces):
    def __init__(self, file: str, text: str):
        super().__init__(text, Problems())
        self.file, self.source = file, text
        # name -> its parameters: Value of a block here, Block of a used one
        self.blocks: dict[str, Any] = {}
        self.unread = False  # whether a file could not be used, so that blocks are missing

    # --- layers ---

    def body(
        self,
        value: Value | None,
        output: Value | None,
        owner: str,
        owner_mark: Mark,
        inputs: tuple[str, ...] = (),
    ) -> Body:
        layers: list[Layer] = []
        numbered = False
        if value is None or not value.data:
            self.complain(
                value.mark if value else owner_mark,
                "missing",
                f"{owner} has no layers",
                "a mapping names its `layers`, a list numbers them",
            )
        elif isinstance(value.data, list):
            numbered = True
            layers = [self.layer(None, item, item.mark) for item in value.data]
        elif isinstance(value.data, dict):
            for key, item in value.data.items():
                mark = (value.keys or {})[key]
                self.name(key, mark, "layer", (*RESERVED, *inputs))
                layers.append(self.layer(key, item, mark))
        else:
            self.complain(
                value.mark,
                "kind",
                f"`layers` of {owner} is {shown(value.plain())}, expected a mapping or a list of"
                " layers",
            )
        return Body(
            tuple(layers),
            numbered,
            self.references(output, "output"),
            value.mark if value else owner_mark,
        )

    def layer(self, key: str | None, value: Value, mark: Mark) -> Layer:
        """One entry; where it cannot be read, an empty one that keeps its name known."""
        called = f"layer `{key}`" if key else "this layer"
        if isinstance(value.data, list):  # a list alone is a group: nn.Sequential
            return Layer(key, mark, "layers", body=self.body(value, None, called, mark))
        if not isinstance(value.data, dict):
            self.complain(
                value.mark,
                "kind",
                f"{called} is {shown(value.plain())}, expected a mapping such as {{op: relu}}, or a"
                " list of layers",
            )
            return Layer(key, mark, "broken")
        data: dict[str, Value] = value.data
        marks = value.keys or {}
        kinds = [kind for kind in ONLY if kind in data]
        if len(kinds) != 1:
            near = next(
                (
                    f"did you mean `{meant}` instead of `{k}`?"
                    for k in data
                    if (meant := KEYS.meant(k, ONLY) or closest(k, ONLY))
                ),
                "such as {op: relu}",
            )
            hint = "keep one" if kinds else near
            found = " and ".join(f"`{kind}`" for kind in kinds) or "none of them"
            self.complain(
                mark,
                "kind",
                f"{called} needs one of `op`, `block`, `network` and `layers`, found {found}",
                hint,
            )
            return Layer(key, mark, "broken")
        kind = kinds[0]
        target: Template | None = None
        settings: dict[str, Template] = {}
        setting_marks: dict[str, Mark] = {}
        body = None
        if kind == "op":
            target, settings = self.op(data, marks, called)
            setting_marks = marks
        else:
            self.keys(value, (*ONLY[kind], *COMMON), called)
            if kind == "block":
                target = self.target(data["block"], "block")
                settings = {
                    k: self.template(v)
                    for k, v in self.mapping(data.get("with"), f"`with` of {called}").items()
                }
                setting_marks = {
                    **(data["first"].keys or {} if "first" in data else {}),
                    **(data["with"].keys or {} if "with" in data else {}),
                }
                self.arguments(target, data.get("with"), data.get("first"), called)
            elif kind == "network":
                self.text(data["network"], "`network`")
                target = self.template(data["network"])
            else:
                body = self.body(data["layers"], data.get("output"), called, mark)
        first = (
            {
                k: self.template(v)
                for k, v in self.mapping(data.get("first"), f"`first` of {called}").items()
            }
            if kind == "block"
            else {}
        )
        self.together(data, marks, kind, key, called)
        share = self.references(data.get("share"), "share", single=True) if kind == "op" else None
        return Layer(
            key,
            mark,
            kind,
            target,
            body,
            settings,
            setting_marks,
            first,
            sources=self.references(data.get("from"), "from"),
            when=self.when(data.get("when")),
            repeat=self.repeat(data.get("repeat")),
            name=self.pattern(data["name"]) if "name" in data else None,
            flat=self.flag(data.get("flat"), "flat"),
            aux=self.flag(data.get("aux"), "aux"),
            shape=self.shape(data["shape"]) if kind == "op" and "shape" in data else None,
            share=share[0] if share else None,
            init=self.init(data.get("init"), f"`init` of {called}") if kind == "op" else None,
        )

    def together(
        self,
        data: dict[str, Value],
        marks: dict[str, Mark],
        kind: str,
        key: str | None,
        called: str,
    ) -> None:
        """Words that mean something only beside others."""
        if "repeat" in data:
            return
        if "first" in data and kind == "block":
            self.complain(
                marks["first"],
                "kind",
                f"{called} has `first` without `repeat`",
                "put the values into `with`",
            )
        if "name" in data and key is not None:
            self.complain(
                marks["name"],
                "kind",
                f"{called} has a `name` without `repeat`",
                "its key is its name",
            )
        flat = "flat" in data and data["flat"].data is True
        if flat and kind == "op":
            self.complain(
                marks["flat"],
                "kind",
                f"{called} is `flat`, and an op without `repeat` has nothing to splice",
                "remove `flat`",
            )
        elif flat and "name" in data:
            self.complain(
                marks["name"],
                "kind",
                f"{called} is `flat` and has a `name`, expected one of them",
                "what is spliced has no name of its own",
            )

    def when(self, value: Value | None) -> Template | None:
        if value is not None and type(value.data) is not bool and not is_expression(value.data):
            self.complain(
                value.mark,
                "kind",
                f"`when` is {shown(value.plain())}, expected true or false",
                self.condition_hint(value.data),
            )
        return self.template(value) if value is not None else None

    def repeat(self, value: Value | None) -> Template | None:
        if value is None:
            return None
        if not is_expression(value.data):
            if type(value.data) is not int or value.data < 0:
                self.complain(
                    value.mark,
                    "kind",
                    f"`repeat` is {shown(value.plain())}, expected a whole number of at least 0",
                )
            elif value.data > limits().layers:
                self.complain(
                    value.mark,
                    "limit",
                    f"`repeat` is {value.data:,}, at most {limits().layers:,}",
                    raising("layers", value.data),
                )
        return self.template(value)

    def shape(self, value: Value) -> Template:
        template = self.template(value)
        if template.constant and parse_shape(template.data) is None:
            self.complain(
                value.mark,
                "kind",
                f"`shape` is {shown(value.plain())}, expected one such as 96x55x55",
            )
        return template

    def target(self, value: Value, what: str) -> Template:
        if not self.text(value, f"`{what}`"):
            return Template(None, value.mark, True)
        template = self.template(value)
        known = OPS if what == "op" else self.blocks
        if (
            template.constant
            and template.data not in known
            and not (self.unread and what == "block")
        ):
            hint = (
                op_hint(template.data, OPS)
                if what == "op"
                else nearest(template.data, known, "blocks")
            )
            self.complain(
                value.mark,
                f"unknown-{what}",
                f"there is no {what} `{template.data}`",
                self._elsewhere(template.data, what) or hint,
            )
        return template

    def _elsewhere(self, name: str, what: str) -> str:
        if what == "op" and name in self.blocks:
            return f"`{name}` is a block: write {{block: {name}}}"
        return f"`{name}` is an op: write {{op: {name}}}" if what == "block" and name in OPS else ""

    def op(
        self, data: dict[str, Value], marks: dict[str, Mark], called: str
    ) -> tuple[Template, dict[str, Template]]:
        target = self.target(data["op"], "op")
        words = (*ONLY["op"], *COMMON)
        settings = {key: self.template(item) for key, item in data.items() if key not in words}
        op = OPS.get(target.data) if isinstance(target.data, str) else None
        if op is None:
            return target, settings
        for name, item in settings.items():
            if name not in op.settings:
                near = (
                    "an expression with a comma needs quotes inside { }"
                    if "$" in name
                    else setting_hint(target.data, name, (*op.settings, *words))
                )
                self.complain(
                    marks[name], "unknown-key", f"op `{target.data}` has no setting `{name}`", near
                )
            elif item.constant:
                for fault in op.faults({name: item.data}):
                    if fault.name == name:
                        self.complain(
                            item.mark, "setting", f"op `{target.data}`: {fault.message}", fault.hint
                        )
        for name, declared in op.settings.items():
            if declared.required and name not in settings:
                self.complain(
                    data["op"].mark,
                    "missing",
                    f"op `{target.data}` of {called} needs `{name}`, {declared.kind.expected}",
                )
        return target, settings

    def arguments(
        self, target: Template, given: Value | None, first: Value | None, called: str
    ) -> None:
        """The names in `with` and `first` against the block's parameters."""
        block = (
            self.blocks.get(target.data)
            if target.constant and isinstance(target.data, str)
            else None
        )
        if block is None or (given is not None and not isinstance(given.data, (dict, type(None)))):
            return
        params = block.params if isinstance(block, Block) else self._declared(block)
        for part in (given, first):
            for name, mark in ((part.keys if part else None) or {}).items():
                if name not in params:
                    self.complain(
                        mark,
                        "unknown-key",
                        f"block `{target.data}` has no parameter `{name}`",
                        SETTINGS.hint(name, params, "parameters"),
                    )
        missing = [
            name
            for name, default in params.items()
            if default is None and (given is None or name not in (given.data or {}))
        ]
        if missing:
            names, example = (
                ", ".join(f"`{name}`" for name in missing),
                ", ".join(f"{name}: …" for name in missing),
            )
            self.complain(
                target.mark,
                "missing",
                f"block `{target.data}` of {called} needs {names}",
                f"with: {{{example}}}",
            )

    @staticmethod
    def _declared(block: Value) -> dict[str, Any]:
        params = block.data.get("params") if isinstance(block.data, dict) else None
        return (
            {k: v.data for k, v in params.data.items()}
            if params is not None and isinstance(params.data, dict)
            else {}
        )

    # --- the whole ---

    def block(self, name: str, value: Value, mark: Mark, outer: set[str]) -> Block | None:
        if not isinstance(value.data, dict):
            self.complain(
                value.mark,
                "kind",
                f"block `{name}` is {shown(value.plain())}, expected a mapping with its `layers`",
            )
            return None
        data = self.keys(value, BLOCK, f"block `{name}`")
        inputs: list[str] = []
        for one in self.references(data.get("inputs"), "inputs") or ():
            self.name(str(one), one.mark, "input", [word for word in RESERVED if word != "input"])
            if str(one) in inputs:
                self.complain(
                    one.mark,
                    "duplicate",
                    f"input `{one}` of block `{name}` stands twice",
                    "choose another name",
                )
            inputs.append(str(one))
        self.scope = {*outer, *BUILT_IN}
        params = self.params(data.get("params"), f"block `{name}`", outer)
        lets = self.lets(data.get("let"), f"block `{name}`", outer)
        body = self.body(
            data.get("layers"), data.get("output"), f"block `{name}`", mark, tuple(inputs)
        )
        check_references(body, tuple(inputs), self.problems)
        return Block(
            name,
            mark,
            tuple(inputs),
            params,
            lets,
            body,
            self.budget(data.get("budget"), [n for n in LIMITS if n != LATENCY]),
        )

    def document(
        self, value: Value, path: Path, use: Callable[[Template], Document | None]
    ) -> Document | None:
        if not isinstance(value.data, dict):
            self.complain(
                value.mark,
                "kind",
                f"the spec is {shown(value.plain())}, expected a mapping",
                _NEEDED,
            )
            return None
        data = self.keys(value, TOP, "the spec")
        marks = value.keys or {}
        blocks_only = "blocks" in data and "layers" not in data and "input" not in data
        if missing := [
            f"no `{key}`"
            for key in (("name",) if blocks_only else ("name", "input", "layers"))
            if key not in data
        ]:
            self.complain(value.mark, "missing", f"the spec has {', '.join(missing)}", _NEEDED)
        name = self.text(data.get("name"), "`name`")
        if name and not NETWORK.match(name):
            self.complain(
                data["name"].mark,
                "name",
                f"`{name}` is no name of a network, expected letters, digits, _ . and -",
            )
        about = self.about(data)
        self.scope = set()
        params = self.params(data.get("params"), "the spec", set())
        lets = self.lets(data.get("let"), "the spec", set())
        outer = set(self.scope)
        homes = self.used(data.get("use"), use)
        blocks = self.mapping(data.get("blocks"), "`blocks`")
        places = (data["blocks"].keys or {}) if "blocks" in data else {}
        for block_name, mark in places.items():
            self.name(block_name, mark, "block")
            if block_name in homes:
                self.complain(
                    mark,
                    "duplicate",
                    f"block `{block_name}` also comes from {homes[block_name].file}",
                    "rename one of them",
                )
        self.blocks = {n: home.blocks[n] for n, home in homes.items()} | dict(blocks)
        read = {n: b for n, v in blocks.items() if (b := self.block(n, v, places[n], outer))}
        self.scope = {*outer, *BUILT_IN}
        body = None
        if "layers" in data:
            body = self.body(data["layers"], data.get("output"), "the spec", value.mark)
            check_references(body, (), self.problems)
        check_blocks(read, body, self.problems)
        variants = self.variants(data.get("variants"), params, name, about)
        init = data.get("init")
        self.scope = set(outer)
        for op, schemes in self.mapping(init, "`init`").items():
            if op not in OPS:
                self.complain(
                    ((init and init.keys) or {})[op],
                    "unknown-op",
                    f"`init` names `{op}`, which is no op",
                    op_hint(op, OPS),
                )
            self.init(schemes, f"`init` of `{op}`")
        return Document(
            path,
            self.file,
            self.source,
            name,
            marks.get("name", value.mark),
            about,
            params,
            lets,
            read,
            homes,
            body,
            variants,
            self.template(init) if init and isinstance(init.data, dict) else None,
        )

    def about(self, data: dict[str, Value]) -> dict[str, Template]:
        """Title, source, input, expectations, budgets …: what a spec says about a network."""
        result: dict[str, Template] = {}
        for key, item in data.items():
            if key not in ABOUT:
                continue
            plain: Any = item.plain()
            if key in ("title", "source", "family"):
                self.text(item, f"`{key}`")
            elif key == "year" and (type(plain) is not int or not 1900 < plain < 2200):
                self.complain(item.mark, "kind", f"`year` is {shown(plain)}, expected a year")
            elif key == "input" and parse_shape(plain) is None:
                several = isinstance(plain, list) and any(
                    isinstance(one, (str, list)) for one in plain
                )
                self.complain(
                    item.mark,
                    "kind",
                    f"`input` is {shown(plain)}, expected a shape such as 3x224x224",
                    KEYS.notes["inputs"] if several else "",
                )
            elif key == "aliases":
                for one in item.data if isinstance(item.data, list) else [item]:
                    if not isinstance(one.data, str) or not NETWORK.match(one.data):
                        self.complain(
                            one.mark,
                            "kind",
                            f"an alias is {shown(one.plain())}, expected a name, or a list of"
                            " names",
                        )
            elif key in ("expect", "budget"):
                plain = self.expectations(item) if key == "expect" else self.budget(item, LIMITS)
            result[key] = Template(plain, item.mark, True)
        return result

    def expectations(self, value: Value) -> dict[str, Template]:
        result = {}
        for quantity, number in self.keys(value, EXPECTABLE, "`expect`").items():
            plain = number.plain()
            if quantity == "output" and parse_shape(plain) is None:
                self.complain(
                    number.mark,
                    "kind",
                    f"`expect` states the output {shown(plain)}, expected a shape such as 1000 or"
                    " 256x56x56",
                )
            elif quantity != "output" and (type(plain) is not int or plain < 0):
                self.complain(
                    number.mark,
                    "kind",
                    f"`expect` states {quantity} {shown(plain)}, expected a whole number",
                )
            result[quantity] = Template(plain, number.mark, True)
        return result

    def budget(self, value: Value | None, known: Iterable[str]) -> dict[str, Template]:
        result = {}
        for name, item in (
            self.keys(value, known, "`budget`", BUDGETS).items() if value is not None else ()
        ):
            limit = parse_limit(name, item.plain())
            if limit is None:
                self.complain(
                    item.mark,
                    "kind",
                    f"the budget `{name}` is {shown(item.plain())}, expected"
                    f" {LIMITS[name].expected}",
                )
            result[name] = Template(limit, item.mark, True)
        return result

    def used(
        self, value: Value | None, use: Callable[[Template], Document | None]
    ) -> dict[str, Document]:
        """The documents of `use:` by the blocks they bring."""
        homes: dict[str, Document] = {}
        items = [] if value is None else value.data if isinstance(value.data, list) else [value]
        for item in items:
            try:
                document = use(Template(self.text(item, "`use`"), item.mark, True))
            except ProblemError as error:
                self.problems += error.problems
                self.unread = True
                continue
            if document is None:
                continue
            if required := [
                f"`{name}`" for name, default in document.params.items() if default is None
            ]:
                self.complain(
                    item.mark,
                    "use",
                    f"{document.file} needs {', '.join(required)}, which `use` cannot give",
                    "give it a default there, or make it a parameter of its blocks",
                )
            for name in document.blocks:
                if name in homes:
                    self.complain(
                        item.mark,
                        "duplicate",
                        f"block `{name}` comes from {homes[name].file} and from {document.file}",
                        "rename one of them",
                    )
                homes[name] = document
        return homes

    def variants(
        self,
        value: Value | None,
        params: dict[str, Template | None],
        family: str,
        about: dict[str, Template],
    ) -> dict[str, Variant]:
        result: dict[str, Variant] = {}
        # then the file is a network of the family's name
        complete = all(default is not None for default in params.values())
        whole = "the file's own network" if complete else "the family"
        hint = (
            "every parameter has a default, so that the file is a network itself: choose another"
            " name"
            if complete
            else "choose another name"
        )
        names = {family: whole, **dict.fromkeys(_aliases(about), f"an alias of {whole}")}
        for name, item in self.mapping(value, "`variants`").items():
            mark = ((value and value.keys) or {})[name]
            if not NETWORK.match(name):
                self.complain(
                    mark,
                    "name",
                    f"`{name}` cannot name a variant, expected letters, digits, _ . and -",
                )
            if not isinstance(item.data, (dict, type(None))):
                self.complain(
                    item.mark,
                    "kind",
                    f"variant `{name}` is {shown(item.plain())}, expected a mapping of its"
                    " parameters",
                )
                continue
            data = self.keys(item, (*params, *ABOUT), f"variant `{name}`")
            own = self.about(data)
            for one, what in (
                (name, "the variant"),
                *((alias, "an alias of") for alias in _aliases(own)),
            ):
                if one in names:
                    self.complain(
                        mark,
                        "duplicate",
                        f"`{one}` names {names[one]} and {what} `{name}`",
                        hint if whole in names[one] else "choose another name",
                    )
                names[one] = f"{what} `{name}`"
            values = {
                k: self.variant_value(name, k, v, params[k]) for k, v in data.items() if k in params
            }
            for key, default in params.items():
                if default is None and (key not in values or values[key].data is None):
                    self.complain(
                        mark, "missing", f"variant `{name}` gives no `{key}`, which has no default"
                    )
            result[name] = Variant(name, mark, values, item.keys or {}, own)
        return result

    def variant_value(
        self, variant: str, key: str, value: Value, default: Template | None
    ) -> Template:
        plain = value.plain()
        if _has_expression(value):
            self.complain(
                value.mark,
                "kind",
                f"variant `{variant}` gives `{key}` an expression, expected a plain value",
                "`let` works out values from parameters",
            )
        elif default is not None and default.constant and not same_kind(default.data, plain):
            self.complain(
                value.mark,
                "kind",
                f"variant `{variant}` gives `{key}` {shown(plain)}, expected the kind of its"
                f" default {shown(default.data)}",
                kind_hint(default.data, plain),
            )
        return Template(plain, value.mark, True)


def _aliases(about: dict[str, Template]) -> list[str]:
    aliases = about["aliases"].data if "aliases" in about else []
    return [
        alias
        for alias in (aliases if isinstance(aliases, list) else [aliases])
        if isinstance(alias, str)
    ]


def _has_expression(value: Value) -> bool:
    if isinstance(value.data, (list, dict)):
        return any(
            map(
                _has_expression, value.data.values() if isinstance(value.data, dict) else value.data
            )
        )
    return is_expression(value.data)
