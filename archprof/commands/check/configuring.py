"""Configurations found and read: `archprof.toml`, or `[tool.archprof]` of a pyproject.toml, in
the nearest folder upwards that has one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.commands.check.config import Allowance, Config, Exemption, Limits
from archprof.foreign import BUDGETS
from archprof.language.reading import Unsafe, read_bytes
from archprof.language.text import MAX_BYTES, decode
from archprof.ops.base import shown
from archprof.problem import MAX_PROBLEMS, Mark, Problem, ProblemError, nearest
from archprof.vocabulary import Vocabulary

if TYPE_CHECKING:
    from archprof.commands.check.base import Finding
    from archprof.commands.check.checking import Options, Report
    from archprof.commands.check.toml import Document, Keys
    from archprof.language.files import Source

NAME, SHARED = "archprof.toml", "pyproject.toml"
PLAIN = Vocabulary({}, {})  # no words of others
TOP = ("select", "strict", "limits", "budget", "suppress")
SUPPRESS = ("rule", "files", "network", "reason")
MATCH = ("network", "family", "block", "device")
MAX_TABLES = 1_000  # budgets, or suppressions
MAX_ITEMS = 100  # of one list
MAX_TEXT = 200  # characters of a glob


class Configs:
    """The configurations of many files: each folder is looked at once.

    With `file` there is that one, and no search.
    """

    def __init__(self, file: Path | None = None):
        self.fixed = read(file) if file is not None else None
        self.known: dict[Path, Config] = {}

    def of(self, folder: Path) -> Config:
        """The one for what lies in a folder, given by its whole path.

        Raises ProblemError for what is wrong with it.
        """
        if self.fixed is not None:
            return self.fixed
        found = self.known.get(folder)
        if found is None:
            found = self.own(folder) or (
                self.of(folder.parent) if folder.parent != folder else Config()
            )
            self.known[folder] = found
        return found

    def own(self, folder: Path) -> Config | None:
        """What this folder itself says, archprof.toml before pyproject.toml."""
        for name in (NAME, SHARED):
            if (folder / name).is_file() and (
                found := read(folder / name, optional=name == SHARED)
            ):
                return found
        return None

    def findings(
        self, sources: Iterable[Source], reports: Iterable[Report], options: Options
    ) -> Iterator[Finding]:
        """What is to be said of the rules themselves: nothing."""
        return iter(())


def read(path: Path, optional: bool = False) -> Config | None:
    """The configuration in a file; where it is `optional`, None for one that says nothing of
    archprof. Raises ProblemError.
    """
    here = os.path.relpath(path)
    name = str(path) if here.startswith(os.pardir) else here
    try:
        raw = read_bytes(path, MAX_BYTES)
    except Unsafe as error:
        raise ProblemError(
            [Problem(Mark(name), "config", f"cannot be read: {error.strerror}", error.hint)]
        ) from None
    except OSError as error:
        raise ProblemError(
            [
                Problem(
                    Mark(name),
                    "config",
                    f"cannot be read: {error.strerror or error}",
                    "--config names an archprof.toml",
                )
            ]
        ) from None
    return parse(raw, path, name, optional)


def parse(raw: bytes, path: Path, name: str, optional: bool = False) -> Config | None:
    """The configuration in the bytes of a file at `path`, called `name` in messages, as `read`
    gives it. Raises ProblemError.
    """
    found = stated(raw, path, name)
    if found is None:
        return None if optional else Config(name, path.absolute().parent)
    document, top, data = found
    document.refuse_large_integers(top, data)
    reader = _Reader(document, top)
    config = reader.config(data, path.absolute().parent)
    if reader.problems:
        raise ProblemError(reader.problems)
    return config


def stated(raw: bytes, path: Path, name: str) -> tuple[Document, Keys, Any] | None:
    """What the bytes of a file say to archprof: the document, the keys it is under, and the
    data; None for nothing. Raises ProblemError.
    """
    # most say nothing, and need not be read as TOML
    if path.name == SHARED and b"archprof" not in raw:
        return None
    from archprof.commands.check.toml import MOST_BYTES, Document

    if len(raw) > MOST_BYTES:
        raise ProblemError(
            [
                Problem(
                    Mark(name),
                    "config",
                    f"larger than {MOST_BYTES:,} bytes",
                    "an archprof.toml beside it counts in its place",
                )
            ]
        )
    document = Document(decode(raw, name), name)
    top: Keys = ("tool", "archprof") if path.name == SHARED else ()
    data: Any = document.data
    for key in top:
        data = data.get(key) if isinstance(data, dict) else None
    return None if data is None else (document, top, data)


class _Reader:
    """Reads one configuration; `top` are the keys it stands under.

    What is wrong is collected in `problems`.
    """

    def __init__(self, document: Document, top: Keys):
        self.document, self.top = document, top
        self.problems: list[Problem] = []

    def complain(self, at: Keys, message: str, hint: str = "") -> None:
        self.problems.append(
            self.document.problem(self.document.mark(*self.top, *at), message, hint)
        )
        if len(self.problems) >= MAX_PROBLEMS:
            raise ProblemError(
                [
                    *self.problems,
                    Problem(
                        Mark(self.document.name),
                        "limit",
                        f"{MAX_PROBLEMS} problems and more: the rest is not shown",
                    ),
                ]
            )

    def table(
        self, data: Any, known: Iterable[str], at: Keys, what: str, words: Vocabulary = PLAIN
    ) -> dict[str, Any]:
        """The entries of a table; what is none, and keys that are not known, are complained of."""
        if not isinstance(data, dict):
            self.complain(at, f"{what} is {shown(data)}, expected a table")
            return {}
        for key in data:
            if key not in known:
                self.complain(
                    (*at, key),
                    f"unknown key `{key[:MAX_TEXT]}` in {what}",
                    words.hint(key, known, "keys"),
                )
        return {key: value for key, value in data.items() if key in known}

    def config(self, data: Any, folder: Path) -> Config:
        data = self.table(data, TOP, (), "the configuration")
        limits = self.table(data.get("limits", {}), Limits._fields, ("limits",), "`limits`")
        for key, value in limits.items():
            if (
                type(value) not in (int, *([float] if key == "seconds" else []))
                or not 0 < value <= 1_000_000
            ):
                self.complain(
                    ("limits", key),
                    f"`{key}` is {shown(value)}, expected a number above 0, at most 1,000,000",
                )
        strict = data.get("strict", False)
        if type(strict) is not bool:
            self.complain(("strict",), f"`strict` is {shown(strict)}, expected true or false")
        select = self.rules(data["select"], ("select",)) if "select" in data else None
        allowances = tuple(
            self.allowance(table, ("budget", i))
            for i, table in enumerate(self.tables(data, "budget"))
        )
        exemptions = tuple(
            self.exemption(table, ("suppress", i))
            for i, table in enumerate(self.tables(data, "suppress"))
        )
        return Config(
            self.document.name,
            folder,
            select,
            strict is True,
            Limits(**limits),
            allowances,
            exemptions,
        )

    def tables(self, data: dict[str, Any], key: str) -> list[Any]:
        found = data.get(key, [])
        if not isinstance(found, list):
            self.complain(
                (key,),
                f"`{key}` is {'a table' if isinstance(found, dict) else shown(found)}, expected an"
                " array of tables",
                f"[[{key}]]",
            )
            return []
        if len(found) > MAX_TABLES:
            self.complain(
                (key,),
                f"{len(found):,} tables of `{key}`, expected at most {MAX_TABLES:,}",
                "a glob can stand for many networks",
            )
        return found[:MAX_TABLES]

    def text(self, data: dict[str, Any], key: str, at: Keys, default: str = "") -> str:
        value = data.get(key, default)
        if not isinstance(value, str) or (key in data and not value.strip()):
            self.complain((*at, key), f"`{key}` is {shown(value)}, expected a text")
            return default
        return value if self.short((value,), (*at, key)) else default

    def texts(self, value: Any, at: Keys) -> tuple[str, ...]:
        """A text, or a list of them."""
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str) and item for item in items):
            self.complain(at, f"`{at[-1]}` is {shown(value)}, expected a text or a list of texts")
            return ()
        if len(items) > MAX_ITEMS:
            self.complain(
                at,
                f"`{at[-1]}` has {len(items):,} items, expected at most {MAX_ITEMS}",
                "a glob can stand for many files",
            )
            return ()
        return tuple(items) if self.short(items, at) else ()

    def short(self, texts: Iterable[str], at: Keys) -> bool:
        """Whether texts, which may be globs, are short enough to be matched; one that is not is
        complained of.
        """
        long = max(map(len, texts))
        if long > MAX_TEXT:
            self.complain(at, f"`{at[-1]}` has {long:,} characters, expected at most {MAX_TEXT}")
        return long <= MAX_TEXT

    def rules(self, value: Any, at: Keys) -> tuple[str, ...]:
        from archprof.commands.check.rules import RULES

        found = self.texts(value, at)
        for name in found:
            if name not in RULES:
                self.complain(
                    at,
                    f"there is no rule `{name}`",
                    nearest(name, RULES) or "`archprof check --rules` lists them",
                )
        return found

    def allowance(self, data: Any, at: Keys) -> Allowance:
        from archprof.language.budget import LIMITS, parse_limit

        data = self.table(data, (*MATCH, *LIMITS), at, "`budget`", BUDGETS)
        limits = []
        for name in LIMITS:
            if name in data:
                value = parse_limit(name, data[name])
                if value is None:
                    self.complain(
                        (*at, name),
                        f"the budget `{name}` is {shown(data[name])}, expected"
                        f" {LIMITS[name].expected}",
                    )
                else:
                    limits.append((name, value, self.document.mark(*self.top, *at, name)))
        if not any(name in data for name in LIMITS):
            self.complain(at, "this budget limits nothing", f"there are {', '.join(LIMITS)}")
        return Allowance(
            self.text(data, "network", at, "*"),
            self.text(data, "family", at, "*"),
            self.text(data, "block", at),
            self.text(data, "device", at),
            tuple(limits),
        )

    def exemption(self, data: Any, at: Keys) -> Exemption:
        from archprof.commands.check.rules import RULES, fault

        data = self.table(data, SUPPRESS, at, "`suppress`")
        names = self.texts(data.get("rule", []), (*at, "rule"))
        for name in names:
            if wrong := fault(name):
                self.complain((*at, "rule"), *wrong)
        if not self.text(data, "reason", at):
            self.complain(
                at,
                f"{', '.join(f'`{name}`' for name in names) or 'this'} is suppressed without a"
                " reason",
                'reason = "…"',
            )
        files = self.texts(data["files"], (*at, "files")) if "files" in data else ("**",)
        mark = self.document.mark(*self.top, *at)
        return Exemption(
            tuple(name for name in names if name in RULES),
            files,
            self.text(data, "network", at, "*"),
            mark,
            self.document.row(mark),
        )
