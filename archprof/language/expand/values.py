"""The values of a spec while its network is expanded: parameters, lets, and how weights start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.column_functions import single
from archprof.graph.graph import Instance
from archprof.language.document import Document, Layer, Template
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame, LayerFailed, Stop
from archprof.language.expression import Expression, cut
from archprof.language.functions import ExpressionError
from archprof.language.kinds import initial_fault
from archprof.language.network import Network
from archprof.language.text import lines, within
from archprof.ops.base import shown
from archprof.problem import Mark


class Values:
    """Evaluates what a spec states, and complains where it cannot."""

    def __init__(self, complaints: Complaints):
        self.complaints = complaints

    def evaluate(self, template: Template, scope: dict[str, Any], instance: Instance | None) -> Any:
        """Return the plain value, not to be changed.

        Raises LayerFailed where it has none, Stop where the allowance is used up.
        """
        if template.constant:
            return template.data
        try:
            return template.evaluate(scope)
        except ExpressionError as error:
            self._complain(error, instance)
            if error.limit:
                raise Stop from None
            raise LayerFailed from None

    def _complain(self, error: ExpressionError, instance: Instance | None) -> None:
        at = error.at
        if error.limit:
            self.complaints.add(at.mark, "limit", str(error), error.hint, instance)
            return
        if error.name:  # a name is missing only where evaluating what it names has failed before
            return
        mark, quoted = at.mark, ""
        if isinstance(at.data, Expression):
            text = at.data.text
            quoted = f"`{cut(text)}`: "
            mark = within(mark, text, error.column, lines(self.complaints.texts[mark.file]))
        self.complaints.add(mark, "expression", f"{quoted}{error}", error.hint, instance)

    def text(
        self,
        parts: Sequence[str | Expression],
        mark: Mark,
        scope: dict[str, Any],
        instance: Instance | None,
    ) -> str:
        """Return the name that texts and expressions in turn come to.

        Raises LayerFailed where one of the expressions gives neither a text nor a whole number.
        """
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += part
                continue
            value = single(self.evaluate(Template(part, mark, False), scope, instance))
            if type(value) not in (int, str):
                self.complaints.fail(
                    mark,
                    "kind",
                    f"`{part.text}` in a name is {shown(value)}, expected a whole number or a text",
                    instance=instance,
                )
            text += str(value)
        return text

    def truth(self, template: Template, called: str, frame: Frame) -> bool:
        """Return the value of a condition, which messages call as given.

        Raises LayerFailed where it is neither true nor false, or has no value.
        """
        value = self.evaluate(template, frame.scope, frame.instance)
        if not isinstance(value, bool):
            other = "0" if isinstance(value, (int, float)) else "…"
            self.complaints.fail(
                template.mark,
                "kind",
                f"{called} is {shown(value)}, expected true or false",
                f"compare it: {cut(str(template.plain()))} != {other}",
                frame.instance,
            )
        return value

    def frozen(self, layer: Layer, frame: Frame) -> bool:
        """Return whether a layer's parameters are frozen: as it says, or as what is around it."""
        if layer.frozen is None:
            return frame.frozen
        return self.truth(layer.frozen, "`frozen`", frame)

    def define(
        self,
        scope: dict[str, Any],
        name: str,
        template: Template,
        seen: dict[str, Any],
        instance: Instance | None,
    ) -> None:
        """Put a value into `scope`, evaluated with the names of `seen`.

        Where it cannot be evaluated the name is missing, and what needs it fails silently.
        """
        try:
            scope[name] = self.evaluate(template, seen, instance)
        except LayerFailed:
            scope.pop(name, None)

    def of_network(self, network: Network) -> dict[str, Any]:
        """Return the parameters and lets of the network's file, with its own values put in.

        Those are its variant's and the overrides.
        """
        given: dict[str, Any] = {}
        if network.variant:
            given = {name: value.plain() for name, value in network.variant.values.items()}
        return self.of_file(network.document, {**given, **network.overrides})

    def of_file(self, document: Document, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the file's parameters and lets; `given` replaces defaults."""
        scope: dict[str, Any] = {}
        for name, default in document.params.items():
            if name in given:
                scope[name] = given[name]
            elif default is not None:  # its reader has refused what nothing gives a value
                self.define(scope, name, default, scope, None)
        for name, template in document.lets.items():
            self.define(scope, name, template, scope, None)
        return scope

    def inits(self, document: Document, scope: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return how a document says that weights start, by op and weight."""
        if document.init is None:
            return {}
        try:
            found: dict[str, dict[str, Any]] = self.evaluate(document.init, scope, None)
        except LayerFailed:
            return {}
        for schemes in found.values():
            self._check_init(schemes or {}, document.init, None)
        return found

    def init(
        self,
        template: Template,
        of_op: dict[str, Any] | None,
        scope: dict[str, Any],
        instance: Instance | None,
    ) -> dict[str, Any]:
        """Return how a layer's weights start: as its own `init` says, otherwise as its op does."""
        own = self.evaluate(template, scope, instance)
        self._check_init(own, template, instance)
        return {**(of_op or {}), **own}

    def _check_init(
        self, schemes: dict[str, Any], template: Template, instance: Instance | None
    ) -> None:
        """Complain of values that were evaluated; the reader has checked the others."""
        if template.constant:
            return
        for weight, how in schemes.items():
            if fault := initial_fault(weight, how):
                self.complaints.add(template.mark, "kind", fault, "", instance)


def origin(template: Template) -> str:
    """Return the expression behind a value, for a message; "" for a constant."""
    if template.constant:
        return ""
    plain = template.plain()
    text = f"[{', '.join(map(str, plain))}]" if isinstance(plain, list) else str(plain)
    return f" (from `{cut(text)}`)"
