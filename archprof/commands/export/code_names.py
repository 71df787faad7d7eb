"""Names of layers and blocks as names of Python.

A name comes from a file that may be hostile: it becomes part of the code only where it is a plain
identifier, otherwise it stands there as a string.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection
from keyword import iskeyword, issoftkeyword

from archprof.graph.taken import MODULE

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[A-Za-z0-9]+")

RESERVED = frozenset(dir(builtins)) | {
    "Any",
    "OrderedDict",
    "Sequence",
    "Tensor",
    "build",
    "functional",
    "i",
    "math",
    "nn",
    "self",
    "torch",
}
"""What exported code uses by name: no variable and no class is called so."""

MOST = 60
"""Characters of a class's or a variable's name; those of layers stay as they are."""


def is_attribute(name: str) -> bool:
    """Whether `self.name` finds the layer: an identifier in ASCII that Python does not mangle."""
    return bool(_IDENTIFIER.fullmatch(name)) and not iskeyword(name) and not name.startswith("__")


def access(path: tuple[str, ...]) -> str:
    """Return how a module's forward names what lies at a path below it."""
    text = "self"
    for name in path:
        text += f".{name}" if is_attribute(name) else f".get_submodule({quoted(name)})"
    return text


def weight_access(path: tuple[str, ...], trainable: bool) -> str:
    """Return how a module's forward names a parameter or buffer at a path below it."""
    *outer, name = path
    if is_attribute(name):
        return f"{access(tuple(outer))}.{name}"
    method = "get_parameter" if trainable else "get_buffer"
    return f"{access(tuple(outer))}.{method}({quoted(name)})"


def quoted(text: str) -> str:
    """Return a string as Python writes it, between double quotes where it holds none."""
    written = repr(text)
    if written.startswith("'") and '"' not in written:
        return f'"{written[1:-1]}"'
    return written


def class_name(words: str) -> str:
    """Return the name of a class: `inverted_residual` is InvertedResidual; "" where no word is."""
    found = _WORD.findall(words)
    name = "".join(_joined(before, word) for before, word in zip(["", *found], found, strict=False))
    return name[:MOST] if name[:1].isalpha() else ""


def _joined(before: str, word: str) -> str:
    between = "_" if before[-1:].isdigit() and word[:1].isdigit() else ""
    return between + word[:1].upper() + word[1:]


def variable(name: str) -> str:
    """Return the name of a variable for what a layer gives."""
    plain = "_".join(_WORD.findall(name))[:MOST].lower()
    if not plain or plain[0].isdigit():
        plain = f"x{plain}"
    return f"{plain}_" if iskeyword(plain) or issoftkeyword(plain) or plain in RESERVED else plain


def unused(name: str, used: Collection[str]) -> str:
    """Return the name, with a number where it is used."""
    if name not in used:
        return name
    number = 2
    while f"{name}{number}" in used:
        number += 1
    return f"{name}{number}"


def attribute(name: str, used: Collection[str]) -> str:
    """Return a name under which a module can keep a number."""
    return unused(name, {*used, *MODULE})
