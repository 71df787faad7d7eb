"""What sweeps and searches need beside archprof itself."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from archprof.problem import Mark, ProblemError

NEEDED = ("numpy", "pyarrow", "scipy")


def require_sweeping() -> None:
    """Raise ProblemError, with the way out, where a package that sweeps need is not installed."""
    _require(NEEDED, "sweep")


def require_searching() -> None:
    """Do what `require_sweeping` does, for searches."""
    _require((*NEEDED, "optuna"), "search")


def _require(packages: Sequence[str], what: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        message = f"a {what} needs {', '.join(missing)}, not installed here"
        raise ProblemError.of(Mark(what), "import", message, f"pip install 'archprof[{what}]'")
