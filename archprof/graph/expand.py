"""A network's document to a graph: blocks instantiated, repeats unrolled, names resolved, shapes inferred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units
from archprof.graph.graph import Facts, Graph, Instance, Node
from archprof.graph.order import structure_problems
from archprof.ops import OPS
from archprof.ops.base import Op, Shape, ShapeError, shown
from archprof.problem import Mark, Problem, ProblemError, nearest
from archprof.spec.document import Block, Body, Document, Layer, Reference, Template
from archprof.spec.expression import Expression, ExpressionError
from archprof.spec.loader import Network
from archprof.spec.reader import RESERVED, parse_shape
from archprof.spec.source import with_lines

MAX_NODES = 1_000_000
MAX_DEPTH = 50
MAX_REPEAT = 1_000_000
MAX_PROBLEMS = 100
MAX_ELEMENTS = 2**50  # of one tensor


class Result:
    """What a layer gave: the nodes of its outputs (-1: the network's input; None: it failed) and the names inside it."""

    __slots__ = ("names", "outputs")

    def __init__(self, outputs: tuple[int | None, ...], names: dict[str, Result] | None = None):
        self.outputs, self.names = outputs, names or {}


class _Failed(Exception):
    """This layer cannot be built; its problem is already noted."""


class _Frame:
    """A body being unrolled: its scope of values, its names, where the data stands, how far numbering has come."""

    __slots__ = ("counter", "document", "instance", "names", "numbered", "prefix", "previous", "scope")

    def __init__(self, document: Document, scope: dict[str, Any], prefix: str, instance: Instance | None, names: dict[str, Result], source: Result):
        self.document, self.scope, self.prefix, self.instance = document, scope, prefix, instance
        self.names, self.previous = names, source
        self.counter = [0]
        self.numbered = False


def expand(network: Network) -> Graph:
    """The graph of a network. Problems of shape are noted in it, and whatever does not depend on them is still built."""
    return _Expander(network).run()


class _Expander:
    def __init__(self, network: Network):
        self.network = network
        self.nodes: list[Node] = []
        self.problems: list[Problem] = []
        self.paths: set[str] = set()
        self.steps = 0
        self.ops: dict[Any, Op] = {}
        self.facts: dict[tuple[Op, tuple[Shape, ...]], Facts] = {}
        self.constants: dict[int, Op] = {}
        self.aux_outputs: list[int] = []
        self.aux_depth = 0

    def run(self) -> Graph:
        network, document = self.network, self.network.document
        stated = network.about("input")
        shape = network.input or (parse_shape(stated.plain()) if stated else None)
        if shape is None or document.body is None:
            raise ProblemError([Problem(network.mark, "missing", f"{network.name} states no input", "input: 3x224x224, or --input")])
        self.input = shape
        outputs: tuple[int | None, ...] = ()
        try:
            scope = self.parameters()
            frame = _Frame(document, scope, "", None, {}, Result((-1,)))
            frame.names["input"] = frame.previous
            outputs = self.body(document.body, frame).outputs
        except _Failed:
            outputs = ()
        if not self.problems:
            ends = [i for i in outputs if i is not None]
            self.problems += structure_problems(self.nodes, [*ends, *self.aux_outputs])
        texts = document.texts()
        problems = ProblemError(with_lines(self.unique(), texts)).problems
        return Graph(network, shape, tuple(self.nodes), tuple(i for i in outputs if i is not None), tuple(self.aux_outputs), problems)

    def unique(self) -> list[Problem]:
        """One problem per place and rule: a faulty block used ten times is one fault."""
        seen: dict[tuple[Mark, str], Problem] = {}
        for problem in self.problems:
            seen.setdefault((problem.mark, problem.rule), problem)
        return list(seen.values())

    def parameters(self) -> dict[str, Any]:
        """The file's parameters and lets, overrides and the variant's values put in."""
        network = self.network
        given = {name: t.plain() for name, t in network.variant.values.items()} if network.variant else {}
        return self.file_scope(network.document, {**given, **network.overrides})

    def file_scope(self, document: Document, given: dict[str, Any]) -> dict[str, Any]:
        scope: dict[str, Any] = {}
        for name, default in document.params.items():
            if name in given:
                scope[name] = given[name]
            elif default is None:
                self.complain(document.mark, "missing", f"`{name}` has no value", f"--set {name}=…, or name a variant")
                raise _Failed
            else:
                scope[name] = self.evaluate(default, scope, None)
        for name, template in document.lets.items():
            scope[name] = self.evaluate(template, scope, None)
        return scope

    # --- complaints ---

    def complain(self, mark: Mark, rule: str, message: str, hint: str = "", instance: Instance | None = None) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(mark, rule, message, hint, instance.chain() if instance else ()))

    def evaluate(self, template: Template, scope: dict[str, Any], instance: Instance | None) -> Any:
        if template.constant:
            return template.plain()
        try:
            return template.evaluate(scope)
        except ExpressionError as error:
            text = f"`{template.data.text}`: " if isinstance(template.data, Expression) else ""
            known = [name for name in scope if name != error.name]
            self.complain(template.mark, "expression", f"{text}{error}", error.hint or (nearest(error.name, known, "values") if error.name else ""), instance)
            raise _Failed from None

    # --- bodies ---

    def body(self, body: Body, frame: _Frame) -> Result:
        frame.numbered = body.numbered
        for layer in body.layers:
            self.layer(layer, frame)
        if body.output is None:
            return Result(frame.previous.outputs, frame.names)
        return Result(tuple(self.resolve(r, frame).outputs[0] for r in body.output), frame.names)

    def layer(self, layer: Layer, frame: _Frame) -> None:
        """Unrolls one entry and moves the frame on; a failed layer leaves a failed result behind."""
        self.steps += 1
        if self.steps > 4 * MAX_NODES or len(self.nodes) > MAX_NODES:
            self.complain(layer.mark, "limit", f"more than {MAX_NODES:,} layers", "lower a `repeat`", frame.instance)
            raise _Failed
        failed = False
        try:
            sources = [self.resolve(r, frame) for r in layer.sources] if layer.sources else [frame.previous]
            shape = self.shape(sources[0].outputs[0])
            frame.scope["shape"] = list(shape) if shape else [0]
            frame.scope["channels"] = shape[0] if shape else 0
            if shape is None and not all(self.settled(t) for t in (layer.when, layer.repeat, layer.target) if t):
                raise _Failed  # what the layer is depends on a shape that is not known
            times = self.times(layer, frame)
            name = "" if layer.flat else self.name(layer, frame) if times or layer.repeat is None else ""
            if layer.aux:
                self.aux_depth += 1
            try:
                result = sources[0] if times == 0 else self.repeated(layer, frame, sources, name, times) if layer.repeat else self.one(layer, frame, sources, name)
            finally:
                if layer.aux:
                    self.aux_depth -= 1
        except _Failed:
            result, failed = Result((None,)), True
            if len(self.nodes) > MAX_NODES:
                raise
        if layer.aux and not failed:
            if self.aux_depth == 0:
                self.aux_outputs += [i for i in result.outputs[:1] if i is not None and i >= 0]
        for key in {layer.key, self.plain_name(layer)} - {None}:
            frame.names[key] = result  # type: ignore[index]
        if layer.key is None and not layer.flat:
            frame.names.setdefault(str(frame.counter[0] - 1), result)
        if layer.flat:
            for inner, value in result.names.items():
                frame.names.setdefault(inner, value)
        if not layer.aux:
            frame.previous = result

    def settled(self, template: Template) -> bool:
        """Whether a template needs no shape."""
        return not (isinstance(template.data, Expression) and {"channels", "shape"} & set(template.data.names))

    @staticmethod
    def plain_name(layer: Layer) -> str | None:
        if layer.name and layer.repeat is None and all(isinstance(p, str) for p in layer.name.parts):
            return "".join(map(str, layer.name.parts))
        return None

    def times(self, layer: Layer, frame: _Frame) -> int:
        """How often the layer stands: 0 where `when` drops it."""
        if layer.when is not None:
            test = self.evaluate(layer.when, frame.scope, frame.instance)
            if not isinstance(test, bool):
                self.complain(layer.when.mark, "kind", f"`when` is {shown(test)}, expected true or false", "compare it: $x != 0", frame.instance)
                raise _Failed
            if not test:
                return 0
        if layer.repeat is None:
            return 1
        count = self.evaluate(layer.repeat, frame.scope, frame.instance)
        if type(count) is not int or count < 0:
            self.complain(layer.repeat.mark, "kind", f"`repeat` is {shown(count)}, expected a whole number of at least 0", "", frame.instance)
            raise _Failed
        if count > MAX_REPEAT:
            self.complain(layer.repeat.mark, "limit", f"`repeat` is {count:,}, at most {MAX_REPEAT:,}", "", frame.instance)
            raise _Failed
        return count

    def name(self, layer: Layer, frame: _Frame) -> str:
        """The layer's part of the path: its key, its name, or its number in a list. A repeat in a list numbers each turn itself."""
        if layer.key is not None:
            return layer.key
        if layer.repeat is not None:
            return ""
        if layer.name is not None:
            return self.patterned(layer, frame)
        frame.counter[0] += 1
        return str(frame.counter[0] - 1)

    def patterned(self, layer: Layer, frame: _Frame) -> str:
        text = ""
        for part in layer.name.parts if layer.name else ():
            if isinstance(part, str):
                text += part
                continue
            value = self.evaluate(Template(part, layer.name.mark, False), frame.scope, frame.instance)  # type: ignore[union-attr]
            if type(value) not in (int, str):
                self.complain(layer.name.mark, "kind", f"`{part.text}` in a name is {shown(value)}, expected a whole number or a text", "", frame.instance)  # type: ignore[union-attr]
                raise _Failed
            text += str(value)
        if not text.replace("_", "a").isalnum():
            self.complain(layer.name.mark, "name", f"`{text}` is no name, expected letters, digits and _", "", frame.instance)  # type: ignore[union-attr]
            raise _Failed
        return text

    def repeated(self, layer: Layer, frame: _Frame, sources: list[Result], name: str, times: int) -> Result:
        """`times` turns one after the other. In a mapping their paths are KEY.0 …, in a list each is an entry of its own."""
        scope = frame.scope
        outer = scope.get("index"), scope.get("count")
        inner = _Frame(frame.document, scope, f"{frame.prefix}{name}." if name else frame.prefix, frame.instance, frame.names, frame.previous)
        inner.numbered = frame.numbered
        if not name:
            inner.counter = frame.counter
        results: dict[str, Result] = {}
        current = sources
        for turn in range(times):
            scope["index"], scope["count"] = turn, times
            shape = self.shape(current[0].outputs[0])
            scope["shape"], scope["channels"] = (list(shape), shape[0]) if shape else ([0], 0)
            if layer.name is not None:
                part = self.patterned(layer, inner)
            elif layer.flat and layer.target_kind != "op":
                part = ""
            else:
                part = str(inner.counter[0])
                inner.counter[0] += 1
            result = self.one(layer, inner, current, part, turn)
            results[part or str(turn)] = result
            if None in result.outputs[:1] and turn == 0:
                # say the fault of a failing turn once
                scope["index"], scope["count"] = outer
                return Result((None,), results)
            current = [result]
        scope["index"], scope["count"] = outer
        last = current[0]
        if layer.flat or frame.numbered:
            results = {**last.names, **results} if layer.flat else results
        return Result(last.outputs, results)

    def one(self, layer: Layer, frame: _Frame, sources: list[Result], name: str, turn: int | None = None) -> Result:
        path = frame.prefix + name
        if layer.target_kind == "op":
            return Result((self.op(layer, frame, sources, path),))
        prefix = f"{path}." if name else frame.prefix
        if layer.body is not None:
            inner = _Frame(frame.document, frame.scope, prefix, self.instance(layer, frame, path, "", turn), dict(frame.names), sources[0])
            inner.names["input"] = sources[0] if len(sources) == 1 else Result(tuple(s.outputs[0] for s in sources))
            body = layer.body
        else:
            block, home = self.block(layer, frame)
            instance = self.instance(layer, frame, path, block.name, turn)
            inner = _Frame(home, self.block_scope(block, home, layer, frame, turn), prefix, instance, {}, Result(()))
            self.bind(block, layer, sources, inner, frame)
            body = block.body
        if layer.flat:
            inner.counter = frame.counter
        saved = {key: frame.scope.get(key) for key in ("channels", "shape", "index", "count")} if inner.scope is frame.scope else None
        result = self.body(body, inner)
        if saved is not None:
            frame.scope.update(saved)
        return result

    def instance(self, layer: Layer, frame: _Frame, path: str, block: str, turn: int | None) -> Instance:
        instance = Instance(path, block, layer.mark, frame.instance, turn)
        depth, outer = 0, frame.instance
        while outer is not None:
            depth, outer = depth + 1, outer.parent
        if depth > MAX_DEPTH:
            self.complain(layer.mark, "limit", f"blocks nested deeper than {MAX_DEPTH}", "does a block contain itself?")
            raise _Failed
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
        self.complain(target.mark, "unknown-block", f"there is no block {shown(name)}", nearest(str(name), (*document.blocks, *document.homes), "blocks"), frame.instance)
        raise _Failed

    def block_scope(self, block: Block, home: Document, layer: Layer, frame: _Frame, turn: int | None) -> dict[str, Any]:
        """The file's values, the block's parameters and its lets; arguments are worked out where the block is used."""
        arguments = layer.settings if not (turn == 0 and layer.first) else {**layer.settings, **layer.first}
        scope = {k: v for k, v in frame.scope.items() if k in home.params or k in home.lets} if home is frame.document else self.file_scope(home, {})
        for name in arguments:
            if name not in block.params:
                mark = layer.marks.get(name, layer.mark)
                self.complain(mark, "unknown-key", f"block `{block.name}` has no parameter `{name}`", nearest(name, block.params, "parameters"), frame.instance)
                raise _Failed
        for key in ("channels", "shape", "index", "count"):
            scope[key] = frame.scope.get(key, 0)
        for name, default in block.params.items():
            if name in arguments:
                scope[name] = self.evaluate(arguments[name], frame.scope, frame.instance)
            elif default is None:
                self.complain(layer.mark, "missing", f"block `{block.name}` needs `{name}`", f"with: {{{name}: …}}", frame.instance)
                raise _Failed
            else:
                scope[name] = self.evaluate(default, scope, frame.instance)
        for name, template in block.lets.items():
            scope[name] = self.evaluate(template, scope, frame.instance)
        return scope

    def bind(self, block: Block, layer: Layer, sources: list[Result], inner: _Frame, frame: _Frame) -> None:
        """The block's inputs by name: from as many sources, or from the several outputs of one."""
        wanted = len(block.inputs) or 1
        if len(sources) == 1 and len(sources[0].outputs) >= wanted:
            values = sources[0].outputs[:wanted]
        elif len(sources) == wanted:
            values = tuple(s.outputs[0] for s in sources)
        elif None in sources[0].outputs:
            raise _Failed
        else:
            found = len(sources) if len(sources) > 1 else len(sources[0].outputs)
            named = f" ({', '.join(block.inputs)})" if block.inputs else ""
            self.complain(layer.mark, "arity", f"block `{block.name}` takes {wanted} input{'s' if wanted > 1 else ''}{named}, found {found}", "name them in `from: [...]`", frame.instance)
            raise _Failed
        inner.previous = Result(values)
        for name, value in zip(block.inputs, values, strict=False):
            inner.names[name] = Result((value,))
        inner.names.setdefault("input", inner.previous)

    # --- names ---

    def resolve(self, reference: Reference, frame: _Frame) -> Result:
        head, *rest = reference.parts
        result = frame.previous if head == "previous" else frame.names.get(head)
        if result is None:
            self.complain(reference.mark, "reference", f"there is no layer `{reference}` here", nearest(head, (n for n in frame.names if n not in RESERVED), "names"), frame.instance)
            raise _Failed
        for i, part in enumerate(rest):
            if part not in result.names:
                if None in result.outputs:
                    raise _Failed
                at = ".".join(reference.parts[: i + 1])
                self.complain(reference.mark, "reference", f"there is no `{part}` in `{at}`", nearest(part, result.names, "layers in it"), frame.instance)
                raise _Failed
            result = result.names[part]
        return result

    def shape(self, index: int | None) -> Shape | None:
        return None if index is None else self.input if index < 0 else self.nodes[index].facts.output

    # --- ops ---

    def op(self, layer: Layer, frame: _Frame, sources: Sequence[Result], path: str) -> int | None:
        op = self.constants.get(id(layer)) or self.make(layer, frame)
        inputs = self.inputs(layer, op, sources, frame)
        if None in inputs:
            return None
        shapes = tuple(self.input if i < 0 else self.nodes[i].facts.output for i in inputs)  # type: ignore[operator]
        facts = self.facts.get((op, shapes))
        if facts is None:
            try:
                output = op.output_shape(*shapes)
            except ShapeError as error:
                arrived = " and ".join(units.shape(s) for s in shapes)
                self.complain(layer.mark, "shape", f"`{path}` ({self.op_name(op)}) cannot take {arrived}: {error}", error.hint, frame.instance)
                return None
            size = 1
            for n in output:
                size *= n
            if size > MAX_ELEMENTS:
                self.complain(layer.mark, "limit", f"`{path}` would give {units.shape(output)}: more than 2^50 elements", "", frame.instance)
                return None
            facts = self.facts[(op, shapes)] = Facts(op, shapes, output)
        if path in self.paths:
            self.complain(layer.mark, "duplicate", f"two layers have the path `{path}`", "a `flat` block or a `name` repeats it", frame.instance)
            return None
        self.paths.add(path)
        if layer.shape is not None:
            self.assert_shape(layer, frame, path, facts)
        shares = self.shared(layer, frame, facts, path) if layer.share else None
        self.nodes.append(Node(path, op, inputs, facts, layer, frame.instance, self.aux_depth > 0, shares))  # type: ignore[arg-type]
        return len(self.nodes) - 1

    @staticmethod
    def op_name(op: Op) -> str:
        return next(name for name, kind in OPS.items() if kind is type(op))

    def make(self, layer: Layer, frame: _Frame) -> Op:
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block or a group
        name = self.evaluate(target, frame.scope, frame.instance)
        kind = OPS.get(name) if isinstance(name, str) else None
        if kind is None:
            self.complain(target.mark, "unknown-op", f"there is no op {shown(name)}", nearest(str(name), OPS, "ops"), frame.instance)
            raise _Failed
        constant = target.constant and all(t.constant for t in layer.settings.values())
        values = {k: self.evaluate(t, frame.scope, frame.instance) for k, t in layer.settings.items()}
        try:
            key = (kind, *((k, tuple(v) if isinstance(v, list) else v, type(v)) for k, v in values.items()))
            if (op := self.ops.get(key)) is not None:
                return op
        except TypeError:
            key = None  # a nested list: not hashable, and no op takes it
        faults = kind.faults(values)
        if faults:
            for fault in faults:
                if fault.name in layer.settings and fault.name in kind.settings:
                    template = layer.settings[fault.name]
                    worked = f" (from `{template.data.text}`)" if isinstance(template.data, Expression) else ""
                    self.complain(template.mark, "setting", f"op `{name}`: {fault.message}{worked}", fault.hint, frame.instance)
                else:
                    self.complain(layer.marks.get(fault.name, layer.mark), "setting", f"op `{name}`: {fault.message}", fault.hint, frame.instance)
            raise _Failed
        op = kind(**values)
        if key is not None:
            self.ops[key] = op
        if constant:
            self.constants[id(layer)] = op
        return op

    def inputs(self, layer: Layer, op: Op, sources: Sequence[Result], frame: _Frame) -> tuple[int | None, ...]:
        fewest, most = op.arity
        if most == 0:
            if layer.sources:
                self.complain(layer.mark, "arity", f"op `{self.op_name(op)}` takes no input, found `from`", "", frame.instance)
                raise _Failed
            return ()
        if len(sources) == 1 and fewest > 1:
            values = sources[0].outputs[:most]
        else:
            values = tuple(s.outputs[0] for s in sources)
        if None in values:
            return (None,)
        if len(values) < fewest or (most is not None and len(values) > most):
            wanted = f"{fewest}" if most == fewest else f"at least {fewest}" if most is None else f"{fewest} to {most}"
            self.complain(layer.mark, "arity", f"op `{self.op_name(op)}` takes {wanted} input{'s' if wanted != '1' else ''}, found {len(values)}", "name them in `from: [...]`", frame.instance)
            raise _Failed
        return values

    def assert_shape(self, layer: Layer, frame: _Frame, path: str, facts: Facts) -> None:
        """The spec's `shape:` against the shape; only where the network is as the spec has it."""
        if layer.shape is None or not self.network.as_specified():
            return
        stated = self.evaluate(layer.shape, frame.scope, frame.instance)
        expected = parse_shape(stated)
        if expected is None:
            self.complain(layer.shape.mark, "kind", f"`shape` is {shown(stated)}, expected one such as 96x55x55", "", frame.instance)
        elif expected != facts.output:
            notes = "; ".join(facts.notes)
            self.complain(layer.shape.mark, "shape-assertion", f"`{path}` gives {units.shape(facts.output)}, the spec says {units.shape(expected)}",
                          f"from {units.shape(facts.inputs[0])}: {notes}" if notes and facts.inputs else "", frame.instance)

    def shared(self, layer: Layer, frame: _Frame, facts: Facts, path: str) -> int | None:
        """The node whose weights `share` borrows: the same weights, name by name and shape by shape."""
        assert layer.share is not None  # noqa: S101 - asked only for layers that share
        index = self.resolve(layer.share, frame).outputs[0]
        if index is None or index < 0:
            self.complain(layer.share.mark, "share", f"`{path}` shares with `{layer.share}`, which has no weights", "", frame.instance)
            raise _Failed
        other = self.nodes[index]
        if other.op != facts.op or other.facts.weights != facts.weights:
            self.complain(layer.share.mark, "share", f"`{path}` cannot share the weights of `{other.path}`: they differ in shape or settings", "", frame.instance)
            raise _Failed
        return other.shares if other.shares is not None else index
