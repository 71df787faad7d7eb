"""Find and read configurations: `archprof.toml`, or `[tool.archprof]` of a pyproject.toml.

The nearest folder upwards that has one counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.commands.check.config import Config
from archprof.language.reading import Unsafe, read_bytes
from archprof.language.text import MAX_BYTES, decode
from archprof.problem import Mark, Problem, ProblemError

if TYPE_CHECKING:
    from archprof.commands.check.base import Finding
    from archprof.commands.check.check_options import Options
    from archprof.commands.check.file_report import FileReport
    from archprof.commands.check.toml_document import Keys, TomlDocument
    from archprof.language.files import Source

NAME, SHARED = "archprof.toml", "pyproject.toml"


class Configs:
    """The configurations of many files; each folder is looked at once.

    With `file` that one counts everywhere, and nothing is searched for.
    """

    def __init__(self, file: Path | None = None):
        self.fixed = read(file) if file is not None else None
        self.known: dict[Path, Config] = {}

    def of(self, folder: Path) -> Config:
        """Return the configuration for the files of a folder, which is an absolute path.

        Raises ProblemError for what is wrong with it.
        """
        if self.fixed is not None:
            return self.fixed
        if folder not in self.known:
            found = self.own(folder)
            if found is None:
                found = self.of(folder.parent) if folder.parent != folder else Config()
            self.known[folder] = found
        return self.known[folder]

    def own(self, folder: Path) -> Config | None:
        """Return the folder's own configuration, archprof.toml before pyproject.toml."""
        for name in (NAME, SHARED):
            if (folder / name).is_file():
                found = read(folder / name, optional=name == SHARED)
                if found is not None:
                    return found
        return None

    def findings(
        self, sources: Iterable[Source], reports: Iterable[FileReport], options: Options
    ) -> Iterator[Finding]:
        """Return findings about the rules themselves; here there are none."""
        return iter(())


def read(path: Path, optional: bool = False) -> Config | None:
    """Return the configuration in a file. Raises ProblemError.

    An `optional` file may have nothing about archprof; for such a file the result is None.
    """
    here = os.path.relpath(path)
    name = str(path) if here.startswith(os.pardir) else here
    try:
        raw = read_bytes(path, MAX_BYTES)
    except Unsafe as error:
        problem = Problem(Mark(name), "config", f"cannot be read: {error.strerror}", error.hint)
        raise ProblemError([problem]) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        problem = Problem(Mark(name), "config", message, "--config names an archprof.toml")
        raise ProblemError([problem]) from None
    return parse(raw, path, name, optional)


def parse(raw: bytes, path: Path, name: str, optional: bool = False) -> Config | None:
    """Return the configuration in the bytes of a file at `path`, which messages call `name`.

    An `optional` file may have nothing about archprof, as in `read`. Raises ProblemError.
    """
    found = stated(raw, path, name)
    if found is None:
        return None if optional else Config(name, path.absolute().parent)
    from archprof.commands.check.config_reader import read_config

    document, top, data = found
    document.refuse_large_integers(top, data)
    return read_config(document, top, data, path.absolute().parent)


def stated(raw: bytes, path: Path, name: str) -> tuple[TomlDocument, Keys, Any] | None:
    """Return what the bytes of a file have about archprof, None for nothing. Raises ProblemError.

    The result is the document, the keys that the configuration is under, and its data.
    """
    # most files have nothing, and need not be read as TOML
    if path.name == SHARED and b"archprof" not in raw:
        return None
    from archprof.commands.check.toml_document import MOST_BYTES, TomlDocument

    if len(raw) > MOST_BYTES:
        message = f"larger than {MOST_BYTES:,} bytes"
        hint = "an archprof.toml beside it counts in its place"
        raise ProblemError([Problem(Mark(name), "config", message, hint)])
    document = TomlDocument(decode(raw, name), name)
    top: Keys = ("tool", "archprof") if path.name == SHARED else ()
    data: Any = document.data
    for key in top:
        data = data.get(key) if isinstance(data, dict) else None
    return None if data is None else (document, top, data)
