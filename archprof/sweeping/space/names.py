"""The names that expressions use."""

from __future__ import annotations

from archprof.language.document import Template
from archprof.language.expression import Expression


def names_of(template: Template) -> set[str]:
    """Return the names of others' values that a template's expressions use."""
    data = template.data
    if isinstance(data, Expression):
        return set(data.names)
    if template.constant or not isinstance(data, (list, dict)):
        return set()
    inner = data.values() if isinstance(data, dict) else data
    return {name for one in inner for name in names_of(one)}
