"""The words of the spec language: keys, names with a meaning, and what a name may look like."""

from __future__ import annotations

import re

from archprof.language.document import BUILT_IN

ABOUT = ("title", "source", "year", "input", "inputs", "expect", "aliases", "family", "budget")
"""The keys that state something of a network, and that a variant may state in its place."""

TOP = ("name", *ABOUT, "use", "params", "let", "init", "blocks", "layers", "output", "variants")
"""The keys of a spec."""

BLOCK = ("inputs", "params", "let", "budget", "layers", "output")
"""The keys of a block."""

COMMON = ("from", "when", "repeat", "parallel", "name", "flat", "aux", "share", "frozen")
"""The keys that every layer may have."""

ONLY = {
    "op": ("op", "shape", "init"),
    "block": ("block", "with", "first"),
    "network": ("network",),
    "layers": ("layers", "output"),
}
"""The keys of a layer that are allowed beside one of `op`, `block`, `network` and `layers`."""

RESERVED = ("input", "previous", *BUILT_IN)
"""Names that no layer, input or value can have."""

MEANING = {
    "input": "`input` is what arrives at the network, block or group",
    "previous": "`previous` is the layer above",
    "channels": "$channels is how many channels arrive at a layer",
    "shape": "$shape is the shape of what arrives at a layer",
    "index": "$index is the number of a repeat's turn",
    "count": "$count is how many turns a repeat has",
}
"""Of each reserved name, for hints."""

INITIALIZERS = (
    "normal",
    "trunc_normal",
    "normal_fan_in",
    "trunc_normal_fan_in",
    "uniform",
    "constant",
    "kaiming_normal",
    "kaiming_uniform",
    "xavier_normal",
    "xavier_uniform",
)
"""Schemes of how weights start."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")  # of a block, input or value
NETWORK = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*\Z")  # the name of a network
_PART = "[A-Za-z0-9_][A-Za-z0-9_-]{0,99}"
MOST_PARTS = 4  # of one layer's name
WORD = re.compile(rf"{_PART}\Z")  # a part of a path
LAYER = re.compile(rf"{_PART}(\.{_PART}){{0,{MOST_PARTS - 1}}}\Z")  # of a layer: `conv`, `convs.0`
LAYER_EXPECTED = "expected letters, digits, _ and -, the first no -"
IN_LAYER = re.compile(r"[A-Za-z0-9_.-]+\Z")  # a part of a layer's name, beside an expression
