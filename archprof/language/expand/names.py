"""The names of layers: how an entry is called in its body, and so in its path."""

from __future__ import annotations

from archprof.language.document import Layer, NamePattern
from archprof.language.expand.frame import Frame
from archprof.language.expand.paths import Paths
from archprof.language.expand.values import Values
from archprof.language.naming import layer_fault


class Names:
    """Names layers, and complains of names that none can have."""

    def __init__(self, values: Values, paths: Paths):
        self.values, self.paths = values, paths
        self.complaints = values.complaints

    def name(self, layer: Layer, frame: Frame) -> str:
        """Return the layer's part of the path: its key, its name, or its number in a list.

        It is empty for a repeat in a list, which numbers each turn itself.
        """
        if layer.key is not None:
            self.paths.watch(layer.key, layer.mark, frame)
            return layer.key
        if layer.repeat is not None:
            return ""
        if layer.name is not None:
            return self._patterned(layer.name, frame)
        return frame.next_number()

    def of_dropped(self, layer: Layer, frame: Frame) -> str:
        """Return the name of an entry that is left out, "" where it would take a number."""
        if layer.key is None and layer.name is not None and layer.repeat is None:
            return self._patterned(layer.name, frame)
        return layer.key or ""

    def turn_name(self, layer: Layer, frame: Frame) -> str:
        """Return the part of the path of one turn of a repeat, "" where it is spliced."""
        if layer.name is not None:
            return self._patterned(layer.name, frame)
        if layer.flat and layer.target_kind != "op":
            return ""
        return frame.next_number()

    def _patterned(self, pattern: NamePattern, frame: Frame) -> str:
        """Return the name that a pattern gives here. Raises LayerFailed where it is none."""
        text = self.values.text(pattern.parts, pattern.mark, frame.scope, frame.instance)
        fault = layer_fault(text)
        if fault is not None:
            self.complaints.fail(pattern.mark, "name", fault.message, fault.hint, frame.instance)
        self.paths.watch(text, pattern.mark, frame)
        return text
