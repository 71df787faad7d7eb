"""A whole spec: its parameters, the files it uses, its blocks, layers and variants."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archprof.foreign import op_hint
from archprof.language.document import BUILT_IN, Block, Document, Template
from archprof.language.naming import name_fault
from archprof.language.pieces import Pieces
from archprof.language.reader.layers import LayersReader
from archprof.language.reader.references import plain_references, split_rest
from archprof.language.reader.statements import read_about, read_budget
from archprof.language.reader.targets import Targets
from archprof.language.reader.variants import read_variants
from archprof.language.structure import check_blocks, check_references
from archprof.language.value import Value
from archprof.language.words import BLOCK, NETWORK, RESERVED, TOP
from archprof.ops import OPS
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, Problems

Use = Callable[[Template], Document | None]  # loads a file that `use:` names

_NEEDED = "a spec has at least `name`, `input` and `layers`; a file of blocks `name` and `blocks`"


class DocumentReader:
    """Reads one file; `problems` are those found so far."""

    def __init__(self, file: str, text: str):
        self.file, self.text = file, text
        self.problems = Problems()
        self.pieces = Pieces(text, self.problems)
        self.targets = Targets(self.pieces)
        self.layers = LayersReader(self.pieces, self.targets)

    def read(self, value: Value, path: Path, use: Use) -> Document | None:
        """Return the document, None for what is not a mapping, or a space."""
        if not isinstance(value.data, dict):
            self.pieces.complain(
                value.mark,
                "kind",
                f"the spec is {shown(value.plain())}, expected a mapping",
                _NEEDED,
            )
            return None
        if value.data.keys() >= {"network", "space"}:
            hint = f"`archprof sweep {self.file}` analyses them; a spec has `layers`"
            message = "this is a space of variants, expected a spec"
            self.pieces.complain(value.mark, "kind", message, hint)
            return None
        data = self.pieces.keys(value, TOP, "the spec")
        self._check_needed(data, value.mark)
        name = self._name(data.get("name"))
        about = read_about(data, self.pieces)
        self.pieces.scope = set()
        params = self.pieces.params(data.get("params"), "the spec", set())
        lets = self.pieces.lets(data.get("let"), "the spec", set())
        scope = set(self.pieces.scope)
        homes = self._used(data.get("use"), use)
        blocks = self._blocks(data.get("blocks"), homes, scope)
        self.pieces.scope = {*scope, *BUILT_IN}
        body = None
        if "layers" in data:
            inputs = self._named_inputs(data)
            body = self.layers.body(
                data["layers"], data.get("output"), "the spec", value.mark, inputs
            )
            check_references(body, inputs, self.problems)
        check_blocks(blocks, body, self.problems)
        variants = read_variants(data.get("variants"), params, name, about, self.pieces)
        self.pieces.scope = set(scope)
        return Document(
            path,
            self.file,
            self.text,
            name,
            value.places().get("name", value.mark),
            about,
            params,
            lets,
            blocks,
            homes,
            body,
            variants,
            self._inits(data.get("init")),
        )

    def _check_needed(self, data: dict[str, Value], mark: Mark) -> None:
        """Complain where one of the keys is missing that every spec has."""
        needed = ["name", "layers"]
        if "inputs" not in data:
            needed = ["name", "input", "layers"]
        if "blocks" in data and not {"layers", "input", "inputs"} & set(data):
            needed = ["name"]
        missing = [f"no `{key}`" for key in needed if key not in data]
        if missing:
            self.pieces.complain(mark, "missing", f"the spec has {', '.join(missing)}", _NEEDED)

    def _named_inputs(self, data: dict[str, Value]) -> tuple[str, ...]:
        """Return the names of `inputs:`, those of variants that state their own included."""
        stated = [data.get("inputs")]
        variants = data.get("variants")
        if variants is not None and isinstance(variants.data, dict):
            bodies = [one.data for one in variants.data.values()]
            stated += [body.get("inputs") for body in bodies if isinstance(body, dict)]
        names: dict[str, None] = {}
        for value in stated:
            if value is not None and isinstance(value.data, dict):
                names |= dict.fromkeys(value.data)
        return tuple(names)

    def _name(self, value: Value | None) -> str:
        name = self.pieces.text(value, "`name`")
        if value and name and not NETWORK.match(name):
            self.pieces.complain(
                value.mark,
                "name",
                f"`{name}` is not a name of a network, expected letters, digits, _ . and -",
            )
        return name

    def _used(self, value: Value | None, use: Use) -> dict[str, Document]:
        """Return the documents of `use:` by the blocks that come from them."""
        if value is None:
            return {}
        homes: dict[str, Document] = {}
        for item in value.data if isinstance(value.data, list) else [value]:
            try:
                document = use(Template(self.pieces.text(item, "`use`"), item.mark, True))
            except ProblemError as error:
                self.problems += error.problems
                self.targets.unread = True
                continue
            if document is None:
                continue
            params = document.params.items()
            required = [f"`{name}`" for name, default in params if default is None]
            if required:
                self.pieces.complain(
                    item.mark,
                    "use",
                    f"{document.file} needs {', '.join(required)}, which `use` cannot give",
                    "give it a default there, or make it a parameter of its blocks",
                )
            for name in document.blocks:
                if name in homes:
                    self.pieces.complain(
                        item.mark,
                        "duplicate",
                        f"block `{name}` comes from {homes[name].file} and from {document.file}",
                        "rename one of them",
                    )
                homes[name] = document
        return homes

    def _blocks(
        self, value: Value | None, homes: dict[str, Document], scope: set[str]
    ) -> dict[str, Block]:
        """Return the file's own blocks; all of them and those of `homes` may use each other.

        `scope` are the names of the file's values.
        """
        blocks = self.pieces.mapping(value, "`blocks`")
        marks = value.places() if value else {}
        for name, mark in marks.items():
            self.pieces.refuse(mark, name_fault(name, "block"))
            if name in homes:
                self.pieces.complain(
                    mark,
                    "duplicate",
                    f"block `{name}` also comes from {homes[name].file}",
                    "rename one of them",
                )
        from_files = {name: home.blocks[name] for name, home in homes.items()}
        self.targets.blocks = {**from_files, **blocks}
        read = {name: self._block(name, item, marks[name], scope) for name, item in blocks.items()}
        return {name: block for name, block in read.items() if block}

    def _block(self, name: str, value: Value, mark: Mark, scope: set[str]) -> Block | None:
        called = f"block `{name}`"
        if not isinstance(value.data, dict):
            self.pieces.complain(
                value.mark,
                "kind",
                f"{called} is {shown(value.plain())}, expected a mapping with its `layers`",
            )
            return None
        data = self.pieces.keys(value, BLOCK, called)
        given, rest = split_rest(data.get("inputs"))
        inputs = self._inputs(given, called)
        self.pieces.scope = {*scope, *BUILT_IN}
        params = self.pieces.params(data.get("params"), called, scope)
        lets = self.pieces.lets(data.get("let"), called, scope)
        body = self.layers.body(data.get("layers"), data.get("output"), called, mark, inputs)
        check_references(body, inputs, self.problems, of_block=True)
        budget = read_budget(data.get("budget"), self.pieces)
        return Block(name, mark, inputs, params, lets, body, budget, rest)

    def _inputs(self, value: Value | None, called: str) -> tuple[str, ...]:
        inputs: list[str] = []
        reserved = [word for word in RESERVED if word != "input"]
        for reference in plain_references(value, "inputs", self.pieces) or ():
            name = str(reference)
            self.pieces.refuse(reference.mark, name_fault(name, "input", reserved))
            if name in inputs:
                self.pieces.complain(
                    reference.mark,
                    "duplicate",
                    f"input `{name}` of {called} stands twice",
                    "choose another name",
                )
            inputs.append(name)
        return tuple(inputs)

    def _inits(self, value: Value | None) -> Template | None:
        """Return how weights start, by op."""
        for op, schemes in self.pieces.mapping(value, "`init`").items():
            if value and op not in OPS:
                self.pieces.complain(
                    value.places()[op],
                    "unknown-op",
                    f"`init` names `{op}`, which is not an op",
                    op_hint(op, OPS),
                )
            self.pieces.init(schemes, f"`init` of `{op}`")
        return self.pieces.template(value) if value and isinstance(value.data, dict) else None
