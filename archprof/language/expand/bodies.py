"""A body to nodes: its entries in order, repeats unrolled, dropped ones passed through."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from archprof.column_functions import single
from archprof.graph.graph import Dropped
from archprof.language.document import BUILT_IN, AnyReference, Body, ComputedReference, Layer
from archprof.language.expand.calls import Calls
from archprof.language.expand.frame import Frame, Inside, LayerFailed, Result, join, put
from archprof.language.expand.layers import LayerBuilder
from archprof.language.expand.names import Names
from archprof.language.expand.nodes import Nodes, StepCounter
from archprof.language.expand.references import resolve, why, written_out
from archprof.language.expand.sharing import Sharing
from archprof.language.expand.turns import Turns
from archprof.language.expand.values import Values
from archprof.language.expression import cut
from archprof.limits import raising
from archprof.ops.base import shown


class Bodies:
    """Unrolls bodies."""

    def __init__(
        self,
        values: Values,
        nodes: Nodes,
        steps: StepCounter,
        names: Names,
        layers: LayerBuilder,
        calls: Calls,
        sharing: Sharing,
    ):
        self.values, self.complaints = values, values.complaints
        self.nodes, self.steps = nodes, steps
        self.names, self.layers, self.calls = names, layers, calls
        self.sharing = sharing
        self.turns = Turns(nodes, names.paths, steps, calls, layers)

    def unroll(self, body: Body, frame: Frame) -> Result:
        """Return what the body gives.

        Raises LayerFailed where an `output` leads nowhere, Stop at a limit.
        """
        for layer in body.layers:
            self._entry(layer, frame)
        given = frame.previous
        if body.output is not None:
            found = self._resolved(body.output, frame)
            if not found:
                self._complain_of_none("output", body.output, frame)
            given = found[0]
            if len(found) > 1 or not given.parallel:
                given = Result(tuple(output for one in found for output in one.given))
        return Result(
            given.outputs, frame.own, unnumbered=frame.unnumbered, parallel=given.parallel
        )

    def _entry(self, layer: Layer, frame: Frame) -> None:
        """Unroll one entry and move the frame on; a failed layer leaves a failed result."""
        self.steps.step(layer, frame)
        name = ""
        try:
            sources = [frame.previous]
            if layer.sources is not None:
                sources = self._sources_before(layer, frame)
            self.arrive(sources[0], frame)
            times = 1
            if layer.when is not None or layer.repeat is not None:
                times = self._times(layer, frame)
            name = self._name(layer, frame, times)
            result = self._result(layer, frame, sources, name, times)
        except LayerFailed:
            result = Result((None,))
            if not name and layer.key is None and not layer.flat:  # it would have taken a number
                name = frame.next_number()
        frame.keep(layer, name, result)

    def _name(self, layer: Layer, frame: Frame, times: int) -> str:
        """Return the name of an entry that is there `times` times, "" where its turns have theirs
        and where it takes no number. Raises LayerFailed where a pattern gives none.
        """
        if not times:
            return self.names.of_dropped(layer, frame)
        return "" if layer.flat else self.names.name(layer, frame)

    def _sources(self, layer: Layer, frame: Frame) -> list[Result]:
        """Return what the layer reads. Raises LayerFailed where a name leads nowhere."""
        if layer.sources is None:
            return [frame.previous]
        found = self._resolved(layer.sources, frame)
        if not found:
            self._complain_of_none("from", layer.sources, frame)
        return found

    def _sources_before(self, layer: Layer, frame: Frame) -> list[Result]:
        """Return what the layer reads; of turns that read each its own, what the first does. Where
        there is no turn, nothing needs to be there: what is above goes on.
        """
        if not _each_its_own(layer):
            return self._sources(layer, frame)
        if not self._times(layer, frame):
            return [frame.previous]
        outer = frame.scope["index"]
        frame.scope["index"] = 0
        try:
            return self._sources(layer, frame)
        finally:
            frame.scope["index"] = outer

    def _resolved(self, references: Sequence[AnyReference], frame: Frame) -> list[Result]:
        """Return what the references name, without inputs of which nothing has arrived."""
        named = written_out(references, frame, self.values)
        found = [resolve(reference, frame, self.complaints) for reference in named]
        return [result for result in found if result.outputs]

    def _complain_of_none(
        self, key: str, references: Sequence[AnyReference], frame: Frame
    ) -> NoReturn:
        mark, shown_ = references[0].mark, " and ".join(map(str, references))
        message = f"`{key}` names no layer here: `{cut(shown_)}` comes to none"
        self.complaints.fail(mark, "reference", message, "", frame.instance)

    def _result(
        self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str, times: int
    ) -> Result:
        """Return the result of an entry that is there `times` times, 0 where it is dropped."""
        if not times:
            return self._drop(layer, frame, sources, name)
        if layer.repeat:
            result = self._repeat(layer, frame, sources, name, times)
        else:
            result = self.once(layer, frame, sources, name)
        if layer.aux and not frame.aux:
            self.nodes.aux_outputs += [i for i in result.given if i is not None and i >= 0]
        return result

    def arrive(self, source: Result, frame: Frame) -> None:
        """Put the shape that a layer receives into its scope; remove it where it is unknown."""
        index, scope = source.outputs[0], frame.scope
        if index is None:
            scope.pop("shape", None)
            scope.pop("channels", None)
        else:
            shape = self.nodes.shape(index)
            scope["shape"] = list(shape)
            scope["channels"] = shape[0] if shape else 1

    def once(
        self,
        layer: Layer,
        frame: Frame,
        sources: Sequence[Result],
        name: str,
        turn: int | None = None,
    ) -> Result:
        """Build a layer, or one turn of its repeat, and return what it gives."""
        if layer.target_kind == "op":
            return self.layers.add(layer, frame, sources, name)
        first, known = len(self.nodes.list), len(self.complaints.problems)
        body, inner = self.calls.enter(layer, frame, sources, name, turn)
        result = self.unroll(body, inner).within(name)
        sound = len(self.complaints.problems) == known
        place = Inside(range(first, len(self.nodes.list)), inner.prefix, sound)
        self.sharing.share(layer, frame, place, turn)
        result.place = place
        return result

    # --- `when` and `repeat` ---

    def _times(self, layer: Layer, frame: Frame) -> int:
        """Return how often the layer is built: 0 where `when` drops it."""
        if layer.when is not None and not self.values.truth(layer.when, "`when`", frame):
            return 0
        if layer.repeat is None:
            return 1
        count = single(self.values.evaluate(layer.repeat, frame.scope, frame.instance))
        if type(count) is not int or count < 0:
            self.complaints.fail(
                layer.repeat.mark,
                "kind",
                f"`repeat` is {shown(count)}, expected a whole number of at least 0",
                instance=frame.instance,
            )
        most = self.steps.most.layers
        if count > most:
            self.complaints.fail(
                layer.repeat.mark,
                "limit",
                f"`repeat` is {count:,}, at most {most:,}",
                raising("layers", count),
                frame.instance,
            )
        return count

    def _drop(self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str) -> Result:
        """Pass on the first source of a layer that is left out, and note what is lost."""
        if not name and not layer.flat:
            frame.unnumbered.append(layer)
        kept = sources[0].outputs[0]
        # of a dropped source nothing is lost
        lost = [i for source in sources[1:] if source.dropped is None for i in source.given]
        if lost and kept is not None:
            nodes = tuple(i for i in lost if i is not None)
            self.nodes.dropped.append(
                Dropped(frame.prefix + name, layer.mark, why(layer), kept, nodes)
            )
        return Result(sources[0].outputs, dropped=layer, parallel=sources[0].parallel)

    def _repeat(
        self, layer: Layer, frame: Frame, sources: Sequence[Result], name: str, times: int
    ) -> Result:
        """Build a layer `times` times, each turn on what the one before gives.

        Where it is parallel each takes the same. In a mapping their paths are KEY.0 …, in a list
        each is an entry of its own.
        """
        scope = frame.scope
        outer = {key: scope[key] for key in BUILT_IN if key in scope}
        inner = frame.of_turns(name)
        try:
            return self._turns(layer, inner, sources, times)
        finally:
            for key in BUILT_IN:
                scope.pop(key, None)
            scope.update(outer)

    def _turns(self, layer: Layer, frame: Frame, sources: Sequence[Result], times: int) -> Result:
        """Build the turns of a repeat in its frame, and return what the last one gives.

        Of a parallel repeat that is what all of them give.
        """
        results: dict[str, Result] = {}
        turns: list[Result] = []
        current = sources
        outputs: tuple[int | None, ...] = ()
        before = self.steps.used()
        repeated = self.turns.of(layer, frame)
        for turn in range(times):
            if turn == 2:  # as the second turn went, so will the rest
                self.steps.foresee(layer, frame, before, times)
            before = self.steps.used()
            self.steps.step(layer, frame)
            frame.scope["index"], frame.scope["count"] = turn, times
            if _each_its_own(layer):
                current = self._sources(layer, frame)
            self.arrive(current[0], frame)
            name = self.names.turn_name(layer, frame)
            build = partial(self.once, layer, frame, current, name, turn)
            result = repeated.take(turn, current, name, build)
            if name:
                put(results, name, result)
            else:
                join(results, result.names, latest=True)
            if None in result.outputs[:1]:  # every later turn would complain of the same again
                return Result((None,), results)
            outputs += result.given
            turns.append(result)
            if not layer.parallel:
                current = [result]
        if layer.parallel:
            whole = Result(outputs, results, parallel=_first_turn(layer, results))
        else:
            whole = Result(current[0].outputs, results, parallel=current[0].parallel)
        whole.turns = turns
        return whole


def _each_its_own(layer: Layer) -> bool:
    """Whether the turns of a repeat read what a name computed from `$index` says."""
    sources = layer.sources or ()
    return layer.parallel and any(isinstance(one, ComputedReference) for one in sources)


def _first_turn(layer: Layer, results: dict[str, Result]) -> str:
    """Return how the body around a repeat names its first turn."""
    first = next(iter(results), "NAME.0")
    return first if layer.key is None or layer.flat else f"{layer.key}.{first}"
