"""The paths of layers: each has one of its own, and torch must be able to hold it."""

from __future__ import annotations

from archprof.graph.graph import Instance
from archprof.graph.origin import Entry
from archprof.graph.taken import taken
from archprof.language.document import Layer
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame
from archprof.problem import Mark, Problem


class Paths:
    """The paths given so far."""

    def __init__(self, complaints: Complaints):
        self.complaints = complaints
        self.refused: dict[str, Problem] = {}  # by path, why torch cannot hold its last name
        self._fine: set[tuple[str, bool]] = set()  # names, and whether they begin a path
        self._layers: dict[str, Mark] = {}
        self._groups: dict[str, str] = {}  # what has layers inside, with the path of one of them

    def watch(self, name: str, mark: Mark, frame: Frame) -> None:
        """Remember a name that torch cannot hold.

        It is allowed where torch holds nothing under it, as for an addition.
        """
        path = frame.prefix
        place = name, not path
        if place in self._fine:
            return
        fine = True
        for part in name.split("."):
            reason = taken(part, first=not path)
            path += part
            if reason:
                fine = False
                self.refused[path] = Problem(
                    mark,
                    "name",
                    f"no layer can be called `{part}`: {reason}",
                    f"choose another name, for instance `{part.strip('_')}_`",
                    frame.instance.chain() if frame.instance else (),
                )
            path += "."
        if fine:
            self._fine.add(place)

    def claim(self, path: str, layer: Entry, instance: Instance | None) -> None:
        """Give the path to a layer in a block, and complain where another layer or group has it."""
        first = self._layers.get(path)
        if first is not None:
            self._complain_of_two(path, first, layer, instance)
        else:
            nested = self._nested(path)
            if nested is not None:
                outer, inner = nested
                self.complaints.add(
                    layer.mark,
                    "duplicate",
                    f"`{outer}` is a layer, so that `{inner}` cannot stand inside it",
                    "a `name` or a `flat` gives a group and a layer the same path",
                    instance,
                )
        self._layers[path] = layer.mark

    def hold(self, path: str) -> None:
        """Complain where torch must hold a module under a name that it cannot hold."""
        while path:
            if path in self.refused:
                self.complaints.note(self.refused[path])
            path = path.rpartition(".")[0]

    def _complain_of_two(
        self, path: str, first: Mark, layer: Entry, instance: Instance | None
    ) -> None:
        hint = "a `flat` or a `name` gives it twice"
        if isinstance(layer, Layer) and layer.name and layer.repeat:
            hint = "the `name` of a repeat needs its $index"
        where = ""
        if first != layer.mark and first.file == layer.mark.file:
            where = f", the first stands in line {first.line}"
        message = f"two layers have the path `{path}`{where}"
        self.complaints.add(layer.mark, "duplicate", message, hint, instance)

    def _nested(self, path: str) -> tuple[str, str] | None:
        """Return a layer and one inside it where this path makes them so.

        A module of torch is either a layer or a group.
        """
        if path in self._groups:
            return path, self._groups[path]
        parent = path.rpartition(".")[0]
        while parent and parent not in self._groups:
            self._groups[parent] = path
            if parent in self._layers:
                return parent, path
            parent = parent.rpartition(".")[0]
        return None
