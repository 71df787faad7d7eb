"""Names and paths to networks: finds spec files, reads them once, picks variants, applies overrides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, nearest
from archprof.spec.document import Document, Template, Variant
from archprof.spec.reader import parse_shape, read_document, same_kind
from archprof.spec.source import parse, read, with_lines

MAX_USE_DEPTH = 8


@dataclass(frozen=True)
class Network:
    """A document with one choice of its parameters: what a graph is made from."""

    name: str
    document: Document
    variant: Variant | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    input: tuple[int, ...] | None = None  # in place of the spec's own

    @property
    def mark(self) -> Mark:
        return self.variant.mark if self.variant else self.document.mark

    def about(self, key: str) -> Template | None:
        """title, source, year, input, expect, aliases or family: the variant's own, or the document's."""
        if self.variant and key in self.variant.about:
            return self.variant.about[key]
        if self.variant and key in ("expect", "aliases"):
            return None  # said of the document's own network only
        return self.document.about.get(key)

    def stated(self, key: str) -> Any:
        """The plain value of `about`, None where the spec says nothing."""
        template = self.about(key)
        return template.plain() if template else None

    def as_specified(self) -> bool:
        """Whether nothing was overridden, so that the spec's own shapes and totals must hold."""
        return not self.overrides and self.input is None


def specs_folder() -> Path:
    """Where the shipped networks are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return package / "specs" if (package / "specs").is_dir() else package.parent / "specs"


@lru_cache(maxsize=256)
def load_file(path: Path, name: str | None = None) -> Document:
    """The document at `path`, called `name` in messages. Raises ProblemError."""
    return _load(path, name or str(path), ())


def load_text(text: str, name: str = "<text>", folder: Path | None = None) -> Document:
    """A document from text; `use:` looks in `folder`. Raises ProblemError."""
    return _document(text, (folder or Path()) / name, name, ())


def _load(path: Path, name: str, trail: tuple[Path, ...]) -> Document:
    text, name = read(path, name)
    return _document(text, path, name, trail)


def _document(text: str, path: Path, name: str, trail: tuple[Path, ...]) -> Document:
    here = (*trail, path.resolve())

    def use(target: Template) -> Document | None:
        relative = str(target.data)
        if not relative:
            return None

        def refuse(message: str, hint: str = "") -> ProblemError:
            return ProblemError(with_lines([Problem(target.mark, "use", message, hint)], {name: text}))

        candidates = [path.parent / relative, specs_folder() / relative]
        if Path(relative).is_absolute():
            raise refuse(f"`use: {relative}` is an absolute path", "give it relative to this file, or to the shipped specs")
        found = next((c for c in candidates if c.is_file()), None)
        if found is None:
            raise refuse(f"there is no file {relative} beside this one or among the shipped specs")
        if found.resolve() in here:
            raise refuse(f"`use: {relative}` leads back to itself", "move the shared blocks into a file of their own")
        if len(here) > MAX_USE_DEPTH:
            raise refuse(f"files use files more than {MAX_USE_DEPTH} deep")
        return _load(found, str(Path(name).parent / relative) if found == candidates[0] else str(found), here)

    return read_document(parse(text, name), path, name, text, use)


def shipped_files() -> list[Path]:
    """Every shipped spec that has networks, in order of name."""
    return sorted(specs_folder().glob("*.yaml"))


def networks(document: Document) -> Iterator[Network]:
    """The networks of a document: itself where it needs no more parameters, then its variants."""
    if document.body is None:
        return
    if all(default is not None for default in document.params.values()):
        yield Network(document.name, document)
    for variant in document.variants.values():
        yield Network(variant.name, document, variant)


def shipped() -> list[Network]:
    """Every shipped network."""
    return [network for path in shipped_files() for network in networks(load_file(path, _shipped_name(path)))]


def _shipped_name(path: Path) -> str:
    return f"specs/{path.name}"


def names(network: Network) -> tuple[str, ...]:
    """The network's name and its aliases."""
    aliases = network.stated("aliases") or []
    return (network.name, *([aliases] if isinstance(aliases, str) else aliases))


def find(target: str) -> Network:
    """The network called `target`: a shipped name or alias, a path, or PATH:VARIANT. Raises ProblemError."""
    path, _, variant = target.partition(":")
    if path.endswith((".yaml", ".yml")) or "/" in path or (not _shipped_mentions(path) and Path(path).is_file()):
        return _pick(load_file(Path(path)), variant, path)
    if variant:
        raise ProblemError([Problem(Mark(target), "network", f"`{path}` is no path of a spec file", "a variant of a shipped family goes by its own name")])
    for file in _shipped_mentions(target):
        for network in networks(load_file(file, _shipped_name(file))):
            if target in names(network):
                return network
    known = [name for network in shipped() for name in names(network)]
    family = next((n for n in shipped() if n.document.name == target), None)
    hint = f"`{target}` is a family: {', '.join(n.name for n in networks(family.document))}" if family else nearest(target, known) or "`archprof list` shows them all"
    raise ProblemError([Problem(Mark(target or "network"), "network", f"there is no network called `{target}`", hint)])


def _shipped_mentions(name: str) -> list[Path]:
    """Shipped files whose text has the name as a word: reading text is cheap, parsing is not."""
    if not re.match(r"[\w.\-]+$", name):
        return []
    word = re.compile(rf"(?<![\w.\-]){re.escape(name)}(?![\w\-])")
    return [path for path in shipped_files() if word.search(path.read_text(encoding="utf-8"))]


def _pick(document: Document, variant: str, target: str) -> Network:
    found = list(networks(document))
    listed = ", ".join(n.name for n in found if n.variant)
    if variant:
        for network in found:
            if variant in names(network):
                return network
        raise ProblemError([Problem(document.mark, "network", f"there is no variant `{variant}` in {document.file}", nearest(variant, [n.name for n in found]))])
    if found and (found[0].variant is None or len(found) == 1):
        return found[0]
    if document.body is None:
        raise ProblemError([Problem(document.mark, "network", f"{document.file} has blocks only, no `layers`", "it is for `use:` by other specs")])
    missing = ", ".join(f"`{k}`" for k, v in document.params.items() if v is None)
    raise ProblemError([Problem(document.mark, "network", f"{document.file} is a family: it needs {missing}",
                                f"name a variant, {target}:NAME, with NAME one of {listed}" if listed else f"give {missing} a default")])


def override(network: Network, values: Mapping[str, Any], input_shape: tuple[int, ...] | None = None) -> Network:
    """The network with parameters and the input replaced. Raises ProblemError for what it does not have."""
    problems = []
    for name, value in values.items():
        if name not in network.document.params:
            problems.append(Problem(Mark("--set"), "override", f"{network.name} has no parameter `{name}`",
                                    nearest(name, network.document.params, "parameters") or "its spec has no `params`"))
            continue
        template = network.variant.values.get(name) if network.variant else None
        default = template or network.document.params[name]
        if default is not None and default.constant and not same_kind(default.plain(), value):
            problems.append(Problem(Mark("--set"), "override", f"{name} is {shown(value)}, expected the kind of its present value {shown(default.plain())}"))
    if problems:
        raise ProblemError(problems)
    return Network(network.name, network.document, network.variant, {**network.overrides, **values}, input_shape or network.input)


def parse_override(text: str) -> tuple[str, Any]:
    """`depths=[3,4,23,3]` as a name and a value, read as YAML reads it. Raises ProblemError."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ProblemError([Problem(Mark("--set"), "override", f"{shown(text)}, expected NAME=VALUE", "for instance --set depths=[3,4,23,3]")])
    return name.strip(), parse(value, f"--set {name.strip()}").plain() if value.strip() else ""


def parse_input(text: str) -> tuple[int, ...]:
    """`3x224x224` as a shape. Raises ProblemError."""
    shape = parse_shape(text.strip())
    if shape is None:
        raise ProblemError([Problem(Mark("--input"), "override", f"{shown(text)}, expected a shape such as 3x224x224")])
    return shape
