"""A tree of layers to the entries of a spec: blocks, groups in place, and repeats."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.graph.graph import Graph
from archprof.language.writing.arguments import given, is_default, values_of
from archprof.language.writing.blanks import HOLE, Blank, Value, of_setting, same
from archprof.language.writing.entries import (
    BlockText,
    BodyText,
    EntryText,
    with_name,
    with_word_before,
)
from archprof.language.writing.folding import Folding
from archprof.language.writing.kinds import BlockKind, Kinds
from archprof.language.writing.names import NameScope, input_names
from archprof.language.writing.parameters import Parameters
from archprof.language.writing.runs import name_pattern, segments
from archprof.language.writing.signature import is_activation
from archprof.language.writing.tree import NOTHING, Leaf, Part, Subtree, can_be_key
from archprof.ops.base import Shape


class Drafts:
    """Writes every block once, and the network's own body."""

    def __init__(self, graph: Graph, found: Kinds, folding: Folding):
        self.graph, self.kinds, self.folding = graph, found, folding
        self.blocks: dict[BlockKind, BlockText] = {}  # inner ones first
        self.names: set[str] = set()

    def network(self, root: Subtree) -> BodyText:
        """Return the body of the network. Raises UnreachableError."""
        body = self._body(self.kinds[root], [root], NameScope(root, -1, {}))
        Parameters().write(body.blanks())
        if self.graph.outputs != (root.result,):
            scope = NameScope(root, -1, {})
            body.output = _listed([scope.name(index) for index in self.graph.outputs])
        return body

    def block(self, kind: BlockKind) -> BlockText:
        """Return the block of a kind, which is written when it is first asked for."""
        if kind not in self.blocks:
            inputs = input_names(kind.pattern, kind.names_inputs)
            source = kind.pattern.reads[0] if kind.pattern.reads else NOTHING
            scope = NameScope(kind.pattern, source, inputs)
            body = self._body(kind, kind.members, scope)
            if kind.pattern.output is not None:
                body.output = scope.name(kind.pattern.output)
            parameters = Parameters()
            parameters.write(body.blanks())
            parameters.name()
            name = self._free_name(kind.called)
            self.blocks[kind] = BlockText(name, [*inputs.values()], parameters.list, body)
        return self.blocks[kind]

    def _free_name(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self.names:
            count += 1
            name = f"{wanted}{count}"
        self.names.add(name)
        return name

    def _body(
        self, kind: BlockKind, members: Members, scope: NameScope, outer_counter: int | None = 0
    ) -> BodyText:
        """Return the entries of a kind, with a value for each of the members.

        A list's numbers begin at 0, None where it is spliced and all have names. Raises
        UnreachableError.
        """
        parts = kind.pattern.parts
        runs = self.folding.runs(kind)
        whole = runs.get(0) == len(parts)
        lines = BodyText(whole or not all(can_be_key(part.name) for part in parts))
        counter = outer_counter if lines.numbered else None
        place = 0
        while place < len(parts):
            if _arrives(parts[place]):  # an input of the network is not a layer
                place += 1
                continue
            end = runs.get(place, place + 1)
            columns = [_column(kind, members, i) for i in range(place, end)]
            if end - place > 1:
                lines.entries += self._run(parts[place:end], columns, scope, counter)
            else:
                entry = self._entry(parts[place], columns[0], members, scope, lines.numbered)
                named = not lines.numbered or kind.pattern.spliced
                if not named and parts[place].name != str(counter):
                    entry.words = with_name(entry.words, parts[place].name)
                lines.entries.append(entry)
            for part in parts[place:end]:
                counter = _counted(counter, part)
                scope.passed(part)
            if kind.names_behind(place):
                counter = None
            place = end
        return lines

    def _entry(
        self, part: Part, column: Column, members: Members, scope: NameScope, numbered: bool
    ) -> EntryText:
        """Return one layer, with the condition under which it is there."""
        if isinstance(part, Leaf):
            entry = self._op(part, column, scope)
        else:
            entry = self._group(part, column, scope, numbered)
        entry.key = "" if numbered else part.name
        if part.aux and not scope.group.aux:
            entry.words["aux"] = True
        if part.frozen is not None:
            frozen = part.frozen
            entry.words["frozen"] = list(frozen) if isinstance(frozen, tuple) else frozen
        if any(one is None for one, around in zip(column, members, strict=True) if around):
            there = [
                HOLE if around is None else one is not None
                for one, around in zip(column, members, strict=True)
            ]
            condition = Blank(there, self._condition(part), scope.place(""))
            entry.words = with_word_before(entry.words, "with", "when", condition)
        return entry

    def _condition(self, part: Part) -> str:
        """Return what the parameter is called that says whether a part is there."""
        if not part.name.isdigit():
            return part.name
        if isinstance(part, Subtree):
            return self.kinds[part].called
        return "activated" if is_activation(part) else part.node.kind

    def _op(self, leaf: Leaf, column: Column, scope: NameScope) -> EntryText:
        place = scope.place(leaf.name)
        words: dict[str, Value] = {"op": leaf.node.kind}
        if is_activation(leaf):
            kinds = [one.node.kind if isinstance(one, Leaf) else HOLE for one in column]
            words["op"] = Blank(kinds, "act", scope.place(""))
        reads = [scope.name(index) for index in leaf.reads]
        if reads and leaf.reads != (scope.previous,):
            words["from"] = _listed(reads)
        words |= self._settings(leaf, column, place)
        if leaf.node.shares is not None:
            words["share"] = scope.name(leaf.node.shares)
        if leaf.init:
            words["init"] = _init(leaf, column, place)
        return EntryText(leaf.name, words)

    def _settings(self, leaf: Leaf, column: Column, place: str) -> dict[str, Value]:
        """Return the settings of an op, without those that are the default in all uses."""
        settings = leaf.node.op.settings
        if is_activation(leaf):  # another one may have other settings
            settings = {name: settings[name] for name in leaf.node.op.given()}
        shapes = self._shapes(column)
        found: dict[str, Value] = {}
        for name, declared in settings.items():
            values = [
                getattr(one.node.op, name) if isinstance(one, Leaf) else HOLE for one in column
            ]
            default = HOLE if declared.required else declared.default
            if not all(value is HOLE or same(value, default) for value in values):
                found[name] = of_setting(name, declared, values, place, shapes)
        return found

    def _shapes(self, column: Column) -> list[Shape | None]:
        """Return what arrives at a layer in each use."""
        return [
            self.graph.shape_of(one.reads[0]) if one is not None and one.reads else None
            for one in column
        ]

    def _group(self, group: Subtree, column: Column, scope: NameScope, numbered: bool) -> EntryText:
        kind = self.kinds[group]
        words: dict[str, Value] = {}
        if self.folding.is_block(kind):
            words["block"] = self.block(kind).name
            if group.flat:
                words["flat"] = True
            sources = group.sources
            if sources and sources != (scope.previous,):
                words["from"] = _listed([scope.name(index) for index in sources])
            arguments = self._arguments(kind, column, scope.place(group.name))
            if arguments:
                words["with"] = arguments
            return EntryText(group.name, words)
        if group.flat:
            words["flat"] = True
        if group.reads and group.reads[0] != scope.previous:
            words["from"] = scope.name(group.reads[0])
        members = [one if isinstance(one, Subtree) else None for one in column]
        inner = scope.inside(kind.pattern, group)
        body = self._body(kind, members, inner, None if group.flat else 0)
        if kind.pattern.output is not None:
            body.output = inner.name(kind.pattern.output)
        if not numbered and not group.flat and _is_one_run(body, kind.pattern):
            return EntryText(group.name, _from_second(body.entries[0].words, words))
        return EntryText(group.name, words, body)

    def _arguments(self, kind: BlockKind, column: Column, place: str) -> dict[str, Value]:
        """Return the arguments of a block's use, without those that are the default in all."""
        found: dict[str, Value] = {}
        for parameter in self.block(kind).parameters:
            values = values_of(kind, parameter, column)
            if not is_default(values, parameter):
                found[parameter.name] = Blank(values, parameter.name, place, self._shapes(column))
        return found

    def _run(
        self,
        parts: Sequence[Part],
        columns: Sequence[Column],
        scope: NameScope,
        counter: int | None,
    ) -> list[EntryText]:
        """Return the entries for uses of one block in a row."""
        group = parts[0]
        assert isinstance(group, Subtree)  # noqa: S101 - what runs is a block
        kind = self.kinds[group]
        block = self.block(kind)
        turns = {
            one.name: [values_of(kind, one, column) for column in columns]
            for one in block.parameters
        }
        entries = []
        for start, end in segments(len(parts), turns):
            words: dict[str, Value] = {"block": block.name}
            if end - start > 1:
                words["repeat"] = end - start
            names = [part.name for part in parts[start:end]]
            pattern = name_pattern(names, None if counter is None else counter + start)
            if group.frozen is not None:
                words["frozen"] = group.frozen
            if group.spliced:
                words["flat"] = True
            elif pattern:
                words["name"] = f"'{pattern}'"
            reads = parts[start].reads
            if start == 0 and reads != (scope.previous,):
                words["from"] = _listed([scope.name(index) for index in reads])
            here = {name: values[start:end] for name, values in turns.items()}
            words |= given(block.parameters, here, scope.place(""))
            entries.append(EntryText("", words))
        return entries


Members = Sequence[Subtree | None]
Column = Sequence[Part | None]


def _column(kind: BlockKind, members: Members, place: int) -> list[Part | None]:
    """Return the part of each member at one place."""
    return [None if one is None else kind.aligned[one][place] for one in members]


def _counted(counter: int | None, part: Part) -> int | None:
    """Return the number of a list's next entry: only what has no name of its own takes one."""
    if counter is None or part.name != str(counter):
        return counter
    spliced = isinstance(part, Subtree) and part.spliced
    return counter + (len(list(part.leaves())) if spliced else 1)


def _listed(names: Sequence[str]) -> Value:
    return names[0] if len(names) == 1 else list(names)


def _from_second(run: dict[str, Value], words: dict[str, Value]) -> dict[str, Value]:
    """Return the words of a repeat with the group's own, such as `from`, behind its first two."""
    items = list(run.items())
    return dict([*items[:2], *words.items(), *items[2:]])


def _is_one_run(body: BodyText, group: Subtree) -> bool:
    """Whether a group has nothing but one repeat, which can stand in its place."""
    if len(body.entries) != 1 or body.output is not None or len(group.parts) < 2:
        return False
    words = body.entries[0].words
    return "repeat" in words and "flat" not in words and group.reads == group.parts[0].reads


def _init(leaf: Leaf, column: Column, place: str) -> dict[str, Value]:
    """Return how the weights of a layer start, by use."""
    found: dict[str, Value] = {}
    for weight, how in leaf.init.items():
        stated = [one.init[weight] if isinstance(one, Leaf) else HOLE for one in column]
        if not isinstance(how, dict):
            found[weight] = Blank(stated, f"{weight}_init", place)
            continue
        (scheme,) = how
        values = [HOLE if one is HOLE else one[scheme] for one in stated]
        found[weight] = {scheme: Blank(values, f"{weight}_{scheme}", place)}
    return found


def _arrives(part: Part) -> bool:
    return isinstance(part, Leaf) and part.node.op.arrives
