"""A network's document to a graph: blocks instantiated, repeats unrolled, names resolved, shapes
inferred.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from archprof import units
from archprof.allowance import Allowance, ensured, raising
from archprof.foreign import SETTINGS, op_hint
from archprof.graph.graph import Dropped, Facts, Graph, Instance, Node
from archprof.graph.order import structure_problems
from archprof.graph.taken import taken
from archprof.language.absent import absent, missing, why
from archprof.language.document import BUILT_IN, Block, Body, Document, Layer, Reference, Template
from archprof.language.expression import Expression
from archprof.language.fitting import shape_hint, side_hint
from archprof.language.functions import ExpressionError
from archprof.language.loader import Network, find_shipped
from archprof.language.pieces import WORD, cut, initial_fault, parse_shape
from archprof.language.source import lines, with_lines, within
from archprof.language.structure import Counting, excess
from archprof.ops import OPS
from archprof.ops.base import Op, Shape, ShapeError, shown
from archprof.problem import Mark, Problem, ProblemError, nearest

MAX_DEPTH = 50
MAX_PROBLEMS = 100
MAX_TRIED = 10_000  # layers of a network that is built at other inputs, for a hint
MAX_ELEMENTS = 2**50  # of one tensor
CHECKED = 64  # steps between two looks at the clock


class Result:
    """What a layer gave: the nodes of its outputs (-1: the network's input; None: it failed) and
    the names inside it.

    `dropped` is the layer where nothing stands for it, `unnumbered` are dropped entries inside it
    that have no name.
    """

    __slots__ = ("dropped", "names", "outputs", "unnumbered")

    def __init__(
        self,
        outputs: tuple[int | None, ...],
        names: dict[str, Result] | None = None,
        dropped: Layer | None = None,
        unnumbered: Sequence[Layer] = (),
    ):
        self.outputs, self.names = outputs, names or {}
        self.dropped, self.unnumbered = dropped, unnumbered


class _Failed(Exception):
    """This layer cannot be built; its problem is already noted."""


class _Stop(Exception):
    """A limit is reached: nothing more is built; its problem is already noted."""


class _Frame:
    """A body being unrolled: its scope of values, its names, where the data stands, how far
    numbering has come.

    `own` are the names of its layers; `names` has those it sees besides: inputs, and what stands
    before it outside.
    """

    __slots__ = (
        "counter",
        "document",
        "instance",
        "names",
        "numbered",
        "own",
        "prefix",
        "previous",
        "scope",
        "unnumbered",
    )

    def __init__(
        self,
        document: Document,
        scope: dict[str, Any],
        prefix: str,
        instance: Instance | None,
        outer: MutableMapping[str, Result],
        source: Result,
        own: dict[str, Result] | None = None,
    ):
        self.document, self.scope, self.prefix, self.instance = document, scope, prefix, instance
        self.own = {} if own is None else own
        self.names, self.previous = ChainMap(self.own, outer), source
        self.counter = [0]
        self.numbered = False
        # entries without a name that were dropped, and so have no number
        self.unnumbered: list[Layer] = []


def expand(network: Network) -> Graph:
    """The graph of a network, no larger than the open allowance allows.

    Problems of shape are noted in it, and whatever does not depend on them is still built.
    """
    with ensured() as allowance:
        allowance.place, allowance.items = network.mark, 0
        graph = _Expander(network, allowance).run()
        allowance.place = network.mark
        return graph


class _Expander:
    def __init__(self, network: Network, allowance: Allowance):
        self.network, self.allowance, self.most = network, allowance, allowance.limits
        self.edges = 0
        self.nodes: list[Node] = []
        self.problems: list[Problem] = []
        self.paths: dict[str, Mark] = {}
        # nodes made from parameters and constants alone: the same for every image
        self.learned: set[int] = set()
        # by path, what is wrong with its last name where torch holds it
        self.taken: dict[str, Problem] = {}
        self.groups: dict[str, str] = {}  # what has layers inside, with the path of one of them
        self.steps = 0
        self.ops: dict[Any, Op] = {}
        self.facts: dict[tuple[Op, tuple[Shape, ...]], Facts] = {}
        self.scopes: dict[Path, dict[str, Any]] = {}
        self.noted: dict[tuple[Mark, str], tuple[str, ...]] = {}
        self.constants: dict[int, Op] = {}
        self.aux_outputs: list[int] = []
        self.dropped: list[Dropped] = []
        # the first merge whose branches do not fit each other
        self.unmet: tuple[Mark, tuple[int, ...]] | None = None
        self.texts = network.document.texts()
        self.inits: dict[str, dict[str, Any]] = {}  # how weights start, by op
        # a spec's `shape:` holds at its own input and parameters
        self.asserting = network.as_specified()
        self.aux_depth = 0

    def run(self, tries: bool = True) -> Graph:
        """Build the graph. `tries`: look for an input that fits where this one does not."""
        network, document = self.network, self.network.document
        stated = network.about("input")
        shape = network.input or (parse_shape(stated.plain()) if stated else None)
        if shape is None or document.body is None:
            raise ProblemError(
                [
                    Problem(
                        network.mark,
                        "missing",
                        f"{network.name} states no input",
                        "input: 3x224x224, or --input",
                    )
                ]
            )
        self.input = shape
        outputs: tuple[int | None, ...] = ()
        try:
            values = self.parameters()
            if not self.problems:
                self.weigh(document, values)
            scope = values | {"index": 0, "count": 1}
            self.inits = self.initial(document, scope)
            frame = _Frame(document, scope, "", None, {"input": Result((-1,))}, Result((-1,)))
            outputs = self.body(document.body, frame).outputs
        except (_Failed, _Stop):
            outputs = ()
        ends = tuple(i for i in outputs if i is not None)
        graph = Graph(
            network,
            shape,
            tuple(self.nodes),
            ends,
            tuple(self.aux_outputs),
            dropped=tuple(self.dropped),
        )
        if not self.problems:
            for problem in structure_problems(graph):
                self.note(problem)
            if not self.nodes:
                self.complain(
                    document.body.mark,
                    "missing",
                    f"{network.name} has no layers: a `when` or a `repeat` drops every one",
                )
        if self.unmet and tries:
            self.problems = self.with_sides(*self.unmet)
        return replace(graph, problems=ProblemError(with_lines(self.problems, self.texts)).problems)

    def with_sides(self, mark: Mark, merged: tuple[int, ...]) -> list[Problem]:
        """Return the problems, at a merge of branches of different sides with those at which
        they meet.
        """

        def fits(shape: Shape) -> bool:
            other = _Expander(replace(self.network, input=shape), self.allowance).run(tries=False)
            return all(problem.rule not in ("shape", "limit") for problem in other.problems)

        hint = (
            side_hint(self.nodes, merged, self.input, fits) if len(self.nodes) <= MAX_TRIED else ""
        )
        here = (
            problem.rule == "shape" and problem.mark == mark and bool(hint)
            for problem in self.problems
        )
        return [
            replace(problem, hint=hint) if chosen else problem
            for problem, chosen in zip(self.problems, here, strict=True)
        ]

    def parameters(self) -> dict[str, Any]:
        """The file's parameters and lets, overrides and the variant's values put in."""
        network = self.network
        given = (
            {name: t.plain() for name, t in network.variant.values.items()}
            if network.variant
            else {}
        )
        return self.file_scope(network.document, {**given, **network.overrides})

    def file_scope(self, document: Document, given: dict[str, Any]) -> dict[str, Any]:
        scope: dict[str, Any] = {}
        for name, default in document.params.items():
            if name in given:
                scope[name] = given[name]
            elif default is None:
                self.complain(
                    document.mark,
                    "missing",
                    f"`{name}` has no value",
                    f"--set {name}=…, or name a variant",
                )
            else:
                self.define(scope, name, default, scope, None)
        for name, template in document.lets.items():
            self.define(scope, name, template, scope, None)
        return scope

    def define(
        self,
        scope: dict[str, Any],
        name: str,
        template: Template,
        seen: dict[str, Any],
        instance: Instance | None,
    ) -> None:
        """Puts a value into the scope; where it cannot be worked out its name stays away, and
        what needs it fails without a word.
        """
        try:
            scope[name] = self.evaluate(template, seen, instance)
        except _Failed:
            scope.pop(name, None)

    # --- complaints ---

    def complain(
        self, mark: Mark, rule: str, message: str, hint: str = "", instance: Instance | None = None
    ) -> None:
        self.note(Problem(mark, rule, message, hint, instance.chain() if instance else ()))

    def note(self, problem: Problem) -> None:
        """Keeps the problems of a place where it went wrong first: a faulty block used ten times
        is one fault.
        """
        if (
            len(self.problems) < MAX_PROBLEMS
            and self.noted.setdefault((problem.mark, problem.rule), problem.chain) == problem.chain
        ):
            self.problems.append(problem)

    def evaluate(self, template: Template, scope: dict[str, Any], instance: Instance | None) -> Any:
        if template.constant:
            return template.data
        try:
            return template.evaluate(scope)
        except ExpressionError as error:
            if error.limit:
                self.complain(error.at.mark, "limit", str(error), error.hint, instance)
                raise _Stop from None
            if not error.name:  # a name is missing only where what it names has failed before
                mark, text = error.at.mark, ""
                if isinstance(error.at.data, Expression):
                    text = f"`{cut(error.at.data.text)}`: "
                    mark = within(
                        mark, error.at.data.text, error.column, lines(self.texts[mark.file])
                    )
                self.complain(mark, "expression", f"{text}{error}", error.hint, instance)
            raise _Failed from None

    # --- bodies ---

    def body(self, body: Body, frame: _Frame) -> Result:
        frame.numbered = body.numbered
        for layer in body.layers:
            self.layer(layer, frame)
        if body.output is None:
            return Result(frame.previous.outputs, frame.own, unnumbered=frame.unnumbered)
        return Result(
            tuple(self.resolve(r, frame).outputs[0] for r in body.output),
            frame.own,
            unnumbered=frame.unnumbered,
        )

    def layer(self, layer: Layer, frame: _Frame) -> None:
        """Unrolls one entry and moves the frame on; a failed layer leaves a failed result
        behind.
        """
        self.step(layer, frame)
        name, times, failed = "", 0, False
        try:
            sources = (
                [self.resolve(r, frame) for r in layer.sources]
                if layer.sources
                else [frame.previous]
            )
            self.arrived(sources[0], frame)
            times = self.times(layer, frame)
            name = "" if layer.flat or not times else self.name(layer, frame)
            if layer.aux:
                self.aux_depth += 1
            try:
                if times == 0:
                    result = self.drop(layer, frame, sources)
                else:
                    result = (
                        self.repeated(layer, frame, sources, name, times)
                        if layer.repeat
                        else self.one(layer, frame, sources, name)
                    )
            finally:
                if layer.aux:
                    self.aux_depth -= 1
        except _Failed:
            result, failed = Result((None,)), True
            if not name and layer.key is None and not layer.flat:  # it would have taken a number
                name = str(frame.counter[0])
                frame.counter[0] += 1
        if layer.aux and times and not failed and self.aux_depth == 0:
            self.aux_outputs += [i for i in result.outputs[:1] if i is not None and i >= 0]
        for called in (layer.key, self.plain_name(layer), name):
            if called:
                frame.own[called] = result
        if layer.flat or (layer.key is None and layer.repeat):
            for inner, value in result.names.items():
                frame.own.setdefault(inner, value)
        if not layer.aux:
            frame.previous = result

    def weigh(self, document: Document, values: dict[str, Any]) -> None:
        """Raises _Stop where the network is too large for the allowance, as far as that is known
        before it is built.
        """
        problem = (
            excess(document.body, Counting(document.blocks, values)) if document.body else None
        )
        if problem:
            self.note(problem)
            raise _Stop

    def drop(self, layer: Layer, frame: _Frame, sources: list[Result]) -> Result:
        """Pass on the first source of a layer that does not stand, and note what is lost."""
        name = layer.key or self.plain_name(layer)
        if not name and not layer.flat:
            frame.unnumbered.append(layer)
        kept = sources[0].outputs[0]
        # of a dropped one nothing is lost
        lost = [source.outputs[0] for source in sources[1:] if source.dropped is None]
        if lost and kept is not None:
            self.dropped.append(
                Dropped(
                    f"{frame.prefix}{name or ''}",
                    layer.mark,
                    why(layer),
                    kept,
                    tuple(i for i in lost if i is not None),
                )
            )
        return Result(sources[0].outputs, dropped=layer)

    def step(self, layer: Layer, frame: _Frame) -> None:
        """Counts what is built or dropped. Raises _Stop when it is too much."""
        self.steps += 1
        self.allowance.place = layer.mark
        if self.steps % CHECKED == 0:
            self.allowance.check()
        if self.steps > 2 * self.most.layers or len(self.nodes) > self.most.layers:
            self.too_many(layer, frame, "layers")
        if self.edges > self.most.edges:
            self.too_many(layer, frame, "edges")

    def foreseen(self, layer: Layer, frame: _Frame, turn: tuple[int, int], times: int) -> None:
        """Raises _Stop where so many turns like this one, of so many steps and edges, are too
        much.
        """
        if turn[0] * times > 2 * self.most.layers:
            self.too_many(layer, frame, "layers")
        if turn[1] * times > self.most.edges:
            self.too_many(layer, frame, "edges")

    def too_many(self, layer: Layer, frame: _Frame, name: str) -> NoReturn:
        most = getattr(self.most, name)
        what = {"layers": "layers", "edges": "inputs of layers"}[name]
        self.complain(
            layer.mark,
            "limit",
            f"the network has more than {most:,} {what}",
            f"lower a `repeat`; {raising(name, 10 * most)}",
            frame.instance,
        )
        raise _Stop

    def arrived(self, source: Result, frame: _Frame) -> None:
        """Puts the shape that a layer receives into its scope; nothing, where it is not known."""
        shape = self.shape(source.outputs[0])
        if shape is None:
            frame.scope.pop("shape", None)
            frame.scope.pop("channels", None)
        else:
            frame.scope["shape"], frame.scope["channels"] = list(shape), shape[0] if shape else 1

    @staticmethod
    def plain_name(layer: Layer) -> str | None:
        if (
            layer.name
            and layer.repeat is None
            and all(isinstance(p, str) for p in layer.name.parts)
        ):
            return "".join(map(str, layer.name.parts))
        return None

    def times(self, layer: Layer, frame: _Frame) -> int:
        """How often the layer stands: 0 where `when` drops it."""
        if layer.when is not None:
            test = self.evaluate(layer.when, frame.scope, frame.instance)
            if not isinstance(test, bool):
                self.complain(
                    layer.when.mark,
                    "kind",
                    f"`when` is {shown(test)}, expected true or false",
                    f"compare it: {cut(str(layer.when.plain()))} !="
                    f" {0 if isinstance(test, (int, float)) else '…'}",
                    frame.instance,
                )
                raise _Failed
            if not test:
                return 0
        if layer.repeat is None:
            return 1
        count = self.evaluate(layer.repeat, frame.scope, frame.instance)
        if type(count) is not int or count < 0:
            self.complain(
                layer.repeat.mark,
                "kind",
                f"`repeat` is {shown(count)}, expected a whole number of at least 0",
                "",
                frame.instance,
            )
            raise _Failed
        if count > self.most.layers:
            hint = raising("layers", count)
            self.complain(
                layer.repeat.mark,
                "limit",
                f"`repeat` is {count:,}, at most {self.most.layers:,}",
                hint,
                frame.instance,
            )
            raise _Failed
        return count

    def name(self, layer: Layer, frame: _Frame) -> str:
        """The layer's part of the path: its key, its name, or its number in a list.

        A repeat in a list numbers each turn itself.
        """
        if layer.key is not None:
            self.watch(layer.key, layer.mark, frame)
            return layer.key
        if layer.repeat is not None:
            return ""
        if layer.name is not None:
            return self.patterned(layer, frame)
        frame.counter[0] += 1
        return str(frame.counter[0] - 1)

    def patterned(self, layer: Layer, frame: _Frame) -> str:
        """The name that the layer's pattern gives here."""
        assert layer.name is not None  # noqa: S101 - asked only for layers that have one
        mark, text = layer.name.mark, ""
        for part in layer.name.parts:
            if isinstance(part, str):
                text += part
                continue
            value = self.evaluate(Template(part, mark, False), frame.scope, frame.instance)
            if type(value) not in (int, str):
                self.complain(
                    mark,
                    "kind",
                    f"`{part.text}` in a name is {shown(value)}, expected a whole number or a text",
                    "",
                    frame.instance,
                )
                raise _Failed
            text += str(value)
        if not WORD.match(text):
            self.complain(
                mark,
                "name",
                f"{shown(text)} is no name, expected letters, digits and _",
                "",
                frame.instance,
            )
            raise _Failed
        self.watch(text, mark, frame)
        return text

    def watch(self, name: str, mark: Mark, frame: _Frame) -> None:
        """Remembers a name that torch cannot hold; it may stand where torch holds nothing, as
        for an addition.
        """
        if why := taken(name, not frame.prefix):
            hint = f"choose another name, for instance `{name.strip('_')}_`"
            chain = frame.instance.chain() if frame.instance else ()
            self.taken[f"{frame.prefix}{name}"] = Problem(
                mark, "name", f"no layer can be called `{name}`: {why}", hint, chain
            )

    def hold(self, path: str) -> None:
        """Complains where torch is to hold something under a name that it cannot hold."""
        while path:
            if path in self.taken:
                self.note(self.taken[path])
            path = path.rpartition(".")[0]

    def repeated(
        self, layer: Layer, frame: _Frame, sources: list[Result], name: str, times: int
    ) -> Result:
        """`times` turns one after the other.

        In a mapping their paths are KEY.0 …, in a list each is an entry of its own.
        """
        scope = frame.scope
        outer = {key: scope[key] for key in BUILT_IN if key in scope}
        prefix = f"{frame.prefix}{name}." if name else frame.prefix
        inner = _Frame(
            frame.document,
            scope,
            prefix,
            frame.instance,
            frame.names.parents,
            frame.previous,
            frame.own,
        )
        inner.numbered = frame.numbered
        if not name:
            inner.counter = frame.counter
        results: dict[str, Result] = {}
        current = sources
        before = (0, 0)
        try:
            for turn in range(times):
                if turn == 2:  # as the second turn went, so will the rest
                    self.foreseen(
                        layer, frame, (self.steps - before[0], self.edges - before[1]), times
                    )
                before = self.steps, self.edges
                self.step(layer, frame)
                scope["index"], scope["count"] = turn, times
                self.arrived(current[0], frame)
                if layer.name is not None:
                    part = self.patterned(layer, inner)
                elif layer.flat and layer.target_kind != "op":
                    part = ""
                else:
                    part = str(inner.counter[0])
                    inner.counter[0] += 1
                result = self.one(layer, inner, current, part, turn)
                results.update({part: result} if part else result.names)
                if None in result.outputs[:1]:  # every later turn would say the same again
                    return Result((None,), results)
                current = [result]
        finally:
            for key in BUILT_IN:
                scope.pop(key, None)
            scope.update(outer)
        return Result(current[0].outputs, results)

    def one(
        self, layer: Layer, frame: _Frame, sources: list[Result], name: str, turn: int | None = None
    ) -> Result:
        path = frame.prefix + name
        if layer.target_kind == "op":
            return Result((self.op(layer, frame, sources, path),))
        prefix = f"{path}." if name else frame.prefix
        if layer.body is not None:
            source = (
                sources[0] if len(sources) == 1 else Result(tuple(s.outputs[0] for s in sources))
            )
            instance = self.instance(layer, frame, path, "", turn)
            inner = _Frame(
                frame.document,
                dict(frame.scope),
                prefix,
                instance,
                ChainMap({"input": source}, frame.names),
                source,
            )
            body = layer.body
        elif layer.target_kind == "network":
            return self.member(layer, frame, sources[0], path, prefix, turn)
        else:
            block, home = self.block(layer, frame)
            instance = self.instance(layer, frame, path, block.name, turn)
            values = self.bind(block, layer, sources, frame)
            names = {
                name: Result((value,)) for name, value in zip(block.inputs, values, strict=False)
            }
            source = Result(values)
            inner = _Frame(
                home,
                self.block_scope(block, home, layer, frame, turn),
                prefix,
                instance,
                {"input": source, **names},
                source,
            )
            body = block.body
        if layer.flat:
            inner.counter = frame.counter
        return self.body(body, inner)

    def member(
        self, layer: Layer, frame: _Frame, source: Result, path: str, prefix: str, turn: int | None
    ) -> Result:
        """A whole shipped network in place of a block, with its own parameters and initial
        values.
        """
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block, a network or a group
        name = self.evaluate(target, frame.scope, frame.instance)
        try:
            network = find_shipped(str(name))
        except ProblemError as error:
            self.complain(
                target.mark,
                "network",
                error.problems[0].message,
                error.problems[0].hint,
                frame.instance,
            )
            raise _Failed from None
        body = network.document.body
        assert body is not None  # noqa: S101 - what `networks` gives has layers
        self.texts |= network.document.texts()
        given = (
            {key: t.plain() for key, t in network.variant.values.items()} if network.variant else {}
        )
        scope = self.file_scope(network.document, given) | {"index": 0, "count": 1}
        inner = _Frame(
            network.document,
            scope,
            prefix,
            self.instance(layer, frame, path, network.name, turn),
            {"input": source},
            source,
        )
        if layer.flat:
            inner.counter = frame.counter
        outer = self.inits, self.asserting
        stated = network.about("input")
        self.inits = self.initial(network.document, scope)
        self.asserting = (
            self.asserting
            and stated is not None
            and parse_shape(stated.plain()) == self.shape(source.outputs[0])
        )
        try:
            return self.body(body, inner)
        finally:
            self.inits, self.asserting = outer

    def initial(self, document: Document, scope: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """How a document says weights start, by op."""
        if document.init is None:
            return {}
        try:
            found: dict[str, dict[str, Any]] = self.evaluate(document.init, scope, None)
        except _Failed:
            return {}
        for schemes in found.values():
            self.check_initial(schemes or {}, document.init, None)
        return found

    def check_initial(
        self, schemes: dict[str, Any], template: Template, instance: Instance | None
    ) -> None:
        """What the reader could not check: values that were worked out."""
        for weight, how in schemes.items() if not template.constant else ():
            if fault := initial_fault(weight, how):
                self.complain(template.mark, "kind", fault, "", instance)

    def instance(
        self, layer: Layer, frame: _Frame, path: str, block: str, turn: int | None
    ) -> Instance:
        instance = Instance(path, block, layer.mark, frame.instance, turn)
        depth, outer = 0, frame.instance
        while outer is not None:
            depth, outer = depth + 1, outer.parent
        if depth > MAX_DEPTH:
            self.complain(
                layer.mark,
                "limit",
                f"blocks nested deeper than {MAX_DEPTH} levels",
                "does a block contain itself?",
                frame.instance,
            )
            raise _Stop
        return instance

    # --- blocks ---

    def block(self, layer: Layer, frame: _Frame) -> tuple[Block, Document]:
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block or a group
        name = self.evaluate(target, frame.scope, frame.instance)
        document = frame.document
        if isinstance(name, str) and name in document.blocks:
            return document.blocks[name], document
        if isinstance(name, str) and name in document.homes:
            return document.homes[name].blocks[name], document.homes[name]
        known = (*document.blocks, *document.homes)
        self.complain(
            target.mark,
            "unknown-block",
            f"there is no block {shown(name)}{_origin(target)}",
            nearest(str(name), known, "blocks"),
            frame.instance,
        )
        raise _Failed

    def block_scope(
        self, block: Block, home: Document, layer: Layer, frame: _Frame, turn: int | None
    ) -> dict[str, Any]:
        """The file's values, the block's parameters and its lets; arguments are worked out where
        the block is used.
        """
        arguments = (
            layer.settings if not (turn == 0 and layer.first) else {**layer.settings, **layer.first}
        )
        if home is frame.document:
            scope = {k: v for k, v in frame.scope.items() if k in home.params or k in home.lets}
        else:
            scope = dict(
                self.scopes.get(home.path)
                or self.scopes.setdefault(home.path, self.file_scope(home, {}))
            )
        for name in arguments:
            if name not in block.params:
                mark = layer.marks.get(name, layer.mark)
                self.complain(
                    mark,
                    "unknown-key",
                    f"block `{block.name}` has no parameter `{name}`",
                    SETTINGS.hint(name, block.params, "parameters"),
                    frame.instance,
                )
        scope |= {key: frame.scope[key] for key in BUILT_IN if key in frame.scope}
        for name, default in block.params.items():
            if name in arguments:
                self.define(scope, name, arguments[name], frame.scope, frame.instance)
            elif default is None:
                self.complain(
                    layer.mark,
                    "missing",
                    f"block `{block.name}` needs `{name}`",
                    f"with: {{{name}: …}}",
                    frame.instance,
                )
            else:
                self.define(scope, name, default, scope, frame.instance)
        for name, template in block.lets.items():
            self.define(scope, name, template, scope, frame.instance)
        return scope

    def bind(
        self, block: Block, layer: Layer, sources: list[Result], frame: _Frame
    ) -> tuple[int | None, ...]:
        """What stands for the block's inputs: as many sources, or the several outputs of one."""
        wanted = len(block.inputs) or 1
        if len(sources) == 1 and len(sources[0].outputs) >= wanted:
            return sources[0].outputs[:wanted]
        if len(sources) == wanted:
            return tuple(s.outputs[0] for s in sources)
        if None in sources[0].outputs:
            raise _Failed
        found = len(sources) if len(sources) > 1 else len(sources[0].outputs)
        named = f" ({', '.join(block.inputs)})" if block.inputs else ""
        hint = "name them in `from: [...]`" if found < wanted else ""
        if layer.repeat and frame.scope["index"] > 0:
            hint = (
                "each turn of a `repeat` feeds the next: give the block as many in `output: [...]`"
            )
        self.complain(
            layer.mark,
            "arity",
            f"block `{block.name}` takes {wanted} input{'s' if wanted > 1 else ''}{named}, found"
            f" {found}",
            hint,
            frame.instance,
        )
        raise _Failed

    # --- names ---

    def resolve(self, reference: Reference, frame: _Frame) -> Result:
        head, *rest = reference.parts
        result = frame.previous if head == "previous" else frame.names.get(head)
        if result is None:
            self.complain(
                reference.mark,
                "reference",
                *missing(head, "", frame.names, frame.unnumbered),
                frame.instance,
            )
            raise _Failed
        for i, part in enumerate(rest):
            if part not in result.names:
                if None in result.outputs:
                    raise _Failed
                at = ".".join(reference.parts[: i + 1])
                said = (
                    absent(part, at, result.dropped)
                    if result.dropped
                    else missing(part, at, result.names, result.unnumbered)
                )
                self.complain(reference.mark, "reference", *said, frame.instance)
                raise _Failed
            result = result.names[part]
        return result

    def shape(self, index: int | None) -> Shape | None:
        return (
            None if index is None else self.input if index < 0 else self.nodes[index].facts.output
        )

    # --- ops ---

    def op(self, layer: Layer, frame: _Frame, sources: Sequence[Result], path: str) -> int | None:
        op = self.constants.get(id(layer)) or self.make(layer, frame)
        inputs = tuple(i for i in self.inputs(layer, op, sources, frame) if i is not None)
        if not inputs and op.arity[1] != 0:
            return None
        shapes = tuple(self.input if i < 0 else self.nodes[i].facts.output for i in inputs)
        if op.broadcasts and not self.aligned(op, inputs, shapes, layer, frame, path):
            return None
        facts = self.facts.get((op, shapes))
        if facts is None:
            try:
                output = op.output_shape(*shapes)
            except ShapeError as error:
                arrived = f" cannot take {' and '.join(map(units.shape, shapes))}" if shapes else ""
                hint = shape_hint(error, inputs, shapes, self.network, self.input)
                self.complain(
                    layer.mark,
                    "shape",
                    f"`{path}` ({self.op_name(op)}){arrived}: {error}",
                    hint,
                    frame.instance,
                )
                if len(inputs) > 1 and self.unmet is None:
                    self.unmet = layer.mark, inputs
                return None
            size = 1
            for n in output:
                size *= n
            if size > MAX_ELEMENTS:
                self.complain(
                    layer.mark,
                    "limit",
                    f"`{path}` would give {units.shape(output)}: more than 2^50 elements",
                    "",
                    frame.instance,
                )
                return None
            facts = self.facts[(op, shapes)] = Facts(op, shapes, output)
        if (first := self.paths.get(path)) is not None:
            hint = (
                "the `name` of a repeat needs its $index"
                if layer.name and layer.repeat
                else "a `flat` or a `name` gives it twice"
            )
            where = (
                f", the first stands in line {first.line}"
                if first != layer.mark and first.file == layer.mark.file
                else ""
            )
            self.complain(
                layer.mark,
                "duplicate",
                f"two layers have the path `{path}`{where}",
                hint,
                frame.instance,
            )
        elif (other := self.nested(path)) is not None:
            hint = "a `name` or a `flat` gives a group and a layer the same path"
            self.complain(
                layer.mark,
                "duplicate",
                f"`{other[0]}` is a layer, so that `{other[1]}` cannot stand inside it",
                hint,
                frame.instance,
            )
        self.paths[path] = layer.mark
        if self.taken and (op.is_module or facts.weights) and not layer.share:
            self.hold(path)
        if layer.shape is not None:
            self.assert_shape(layer, frame, path, facts)
        shares = self.shared(layer, frame, facts, path) if layer.share else None
        init = self.inits.get(self.op_name(op))
        if layer.init is not None:
            own = self.evaluate(layer.init, frame.scope, frame.instance)
            self.check_initial(own, layer.init, frame.instance)
            init = {**(init or {}), **own}
        if op.constant or all(i in self.learned for i in inputs):
            self.learned.add(len(self.nodes))
        self.edges += len(inputs)
        self.nodes.append(
            Node(path, op, inputs, facts, layer, frame.instance, self.aux_depth > 0, shares, init)
        )
        return len(self.nodes) - 1

    def aligned(
        self,
        op: Op,
        inputs: Sequence[int],
        shapes: Sequence[Shape],
        layer: Layer,
        frame: _Frame,
        path: str,
    ) -> bool:
        """Whether torch aligns what differs from image to image; what is learned has a batch of
        1 and fits anywhere.
        """
        rank = max(map(len, shapes))
        short = [
            shape
            for i, shape in zip(inputs, shapes, strict=True)
            if len(shape) < rank and i not in self.learned
        ]
        if not short:
            return True
        message = (
            f"`{path}` ({self.op_name(op)}) cannot take {' and '.join(map(units.shape, shapes))}:"
            f" torch aligns the last dimensions, and the batch of {units.shape(short[0])} would"
            " meet another dimension"
        )
        filled = "x".join([*map(str, short[0]), *["1"] * (rank - len(short[0]))])
        self.complain(
            layer.mark,
            "shape",
            message,
            f"reshape it to {rank} dimensions, for instance {filled}",
            frame.instance,
        )
        return False

    def nested(self, path: str) -> tuple[str, str] | None:
        """A layer and one inside it where this path would make them so: a module of torch is the
        one or the other.
        """
        if path in self.groups:
            return path, self.groups[path]
        parent = path.rpartition(".")[0]
        while parent and parent not in self.groups:
            self.groups[parent] = path
            if parent in self.paths:
                return parent, path
            parent = parent.rpartition(".")[0]
        return None

    @staticmethod
    def op_name(op: Op) -> str:
        return op.name

    def make(self, layer: Layer, frame: _Frame) -> Op:
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block or a group
        name = self.evaluate(target, frame.scope, frame.instance)
        kind = OPS.get(name) if isinstance(name, str) else None
        if kind is None:
            self.complain(
                target.mark,
                "unknown-op",
                f"there is no op {shown(name)}{_origin(target)}",
                op_hint(str(name), OPS),
                frame.instance,
            )
            raise _Failed
        constant = target.constant and all(t.constant for t in layer.settings.values())
        values = {
            k: self.evaluate(t, frame.scope, frame.instance) for k, t in layer.settings.items()
        }
        try:
            # 1, 1.0 and true are equal to Python, so each goes with its type
            key = (
                kind,
                *(
                    (k, tuple((i, type(i)) for i in v) if isinstance(v, list) else v, type(v))
                    for k, v in values.items()
                ),
            )
            if (op := self.ops.get(key)) is not None:
                return op
        except TypeError:
            key = None  # a nested list: not hashable, and no op takes it
        faults = kind.faults(values)
        if faults:
            for fault in faults:
                if fault.name in layer.settings and fault.name in kind.settings:
                    template = layer.settings[fault.name]
                    self.complain(
                        template.mark,
                        "setting",
                        f"op `{name}`: {fault.message}{_origin(template)}",
                        fault.hint,
                        frame.instance,
                    )
                else:
                    self.complain(
                        layer.marks.get(fault.name, layer.mark),
                        "setting",
                        f"op `{name}`: {fault.message}",
                        fault.hint,
                        frame.instance,
                    )
            raise _Failed
        op = kind(**values)
        if key is not None:
            self.ops[key] = op
        if constant:
            self.constants[id(layer)] = op
        return op

    def inputs(
        self, layer: Layer, op: Op, sources: Sequence[Result], frame: _Frame
    ) -> tuple[int | None, ...]:
        fewest, most = op.arity
        if most == 0:
            if layer.sources:
                self.complain(
                    layer.mark,
                    "arity",
                    f"op `{self.op_name(op)}` takes no input, found `from`",
                    "",
                    frame.instance,
                )
                raise _Failed
            return ()
        values = (
            sources[0].outputs[:most]
            if len(sources) == 1 and fewest > 1
            else tuple(s.outputs[0] for s in sources)
        )
        if None in values:
            return (None,)
        if len(values) < fewest or (most is not None and len(values) > most):
            wanted = (
                f"{fewest}"
                if most == fewest
                else f"at least {fewest}"
                if most is None
                else f"{fewest} to {most}"
            )
            self.complain(
                layer.mark,
                "arity",
                f"op `{self.op_name(op)}` takes {wanted} input{'s' if wanted != '1' else ''}, found"
                f" {len(values)}",
                "name them in `from: [...]`" if len(values) < fewest else "",
                frame.instance,
            )
            raise _Failed
        return values

    def assert_shape(self, layer: Layer, frame: _Frame, path: str, facts: Facts) -> None:
        """The spec's `shape:` against the shape; only where the network is as the spec has it."""
        if layer.shape is None or not self.asserting:
            return
        stated = self.evaluate(layer.shape, frame.scope, frame.instance)
        expected = parse_shape(stated)
        if expected is None:
            self.complain(
                layer.shape.mark,
                "kind",
                f"`shape` is {shown(stated)}, expected one such as 96x55x55",
                "",
                frame.instance,
            )
        elif expected != facts.output:
            self.complain(
                layer.shape.mark,
                "shape-assertion",
                f"`{path}` gives {units.shape(facts.output)}, the spec says"
                f" {units.shape(expected)}",
                self.arithmetic(facts, expected),
                frame.instance,
            )

    @staticmethod
    def arithmetic(facts: Facts, expected: Shape) -> str:
        """How the axes that differ came about: the note on a remainder, else the formula with
        its numbers.
        """
        if not facts.inputs:
            return ""
        pairs = (
            list(zip(facts.output, expected, strict=False))
            if len(facts.output) == len(expected)
            else []
        )
        lines = list(facts.notes) if any(found != said for found, said in pairs[1:]) else []
        axes = {3: ("channels", "height", "width"), 1: ("features",)}.get(len(pairs), ())
        working = facts.op.working(facts.inputs, facts.output)
        for axis, (found, said) in zip(axes, pairs, strict=False):
            if found != said and axis in working and (axis == "channels" or not lines):
                worked = working[axis].substituted()
                lines.append(
                    f"{axis} = {working[axis].formula if worked == str(found) else worked} ="
                    f" {found}"
                )
        return f"from {' and '.join(map(units.shape, facts.inputs))}" + (
            f": {'; '.join(lines)}" if lines else ""
        )

    def shared(self, layer: Layer, frame: _Frame, facts: Facts, path: str) -> int | None:
        """The node whose weights `share` borrows: the same weights, name by name and shape by
        shape.
        """
        assert layer.share is not None  # noqa: S101 - asked only for layers that share
        index = self.resolve(layer.share, frame).outputs[0]
        if index is None:
            return None
        other = self.nodes[index] if index >= 0 else None
        if other is None or not other.facts.weights:
            self.complain(
                layer.share.mark,
                "share",
                f"`{path}` shares with `{layer.share}`, which has no weights",
                "",
                frame.instance,
            )
            return None
        if other.op != facts.op or other.facts.weights != facts.weights:
            self.complain(
                layer.share.mark,
                "share",
                f"`{path}` cannot share the weights of `{other.path}`: they differ in shape or"
                " settings",
                "",
                frame.instance,
            )
        return other.shares if other.shares is not None else index


def _origin(template: Template) -> str:
    """The expression behind a value, for a message."""
    said = template.plain()
    text = f"[{', '.join(map(str, said))}]" if isinstance(said, list) else str(said)
    return "" if template.constant else f" (from `{cut(text)}`)"
