"""archprof: what a vision network costs, and why.

import archprof
net = archprof.load("resnet50")          # a shipped name, a path, or PATH:VARIANT
net.analyze(batch=8).totals.macs         # integers, no torch
net.build()                              # an fx.GraphModule over torch.nn
"""

TYPE_CHECKING = False  # as typing has it, whose import takes longer than all else here
if TYPE_CHECKING:
    from archprof.api import load
    from archprof.problem import ProblemError

__version__ = "0.1.0"
__all__ = ["ProblemError", "__version__", "load"]


def __getattr__(name: str) -> object:
    """Import the public names when they are first used: the command line starts without them."""
    if name == "load":
        from archprof.api import load

        return load
    if name == "ProblemError":
        from archprof.problem import ProblemError

        return ProblemError
    raise AttributeError(f"module 'archprof' has no attribute {name!r}")
