"""The order in which torch names the parameters of a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class _Module:
    """A module: its own parameters, and its children in the order in which they were added."""

    def __init__(self) -> None:
        self.own: list[str] = []
        self.children: dict[str, _Module] = {}


def in_order_of_modules(names: Iterable[str]) -> Iterator[str]:
    """Yield names of parameters, which come in the order in which layers run, in the order of
    torch.nn.Module.parameters: by module, a module's own before those of modules in it.
    """
    root = _Module()
    for name in names:
        module = root
        for part in name.split(".")[:-1]:
            module = module.children.setdefault(part, _Module())
        module.own.append(name)
    stack = [root]
    while stack:
        module = stack.pop()
        yield from module.own
        stack.extend(reversed(module.children.values()))
