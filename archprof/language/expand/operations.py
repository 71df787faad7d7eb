"""The op of a layer, with its settings, and the inputs that it takes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from archprof.foreign import op_hint, setting_hint
from archprof.language.document import Layer, Template
from archprof.language.expand.frame import Frame, LayerFailed, Result
from archprof.language.expand.parallel import one_of_each
from archprof.language.expand.values import Values, origin
from archprof.ops import OPS
from archprof.ops.base import Op, shown


class Operations:
    """Makes ops from layers; layers with the same settings have the same op."""

    def __init__(self, values: Values):
        self.values, self.complaints = values, values.complaints
        self._made: dict[Hashable, Op] = {}  # by kind and settings
        self._alike: dict[Op, Op] = {}  # one of equal ops, of which some leave out what is usual
        self._of_layer: dict[Hashable, Op] = {}  # by the layer and its settings that change
        self._changing: dict[int, dict[str, Template]] = {}  # by the layer's identity

    def of(self, layer: Layer, frame: Frame) -> Op:
        """Return the layer's op. Raises LayerFailed."""
        target = layer.target
        if target is None or not target.constant:
            return self._make(layer, frame, {})
        place = id(layer)
        changing = self._changing.get(place)
        if changing is None:
            changing = {name: one for name, one in layer.settings.items() if not one.constant}
            self._changing[place] = changing
        values = {
            name: self.values.evaluate(template, frame.scope, frame.instance)
            for name, template in changing.items()
        }
        key = _key(place, values.values())
        op = self._of_layer.get(key)
        if op is None:
            op = self._make(layer, frame, values)
            if key is not None:
                self._of_layer[key] = op
        return op

    def _make(self, layer: Layer, frame: Frame, known: Mapping[str, Any]) -> Op:
        """Return the op of a layer of which some settings are `known`. Raises LayerFailed."""
        target = layer.target
        assert target is not None  # noqa: S101 - a layer is an op, a block or a group
        name = self.values.evaluate(target, frame.scope, frame.instance)
        kind = OPS.get(name) if isinstance(name, str) else None
        if kind is None:
            self.complaints.fail(
                target.mark,
                "unknown-op",
                f"there is no op {shown(name)}{origin(target)}",
                op_hint(str(name), OPS),
                frame.instance,
            )
        if not target.constant:
            self._refuse_unknown(name, kind, layer, frame)
        settings = {
            name: known[name]
            if name in known
            else self.values.evaluate(template, frame.scope, frame.instance)
            for name, template in layer.settings.items()
            # an op that an expression chooses leaves out what only others among them have
            if target.constant or name in kind.settings
        }
        key = _key((kind, *settings), settings.values())
        if key is not None and key in self._made:
            return self._made[key]
        op = self._built(name, kind, settings, layer, frame)
        op = self._alike.setdefault(op, op)
        if key is not None:
            self._made[key] = op
        return op

    def _built(
        self, name: str, kind: type[Op], settings: dict[str, Any], layer: Layer, frame: Frame
    ) -> Op:
        """Return an op with these settings. Raises LayerFailed for those that do not fit it."""
        try:
            return kind(**settings)
        except ValueError:
            self._complain_of_faults(name, kind, settings, layer, frame)
            raise LayerFailed from None

    def _refuse_unknown(self, name: str, kind: type[Op], layer: Layer, frame: Frame) -> None:
        """Complain of settings that neither the chosen op has nor any other op.

        What only others have is left out: they may be chosen elsewhere. Raises LayerFailed.
        """
        foreign = [setting for setting in layer.settings if setting not in kind.settings]
        unknown = [one for one in foreign if not any(one in OPS[op].settings for op in OPS)]
        for setting in unknown:
            self.complaints.add(
                layer.marks[setting],
                "unknown-key",
                f"op `{name}` has no setting `{setting}`, nor has any other op",
                setting_hint(name, setting, kind.settings),
                frame.instance,
            )
        if unknown:
            raise LayerFailed

    def _complain_of_faults(
        self, name: str, kind: type[Op], settings: dict[str, Any], layer: Layer, frame: Frame
    ) -> None:
        """Complain of settings that do not fit the op."""
        for fault in kind.faults(settings):
            if fault.name in layer.settings and fault.name in kind.settings:
                template = layer.settings[fault.name]
                mark, source = template.mark, origin(template)
            else:
                mark, source = layer.marks.get(fault.name, layer.mark), ""
            message = f"op `{name}`: {fault.message}{source}"
            self.complaints.add(mark, "setting", message, fault.hint, frame.instance)

    def inputs(
        self, layer: Layer, op: Op, sources: Sequence[Result], frame: Frame
    ) -> tuple[int, ...] | None:
        """Return the nodes that the op reads, None where one of them has failed.

        Raises LayerFailed where they are too few or too many.
        """
        fewest, most = op.arity
        if most == 1:
            one_of_each(f"op `{op.name}` takes one input", sources, layer, frame, self.complaints)
        if most == 0:
            if layer.sources:
                self.complaints.fail(
                    layer.mark,
                    "arity",
                    f"op `{op.name}` takes no input, found `from`",
                    instance=frame.instance,
                )
            return ()
        if len(sources) > 1:
            outputs = tuple([output for source in sources for output in source.given])
        elif fewest > 1 and not sources[0].parallel:
            outputs = sources[0].outputs[:most]
        else:
            outputs = sources[0].given
        inputs = tuple([i for i in outputs if i is not None])
        if len(inputs) < len(outputs):
            return None
        if len(inputs) < fewest or (most is not None and len(inputs) > most):
            hint = "name them in `from: [...]`" if len(inputs) < fewest else ""
            self.complaints.fail(
                layer.mark,
                "arity",
                f"op `{op.name}` takes {_wanted(fewest, most)}, found {len(inputs)}",
                hint,
                frame.instance,
            )
        return inputs


def _key(what: Hashable, values: Iterable[Any]) -> Hashable:
    """Return what ops with the same settings have in common, None for a nested list.

    That is not hashable, and no op takes it. 1, 1.0 and true are equal to Python, so each value
    goes with its type.
    """
    parts: list[Any] = [what]
    for value in values:
        listed = isinstance(value, list)
        items = tuple([(item, type(item)) for item in value]) if listed else value
        parts += items, type(value)
    key = tuple(parts)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _wanted(fewest: int, most: int | None) -> str:
    if most is None:
        number = f"at least {fewest}"
    elif most == fewest:
        number = f"{fewest}"
    else:
        number = f"{fewest} to {most}"
    return f"{number} input" if number == "1" else f"{number} inputs"
