"""New spec files: a commented first network, and a shipped one in a file of its own."""

from __future__ import annotations

import re
import textwrap

from archprof.commands.edit import editing
from archprof.commands.edit.formatting import formatted
from archprof.language.network import Network

STARTER = """\
# A network as its layer table. `archprof summary {name}.yaml` shows what it costs,
# `archprof check {name}.yaml` whether it is as it says, and `archprof ops` lists the ops.
# `archprof schema -o schema.json` makes an editor complete this file, with a first line of
# `# yaml-language-server: $schema=schema.json`.
name: {name}
title: A small residual network
input: 3x32x32  # channels x height x width; `--input 3x64x64` takes another
params: {{width: 32, depth: 2}}  # to play with: `--set width=64`
blocks:
  # A named piece with parameters; one without a default must be given.
  # $out is its value, $channels how many channels arrive at the layer that says it; a parameter
  # `planes: $channels` has those of the block's input in every layer.
  residual:
    params: {{out: }}
    layers:
      # without a bias: the batch norm has one
      conv1: {{op: conv2d, out: $out, kernel: 3, padding: 1, bias: false}}
      bn1: {{op: batch_norm2d}}
      relu1: {{op: relu}}
      conv2: {{op: conv2d, out: $out, kernel: 3, padding: 1, bias: false}}
      bn2: {{op: batch_norm2d}}
      # there only where the width changes
      shortcut: {{op: conv2d, from: input, out: $out, kernel: 1, when: $channels != $out}}
      add: {{op: add, from: [bn2, shortcut]}}
      relu2: {{op: relu}}
# A layer takes what the one above it gives, unless `from` says otherwise.
# Input channels are never written.
layers:
  # `shape` is what must come out
  stem: {{op: conv2d, out: $width, kernel: 3, padding: 1, shape: 32x32x32}}
  stage1: {{block: residual, repeat: $depth, with: {{out: $width}}}}
  pool: {{op: max_pool2d, kernel: 2}}
  stage2: {{block: residual, repeat: $depth, with: {{out: 2 * $width}}}}
  gap: {{op: adaptive_avg_pool2d, size: 1, shape: 64x1x1}}
  flatten: {{op: flatten}}
  fc: {{op: linear, out: 10}}
# What the whole must be: (27 + 1)*32 in the stem, 2*18_560 in stage1, 57_664 + 73_984 in stage2,
# and (64 + 1)*10
expect: {{params: 170_314, depth: 10}}
"""
ABOUT = ("title", "source", "year", "expect")
"""The keys that are true of the original alone."""


def starter(name: str) -> str:
    """Return a commented spec of a network called `name`, to change and to grow."""
    return STARTER.format(name=name)


def copied(network: Network, name: str) -> str:
    """Return the spec of a shipped network under another name.

    It is the family's file with this variant's values in place, and without other variants and
    without what is only true of the original (ABOUT). Blocks from other files still come from the
    shipped specs.
    """
    head = (
        f"# {network.name} as archprof ships it, but for {', '.join(ABOUT[:-1])} and {ABOUT[-1]},"
        " which are the original's\n"
    )
    text = re.sub(r"\A(# yaml-language-server:.*\n)?", head, network.document.text)
    new_input: str | None = None
    values: dict[str, str] = {}
    if network.variant:
        place = ("variants", network.variant.name)
        if "input" in network.variant.about:
            new_input = editing.value(text, *place, "input")
        for key in network.variant.values:
            values[key] = editing.value(text, *place, key) or ""
    for key in ("variants", "aliases", "family", *ABOUT):
        text = editing.without(text, key)
    text = editing.with_value(text, name, "name")
    if new_input and editing.value(text, "input") is not None:
        text = editing.with_value(text, new_input, "input")
    elif new_input:
        text = _added(text, f"input: {new_input}", after="name")
    return formatted(_with_defaults(text, values, tuple(network.document.params)))


def _added(text: str, row: str, after: str) -> str:
    """Return the text with one more line at its top level, behind an entry."""
    rows = text.split("\n")
    line = editing.lines_of(text, after)[1]
    return "\n".join([*rows[:line], row, *rows[line:]])


def _with_defaults(text: str, values: dict[str, str], names: tuple[str, ...]) -> str:
    """Return the text with these values as defaults of its parameters, which are called `names`.

    They are put in place or, where one runs over lines, all on lines of their own.
    """
    if not any("\n" in value for value in values.values()):
        for key, value in values.items():
            text = editing.with_value(text, value, "params", key)
        return text
    first, end = editing.lines_of(text, "params")
    rows = text.split("\n")
    comments = [match[0] for row in rows[first:end] if (match := re.search(r"(?<!\S)#.*", row))]
    new = []
    for key in names:
        value = values.get(key) or editing.value(text, "params", key) or ""
        if "\n" in value:
            new.append(f"  {key}:\n{textwrap.indent(value, '  ')}")
        else:
            new.append(f"  {key}: {value}")
    return "\n".join([*rows[:first], *comments, "params:", *new, *rows[end:]])
