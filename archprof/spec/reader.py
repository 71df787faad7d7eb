"""A tree of values to a Document: every structural fault of a file is found here, at once and in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from archprof.ops import OPS
from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, nearest
from archprof.spec.document import (
    BUILT_IN,
    EXPECTABLE,
    Block,
    Body,
    Document,
    Layer,
    NamePattern,
    Reference,
    Template,
    Variant,
)
from archprof.spec.expression import Expression, ExpressionError, compile_expression, is_expression
from archprof.spec.source import Value, with_lines

ABOUT = ("title", "source", "year", "input", "expect", "aliases", "family")
TOP = ("name", *ABOUT, "use", "params", "let", "init", "blocks", "layers", "output", "variants")
BLOCK = ("inputs", "params", "let", "layers", "output")
COMMON = ("from", "when", "repeat", "name", "flat", "aux", "init")
ONLY = {"op": ("op", "shape", "share"), "block": ("block", "with", "first"), "layers": ("layers", "output")}
RESERVED = ("input", "previous", *BUILT_IN)
INITIALIZERS = ("normal", "trunc_normal", "uniform", "constant", "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
_NETWORK = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*$")
_SHAPE = re.compile(r"[0-9]{1,9}(x[0-9]{1,9}){0,3}$")


def read_document(value: Value, path: Path, file: str, text: str, use: Callable[[Template], Document | None]) -> Document:
    """The document, checked. `use` loads the files that `use:` names. Raises ProblemError with everything found."""
    reader = _Reader(file)
    document = reader.document(value, path, text, use)
    if reader.problems or document is None:
        raise ProblemError(with_lines(reader.problems, {file: text}))
    return document


def parse_shape(data: Any) -> tuple[int, ...] | None:
    """`3x224x224`, [3, 224, 224] or 1000 as a shape; None where it is none."""
    if type(data) is int:
        data = [data]
    if isinstance(data, str) and _SHAPE.match(data):
        data = [int(part) for part in data.split("x")]
    if isinstance(data, list) and 1 <= len(data) <= 4 and all(type(n) is int and 1 <= n <= 10**6 for n in data):
        return tuple(data)
    return None


class _Reader:
    def __init__(self, file: str):
        self.file = file
        self.problems: list[Problem] = []
        self.scope: set[str] = set()  # names of values that expressions may use
        self.blocks: dict[str, Any] = {}  # name -> its parameters: Value of a block here, Block of a used one

    def complain(self, mark: Mark, rule: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(mark, rule, message, hint))

    # --- pieces ---

    def mapping(self, value: Value | None, what: str) -> dict[str, Value]:
        if value is None or value.data is None:
            return {}
        if not isinstance(value.data, dict):
            self.complain(value.mark, "kind", f"{what} is {shown(value.plain())}, expected a mapping")
            return {}
        return value.data

    def keys(self, value: Value, known: Iterable[str], what: str) -> dict[str, Value]:
        """The mapping's entries; unknown keys are complained of."""
        data = self.mapping(value, what)
        for key in data:
            if key not in known:
                self.complain((value.keys or {})[key], "unknown-key", f"unknown key `{key}` in {what}", nearest(key, known, "keys"))
        return {key: item for key, item in data.items() if key in known}

    def template(self, value: Value, extra: Iterable[str] = ()) -> Template:
        """The value with its expressions compiled and their names checked."""
        if isinstance(value.data, list):
            items = [self.template(item, extra) for item in value.data]
            return Template(items, value.mark, all(i.constant for i in items))
        if isinstance(value.data, dict):
            entries = {key: self.template(item, extra) for key, item in value.data.items()}
            return Template(entries, value.mark, all(i.constant for i in entries.values()))
        if not is_expression(value.data):
            return Template(value.data, value.mark, True)
        expression = self.expression(value.data, value.mark, extra)
        return Template(expression or 0, value.mark, expression is None)

    def expression(self, text: str, mark: Mark, extra: Iterable[str] = ()) -> Expression | None:
        try:
            expression = compile_expression(text)
        except ExpressionError as error:
            known = self.scope | set(extra) | set(BUILT_IN)
            hint = f"did you mean `${error.name}`?" if error.name in known else error.hint
            self.complain(mark, "expression", f"`{text}`: {error}", hint)
            return None
        known = {*self.scope, *extra, *BUILT_IN}
        for name in expression.names:
            if name not in known:
                self.complain(mark, "unknown-name", f"`{text}`: there is no value ${name} here", nearest(name, known, "values"))
        return expression

    def name(self, text: str, mark: Mark, what: str, taken: Iterable[str] = ()) -> str:
        if not _NAME.match(text) or len(text) > 100:
            self.complain(mark, "name", f"{what} `{text}` is no name, expected letters, digits and _", "a path such as a.b is made by groups")
        elif text in taken:
            self.complain(mark, "name", f"{what} `{text}` is a word of the language", "choose another name")
        return text

    def text(self, value: Value | None, what: str) -> str:
        if value is None:
            return ""
        if not isinstance(value.data, str) or not value.data:
            self.complain(value.mark, "kind", f"{what} is {shown(value.plain())}, expected a text")
            return ""
        return value.data

    def flag(self, value: Value | None, what: str) -> bool:
        if value is None:
            return False
        if type(value.data) is not bool:
            self.complain(value.mark, "kind", f"`{what}` is {shown(value.plain())}, expected true or false")
        return value.data is True

    def references(self, value: Value | None, what: str) -> tuple[Reference, ...] | None:
        if value is None:
            return None
        items = value.data if isinstance(value.data, list) else [value]
        result = []
        for item in items:
            if type(item.data) is int:
                item = Value(str(item.data), item.mark)
            if not isinstance(item.data, str) or not all(re.match(r"[A-Za-z0-9_]+$", part) for part in item.data.split(".")):
                self.complain(item.mark, "kind", f"`{what}` is {shown(item.plain())}, expected the name of a layer, or a list of names")
            else:
                result.append(Reference(tuple(item.data.split(".")), item.mark))
        if not items:
            self.complain(value.mark, "kind", f"`{what}` is an empty list, expected at least one name")
        return tuple(result)

    def params(self, value: Value | None, owner: str, outer: Iterable[str]) -> dict[str, Template | None]:
        result: dict[str, Template | None] = {}
        for name, item in self.mapping(value, f"params of {owner}").items():
            mark = (value.keys or {})[name]  # type: ignore[union-attr]
            self.name(name, mark, "parameter", (*BUILT_IN, *ABOUT))
            if name in outer:
                self.complain(mark, "name", f"parameter `{name}` of {owner} hides the network's own `{name}`", "choose another name, or leave it away and use the network's")
            result[name] = None if item.data is None else self.template(item)
        return result

    def lets(self, value: Value | None, owner: str, known: set[str]) -> dict[str, Template]:
        result: dict[str, Template] = {}
        for name, item in self.mapping(value, f"let of {owner}").items():
            mark = (value.keys or {})[name]  # type: ignore[union-attr]
            self.name(name, mark, "value", (*BUILT_IN, *ABOUT))
            if name in known:
                self.complain(mark, "name", f"`let` names `{name}`, which {owner} has already", "choose another name")
            result[name] = self.template(item)
            known.add(name)
            self.scope.add(name)
        return result

    def pattern(self, value: Value) -> NamePattern:
        text = self.text(value, "`name`")
        parts: list[str | Expression] = []
        for i, part in enumerate(re.split(r"\{([^{}]*)\}", text)):
            if i % 2:
                parts.append(self.expression(part, value.mark) or "")
            elif part:
                if not re.match(r"[A-Za-z0-9_]+$", part):
                    self.complain(value.mark, "name", f"`{part}` in the name `{text}`: expected letters, digits and _", "an expression stands in braces: 'layer{$index + 1}'")
                parts.append(part)
        return NamePattern(tuple(parts), value.mark)

    def init(self, value: Value | None) -> Template | None:
        if value is None:
            return None
        for weight, how in self.mapping(value, "`init`").items():
            if isinstance(how.data, dict):
                self.keys(how, INITIALIZERS, f"the initialization of `{weight}`")
                if len(how.data) != 1:
                    self.complain(how.mark, "kind", f"the initialization of `{weight}` names {len(how.data)} schemes, expected one of {', '.join(INITIALIZERS)}")
            elif type(how.data) not in (int, float) and not is_expression(how.data):
                self.complain(how.mark, "kind", f"the initialization of `{weight}` is {shown(how.plain())}, expected a number or a scheme such as {{normal: 0.01}}")
        return self.template(value)

    # --- layers ---

    def body(self, value: Value | None, output: Value | None, owner: str, owner_mark: Mark, inputs: tuple[str, ...]) -> Body:
        layers: list[Layer] = []
        numbered = value is not None and isinstance(value.data, list)
        if value is None or not isinstance(value.data, (dict, list)) or not value.data:
            what = "missing" if value is None else "empty" if value.data in (None, [], {}) else shown(value.plain())
            self.complain(value.mark if value else owner_mark, "missing", f"`layers` of {owner} is {what}, expected a mapping or a list of layers")
        elif numbered:
            layers = [layer for item in value.data if (layer := self.layer(None, item, item.mark))]
        else:
            for key, item in value.data.items():
                mark = (value.keys or {})[key]
                self.name(key, mark, "layer", (*RESERVED, *inputs))
                if layer := self.layer(key, item, mark):
                    layers.append(layer)
        body = Body(tuple(layers), numbered, self.references(output, "output"), value.mark if value else owner_mark)
        self.check_references(body, inputs)
        return body

    def layer(self, key: str | None, value: Value, mark: Mark) -> Layer | None:
        called = f"layer `{key}`" if key else "this layer"
        if isinstance(value.data, list):  # a list alone is a group: nn.Sequential
            return Layer(key, mark, "layers", body=self.body(value, None, called, mark, ()))
        if not isinstance(value.data, dict):
            self.complain(value.mark, "kind", f"{called} is {shown(value.plain())}, expected a mapping such as {{op: relu}}, or a list of layers")
            return None
        kinds = [kind for kind in ONLY if kind in value.data]
        if len(kinds) != 1:
            found = "none of them" if not kinds else " and ".join(f"`{k}`" for k in kinds)
            hint = next((h for k in value.data if (h := nearest(k, ONLY)).startswith("did")), "") if not kinds else "keep one"
            self.complain(mark, "kind", f"{called} needs one of `op`, `block` and `layers`, found {found}", hint)
            return None
        kind = kinds[0]
        data: dict[str, Value] = value.data
        marks = value.keys or {}
        target = None
        settings: dict[str, Template] = {}
        first: dict[str, Template] = {}
        body = None
        if kind == "op":
            target, settings = self.op(data, marks, called)
        else:
            self.keys(value, (*ONLY[kind], *COMMON), f"{called}")
            if kind == "block":
                target = self.target(data["block"], "block")
                settings = {k: self.template(v) for k, v in self.mapping(data.get("with"), "`with`").items()}
                first = {k: self.template(v) for k, v in self.mapping(data.get("first"), "`first`").items()}
                if "first" in data and "repeat" not in data:
                    self.complain(marks["first"], "kind", f"{called} has `first` without `repeat`", "put the values into `with`")
                self.arguments(target, data.get("with"), data.get("first"), mark)
            else:
                body = self.body(data["layers"], data.get("output"), called, mark, ())
        name = data.get("name")
        if name is not None and key is not None and "repeat" not in data:
            self.complain(marks["name"], "kind", f"{called} has a `name` without `repeat`", "its key is its name")
        return Layer(
            key, mark, kind, target, body, settings, marks if kind == "op" else ((data["with"].keys or {}) if "with" in data else {}), first,
            sources=self.references(data.get("from"), "from"),
            when=self.template(data["when"]) if "when" in data else None,
            repeat=self.template(data["repeat"]) if "repeat" in data else None,
            name=self.pattern(name) if name is not None else None,
            flat=self.flag(data.get("flat"), "flat"), aux=self.flag(data.get("aux"), "aux"),
            shape=self.shape(data["shape"]) if kind == "op" and "shape" in data else None,
            share=(self.references(data["share"], "share") or (None,))[0] if kind == "op" and "share" in data else None,
            init=self.init(data.get("init")),
        )

    def shape(self, value: Value) -> Template:
        if not is_expression(value.data) and not (isinstance(value.data, list) and any(is_expression(v.data) for v in value.data)):
            if parse_shape(value.plain()) is None:
                self.complain(value.mark, "kind", f"`shape` is {shown(value.plain())}, expected one such as 96x55x55")
        return self.template(value)

    def target(self, value: Value, what: str) -> Template:
        self.text(value, f"`{what}`")
        template = self.template(value)
        known = OPS if what == "op" else self.blocks
        if template.constant and isinstance(template.data, str) and template.data not in known:
            self.complain(value.mark, f"unknown-{what}", f"there is no {what} `{template.data}`", self._elsewhere(template.data, what) or nearest(template.data, known, f"{what}s"))
        return template

    def _elsewhere(self, name: str, what: str) -> str:
        if what == "op" and name in self.blocks:
            return f"`{name}` is a block: write {{block: {name}}}"
        return f"`{name}` is an op: write {{op: {name}}}" if what == "block" and name in OPS else ""

    def op(self, data: dict[str, Value], marks: dict[str, Mark], called: str) -> tuple[Template, dict[str, Template]]:
        target = self.target(data["op"], "op")
        op = OPS.get(target.data) if isinstance(target.data, str) else None
        words = (*ONLY["op"], *COMMON)
        settings = {key: self.template(item) for key, item in data.items() if key not in words}
        if op is None:
            return target, settings
        for name, item in settings.items():
            if name not in op.settings:
                self.complain(marks[name], "unknown-key", f"op `{target.data}` has no setting `{name}`", nearest(name, (*op.settings, *words), "settings"))
            elif item.constant and (faults := op.faults({name: item.plain()})):
                self.problems += [Problem(item.mark, "setting", f"op `{target.data}`: {f.message}", f.hint) for f in faults if f.name == name]
        for name, declared in op.settings.items():
            if declared.required and name not in settings:
                self.complain(data["op"].mark, "missing", f"op `{target.data}` of {called} needs `{name}`, {declared.kind.expected}")
        return target, settings

    def arguments(self, target: Template, given: Value | None, first: Value | None, mark: Mark) -> None:
        """The names in `with` and `first` against the block's parameters."""
        block = self.blocks.get(target.data) if target.constant and isinstance(target.data, str) else None
        if block is None:
            return
        params = block.params if isinstance(block, Block) else self._declared(block)
        for part in (given, first):
            for name in self.mapping(part, "`with`"):
                if name not in params:
                    self.complain((part.keys or {})[name], "unknown-key", f"block `{target.data}` has no parameter `{name}`", nearest(name, params, "parameters"))  # type: ignore[union-attr]
        missing = [name for name, default in params.items() if default is None and name not in self.mapping(given, "`with`")]
        if missing:
            self.complain(mark, "missing", f"block `{target.data}` needs {', '.join(f'`{n}`' for n in missing)}", f"with: {{{missing[0]}: …}}")

    @staticmethod
    def _declared(block: Value) -> dict[str, Any]:
        params = block.data.get("params") if isinstance(block.data, dict) else None
        return {k: v.data for k, v in params.data.items()} if params is not None and isinstance(params.data, dict) else {}

    def check_references(self, body: Body, inputs: tuple[str, ...]) -> None:
        """Names must exist before they are used; dotted parts are resolved when the graph is built."""
        if any(layer.body is None and layer.flat for layer in body.layers):
            return  # a spliced block brings names of its own
        later = {layer.key or str(i): layer.mark for i, layer in enumerate(body.layers)}
        seen = {"input", "previous", *inputs}
        for i, layer in enumerate(body.layers):
            for reference in (*(layer.sources or ()), *((layer.share,) if layer.share else ())):
                self._known(reference, seen, later, layer.key or str(i))
            seen.add(layer.key or str(i))
            if layer.name and layer.key is None and not layer.repeat:
                seen.add("".join(str(p) for p in layer.name.parts))
        for reference in body.output or ():
            self._known(reference, seen, later, "")

    def _known(self, reference: Reference, seen: set[str], later: dict[str, Mark], own: str) -> None:
        head = reference.parts[0]
        if head in seen:
            return
        if head == own:
            self.complain(reference.mark, "reference", f"layer `{own}` names itself")
        elif head in later:
            self.complain(reference.mark, "reference", f"`{reference}` is used before it exists: it stands in line {later[head].line}", "data flows downwards: move that layer up")
        else:
            self.complain(reference.mark, "reference", f"there is no layer `{reference}` here", nearest(head, seen, "names"))

    # --- the whole ---

    def block(self, name: str, value: Value, mark: Mark, outer: set[str]) -> Block | None:
        data = self.keys(value, BLOCK, f"block `{name}`")
        inputs = tuple(str(r) for r in self.references(data.get("inputs"), "inputs") or ())
        for i, one in enumerate(inputs):
            if one in RESERVED and one != "input" or one in inputs[:i]:
                self.complain(data["inputs"].mark, "name", f"input `{one}` of block `{name}` is a word of the language or stands twice", "choose another name")
        self.scope = set(outer)
        params = self.params(data.get("params"), f"block `{name}`", outer)
        self.scope |= set(params)
        lets = self.lets(data.get("let"), f"block `{name}`", self.scope | set(outer))
        body = self.body(data.get("layers"), data.get("output"), f"block `{name}`", mark, inputs)
        self.scope = set(outer)
        return Block(name, mark, inputs, params, lets, body)

    def document(self, value: Value, path: Path, text: str, use: Callable[[Template], Document | None]) -> Document | None:
        if not isinstance(value.data, dict):
            self.complain(value.mark, "kind", f"the spec is {shown(value.plain())}, expected a mapping", "a spec has at least `name`, `input` and `layers`")
            return None
        data = self.keys(value, TOP, "the spec")
        marks = value.keys or {}
        for key in ("name", *(("input", "layers") if "blocks" not in data or "layers" in data or "input" in data else ())):
            if key not in data:
                self.complain(value.mark, "missing", f"the spec has no `{key}`", "a spec has at least `name`, `input` and `layers`; a file of blocks `name` and `blocks`")
        name = self.text(data.get("name"), "`name`")
        if name and not _NETWORK.match(name):
            self.complain(data["name"].mark, "name", f"`{name}` is no name of a network, expected letters, digits, _ . and -")
        about = self.about({k: data[k] for k in ABOUT if k in data})
        params = self.params(data.get("params"), "the spec", ())
        self.scope = set(params)
        lets = self.lets(data.get("let"), "the spec", set(params))
        outer = set(self.scope)
        homes = self.used(data.get("use"), use)
        blocks = self.mapping(data.get("blocks"), "`blocks`")
        for block_name in blocks:
            mark = (data["blocks"].keys or {})[block_name]
            self.name(block_name, mark, "block")
            if block_name in homes:
                self.complain(mark, "duplicate", f"block `{block_name}` also comes from {homes[block_name].file}", "rename one of them")
        self.blocks = {n: home.blocks[n] for n, home in homes.items()} | dict(blocks)
        read = {n: b for n, v in blocks.items() if (b := self.block(n, v, (data["blocks"].keys or {})[n], outer))}
        self.recursion(read)
        self.scope = set(outer)
        body = self.body(data.get("layers"), data.get("output"), "the spec", value.mark, ()) if "layers" in data else None
        variants = self.variants(data.get("variants"), params, name)
        init = data.get("init")
        for op, schemes in self.mapping(init, "`init`").items():
            if op not in OPS:
                self.complain((init.keys or {})[op], "unknown-op", f"`init` names `{op}`, which is no op", nearest(op, OPS, "ops"))  # type: ignore[union-attr]
            self.init(schemes)
        return Document(path, self.file, text, name, marks.get("name", value.mark), about, params, lets, read, homes, body, variants,
                        self.template(init) if init else None)

    def about(self, data: dict[str, Value]) -> dict[str, Template]:
        for key, item in data.items():
            if key in ("title", "source", "family"):
                self.text(item, f"`{key}`")
            elif key == "year" and (type(item.data) is not int or not 1900 < item.data < 2200):
                self.complain(item.mark, "kind", f"`year` is {shown(item.plain())}, expected a year")
            elif key == "input" and parse_shape(item.plain()) is None:
                self.complain(item.mark, "kind", f"`input` is {shown(item.plain())}, expected a shape such as 3x224x224")
            elif key == "aliases":
                names = item.data if isinstance(item.data, list) else [item]
                for one in names:
                    if not isinstance(one.data, str) or not _NETWORK.match(one.data):
                        self.complain(one.mark, "kind", f"an alias is {shown(one.plain())}, expected a name, or a list of names")
            elif key == "expect":
                for quantity, number in self.keys(item, EXPECTABLE, "`expect`").items():
                    if quantity == "output" and parse_shape(number.plain()) is None or quantity != "output" and (type(number.data) is not int or number.data < 0):
                        self.complain(number.mark, "kind", f"`expect` states {quantity} {shown(number.plain())}, expected {'a shape' if quantity == 'output' else 'a whole number'}")
        return {key: Template(item.plain() if key != "expect" else {q: Template(n.plain(), n.mark, True) for q, n in self.mapping(item, key).items()}, item.mark, True)
                for key, item in data.items()}

    def used(self, value: Value | None, use: Callable[[Template], Document | None]) -> dict[str, Document]:
        homes: dict[str, Document] = {}
        if value is None:
            return homes
        items = value.data if isinstance(value.data, list) else [value]
        for item in items:
            try:
                document = use(Template(self.text(item, "`use`"), item.mark, True))
            except ProblemError as error:
                self.problems += error.problems
                continue
            for name in document.blocks if document else ():
                if name in homes:
                    self.complain(item.mark, "duplicate", f"block `{name}` comes from {homes[name].file} and from {document.file}", "rename one of them")  # type: ignore[union-attr]
                homes[name] = document  # type: ignore[assignment]
        return homes

    def variants(self, value: Value | None, params: dict[str, Template | None], family: str) -> dict[str, Variant]:
        result = {}
        for name, item in self.mapping(value, "`variants`").items():
            mark = (value.keys or {})[name]  # type: ignore[union-attr]
            if not _NETWORK.match(name) or name == family:
                self.complain(mark, "name", f"`{name}` cannot name a variant", "another name than the family's, of letters, digits, _ . and -")
            data = self.keys(item, (*params, *ABOUT), f"variant `{name}`")
            values = {k: self.template(v) for k, v in data.items() if k in params}
            for key, template in values.items():
                if not template.constant:
                    self.complain(template.mark, "kind", f"variant `{name}` gives `{key}` an expression, expected a value")
                elif (default := params[key]) is not None and default.constant and not same_kind(default.plain(), template.plain()):
                    self.complain(template.mark, "kind", f"variant `{name}` gives `{key}` {shown(template.plain())}, the default is {shown(default.plain())}")
            for key, default in params.items():
                if default is None and key not in values:
                    self.complain(mark, "missing", f"variant `{name}` gives no `{key}`, which has no default")
            result[name] = Variant(name, mark, values, item.keys or {}, self.about({k: v for k, v in data.items() if k in ABOUT}))
        return result

    def recursion(self, blocks: dict[str, Block]) -> None:
        """No block may contain itself, by however many steps."""

        def uses(body: Body) -> Iterable[tuple[str, Mark]]:
            for layer in body.layers:
                if layer.target_kind == "block" and layer.target and layer.target.constant and isinstance(layer.target.data, str):
                    yield layer.target.data, layer.target.mark
                elif layer.body:
                    yield from uses(layer.body)

        graph = {name: {used: mark for used, mark in uses(block.body) if used in blocks} for name, block in blocks.items()}
        open_ = dict(graph)

        def drop_acyclic() -> None:
            while ready := [name for name, used in open_.items() if not any(u in open_ for u in used)]:
                for name in ready:
                    del open_[name]

        drop_acyclic()
        while open_:  # every block left is on a cycle or leads to one
            trail = [next(iter(open_))]
            while (step := next(u for u in graph[trail[-1]] if u in open_)) not in trail:
                trail.append(step)
            cycle = [*trail[trail.index(step) :], step]
            self.complain(graph[cycle[-2]][step], "cycle", f"block `{step}` contains itself: {' -> '.join(cycle[:12])}")
            for name in trail:
                del open_[name]
            drop_acyclic()


def same_kind(default: Any, value: Any) -> bool:
    """Whether `value` may stand for a parameter whose default is `default`: the same kind of scalar, a list for a list."""
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, int) or isinstance(default, float) and isinstance(value, float)
    return value is not None and isinstance(value, type(default))
