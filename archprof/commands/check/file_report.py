"""The result of checking one file."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.check.base import Budget, Finding
from archprof.commands.check.config import KnownAs
from archprof.problem import Mark, Problem

SuppressionPlaces = frozenset[tuple[Mark, str]]
"""Places that suppress findings, each with the rule it suppresses."""


class FileReport(NamedTuple):
    """What was found in one file.

    `networks`: the networks that were built.
    `known`: what globs know those by that were looked at.
    `latencies`: the latency budgets, each with the finding for where it is not measured.
    `idle`: by rule the complaint about each suppression of the file, for where nothing needs it.
    `used`: the suppressions that were needed, in this file or in others.
    `exempted`: the suppressions of the configuration that were needed.
    `borrowed`: the files whose blocks the file uses.
    `complete`: whether every rule could look at all of the file.
    `bug`: the traceback of a bug in archprof, "" for none.
    `space`: whether it is a space of variants, and no spec.
    """

    name: str
    findings: tuple[Finding, ...]
    networks: tuple[str, ...]
    known: tuple[KnownAs, ...]
    latencies: tuple[tuple[Budget, Finding], ...]
    idle: tuple[tuple[str, Problem], ...]
    used: SuppressionPlaces
    exempted: SuppressionPlaces
    borrowed: frozenset[str]
    complete: bool
    bug: str = ""
    space: bool = False
