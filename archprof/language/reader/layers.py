"""Bodies and their layers, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.allowance import limits
from archprof.foreign import KEYS
from archprof.language.document import Body, Layer, Template
from archprof.language.expression import is_expression
from archprof.language.hints import condition_hint
from archprof.language.kinds import parse_shape
from archprof.language.naming import layer_fault
from archprof.language.pieces import Pieces
from archprof.language.reader.references import references
from archprof.language.reader.targets import Targets
from archprof.language.value import Value
from archprof.language.words import COMMON, ONLY, RESERVED
from archprof.limits import raising
from archprof.ops.base import shown
from archprof.problem import Mark, closest
from archprof.record import NOTHING, Record


class _Content(Record):
    """What a layer names: an op with settings, a block with arguments, a network or a group."""

    target: Template | None = None
    body: Body | None = None
    settings: Mapping[str, Template] = NOTHING
    marks: Mapping[str, Mark] = NOTHING
    first: Mapping[str, Template] = NOTHING


class LayersReader:
    """Reads bodies; a faulty entry becomes an empty layer that keeps its name known."""

    def __init__(self, pieces: Pieces, targets: Targets):
        self.pieces, self.targets = pieces, targets

    def body(
        self,
        value: Value | None,
        output: Value | None,
        owner: str,
        owner_mark: Mark,
        inputs: tuple[str, ...] = (),
    ) -> Body:
        """Return the layers of a network, block or group, which messages call `owner`.

        No layer may have the name of one of its `inputs`.
        """
        layers: list[Layer] = []
        numbered = False
        if value is None or not value.data:
            self.pieces.complain(
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
                mark = value.places()[key]
                self.pieces.refuse(mark, layer_fault(key, (*RESERVED, *inputs)))
                layers.append(self.layer(key, item, mark))
        else:
            self.pieces.complain(
                value.mark,
                "kind",
                f"`layers` of {owner} is {shown(value.plain())}, expected a mapping or a list of"
                " layers",
            )
        return Body(
            tuple(layers),
            numbered,
            references(output, "output", self.pieces),
            value.mark if value else owner_mark,
        )

    def layer(self, key: str | None, value: Value, mark: Mark) -> Layer:
        """Return one entry; `key` is its name in a mapping, None in a list."""
        called = f"layer `{key}`" if key else "this layer"
        if isinstance(value.data, list):  # a list alone is a group: nn.Sequential
            return Layer(key, mark, "layers", body=self.body(value, None, called, mark))
        if not isinstance(value.data, dict):
            self.pieces.complain(
                value.mark,
                "kind",
                f"{called} is {shown(value.plain())}, expected a mapping such as {{op: relu}}, or a"
                " list of layers",
            )
            return Layer(key, mark, "broken")
        kinds = [kind for kind in ONLY if kind in value.data]
        if len(kinds) != 1:
            self._complain_of_kinds(kinds, value.data, called, mark)
            return Layer(key, mark, "broken")
        kind = kinds[0]
        data: dict[str, Value] = value.data
        pieces = self.pieces
        content = self._content(kind, value, called, mark)
        self._check_together(value, kind, key, called)
        # only an op has a `shape` and an `init`
        of_op = data if kind == "op" else {}
        share = references(data.get("share"), "share", pieces, single=True)
        return Layer(
            key,
            mark,
            kind,
            content.target,
            content.body,
            content.settings,
            content.marks,
            content.first,
            sources=references(data.get("from"), "from", pieces),
            when=self._condition(data.get("when"), "when"),
            repeat=self._repeat(data.get("repeat")),
            parallel=pieces.flag(data.get("parallel"), "parallel"),
            name=pieces.pattern(data["name"]) if "name" in data else None,
            flat=pieces.flag(data.get("flat"), "flat"),
            aux=pieces.flag(data.get("aux"), "aux"),
            shape=self._shape(of_op["shape"]) if "shape" in of_op else None,
            share=share[0] if share else None,
            init=pieces.init(of_op.get("init"), f"`init` of {called}"),
            frozen=self._frozen(data.get("frozen"), kind),
        )

    def _content(self, kind: str, value: Value, called: str, mark: Mark) -> _Content:
        data: dict[str, Value] = value.data
        if kind == "op":
            target, settings = self.targets.op(value, called)
            return _Content(target, settings=settings, marks=value.places())
        self.pieces.keys(value, (*ONLY[kind], *COMMON), called)
        if kind == "network":
            self.pieces.text(data["network"], "`network`")
            return _Content(self.pieces.template(data["network"]))
        if kind == "layers":
            return _Content(body=self.body(data["layers"], data.get("output"), called, mark))
        target = self.targets.block(data["block"])
        given, first = data.get("with"), data.get("first")
        settings = self._arguments(given, f"`with` of {called}")
        self.targets.check_arguments(target, given, first, called)
        return _Content(
            target,
            settings=settings,
            marks=(first.places() if first else {}) | (given.places() if given else {}),
            first=self._arguments(first, f"`first` of {called}"),
        )

    def _arguments(self, value: Value | None, what: str) -> dict[str, Template]:
        mapping = self.pieces.mapping(value, what)
        return {name: self.pieces.template(argument) for name, argument in mapping.items()}

    def _complain_of_kinds(
        self, kinds: list[str], data: dict[str, Value], called: str, mark: Mark
    ) -> None:
        """Complain of an entry that is none of op, block, network and group, or several."""
        if kinds:
            found, hint = " and ".join(f"`{kind}`" for kind in kinds), "keep one"
        else:
            found, hint = "none of them", "such as {op: relu}"
            for key in data:
                meant = KEYS.meant(key, ONLY) or closest(key, ONLY)
                if meant:
                    hint = f"did you mean `{meant}` instead of `{key}`?"
                    break
        self.pieces.complain(
            mark,
            "kind",
            f"{called} needs one of `op`, `block`, `network` and `layers`, found {found}",
            hint,
        )

    def _check_together(self, value: Value, kind: str, key: str | None, called: str) -> None:
        """Complain of keys that mean something only beside others."""
        data, marks = value.data, value.places()
        if "share" in data and "frozen" in data:
            self.pieces.complain(
                marks["frozen"],
                "kind",
                f"{called} has `frozen` beside `share`, and its weights are those of another layer",
                f"freeze `{data['share'].plain()}`, and this one is frozen with it",
            )
        if "share" in data and "flat" in data and data["flat"].data is True:
            self.pieces.complain(
                marks["flat"],
                "kind",
                f"{called} is `flat` and has a `share`, expected one of them",
                "what shares the weights of a block stands in one of its own",
            )
        if "repeat" in data:
            return
        if "first" in data and kind == "block":
            self.pieces.complain(
                marks["first"],
                "kind",
                f"{called} has `first` without `repeat`",
                "put the values into `with`",
            )
        if "parallel" in data:
            self.pieces.complain(
                marks["parallel"],
                "kind",
                f"{called} has `parallel` without `repeat`",
                "`repeat: 3` beside it says how many there are",
            )
        if "name" in data and key is not None:
            self.pieces.complain(
                marks["name"],
                "kind",
                f"{called} has a `name` without `repeat`",
                "its key is its name",
            )
        flat = "flat" in data and data["flat"].data is True
        if flat and kind == "op":
            self.pieces.complain(
                marks["flat"],
                "kind",
                f"{called} is `flat`, and an op without `repeat` has nothing to splice",
                "remove `flat`",
            )
        elif flat and "name" in data:
            self.pieces.complain(
                marks["name"],
                "kind",
                f"{called} is `flat` and has a `name`, expected one of them",
                "what is spliced has no name of its own",
            )

    def _condition(self, value: Value | None, key: str) -> Template | None:
        if value is None:
            return None
        if type(value.data) is not bool and not is_expression(value.data):
            self.pieces.complain(
                value.mark,
                "kind",
                f"`{key}` is {shown(value.plain())}, expected true or false",
                condition_hint(value.data, self.pieces.scope),
            )
        return self.pieces.template(value)

    def _frozen(self, value: Value | None, kind: str) -> Template | None:
        """Return whether parameters are frozen, or of an op's the names of those that are."""
        if value is None or not isinstance(value.data, list):
            return self._condition(value, "frozen")
        names = value.plain()
        if kind != "op":
            message = f"`frozen` is {shown(names)}, expected true or false beside `{kind}`"
            hint = "names of parameters are a layer's: `frozen: [bias]` beside its `op`"
            self.pieces.complain(value.mark, "kind", message, hint)
        elif not names or not all(isinstance(name, str) and name for name in names):
            message = f"`frozen` is {shown(names)}, expected names of parameters"
            self.pieces.complain(value.mark, "kind", message, "such as [bias], or true")
        return Template(names, value.mark, True)

    def _repeat(self, value: Value | None) -> Template | None:
        if value is None:
            return None
        if is_expression(value.data):
            return self.pieces.template(value)
        if type(value.data) is not int or value.data < 0:
            self.pieces.complain(
                value.mark,
                "kind",
                f"`repeat` is {shown(value.plain())}, expected a whole number of at least 0",
            )
        elif value.data > limits().layers:
            self.pieces.complain(
                value.mark,
                "limit",
                f"`repeat` is {value.data:,}, at most {limits().layers:,}",
                raising("layers", value.data),
            )
        return self.pieces.template(value)

    def _shape(self, value: Value) -> Template:
        template = self.pieces.template(value)
        if template.constant and parse_shape(template.data) is None:
            self.pieces.complain(
                value.mark,
                "kind",
                f"`shape` is {shown(value.plain())}, expected one such as 96x55x55",
            )
        return template
