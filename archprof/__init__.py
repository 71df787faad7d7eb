"""archprof: what a vision network costs, and why.

import archprof
net = archprof.load("resnet50")          # a shipped name, a path, or PATH:VARIANT
net.analyze(batch=8).totals.macs         # integers, no torch
net.build()                              # an fx.GraphModule over torch.nn

docs/python.md shows all of it.
"""

TYPE_CHECKING = False  # as typing has it, whose import takes longer than all else here
if TYPE_CHECKING:
    from archprof.api import capture, check, compare, diff, lecture, load, search, solve, sweep
    from archprof.loaded import Loaded
    from archprof.problem import ProblemError

__version__ = "0.1.0"
__all__ = [
    "Loaded",
    "ProblemError",
    "__version__",
    "capture",
    "check",
    "compare",
    "diff",
    "lecture",
    "load",
    "search",
    "solve",
    "sweep",
]


def __getattr__(name: str) -> object:
    """Import the public names when they are first used: the command line starts without them."""
    if name == "ProblemError":
        from archprof.problem import ProblemError

        return ProblemError
    if name in __all__:
        from archprof import api

        return getattr(api, name)
    raise AttributeError(f"module 'archprof' has no attribute {name!r}")
