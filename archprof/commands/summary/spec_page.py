"""A spec from outside: its parameters and their defaults, its variants, its blocks, its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from archprof import units
from archprof.language.document import Block, Document, Template, Variant
from archprof.language.find import SUFFIXES, load_shipped, shipped_network
from archprof.language.loader import DISK, load_file
from archprof.language.network import Network, names, networks, pick
from archprof.language.shipped_folder import specs_folder


class ParameterRow(NamedTuple):
    """A parameter: its default as a spec writes it, None where it must be given, and the value
    that the network in question has for it.
    """

    name: str
    default: str | None
    value: str | None


class VariantRow(NamedTuple):
    """A network of a family: its other names, its title, its own input, and the values it gives."""

    name: str
    aliases: tuple[str, ...]
    title: str
    input: str
    values: dict[str, str]


class BlockRow(NamedTuple):
    """A block: the names of its inputs, and its parameters with their defaults."""

    name: str
    inputs: tuple[str, ...]
    parameters: tuple[ParameterRow, ...]


class SpecPage(NamedTuple):
    """A spec, and one network of it where that is asked about; "" where nothing is stated."""

    name: str
    aliases: tuple[str, ...]
    family: str
    title: str
    year: int
    source: str
    input: str
    file: str
    line: int
    network: bool
    parameters: tuple[ParameterRow, ...]
    variants: tuple[VariantRow, ...]
    blocks: tuple[BlockRow, ...]

    def data(self) -> dict[str, Any]:
        """Return the page as data."""
        return {
            **self._asdict(),
            "aliases": list(self.aliases),
            "parameters": [row._asdict() for row in self.parameters],
            "variants": [{**row._asdict(), "aliases": list(row.aliases)} for row in self.variants],
            "blocks": [
                {
                    "name": row.name,
                    "inputs": list(row.inputs),
                    "parameters": {p.name: p.default for p in row.parameters},
                }
                for row in self.blocks
            ],
        }


def spec_page(target: str) -> SpecPage | None:
    """Return the page of a shipped network, of a spec's path as the shell or `use:` has it, or of
    PATH:VARIANT; None where `target` is none of these.

    Raises ProblemError where the file cannot be read, or has no such variant.
    """
    if (network := shipped_network(target)) is not None:
        return _page(network.document, network)
    path, _, variant = target.partition(":")
    if not path.endswith(SUFFIXES):
        return None
    file = _shipped(path)
    document = load_shipped(file) if file else load_file(Path(path))
    if variant:
        return _page(document, pick(document, variant, path))
    return _page(document, next((n for n in networks(document) if n.variant is None), None))


def _shipped(path: str) -> Path | None:
    """Return the shipped file that `use: PATH` means; None where there is none, or where the user
    has a file there.
    """
    relative = Path(path)
    if DISK.is_file(relative) or relative.is_absolute() or ".." in relative.parts:
        return None
    file = specs_folder() / relative
    return file if DISK.is_file(file) else None


def _page(document: Document, network: Network | None) -> SpecPage:
    stated = network.stated if network else _stated_by(document)
    mark = network.mark if network else document.mark
    return SpecPage(
        network.name if network else document.name,
        names(network)[1:] if network else (),
        str(stated("family") or document.name),
        str(stated("title") or ""),
        stated("year") or 0,
        str(stated("source") or ""),
        _shape(stated("input")),
        document.file,
        mark.line,
        network is not None,
        tuple(_parameters(document.params, network)),
        tuple(_variant(document, variant) for variant in document.variants.values()),
        tuple(_block(block) for block in document.blocks.values() if _is_own(document, block)),
    )


def _stated_by(document: Document) -> Any:
    def stated(key: str) -> Any:
        template = document.about.get(key)
        return template.plain() if template else None

    return stated


def _is_own(document: Document, block: Block) -> bool:
    """Whether the block stands in this file, and not in one that it uses."""
    return block.name not in document.homes


def _parameters(
    params: dict[str, Template | None], network: Network | None = None
) -> list[ParameterRow]:
    values = network.parameters() if network else {}
    rows = []
    for name, default in params.items():
        value = as_written(values[name]) if name in values else None
        rows.append(ParameterRow(name, as_written(default.plain()) if default else None, value))
    return rows


def _variant(document: Document, variant: Variant) -> VariantRow:
    network = Network(variant.name, document, variant)
    values = {name: as_written(value.plain()) for name, value in variant.values.items()}
    own = variant.about.get("input")
    return VariantRow(
        variant.name,
        names(network)[1:],
        str(network.stated("title") or ""),
        _shape(own.plain()) if own else "",
        values,
    )


def _block(block: Block) -> BlockRow:
    return BlockRow(block.name, block.written_inputs, tuple(_parameters(block.params)))


def _shape(value: Any) -> str:
    return units.shape(value) if isinstance(value, list | tuple) else str(value or "")


def as_written(value: Any) -> str:
    """Return a value as a spec writes it in one line: [3, 4, 6, 3], {out: 64}, true, null."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {as_written(v)}' for key, v in value.items())}}}"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
