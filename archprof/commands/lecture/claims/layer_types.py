"""What a row of a paper's table calls its layer: `Conv dw / s2`, `max pool 3×3/2`, `FC`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_AVERAGES = ("avg_pool2d", "adaptive_avg_pool2d")
_CONVOLUTION = ("conv2d",)
TYPES: dict[str, tuple[str, ...]] = {
    "conv": _CONVOLUTION,
    "convolution": _CONVOLUTION,
    "conv dw": _CONVOLUTION,
    "dwconv": _CONVOLUTION,
    "depthwise conv": _CONVOLUTION,
    "fc": ("linear",),
    "linear": ("linear",),
    "avg pool": _AVERAGES,
    "average pool": _AVERAGES,
    "max pool": ("max_pool2d",),
    "softmax": ("softmax",),
}
"""The words for a layer's type, and the ops that each may be."""
DEPTHWISE = ("conv dw", "dwconv", "depthwise conv")
_TYPE = re.compile(
    r"(?P<type>[A-Za-z]+(?: [A-Za-z]+)?)?"
    r" ?(?P<kernel>[0-9]{1,4} ?[x×] ?[0-9]{1,4})?"
    r"(?: ?/ ?s?(?P<stride>[0-9]{1,4}))?\Z"
)


class LayerType(NamedTuple):
    """The ops that a layer may be, any where there are none, and the settings it must have."""

    ops: tuple[str, ...]
    settings: tuple[tuple[str, Any], ...]


def parse_type(text: object) -> LayerType | None:
    """Return a type as a table prints it, None for other text.

    `Conv dw / s2` is a depthwise convolution of stride 2, `7×7/2` a window of 7x7 and stride 2.
    """
    found = _TYPE.match(text.strip()) if isinstance(text, str) else None
    if not found or not found[0]:
        return None
    word = (found["type"] or "").lower()
    if word and word not in TYPES:
        return None
    settings: list[tuple[str, Any]] = []
    if word in DEPTHWISE:
        settings.append(("groups", "channels"))
    if found["kernel"]:
        settings.append(("kernel", tuple(map(int, re.split(" ?[x×] ?", found["kernel"])))))
    if found["stride"]:
        settings.append(("stride", int(found["stride"])))
    return LayerType(TYPES.get(word, ()), tuple(settings))
