"""A file of JSON that archprof itself writes, read back: it may come from anybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archprof.language.reading import Unsafe, read_bytes
from archprof.problem import Mark, Problem, ProblemError
from archprof.record import Record

MOST_BYTES = 64 * 2**20
SHOWN = 5  # faults that are listed

SchemaFault = tuple[str, str]
"""Where something does not fit a schema, and what is wrong there."""


class JsonFile(Record):
    """A kind of file: the rule that its problems are of, and their hint, how one is made."""

    rule: str
    hint: str

    def read(self, path: Path) -> Any:
        """Return the data in a file.

        Raises ProblemError for what is not JSON, or may not be read, OSError for what cannot be.
        """
        try:
            raw = read_bytes(path, MOST_BYTES)
        except FileNotFoundError:
            raise self.refused(path, "there is no such file") from None
        except Unsafe as error:
            raise self.refused(path, f"cannot be read: {error.strerror}") from None
        if len(raw) > MOST_BYTES:
            raise self.refused(path, f"more than {MOST_BYTES // 2**20} MiB")
        try:
            return json.loads(raw)
        except json.JSONDecodeError as error:
            mark = Mark(str(path), error.lineno, error.colno)
            message = f"not JSON: {error.msg}"
            raise ProblemError([Problem(mark, "json", message, self.hint)]) from None
        # ValueError: an integer with too many digits to be converted
        except (UnicodeDecodeError, RecursionError, ValueError) as error:
            raise self.refused(path, f"not JSON: {error}") from None

    def refuse_faults(self, path: Path, what: str, faults: Sequence[SchemaFault]) -> None:
        """Raise ProblemError where there are faults: the file is not `what`."""
        if faults:
            listed = "; ".join(f"{where}: {wrong}" for where, wrong in faults[:SHOWN])
            more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
            raise self.refused(path, f"not {what}: {listed}{more}")

    def refused(self, path: Path, message: str) -> ProblemError:
        """Return the error of a file."""
        return ProblemError([Problem(Mark(str(path)), self.rule, message, self.hint)])
