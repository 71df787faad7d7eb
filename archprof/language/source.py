"""YAML text to a tree of values; YAML's traps and hostile files stop here."""

from __future__ import annotations

import contextlib
import re

import yaml

from archprof.language.events import ValueBuilder
from archprof.language.text import end_of, lines, with_lines
from archprof.language.value import Value
from archprof.language.yaml_parser import events
from archprof.problem import Mark, Problem, ProblemError, Problems

_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"  # since libyaml 0.2.6: 1,000 levels
# no character of YAML
_FOREIGN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def parse(
    text: str,
    name: str,
    found: Problems,
    wanted: tuple[str, str] = ("a spec", "a spec has at least `name`, `input` and `layers`"),
) -> Value:
    """Return the document as a Value; problems that leave it readable are added to `found`.

    `wanted` is what an empty file should be, and what that needs. Raises ProblemError with
    everything found where the text cannot be read.
    """
    before = Problems(found)
    try:
        return ValueBuilder(name, found).document(events(text), wanted)
    except ProblemError as error:
        problems = list(error.problems)
    except yaml.MarkedYAMLError as error:
        if error.problem == _LIBYAML_TOO_DEEP and error.problem_mark:
            # It looks ahead: the text before this bracket has the level that is one too many.
            return parse(text[: error.problem_mark.index], name, before, wanted)
        problems = [*found, _not_valid(text, name, error)]
    # a character that YAML does not take; neither error names its place well
    except (yaml.YAMLError, UnicodeEncodeError):
        problems = [*found, _foreign_character(text, name)]
    raise ProblemError(with_lines(problems, {name: text}))


def _not_valid(text: str, name: str, error: yaml.MarkedYAMLError) -> Problem:
    from archprof.language.syntax import explain  # which only an error needs

    rows = lines(text)
    at, message, hint = explain(error, rows)
    if at is None or at.line >= len(rows):
        mark = end_of(text, name)
    else:
        mark = Mark(name, at.line + 1, at.column + 1)
    return Problem(mark, "yaml", f"not valid YAML: {message}", hint)


def _foreign_character(text: str, name: str) -> Problem:
    found = re.search(_FOREIGN, text)
    if found:
        before, what = text[: found.start()], f"the character U+{ord(found[0]):04X}"
    else:
        before, what = "", "a character of this file"
    message = f"not valid YAML: {what} cannot stand in it"
    return Problem(end_of(before, name), "yaml", message, "remove it")


def used(text: str) -> list[str]:
    """Return the files that a spec's `use:` names.

    The text is parsed no further than that; none where it is not YAML so far.
    """
    found: list[str] = []
    depth = 0  # how many collections are open
    is_key = True  # whether the next value at the top is a key
    in_use = False  # whether it is the value of `use`
    with contextlib.suppress(yaml.YAMLError, UnicodeEncodeError):
        for event in events(text):
            if in_use and depth <= 2 and isinstance(event, yaml.ScalarEvent):
                found.append(event.value)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            ends_value = isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent))
            if depth == 1 and ends_value and not isinstance(event, yaml.MappingStartEvent):
                if in_use:
                    break
                in_use = is_key and getattr(event, "value", "") == "use"
                is_key = not is_key
    return found
