"""PyYAML with its binding of libyaml alone, which is all that reading a spec needs.

Its parser in Python, resolver, constructors and dumpers take four times as long to import. They
come as soon as anything asks for them, so that nothing of PyYAML is missing. It is for the
process of the command line; whoever imports archprof has PyYAML as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec

PARTS = ("error", "tokens", "events", "nodes")  # what libyaml's binding answers with
ERRORS = {
    "reader": "ReaderError",
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}
"""The errors that it raises, by the modules that it takes them from when it is imported."""


class LeanYaml:
    """Finds PyYAML before the usual finders do, once."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where PyYAML is, with a loader that imports no more than needed."""
        if name != "yaml":
            return None
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None:
            spec.loader = cast("Loader", _Loader(spec.loader))
        return spec


class _Loader:
    """Loads PyYAML's package; `whole` is the loader that would have done so."""

    def __init__(self, whole: Any):
        self.whole = whole

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, package: ModuleType) -> None:
        try:
            binding = _binding(package)
        except (ImportError, AttributeError):  # PyYAML without libyaml, or of another make
            self.whole.exec_module(package)
            return

        def rest(name: str) -> Any:
            """Return what the package lacks so far, after importing all of it."""
            del package.__dict__["__getattr__"]
            self.whole.exec_module(package)
            for part, error in ERRORS.items():
                setattr(binding, error, getattr(getattr(package, part), error))
            return getattr(package, name)

        package.__dict__["__getattr__"] = rest


def _binding(package: ModuleType) -> ModuleType:
    """Import PyYAML's binding of libyaml, and put what it answers with into the package.

    Raises ImportError where there is none.
    """
    for part in PARTS:
        module = import_module(f"yaml.{part}")
        package.__dict__.update(
            {name: value for name, value in vars(module).items() if name[0] != "_"}
        )
    error = package.__dict__["MarkedYAMLError"]
    for part, name in ERRORS.items():
        setattr(package, part, SimpleNamespace(**{name: type(name, (error,), {})}))
    try:
        return import_module("yaml._yaml")
    finally:
        for part in ERRORS:
            delattr(package, part)
