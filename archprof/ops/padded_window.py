"""A window whose padding may differ from side to side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from archprof.ops.base import Op
from archprof.ops.sliding_window import Sides


class PaddedWindow(Op):
    """The base of windows that take two numbers for an axis: what is before it, and behind it.

    torch's own modules take one. So the entry stands for a `pad`, which is a function in torch, and
    behind it the window without padding, which has the weights.
    """

    padding: Sides | Literal["same"]
    padded_by: ClassVar[tuple[str, ...]] = ("padding",)  # settings that go to the `pad`

    def steps(self) -> tuple[Op, ...]:
        if self.padding == "same" or not isinstance(self.padding[0], tuple):
            return (self,)
        from archprof.ops.pad import Pad  # which few need

        sides = [side for ends in reversed(self.padding) for side in ends]
        rest = {name: value for name, value in self.given().items() if name not in self.padded_by}
        return Pad(sides=sides, **self._around()), type(self)(**rest)

    def _around(self) -> Mapping[str, Any]:
        """Return what the `pad` puts around: zeros where nothing is said."""
        return {}
