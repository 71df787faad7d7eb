"""Read one configuration: from the data of its TOML to records, with all that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from archprof.commands.check.config import BudgetTable, Config, Exemption, LowerLimits
from archprof.commands.check.rules import RULES, fault
from archprof.commands.check.toml_document import Keys, TomlDocument
from archprof.foreign import BUDGETS
from archprof.language.budget import LIMITS, OF_STEP, parse_limit
from archprof.language.budget_conditions import OF_BUDGET, Stated, condition, misfits
from archprof.language.budget_conditions import OF_STEP as CONDITIONS_OF_STEP
from archprof.ops.base import shown
from archprof.problem import MAX_PROBLEMS, Mark, Problem, ProblemError, nearest
from archprof.vocabulary import Vocabulary

TOP = ("select", "strict", "limits", "budget", "suppress")
SUPPRESS = ("rule", "files", "network", "reason")
MATCH = ("network", "family", "block", "device")
NO_FOREIGN_WORDS = Vocabulary({}, {})
MAX_TABLES = 1_000  # budgets, or suppressions
MAX_ITEMS = 100  # of one list
MAX_TEXT = 200  # characters of a glob
MAX_LIMIT = 1_000_000


def read_config(document: TomlDocument, top: Keys, data: Any, folder: Path) -> Config:
    """Return the configuration that is under the keys `top` of a document.

    `folder` is what globs are relative to. Raises ProblemError with all that is wrong.
    """
    reader = _ConfigReader(document, top)
    config = reader.config(data, folder)
    if reader.problems:
        raise ProblemError(reader.problems)
    return config


class _ConfigReader:
    """Reads one configuration, and collects in `problems` what is wrong in it."""

    def __init__(self, document: TomlDocument, top: Keys):
        self.document, self.top = document, top
        self.problems: list[Problem] = []

    def complain(self, at: Keys, message: str, hint: str = "") -> None:
        """Note a problem at a key. Raises ProblemError when there are too many to be read."""
        mark = self.document.mark(*self.top, *at)
        self.problems.append(self.document.problem(mark, message, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            message = f"{MAX_PROBLEMS} problems and more: the rest is not shown"
            end = Problem(Mark(self.document.name), "limit", message)
            raise ProblemError([*self.problems, end])

    def config(self, data: Any, folder: Path) -> Config:
        """Return the whole configuration."""
        data = self.table(data, TOP, (), "the configuration")
        limits = self.limits(data.get("limits", {}))
        strict = data.get("strict", False)
        if type(strict) is not bool:
            self.complain(("strict",), f"`strict` is {shown(strict)}, expected true or false")
        select = self.rules(data["select"], ("select",)) if "select" in data else None
        budgets = [
            self.budget(table, ("budget", i)) for i, table in enumerate(self.tables(data, "budget"))
        ]
        exemptions = [
            self.exemption(table, ("suppress", i))
            for i, table in enumerate(self.tables(data, "suppress"))
        ]
        return Config(
            self.document.name,
            folder,
            select,
            strict is True,
            limits,
            tuple(budgets),
            tuple(exemptions),
        )

    def limits(self, data: Any) -> LowerLimits:
        """Return `[limits]`."""
        limits = self.table(data, LowerLimits._fields, ("limits",), "`limits`")
        for key, value in limits.items():
            kinds = (int, float) if key == "seconds" else (int,)
            if type(value) not in kinds or not 0 < value <= MAX_LIMIT:
                self.complain(
                    ("limits", key),
                    f"`{key}` is {shown(value)}, expected a number above 0, at most {MAX_LIMIT:,}",
                )
        return LowerLimits(**limits)

    def table(
        self,
        data: Any,
        known: Iterable[str],
        at: Keys,
        what: str,
        words: Vocabulary = NO_FOREIGN_WORDS,
    ) -> dict[str, Any]:
        """Return the known entries of a table, and complain about others; {} where it is not one.

        `words` are those of other tools, for hints.
        """
        if not isinstance(data, dict):
            self.complain(at, f"{what} is {shown(data)}, expected a table")
            return {}
        for key in data:
            if key not in known:
                message = f"unknown key `{key[:MAX_TEXT]}` in {what}"
                self.complain((*at, key), message, words.hint(key, known, "keys"))
        return {key: value for key, value in data.items() if key in known}

    def tables(self, data: dict[str, Any], key: str) -> list[Any]:
        """Return the tables of an array of tables, at most MAX_TABLES."""
        found = data.get(key, [])
        if not isinstance(found, list):
            text = "a table" if isinstance(found, dict) else shown(found)
            self.complain((key,), f"`{key}` is {text}, expected an array of tables", f"[[{key}]]")
            return []
        if len(found) > MAX_TABLES:
            message = f"{len(found):,} tables of `{key}`, expected at most {MAX_TABLES:,}"
            self.complain((key,), message, "a glob can stand for many networks")
        return found[:MAX_TABLES]

    def text(self, data: dict[str, Any], key: str, at: Keys, default: str = "") -> str:
        """Return an entry that is a text, `default` where it is missing or wrong."""
        value = data.get(key, default)
        if not isinstance(value, str) or (key in data and not value.strip()):
            self.complain((*at, key), f"`{key}` is {shown(value)}, expected a text")
            return default
        return value if self.short((value,), (*at, key)) else default

    def texts(self, value: Any, at: Keys) -> tuple[str, ...]:
        """Return the items of a text or a list of texts."""
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str) and item for item in items):
            self.complain(at, f"`{at[-1]}` is {shown(value)}, expected a text or a list of texts")
            return ()
        if len(items) > MAX_ITEMS:
            message = f"`{at[-1]}` has {len(items):,} items, expected at most {MAX_ITEMS}"
            self.complain(at, message, "a glob can stand for many files")
            return ()
        return tuple(items) if self.short(items, at) else ()

    def short(self, texts: Iterable[str], at: Keys) -> bool:
        """Return whether all texts, which may be globs, are short enough to be matched."""
        long = max(map(len, texts))
        if long > MAX_TEXT:
            self.complain(at, f"`{at[-1]}` has {long:,} characters, expected at most {MAX_TEXT}")
        return long <= MAX_TEXT

    def rules(self, value: Any, at: Keys) -> tuple[str, ...]:
        """Return names of rules, and complain about those that do not exist."""
        found = self.texts(value, at)
        for name in found:
            if name not in RULES:
                hint = nearest(name, RULES) or "`archprof check --rules` lists them"
                self.complain(at, f"there is no rule `{name}`", hint)
        return found

    def budget(self, data: Any, at: Keys) -> BudgetTable:
        """Return one `[[budget]]`."""
        data = self.table(data, (*MATCH, *LIMITS, *OF_BUDGET), at, "`budget`", BUDGETS)
        stated = [name for name in LIMITS if name in data]
        limits = []
        for name in stated:
            value = parse_limit(name, data[name])
            if value is None:
                self.complain(
                    (*at, name),
                    f"the budget `{name}` is {shown(data[name])}, expected {LIMITS[name].expected}",
                )
            else:
                limits.append((name, value, self.document.mark(*self.top, *at, name)))
        if not stated:
            self.complain(at, "this budget limits nothing", f"there are {', '.join(LIMITS)}")
        self.fitting(data, stated, at)
        return BudgetTable(
            self.text(data, "network", at, "*"),
            self.text(data, "family", at, "*"),
            self.text(data, "block", at),
            self.text(data, "device", at),
            tuple(limits),
            self.conditions(data, at),
        )

    def conditions(self, data: dict[str, Any], at: Keys) -> Stated:
        """Return the conditions that a budget states for itself; its device tells whose rules."""
        found: list[tuple[str, Any]] = []
        for name in OF_BUDGET:
            if name not in data:
                continue
            try:
                found.append((name, condition(name, data[name])))
            except ValueError as error:
                self.complain((*at, name), f"`{name}` is {shown(data[name])}, {error}")
        kind = str(data.get("device", "")).partition(":")[0]
        if kind == "cpu" and any(name in data for name in OF_STEP):
            found.append(("device", kind))
        return tuple(found)

    def fitting(self, data: dict[str, Any], stated: list[str], at: Keys) -> None:
        """Complain about conditions and blocks that do not fit what is limited."""
        step = [name for name in stated if name in OF_STEP]
        if "block" in data and step:
            message = f"`{step[0]}` is of a whole network, and this budget is of a block"
            self.complain((*at, step[0]), message, "leave out `block`, or limit its max_macs")
        given = [name for name in OF_BUDGET if name in data]
        for misfit in misfits(stated, given, CONDITIONS_OF_STEP):
            self.complain((*at, misfit.key), misfit.message, misfit.hint)

    def exemption(self, data: Any, at: Keys) -> Exemption:
        """Return one `[[suppress]]`."""
        data = self.table(data, SUPPRESS, at, "`suppress`")
        names = self.texts(data.get("rule", []), (*at, "rule"))
        for name in names:
            if wrong := fault(name):
                self.complain((*at, "rule"), *wrong)
        if not self.text(data, "reason", at):
            what = ", ".join(f"`{name}`" for name in names) or "this"
            self.complain(at, f"{what} is suppressed without a reason", 'reason = "…"')
        files = self.texts(data["files"], (*at, "files")) if "files" in data else ("**",)
        mark = self.document.mark(*self.top, *at)
        return Exemption(
            tuple(name for name in names if name in RULES),
            files,
            self.text(data, "network", at, "*"),
            mark,
            self.document.row(mark),
        )
