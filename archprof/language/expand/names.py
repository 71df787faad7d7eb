"""The names of layers: how an entry is called in its body, and so in its path."""

from __future__ import annotations

from archprof.language.document import Layer, NamePattern, Template
from archprof.language.expand.frame import Frame
from archprof.language.expand.paths import Paths
from archprof.language.expand.values import Values
from archprof.language.words import WORD, WORD_EXPECTED
from archprof.ops.base import shown


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

    def turn_name(self, layer: Layer, frame: Frame) -> str:
        """Return the part of the path of one turn of a repeat, "" where it is spliced."""
        if layer.name is not None:
            return self._patterned(layer.name, frame)
        if layer.flat and layer.target_kind != "op":
            return ""
        return frame.next_number()

    def _patterned(self, pattern: NamePattern, frame: Frame) -> str:
        """Return the name that a pattern gives here. Raises LayerFailed where it is none."""
        text = ""
        for part in pattern.parts:
            if isinstance(part, str):
                text += part
                continue
            template = Template(part, pattern.mark, False)
            value = self.values.evaluate(template, frame.scope, frame.instance)
            if type(value) not in (int, str):
                self.complaints.fail(
                    pattern.mark,
                    "kind",
                    f"`{part.text}` in a name is {shown(value)}, expected a whole number or a text",
                    instance=frame.instance,
                )
            text += str(value)
        if not WORD.match(text):
            self.complaints.fail(
                pattern.mark,
                "name",
                f"{shown(text)} is not a name, {WORD_EXPECTED}",
                instance=frame.instance,
            )
        self.paths.watch(text, pattern.mark, frame)
        return text
