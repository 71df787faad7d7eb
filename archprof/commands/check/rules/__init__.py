"""The table of rules.

Each is a file of its name here, whose docstring is its manual: what is wrong and why, specs that
pass, specs that fail.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from archprof.problem import STATED, Severity, nearest


class Entry(NamedTuple):
    """What a rule weighs, what it looks at, and the file it is in where that is not its name.

    `looks at`: "spec", found while a spec is read and its network built, so that nothing can leave
    it out; "document", "network" and "layer" are the rules with a `check`; "run" is found around
    the files.
    """

    severity: Severity
    looks_at: str
    file: str = ""


_SPEC = Entry(Severity.error, "spec")
_WRITTEN = Entry(Severity.warning, "document")
_LAYER = Entry(Severity.warning, "layer")
_DEMAND = Entry(Severity.error, "network")

RULES: dict[str, Entry] = {
    # the text, and what it says
    "file": _SPEC,
    "yaml": _SPEC,
    "yaml-trap": _SPEC,
    "limit": _SPEC,
    "duplicate": _SPEC,
    "kind": _SPEC,
    "missing": _SPEC,
    "unknown-key": _SPEC,
    "unknown-op": _SPEC,
    "unknown-block": _SPEC,
    "unknown-name": _SPEC,
    "name": _SPEC,
    "expression": _SPEC,
    "setting": _SPEC,
    "reference": _SPEC,
    "use": _SPEC,
    "network": _SPEC,
    "cycle": _SPEC,
    # the network
    "arity": _SPEC,
    "shape": _SPEC,
    "share": _SPEC,
    "aux": _SPEC._replace(file="auxiliary"),
    "in-place": _SPEC,
    "unused": _SPEC,
    # what must hold
    "shape-assertion": _SPEC,
    "expect": _SPEC,
    "budget": _DEMAND,
    "receptive-field": _DEMAND,
    "latency": Entry(Severity.note, "network"),
    # how it is written
    "unused-block": _WRITTEN,
    "unused-parameter": _WRITTEN,
    "shadow": _WRITTEN,
    "repeated-layers": _WRITTEN,
    "group-input": _WRITTEN,
    "running-numbers": _WRITTEN,
    # how it is built
    "channels-last": _LAYER,
    "dropped-merge": _LAYER,
    "forgotten-flatten": _LAYER,
    "conv-bias": _LAYER,
    "remainder": _LAYER,
    "shrinking-padding": _LAYER,
    "misaligned": _LAYER,
    "tensor-cores": _LAYER,
    # what is left out
    "suppression": Entry(Severity.error, "run"),
    "unused-suppression": Entry(Severity.warning, "run"),
}


def module(name: str) -> ModuleType:
    """The rule's own file."""
    return import_module(
        f"archprof.commands.check.rules.{RULES[name].file or name.replace('-', '_')}"
    )


def manual(name: str) -> str:
    """The rule's docstring."""
    return (module(name).__doc__ or "").strip()


def summary(name: str) -> str:
    """Its first paragraph, in one line."""
    return " ".join(manual(name).split("\n\n")[0].split())


def needed(name: str) -> bool:
    """Whether nothing can leave the rule out: without it there is no network to look at."""
    return RULES[name].looks_at == "spec" and name not in STATED


def fault(name: str) -> tuple[str, str] | None:
    """Why a rule of this name cannot be left out, and the way out; None where it can."""
    if name not in RULES:
        return (
            f"there is no rule `{name}`",
            nearest(name, RULES) or "`archprof check --rules` lists them",
        )
    if needed(name):
        return (
            f"the rule `{name}` cannot be left out: without it there is no network to check",
            "mend what it finds",
        )
    return None
