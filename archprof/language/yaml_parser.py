"""YAML text to PyYAML's events, by libyaml where PyYAML was built with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_Parser: Any
try:
    from yaml._yaml import CParser as _Parser
except ImportError:
    from yaml import Loader as _Parser


def events(text: str) -> Iterator[Any]:
    """Yield what is in the text, as `yaml.parse` does.

    That takes a loader, for which PyYAML has to import its own parser too. Raises yaml.YAMLError.
    """
    parser = _Parser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()
