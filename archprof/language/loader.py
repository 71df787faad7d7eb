"""Names and paths to networks: finds spec files, reads them once, picks variants, applies
overrides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from archprof.foreign import SETTINGS
from archprof.language.confined import VARIABLE, project, within
from archprof.language.document import Document, Template, Variant
from archprof.language.pieces import kind_hint, parse_shape, same_kind
from archprof.language.reader import read_document
from archprof.language.source import Value, beside, parse, read, with_lines
from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, Problems, closest, nearest

if TYPE_CHECKING:
    from archprof.graph.graph import Graph

MAX_USE_DEPTH = 8
MAX_BESIDE = 100  # specs that are looked into for a name that no shipped network has


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
        """title, source, year, input, expect, aliases, family or budget: the variant's own, or
        the document's.
        """
        if self.variant and key in self.variant.about:
            return self.variant.about[key]
        if self.variant and key in ("expect", "aliases"):
            return None  # said of the document's own network only
        return self.document.about.get(key)

    def stated(self, key: str) -> Any:
        """The plain value of `about`, None where the spec says nothing."""
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
        """Return every parameter by name, expressions as text, None for one without a value; in
        the order of the file.
        """
        given = (
            {name: template.plain() for name, template in self.variant.values.items()}
            if self.variant
            else {}
        )
        given |= self.overrides
        own = {
            name: template.plain() if template else None
            for name, template in self.document.params.items()
        }
        return {name: given.get(name, value) for name, value in own.items()}

    def expected(self) -> dict[str, tuple[Any, Mark]]:
        """Return what `expect:` states, each with its place."""
        template = self.about("expect")
        return (
            {name: (stated.plain(), stated.mark) for name, stated in template.data.items()}
            if template
            else {}
        )

    def as_specified(self) -> bool:
        """Whether nothing was overridden, so that the spec's own shapes and totals must hold."""
        return not self.overrides and self.input is None

    def at_own_input(self) -> Graph:
        """Return the graph at the spec's own input. Raises ProblemError."""
        from archprof.language.expand import expand  # which imports this file

        return expand(replace(self, input=None))


class Files(Protocol):
    """Where spec files are read: on the disk, or at a git revision."""

    def is_file(self, path: Path) -> bool:
        """Whether a file can be read there."""

    def read(self, path: Path, name: str | None = None) -> tuple[str, str]:
        """Its text and the name it is called by in messages. Raises ProblemError."""


class Disk:
    """Files as they lie on the disk."""

    def is_file(self, path: Path) -> bool:
        try:
            return path.is_file()
        except (OSError, ValueError):  # a name too long, a NUL in it
            return False

    def read(self, path: Path, name: str | None = None) -> tuple[str, str]:
        return read(path, name)


DISK = Disk()


def specs_folder() -> Path:
    """Where the shipped networks are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return package / "specs" if (package / "specs").is_dir() else package.parent / "specs"


def load_file(path: Path, name: str | None = None, files: Files = DISK) -> Document:
    """The document at `path`, called `name` in messages.

    `files` is where it and what it uses are read. Raises ProblemError.
    """
    text, name = files.read(path, name)
    return _document(text, path, name, (), {}, files=files)


def load_text(text: str, name: str = "<text>", folder: Path | None = None) -> Document:
    """A document from text; `use:` looks in `folder`. Raises ProblemError."""
    return _document(text, (folder or Path()) / name, name, (), {})


def inline(value: Value, name: str, path: Path, file: str, text: str) -> Network:
    """The network of a spec that stands inside another file; it needs no `name` of its own.

    Raises ProblemError.
    """
    if isinstance(value.data, dict) and "name" not in value.data:
        value = Value(
            {"name": Value(name, value.mark), **value.data},
            value.mark,
            {"name": value.mark, **(value.keys or {})},
        )
    return pick(_document(text, path, file, (), {}, value), "", file)


@lru_cache(maxsize=256)
def _shipped(path: Path) -> Document:
    """A shipped file, read once: unlike a user's it does not change meanwhile."""
    return load_file(path, f"specs/{path.name}")


def _document(
    text: str,
    path: Path,
    name: str,
    trail: tuple[Path, ...],
    known: dict[Path, Document | ProblemError],
    part: Value | None = None,
    files: Files = DISK,
) -> Document:
    """`trail` are the files that led here; `known` keeps what `use:` has read, faulty files too, so
    that each is read once.

    `part` is the spec where the file holds more than that.
    """
    here = (*trail, path.resolve())

    def use(target: Template) -> Document | None:
        relative = str(target.data)
        if not relative:
            return None

        def refuse(message: str, hint: str = "") -> ProblemError:
            return ProblemError([Problem(target.mark, "use", message, hint)])

        if Path(relative).is_absolute():
            raise refuse(
                f"`use: {relative}` is an absolute path",
                "give it relative to this file, or to the shipped specs",
            )
        if not relative.endswith((".yaml", ".yml")):
            raise refuse(f"`use: {relative}` names no spec file", "its name ends in .yaml")
        candidates = {
            path.parent / relative: str(Path(name).parent / relative),
            specs_folder() / relative: f"specs/{relative}",
        }
        near = {
            c: where
            for c, where in zip(candidates, (files, DISK), strict=False)
            if within(c, here[0], specs_folder())
        }
        found = next((c for c, where in near.items() if where.is_file(c)), None)
        if found is None and path.parent / relative not in near:
            raise refuse(
                f"`use: {relative}` leads out of the project {project(here[0].parent)}",
                f"copy the file into it, or set {VARIABLE} to the folder it is in",
            )
        if found is None:
            other = next(filter(None, map(beside, near)), None)
            raise refuse(
                f"there is no file {relative} beside this one or among the shipped specs",
                (
                    f"did you mean `{Path(relative).with_name(other.name).as_posix()}`?"
                    if other
                    else ""
                ),
            )
        whole = found.resolve()
        if whole in here:
            raise refuse(
                f"`use: {relative}` leads back to itself",
                "move the shared blocks into a file of their own",
            )
        if len(here) > MAX_USE_DEPTH:
            raise refuse(f"files use files more than {MAX_USE_DEPTH} deep")
        if whole not in known:
            try:
                known[whole] = _document(
                    *_named(found, candidates[found], near[found]), here, known, files=near[found]
                )
            except ProblemError as error:
                known[whole] = error
        document = known[whole]
        if isinstance(document, ProblemError):
            raise document
        return document

    found = Problems()
    return read_document(part or parse(text, name, found), path, name, text, found, use)


def _named(path: Path, name: str, files: Files) -> tuple[str, Path, str]:
    text, name = files.read(path, name)
    return text, path, name


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
    return [network for path in shipped_files() for network in networks(_shipped(path))]


def names(network: Network) -> tuple[str, ...]:
    """The network's name and its aliases."""
    aliases = network.stated("aliases") or []
    return (network.name, *([aliases] if isinstance(aliases, str) else aliases))


def find(target: str) -> Network:
    """The network called `target`: a shipped name or alias, a path, or PATH:VARIANT.

    Raises ProblemError.
    """
    if target == "-":
        raise ProblemError(
            [
                Problem(
                    Mark("-"),
                    "network",
                    "only `check` and `fmt` read a spec from standard input",
                    "give a file's path",
                )
            ]
        )
    path, _, variant = target.partition(":")
    if DISK.is_file(Path(target)) and not _shipped_mentions(target):
        path, variant = target, ""
    if (
        path.endswith((".yaml", ".yml"))
        or "/" in path
        or (DISK.is_file(Path(path)) and not _shipped_mentions(path))
    ):
        if hint := _not_a_file(Path(path)):
            raise ProblemError([Problem(Mark(path), "file", "there is no such file", hint)])
        return pick(load_file(Path(path)), variant, path)
    if variant:
        hint = "a variant of a shipped family goes by its own name"
        raise ProblemError(
            [Problem(Mark(target), "network", f"`{path}` is no path of a spec file", hint)]
        )
    return find_shipped(target)


def _not_a_file(path: Path) -> str:
    """Return a hint where the path is that of no file, none beside it is called nearly the same,
    and a shipped network is; "" otherwise.
    """
    try:
        return "" if path.exists() or beside(path) else shipped_hint(path)
    except (OSError, ValueError):  # a name too long, a NUL in it
        return ""


def shipped_hint(path: Path) -> str:
    """Return a hint naming the shipped network that is called as the file of this path, or
    nearly so, "" where there is none.
    """
    near = closest(
        path.stem if path.suffix in (".yaml", ".yml") else path.name,
        [name for network in shipped() for name in names(network)],
    )
    return f"did you mean the shipped network `{near}`?" if near else ""


def find_shipped(target: str) -> Network:
    """The shipped network of this name or alias. Raises ProblemError."""
    found = shipped_network(target)
    if found:
        return found
    if own := _beside(target):
        raise ProblemError(
            [
                Problem(
                    Mark(target),
                    "network",
                    f"there is no shipped network called `{target}`",
                    f"did you mean {own}?",
                )
            ]
        )
    everything = shipped()
    family = [n.name for n in everything if n.document.name == target]
    hint = (
        f"it is a family: {', '.join(family)}"
        if family
        else nearest(target, [name for n in everything for name in names(n)])
    )
    raise ProblemError(
        [
            Problem(
                Mark(target or "network"),
                "network",
                f"there is no network called `{target}`",
                hint or "`archprof list` shows them all",
            )
        ]
    )


def shipped_network(name: str) -> Network | None:
    """The shipped network of this name or alias, None for none."""
    return next(
        (
            network
            for file in _shipped_mentions(name)
            for network in networks(_shipped(file))
            if name in names(network)
        ),
        None,
    )


def _beside(name: str) -> str:
    """`PATH` or `PATH:VARIANT` of the network of this name in a spec of the working directory or
    its `specs`, "" where there is none.
    """
    word = re.compile(rf"(?<![\w.\-]){re.escape(name)}(?![\w\-])") if name else None
    for path in (
        sorted((*Path().glob("*.yaml"), *Path("specs").glob("*.yaml")))[:MAX_BESIDE] if word else ()
    ):
        try:
            text = read(path)[0]
            if word and word.search(text):
                network = next((n for n in networks(load_file(path)) if name in names(n)), None)
                if network:
                    return f"`{path}:{network.name}`" if network.variant else f"`{path}`"
        except ProblemError:  # it is not what was asked for
            continue
    return ""


def _shipped_mentions(name: str) -> list[Path]:
    """Shipped files whose text has the name as a word: reading text is cheap, parsing is not."""
    if not re.match(r"[\w.\-]+\Z", name):
        return []
    word = re.compile(rf"(?<![\w.\-]){re.escape(name)}(?![\w\-])")
    return [
        path
        for path in shipped_files()
        if name in (text := _shipped_text(path)) and word.search(text)
    ]


@lru_cache(maxsize=256)
def _shipped_text(path: Path) -> str:
    """What a shipped file says, to look for names in."""
    return path.read_text(encoding="utf-8", errors="replace")


def pick(document: Document, variant: str, path: str) -> Network:
    """The network of a document that a variant's name ("" for none) means. Raises ProblemError."""
    found = list(networks(document))
    listed = ", ".join(n.name for n in found if n.variant)
    if variant:
        for network in found:
            if variant in names(network):
                return network
        message = f"there is no variant `{variant}` here"
        raise ProblemError(
            [
                Problem(
                    document.mark,
                    "network",
                    message,
                    nearest(variant, [n.name for n in found], "variants"),
                )
            ]
        )
    if found and (found[0].variant is None or len(found) == 1):
        return found[0]
    if document.body is None:
        raise ProblemError(
            [
                Problem(
                    document.mark,
                    "network",
                    "this file has blocks only, no `layers`",
                    "it is for `use:` by other specs",
                )
            ]
        )
    missing = ", ".join(f"`{k}`" for k, v in document.params.items() if v is None)
    hint = (
        f"name a variant, {path}:NAME, with NAME one of {listed}"
        if listed
        else f"give {missing} a default"
    )
    raise ProblemError(
        [Problem(document.mark, "network", f"this is a family: it needs {missing}", hint)]
    )


def override(
    network: Network, values: Mapping[str, Any], input_shape: tuple[int, ...] | None = None
) -> Network:
    """The network with parameters and the input replaced.

    Raises ProblemError for what it does not have.
    """
    problems = []
    for name, value in values.items():
        if name not in network.document.params:
            problems.append(
                Problem(
                    Mark("--set"),
                    "override",
                    f"{network.name} has no parameter `{name}`",
                    SETTINGS.hint(name, network.document.params, "parameters")
                    or "its spec has no `params`",
                )
            )
            continue
        template = network.variant.values.get(name) if network.variant else None
        default = template or network.document.params[name]
        if default is not None and default.constant and not same_kind(default.plain(), value):
            problems.append(
                Problem(
                    Mark("--set"),
                    "override",
                    f"{name} is {shown(value)}, expected the kind of its present value"
                    f" {shown(default.plain())}",
                    kind_hint(default.plain(), value),
                )
            )
    if problems:
        raise ProblemError(problems)
    return Network(
        network.name,
        network.document,
        network.variant,
        {**network.overrides, **values},
        input_shape or network.input,
    )


def parse_override(text: str) -> tuple[str, Any]:
    """`depths=[3,4,23,3]` as a name and a value, read as YAML reads it. Raises ProblemError."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ProblemError(
            [
                Problem(
                    Mark("--set"),
                    "override",
                    f"{shown(text)}, expected NAME=VALUE",
                    "for instance --set depths=[3,4,23,3]",
                )
            ]
        )
    if not value.strip():
        return name.strip(), ""
    found = Problems()
    parsed = parse(value, f"--set {name.strip()}", found)
    if found:
        raise ProblemError(with_lines(found, {found[0].mark.file: value}))
    return name.strip(), parsed.plain()


def parse_input(text: str) -> tuple[int, ...]:
    """`3x224x224` as a shape. Raises ProblemError."""
    shape = parse_shape(text.strip())
    if shape is None:
        raise ProblemError(
            [
                Problem(
                    Mark("--input"),
                    "override",
                    f"{shown(text)}, expected a shape such as 3x224x224",
                )
            ]
        )
    return shape
