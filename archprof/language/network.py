"""A network of a document: one choice of its parameters, and what its spec says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.language.document import Document, Template, Variant
from archprof.language.inputs import NetworkInput, network_input
from archprof.ops.base import Shape
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import NOTHING, Record

if TYPE_CHECKING:
    from archprof.graph.graph import Graph


class Network(Record):
    """A document with one choice of its parameters: what a graph is made from."""

    name: str
    document: Document
    variant: Variant | None = None
    overrides: Mapping[str, Any] = NOTHING
    input: Shape | None = None  # in place of the spec's own, of several of the first
    others: Mapping[str, Shape] = NOTHING  # the same of further inputs, by name

    @property
    def mark(self) -> Mark:
        """Where it is written: its variant, or the file."""
        return self.variant.mark if self.variant else self.document.mark

    def about(self, key: str) -> Template | None:
        """Return what is stated under a key such as `title`: by the variant, or by the document."""
        if self.variant and key in self.variant.about:
            return self.variant.about[key]
        if self.variant and key in ("expect", "aliases"):
            return None  # the document states these of its own network only
        return self.document.about.get(key)

    def stated(self, key: str) -> Any:
        """Return the plain value of `about`, None where the spec states nothing."""
        template = self.about(key)
        return template.plain() if template else None

    @property
    def heading(self) -> str:
        """Its title, or the name of its file."""
        return str(self.stated("title") or self.document.name)

    @property
    def family(self) -> str:
        """What it and its variants are called together."""
        return str(self.stated("family") or self.document.name)

    @property
    def siblings(self) -> list[str]:
        """The names of all networks of its file."""
        return [other.name for other in networks(self.document)]

    @property
    def file(self) -> str:
        """The file as messages call it."""
        return self.document.file

    @property
    def path(self) -> Path:
        """The file."""
        return self.document.path

    def texts(self) -> dict[str, str]:
        """Return the text of every file that plays a part, by the name messages call it."""
        return self.document.texts()

    def parameters(self) -> dict[str, Any]:
        """Return every parameter by name, in the order of the file.

        Expressions are text, and None is a parameter without a value.
        """
        values: dict[str, Any] = {
            name: default.plain() if default else None
            for name, default in self.document.params.items()
        }
        given = self.given()
        return {name: given.get(name, value) for name, value in values.items()}

    def given(self) -> dict[str, Any]:
        """Return the values that the variant and the overrides give to parameters."""
        of_variant = self.variant.values if self.variant else {}
        return {name: value.plain() for name, value in of_variant.items()} | dict(self.overrides)

    def expected(self) -> dict[str, tuple[Any, Mark]]:
        """Return what `expect:` states, each with its place."""
        template = self.about("expect")
        if template is None:
            return {}
        return {name: (stated.plain(), stated.mark) for name, stated in template.data.items()}

    def as_specified(self) -> bool:
        """Whether nothing was overridden, so that the spec's own shapes and totals must hold."""
        return not self.overrides and not self.resized

    @property
    def resized(self) -> bool:
        """Whether an input is given in place of the spec's own."""
        return self.input is not None or bool(self.others)

    @property
    def inputs_stated(self) -> Template | None:
        """What is stated of its inputs, under `input` or `inputs`, by the variant or the file."""
        for about in (self.variant.about if self.variant else {}, self.document.about):
            for key in ("inputs", "input"):
                if key in about:
                    return about[key]
        return None

    @property
    def inputs(self) -> tuple[NetworkInput, ...]:
        """Its inputs in order, with what is given in place of its own; none where none is stated
        and none given.
        """
        own = self.own_inputs
        if not own and self.input is not None:
            return (NetworkInput("input", self.input),)
        shapes = dict(self.others)
        if own and self.input is not None:
            shapes[own[0].name] = self.input
        return tuple(one.replaced(shape=shapes.get(one.name, one.shape)) for one in own)

    @property
    def own_inputs(self) -> tuple[NetworkInput, ...]:
        """The inputs that its spec states, in order."""
        stated = self.inputs_stated
        if stated is None:
            return ()
        several = stated is not self.about("input")
        named = stated.plain() if several else {"input": stated.plain()}
        found = [network_input(name, one) for name, one in named.items()]
        return tuple(one for one in found if one is not None)

    @property
    def called_modules(self) -> None:
        return None

    def at_own_input(self) -> Graph:
        """Return the graph at the spec's own input. Raises ProblemError."""
        from archprof.language.expand import expand  # which imports this file

        return expand(self.replaced(input=None, others=NOTHING))


def networks(document: Document) -> Iterator[Network]:
    """Yield the networks of a document: itself, unless a parameter has no value, then variants."""
    if document.body is None:
        return
    if all(default is not None for default in document.params.values()):
        yield Network(document.name, document)
    for variant in document.variants.values():
        yield Network(variant.name, document, variant)


def names(network: Network) -> tuple[str, ...]:
    """Return the network's name and its aliases."""
    aliases = network.stated("aliases") or []
    if isinstance(aliases, str):
        aliases = [aliases]
    return (network.name, *aliases)


def pick(document: Document, variant: str, path: str) -> Network:
    """Return the network of a document that has the variant's name, its only or own one for "".

    `path` is how the document is named on the command line. Raises ProblemError.
    """
    found = list(networks(document))
    if variant:
        for network in found:
            if variant in names(network):
                return network
        message = f"there is no variant `{variant}` here"
        hint = nearest(variant, [network.name for network in found], "variants")
        raise ProblemError.of(document.mark, "network", message, hint)
    if found and (found[0].variant is None or len(found) == 1):
        return found[0]
    if document.body is None:
        raise ProblemError.of(
            document.mark,
            "network",
            "this file has blocks only, no `layers`",
            "it is for `use:` by other specs",
        )
    missing = ", ".join(f"`{name}`" for name, value in document.params.items() if value is None)
    hint = f"give {missing} a default"
    if found:
        listed = ", ".join(network.name for network in found)
        hint = f"name a variant, {path}:NAME, with NAME one of {listed}"
    raise ProblemError.of(document.mark, "network", f"this is a family: it needs {missing}", hint)
