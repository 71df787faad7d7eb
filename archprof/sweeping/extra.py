"""What sweeps need beside archprof itself."""

from __future__ import annotations

from importlib.util import find_spec

from archprof.problem import Mark, ProblemError

NEEDED = ("numpy", "pyarrow", "scipy")


def require_sweeping() -> None:
    """Raise ProblemError, with the way out, where a package that sweeps need is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        message = f"a sweep needs {', '.join(missing)}, not installed here"
        raise ProblemError.of(Mark("sweep"), "import", message, "pip install 'archprof[sweep]'")
