"""The shipped networks of a family."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.language.find import shipped


def with_families(names: Sequence[str]) -> list[str]:
    """Return the names, each that is a family's replaced by those of its networks.

    A network's own name comes first: `alexnet` is a network, `AlexNet` its family.
    """
    networks = shipped()
    known = {network.name for network in networks}
    found: list[str] = []
    for name in names:
        family = [n.name for n in networks if n.family.lower() == name.lower()]
        found += [name] if name in known or not family else family
    return list(dict.fromkeys(found))
