"""What a layer without an op is: a group, a block with arguments, or a whole network."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archprof.foreign import SETTINGS
from archprof.graph.graph import Instance
from archprof.language.document import BUILT_IN, Block, Body, Document, Layer, Template
from archprof.language.expand.binding import bind
from archprof.language.expand.complaints import cycle_of
from archprof.language.expand.frame import Frame, LayerFailed, Result, Rules, Stop
from archprof.language.expand.nodes import Nodes
from archprof.language.expand.parallel import numbered, one_of_each
from archprof.language.expand.values import Values, origin
from archprof.language.find import find_shipped
from archprof.language.inputs import NetworkInput
from archprof.language.network import Network
from archprof.ops.base import shown
from archprof.problem import ProblemError, nearest

MAX_DEPTH = 50


class Calls:
    """Finds the body behind a layer, and the frame in which it is unrolled."""

    def __init__(self, values: Values, nodes: Nodes):
        self.values, self.complaints, self.nodes = values, values.complaints, nodes
        self._scopes: dict[Path, dict[str, Any]] = {}  # of the files that `use:` names

    def enter(
        self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str, turn: int | None
    ) -> tuple[Body, Frame]:
        """Return the body behind a layer and the frame to unroll it in.

        `name` is the layer's part of the path, `turn` that of a repeat. Raises LayerFailed, and
        Stop where layers are nested too deep.
        """
        if layer.body is not None:
            body, inner = self._group(layer, layer.body, frame, sources, name, turn)
        elif layer.target_kind == "network":
            body, inner = self._network(layer, frame, sources, name, turn)
        else:
            body, inner = self._block(layer, frame, sources, name, turn)
        inner.frozen = self.values.frozen(layer, frame)
        if layer.flat:
            inner.counter = frame.counter
        return body, inner

    # --- groups ---

    def _group(
        self,
        layer: Layer,
        body: Body,
        frame: Frame,
        sources: Sequence[Result],
        name: str,
        turn: int | None,
    ) -> tuple[Body, Frame]:
        """Return the body of a group, which sees the values and the names around it."""
        source = numbered(sources[0])
        if len(sources) > 1:
            source = Result(tuple(output for one in sources for output in one.given))
        inner = Frame(
            frame.document,
            frame.rules,
            dict(frame.scope),
            _prefix(frame, name),
            self._instance(layer, frame, name, "", turn),
            ChainMap({"input": source}, frame.names),
            source,
            frame.aux or layer.aux,
            around=frame.around,
        )
        return body, inner

    # --- whole networks ---

    def _network(
        self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str, turn: int | None
    ) -> tuple[Body, Frame]:
        """Return the body of a shipped network, with parameters and initial values of its own."""
        network = self._find_network(layer, frame)
        inputs = network.own_inputs
        if len(inputs) == 1:
            wanted = f"network `{network.name}` takes one input"
            one_of_each(wanted, sources, layer, frame, self.complaints)
        given = self._given(network.name, inputs, layer, frame, sources)
        source = Result(given)
        document = network.document
        body = document.body
        assert body is not None  # noqa: S101 - what `networks` gives has layers
        self.complaints.texts |= document.texts()
        scope = self.values.of_network(network) | {"index": 0, "count": 1}
        instance = self._instance(layer, frame, name, network.name, turn)
        rules = Rules(
            self.values.inits(document, scope),
            frame.rules.asserting and self._at_own_inputs(inputs, given),
        )
        inner = Frame(
            document,
            rules,
            scope,
            _prefix(frame, name),
            instance,
            {
                "input": source,
                **{one.name: Result((i,)) for one, i in zip(inputs, given, strict=True)},
            },
            source,
            frame.aux or layer.aux,
        )
        return body, inner

    def _given(
        self,
        name: str,
        inputs: Sequence[NetworkInput],
        layer: Layer,
        frame: Frame,
        sources: Sequence[Result],
    ) -> tuple[int | None, ...]:
        """Return what a network's inputs are: one output of each source, or several of one."""
        wanted = len(inputs)
        if len(sources) == 1 and len(sources[0].outputs) >= wanted:
            return sources[0].outputs[:wanted]
        if len(sources) == wanted:
            return tuple(source.outputs[0] for source in sources)
        shown_inputs = "1 input" if wanted == 1 else f"{wanted} inputs"
        if wanted > 1:
            shown_inputs += f" ({', '.join(one.name for one in inputs)})"
        message = f"network `{name}` takes {shown_inputs}, found {len(sources)}"
        hint = "name them in `from: [...]`" if len(sources) < wanted else ""
        self.complaints.fail(layer.mark, "arity", message, hint, frame.instance)

    def _find_network(self, layer: Layer, frame: Frame) -> Network:
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block, a network or a group
        name = self.values.evaluate(target, frame.scope, frame.instance)
        try:
            return find_shipped(str(name))
        except ProblemError as error:
            first = error.problems[0]
            self.complaints.add(target.mark, "network", first.message, first.hint, frame.instance)
            raise LayerFailed from None

    def _at_own_inputs(self, inputs: Sequence[NetworkInput], given: Sequence[int | None]) -> bool:
        """Whether a network receives the shapes that its spec states."""
        return all(
            index is not None and one.shape == self.nodes.shape(index)
            for one, index in zip(inputs, given, strict=True)
        )

    # --- blocks ---

    def _block(
        self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str, turn: int | None
    ) -> tuple[Body, Frame]:
        """Return the body of a block, which sees its file's values, parameters and inputs."""
        block, home = self._find_block(layer, frame)
        instance = self._instance(layer, frame, name, block.name, turn)
        given = bind(block, layer, sources, frame, self.complaints)
        names = dict(zip(block.inputs, given, strict=False))
        source = given[0]
        if len(given) > 1:
            source = Result(tuple(output for one in given for output in one.outputs[:1]))
        inner = Frame(
            home,
            frame.rules,
            self._scope(block, home, layer, frame, turn),
            _prefix(frame, name),
            instance,
            {"input": source, **names},
            source,
            frame.aux or layer.aux,
            around=frame,
        )
        return block.body, inner

    def _find_block(self, layer: Layer, frame: Frame) -> tuple[Block, Document]:
        """Return a block and the document whose parameters and blocks it sees."""
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block or a group
        name = self.values.evaluate(target, frame.scope, frame.instance)
        document = frame.document
        if isinstance(name, str) and name in document.blocks:
            return document.blocks[name], document
        if isinstance(name, str) and name in document.homes:
            return document.homes[name].blocks[name], document.homes[name]
        known = (*document.blocks, *document.homes)
        self.complaints.fail(
            target.mark,
            "unknown-block",
            f"there is no block {shown(name)}{origin(target)}",
            nearest(str(name), known, "blocks"),
            frame.instance,
        )

    def _scope(
        self, block: Block, home: Document, layer: Layer, frame: Frame, turn: int | None
    ) -> dict[str, Any]:
        """Return the file's values, the block's parameters and its lets.

        Arguments are evaluated where the block is used.
        """
        arguments = {**layer.settings, **layer.first} if turn == 0 else layer.settings
        self._complain_of_unknown(arguments, block, layer, frame)
        scope = self._file_scope(home, frame)
        scope |= {key: frame.scope[key] for key in BUILT_IN if key in frame.scope}
        for name, default in block.params.items():
            if name in arguments:
                self.values.define(scope, name, arguments[name], frame.scope, frame.instance)
            elif default is None:
                self.complaints.add(
                    layer.mark,
                    "missing",
                    f"block `{block.name}` needs `{name}`",
                    f"with: {{{name}: …}}",
                    frame.instance,
                )
            else:
                self.values.define(scope, name, default, scope, frame.instance)
        for name, template in block.lets.items():
            self.values.define(scope, name, template, scope, frame.instance)
        return scope

    def _file_scope(self, home: Document, frame: Frame) -> dict[str, Any]:
        """Return a copy of the values of the block's file, not always the frame's own."""
        if home is frame.document:
            return {
                name: value
                for name, value in frame.scope.items()
                if name in home.params or name in home.lets
            }
        if not self._scopes.get(home.path):
            self._scopes[home.path] = self.values.of_file(home, {})
        return dict(self._scopes[home.path])

    def _complain_of_unknown(
        self, arguments: Mapping[str, Template], block: Block, layer: Layer, frame: Frame
    ) -> None:
        unknown = [name for name in arguments if name not in block.params]
        if layer.target is not None and not layer.target.constant:
            # a block that an expression chooses leaves out what only others take
            unknown = [name for name in unknown if not _has_parameter(frame.document, name)]
        for name in unknown:
            self.complaints.add(
                layer.marks.get(name, layer.mark),
                "unknown-key",
                f"block `{block.name}` has no parameter `{name}`",
                SETTINGS.hint(name, block.params, "parameters"),
                frame.instance,
            )

    # --- all of them ---

    def _instance(
        self, layer: Layer, frame: Frame, name: str, block: str, turn: int | None
    ) -> Instance:
        """Return the use of a block ("" for a group). Raises Stop where it is nested too deep."""
        instance = Instance(frame.prefix + name, block, layer.mark, frame.instance, turn)
        depth, outer = 0, frame.instance
        while outer is not None:
            depth, outer = depth + 1, outer.parent
        if depth > MAX_DEPTH:
            message, hint = f"blocks nested deeper than {MAX_DEPTH} levels", ""
            cycle = cycle_of(instance)
            if cycle:
                message += f": {' -> '.join(cycle)}"
                hint = f"a `when` that becomes false must end what {cycle[0]} has of itself"
            self.complaints.add(layer.mark, "limit", message, hint, frame.instance)
            raise Stop
        return instance


def _has_parameter(document: Document, name: str) -> bool:
    """Whether a block that the document may use takes an argument of this name."""
    used = (home.blocks[block] for block, home in document.homes.items())
    return any(name in block.params for block in (*document.blocks.values(), *used))


def _prefix(frame: Frame, name: str) -> str:
    """Return how the paths inside a layer begin; as around it where it is spliced."""
    return f"{frame.prefix}{name}." if name else frame.prefix
