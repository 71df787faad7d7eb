"""Whatever a file says, the answer is a graph or a ProblemError: never another exception, a hang
or a full memory.
"""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archprof.allowance import Allowance
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.words import BLOCK, COMMON, ONLY, TOP
from archprof.limits import Limits
from archprof.ops import OPS
from archprof.problem import ProblemError
from tests.language.expressions import EXPRESSIONS, SCOPE, TOKENS

FOLDER = Path(__file__).parent / "networks"
WORDS = (FOLDER / "words.yaml").read_text(encoding="utf-8")
DATA_OF_WORDS = yaml.safe_load(WORDS)
NETWORKS = [
    yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("swin", "unet", "nasnet", "parts")
]
VALUES: tuple[Any, ...] = (
    0,
    -1,
    1,
    2,
    3,
    2.5,
    1_000_000,
    10**18 - 1,
    True,
    False,
    None,
    "",
    [],
    {},
    [[]],
    [1, [2, [3]]],
    {"a": {"b": "c"}},
    [1, 2],
    [3, 3, 3],
    [0, 2, 1],
    {"op": "relu"},
    {"op": "parameter", "size": []},
    {"block": "conv"},
    [{"op": "relu"}, {"op": "identity"}],
    "relu",
    "input",
    "previous",
    "conv",
    "gate",
    "two",
    "stem",
    "list.0",
    "a.b.c",
    "..",
    "$index",
    "$channels",
    "$shape",
    "$shape[1]",
    "$shape[7]",
    "$width",
    "$nothing",
    "$",
    "$depths[9]",
    "$width / 0",
    "[$shape, $shape]",
    "$width * 99999999999",
    "range($width)",
    "{$index}",
    "a{$index}b",
    "conv.{$index}",
    "stem.{$i} for i in range($width)",
    "{$i} for i in $depths if $i > 1",
    "gate if $extra",
    "rest...",
    "[$i for i in $depths]",
    "2 ** $width",
    "$act",
    "$extra",
    "3x32x32",
    "1x1x1x1",
    "8",
    "words.yaml",
    "parts.yaml",
    "../x",
    "\u202e\x1b[0m",
    "é",
    "x" * 300,
)
PIECES = (
    "yes",
    "1e3",
    "010",
    "1:30",
    ".inf",
    "!!python/object:os.system x",
    "&a [*a]",
    "*a",
    "<<",
    "? x",
    "- -",
    "---",
    "...",
    "#",
    "|",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "\t",
    "\x07",
    "\ud800",
    "１２",
    "$",
    "null",
    "a: b",
)
CHECKED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)


@pytest.fixture(autouse=True, scope="module")
def few_layers() -> Iterator[None]:
    """A million layers take seconds; a lower limit is reached more often."""
    with Allowance(Limits(seconds=1e6, layers=2000), alarm=False):
        yield


def survives(text: str) -> None:
    start = time.process_time()
    try:
        document = load_text(text, "net.yaml", FOLDER)
        graphs = [expand(network) for network in list(networks(document))[:2]]
        shown = "\n".join(str(problem) for graph in graphs for problem in graph.problems)
    except ProblemError as error:
        shown, graphs = str(error), []
    # hundredths, as a rule; a deadline in wall time would fail on a busy machine
    assert time.process_time() - start < 3
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    for graph in graphs:
        if not graph.problems:
            assert graph.outputs
            assert len({node.path for node in graph.nodes}) == len(graph.nodes)
            assert all(source < i for i, node in enumerate(graph.nodes) for source in node.inputs)


def written(data: Any) -> str:
    text: str = yaml.dump(
        data,
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
        allow_unicode=True,
        sort_keys=False,
    )
    return text


# --- files that were fine, and a hand has slipped ---


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every entry of a tree, as its container and its key there."""
    found: list[tuple[Any, Any]] = []
    for key in (
        [*data] if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    ):
        found += [(data, key), *places(data[key])]
    return found


def changed(data: Any, kind: str, place: int, other: int, value: Any) -> None:
    """One change to one entry of the tree."""
    entries = places(data)
    if not entries:
        return
    (container, key), (source, name) = entries[place % len(entries)], entries[other % len(entries)]
    if kind == "value":
        container[key] = copy.deepcopy(value)
    elif kind == "other":
        container[key] = copy.deepcopy(source[name])
    elif kind == "delete":
        del container[key]
    elif kind == "rename" and isinstance(container, dict):
        container[value if isinstance(value, (str, int)) else str(name)] = container.pop(key)
    elif kind == "add" and isinstance(container, dict):
        container[str(name)] = copy.deepcopy(source[name])
    elif kind == "add":
        container.insert(key, copy.deepcopy(source[name]))


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("value", "value", "other", "delete", "rename", "add")),
        st.integers(0, 5000),
        st.integers(0, 5000),
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=3,
)


@settings(CHECKED, max_examples=700)
@given(changes=CHANGES)
def test_every_word_changed(changes: list[tuple[str, int, int, Any]]) -> None:
    data = copy.deepcopy(DATA_OF_WORDS)
    for change in changes:
        changed(data, *change)
    survives(written(data))


@settings(CHECKED, max_examples=250)
@given(network=st.sampled_from(NETWORKS), changes=CHANGES)
def test_networks_changed(network: Any, changes: list[tuple[str, int, int, Any]]) -> None:
    data = copy.deepcopy(network)
    for change in changes:
        changed(data, *change)
    survives(written(data))


def edited(text: str, kind: str, place: int, other: int, piece: str) -> str:
    """The text with one line changed as an editor might."""
    lines = text.split("\n")
    here, there = place % len(lines), other % len(lines)
    line = lines[here]
    cut = other % (len(line) + 1)
    swapped = [
        lines[there] if i == here else line if i == there else row for i, row in enumerate(lines)
    ]
    return "\n".join(
        {
            "delete": lines[:here] + lines[here + 1 :],
            "duplicate": lines[:here] + lines[here:here] + lines[here:],
            "swap": swapped,
            "truncate": [*lines[:here], line[:cut]],
            "indent": [*lines[:here], "  " + line, *lines[here + 1 :]],
            "dedent": [*lines[:here], line[2:], *lines[here + 1 :]],
            "splice": [*lines[:here], line[:cut] + piece + line[cut:], *lines[here + 1 :]],
            "drop": [*lines[:here], line[:cut] + line[cut + 1 :], *lines[here + 1 :]],
        }[kind]
    )


@settings(CHECKED, max_examples=800)
@given(
    edits=st.lists(
        st.tuples(
            st.sampled_from(
                ("delete", "duplicate", "swap", "truncate", "indent", "dedent", "splice", "drop")
            ),
            st.integers(0, 5000),
            st.integers(0, 5000),
            st.sampled_from(PIECES),
        ),
        min_size=1,
        max_size=2,
    )
)
def test_lines_edited(edits: list[tuple[str, int, int, str]]) -> None:
    text = WORDS
    for edit in edits:
        text = edited(text, *edit)
    survives(text)


# --- files that were never fine ---

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from([value for value in VALUES if isinstance(value, str)]),
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(CHECKED, max_examples=250)
@given(
    data=DATA,
    keys=st.lists(st.sampled_from(TOP), max_size=3),
    inner=st.sampled_from([*BLOCK, *COMMON, *(word for words in ONLY.values() for word in words)]),
)
def test_any_data_under_any_key(data: Any, keys: list[str], inner: str) -> None:
    spec: dict[str, Any] = {
        "name": "net",
        "input": "3x8x8",
        "layers": {"a": {"op": "relu", inner: data}},
        "blocks": {"b": {"layers": [{"op": "relu"}], inner: data}},
    }
    survives(written(spec | dict.fromkeys(keys, data)))


@settings(CHECKED, max_examples=150)
@given(data=DATA)
def test_any_data_at_all(data: Any) -> None:
    survives(written(data))


@settings(CHECKED, max_examples=150)
@given(text=st.text(max_size=80))
def test_any_text_at_all(text: str) -> None:
    survives(text)


# --- ops in any order, with settings of the right kind ---

GOOD: dict[str, list[Any]] = {
    "out": [1, 4, 6],
    "kernel": [1, 2, 3, [1, 3]],
    "stride": [1, 2],
    "padding": [0, 1, "same"],
    "output_padding": [0, 1],
    "dilation": [1, 2],
    "groups": [1, 2, 3],
    "bias": [True, False],
    "size": [[], [1], [3, 1, 1], [4, 2], 1, 2, [2, 3], 5],
    "value": [0.5],
    "heads": [1, 2],
    "ceil_mode": [True],
    "count_include_pad": [False],
    "affine": [False],
    "eps": [0.01],
    "momentum": [0.1],
    "inplace": [True],
    "slope": [0.1],
    "approximate": ["tanh"],
    "dim": [0, 1, -1, 2, 5],
    "start": [0, 1, -2],
    "stop": [1, 2, -1],
    "step": [1, 2, 0],
    "end": [-1, 1],
    "order": [[0], [1, 0], [2, 0, 1], [0, 1, 2, 3]],
    "sides": [[1, 1, 0, 0], [-1, -1, -1, -1], [1]],
    "channels": [[1, 1], [-1, 0]],
    "shifts": [[1], [1, -1]],
    "dims": [[0], [0, 1], [-1]],
    "factor": [1, 2],
    "window": [2, 4],
    "height": [4],
    "width": [4],
    "p": [0.5, 0, 1],
    "mode": ["bilinear"],
    "alpha": [0.1],
    "beta": [0.5],
    "k": [1],
}


@st.composite
def op_layers(draw: st.DrawFn) -> dict[str, Any]:
    """Layers of ops, each fed by earlier ones."""
    layers: dict[str, Any] = {}
    for i in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from([*OPS]))
        layer: dict[str, Any] = {"op": name}
        for setting, declared in OPS[name].settings.items():
            if declared.required or draw(st.integers(0, 2)) == 0:
                layer[setting] = draw(st.sampled_from(GOOD.get(setting, [True, 1, [[0, 1], [2]]])))
        fewest, most = OPS[name].arity
        known = ["input", *layers]
        if most != 0 and i:
            layer["from"] = draw(
                st.lists(st.sampled_from(known), min_size=fewest, max_size=most or fewest + 1)
            )
        if draw(st.integers(0, 5)) == 0:
            layer |= draw(
                st.sampled_from(
                    [
                        {"repeat": 2},
                        {"when": False},
                        {"aux": True},
                        {"share": known[-1]},
                        {"repeat": 3, "flat": True},
                        {"shape": "3x8x8"},
                    ]
                )
            )
        layers[f"l{i}"] = layer
    return layers


@settings(CHECKED, max_examples=600)
@given(layers=op_layers(), shape=st.sampled_from(["3x8x8", "4", "16x4", "6x8x7", "2x3x4x4"]))
def test_ops_in_any_order(layers: dict[str, Any], shape: str) -> None:
    survives(written({"name": "net", "input": shape, "layers": layers, "output": [*layers]}))


# --- expressions anywhere ---


@settings(CHECKED, max_examples=900)
@given(
    text=st.one_of(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS, TOKENS),
    place=st.sampled_from(
        ["when", "repeat", "op", "kernel", "out", "shape", "name", "let", "default"]
    ),
)
def test_any_expression_anywhere(text: str, place: str) -> None:
    layer: dict[str, Any] = {"op": "conv2d", "out": 4, "kernel": 1}
    spec: dict[str, Any] = {
        "name": "net",
        "input": "3x8x8",
        "params": {**SCOPE},
        "layers": {"a": layer},
    }
    text = text if "$" in text else f"{text} + $w"
    if place == "let":
        spec["let"] = {"v": text}
    elif place == "default":
        spec["params"]["v"] = text
    elif place == "name":
        spec["layers"] = [{**layer, "name": "a{" + text + "}"}]
    else:
        layer[place] = text
    survives(written(spec))
