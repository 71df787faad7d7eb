"""The published shape of `check --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.show.contract import Count, Strict, json_schema


class File(Strict):
    """A file that was checked; `configuration` is the file of the configuration that counted."""

    file: str
    networks: list[str]
    configuration: str | None


class Finding(Strict):
    """A problem with its place; line 0 and column 0 mean the file as a whole."""

    file: str
    line: Count
    column: Count
    severity: Literal["error", "warning", "note"]
    rule: str
    message: str
    hint: str
    network: str | None
    chain: Annotated[list[str], Field(description="Through which uses of blocks it is reached.")]
    source: Annotated[str, Field(description="The line of the file.")]


class Check(Strict):
    """What `archprof check --format json` prints."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    files: list[File]
    findings: list[Finding]
    errors: Count
    warnings: Count
    notes: Count


def check_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof check --format json` prints."""
    return json_schema(Check)
