"""The table of rules.

Each is a file of its name here, whose docstring is its manual: what is wrong and why, specs that
pass, specs that fail.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, cast

from archprof.problem import STATED, Severity, nearest

if TYPE_CHECKING:
    from archprof.commands.check.base import DocumentRule, LayerRule, MeasuredRule, NetworkRule


class RuleEntry(NamedTuple):
    """The severity of a rule, what it looks at, and its file where that does not have its name.

    `looks_at` is one of:
    "spec": found while a spec is read and its network built, so that nothing can leave it out;
    "document", "network", "layer": found by the rule's own `check`, see `base`;
    "measurement": found where a device measures, and `unmeasured` says what to report without one;
    "run": found around the files.
    """

    severity: Severity
    looks_at: str
    file: str = ""


_SPEC = RuleEntry(Severity.error, "spec")
_WRITTEN = RuleEntry(Severity.warning, "document")
_LAYER = RuleEntry(Severity.warning, "layer")
_DEMAND = RuleEntry(Severity.error, "network")

RULES: dict[str, RuleEntry] = {
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
    "dtype": _SPEC,
    "share": _SPEC,
    "aux": _SPEC._replace(file="auxiliary"),
    "in-place": _SPEC,
    "unused": _SPEC,
    # what must hold
    "shape-assertion": _SPEC,
    "expect": _SPEC,
    "budget": _DEMAND,
    "receptive-field": _DEMAND,
    "latency": RuleEntry(Severity.note, "measurement"),
    # how it is written
    "unused-block": _WRITTEN,
    "unused-parameter": _WRITTEN,
    "unused-input": _WRITTEN,
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
    "suppression": RuleEntry(Severity.error, "run"),
    "unused-suppression": RuleEntry(Severity.warning, "run"),
}


def module(name: str) -> ModuleType:
    """Return the rule's own file."""
    return import_module(
        f"archprof.commands.check.rules.{RULES[name].file or name.replace('-', '_')}"
    )


def document_rule(name: str) -> DocumentRule:
    """Return a rule that looks at documents."""
    return cast("DocumentRule", module(name))


def network_rule(name: str) -> NetworkRule:
    """Return a rule that looks at networks."""
    return cast("NetworkRule", module(name))


def layer_rule(name: str) -> LayerRule:
    """Return a rule that looks at layers."""
    return cast("LayerRule", module(name))


def measured_rule(name: str) -> MeasuredRule:
    """Return a rule that a device measures."""
    return cast("MeasuredRule", module(name))


def manual(name: str) -> str:
    """Return the rule's docstring."""
    return (module(name).__doc__ or "").strip()


def summary(name: str) -> str:
    """Return the first paragraph of its manual, in one line."""
    return " ".join(manual(name).split("\n\n")[0].split())


def needed(name: str) -> bool:
    """Return whether nothing can leave the rule out: without it there is no network to check."""
    return RULES[name].looks_at == "spec" and name not in STATED


def fault(name: str) -> tuple[str, str] | None:
    """Return why a rule of this name cannot be left out, and the way out; None where it can."""
    if name not in RULES:
        return (
            f"there is no rule `{name}`",
            nearest(name, RULES) or "`archprof check --rules` lists them",
        )
    if needed(name):
        return (
            f"the rule `{name}` cannot be left out: without it there is no network to check",
            "fix what it finds",
        )
    return None
