"""The shipped networks with their totals, known without reading and expanding their specs.

`specs/index.json` has them; `python scripts/index_specs.py` writes it. It counts only as long as
every spec is what it was then.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, NamedTuple

from archprof.language.shipped_folder import specs_folder

NAME = "index.json"
PATTERNS = ("*.yaml", "blocks/*.yaml")  # of the files that make the networks


class ShippedNetwork(NamedTuple):
    """A network that comes with archprof; its MACs are of one image at its own input.

    `year` is 0 where the spec has none.
    """

    name: str
    aliases: tuple[str, ...]
    family: str
    year: int
    input: tuple[int, ...]
    params: int
    macs: int
    depth: int
    title: str
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and its aliases."""
        return (self.name, *self.aliases)

    def data(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            **self._asdict(),
            "aliases": list(self.aliases),
            "input": list(self.input),
        }


def fingerprint() -> str:
    """Return a hash of the names and contents of all files that make the shipped networks."""
    found = sha256()
    folder = specs_folder()
    for path in sorted(path for pattern in PATTERNS for path in folder.glob(pattern)):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def indexed() -> list[ShippedNetwork] | None:
    """Return the shipped networks in the order of their files.

    None where there is no index, or a spec has changed since it was written.
    """
    try:
        index = json.loads((specs_folder() / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if index["specs"] != fingerprint():
        return None
    return [
        ShippedNetwork(
            **{**entry, "aliases": tuple(entry["aliases"]), "input": tuple(entry["input"])}
        )
        for entry in index["networks"]
    ]


def index_text(networks: list[ShippedNetwork]) -> str:
    """Return the text of the index, one network a line."""
    lines = ",\n".join(json.dumps(network.data()) for network in networks)
    return f'{{"specs": "{fingerprint()}", "networks": [\n{lines}\n]}}\n'


def shipped_names() -> list[str]:
    """Return the names and aliases of the shipped networks, in the order of their files."""
    index = indexed()
    if index is not None:
        return [name for network in index for name in network.names]
    from archprof.language.find import shipped
    from archprof.language.network import names

    return [name for network in shipped() for name in names(network)]
