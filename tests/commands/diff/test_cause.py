"""Where a change was made: the line of the new file that the old one does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.diff.cause import Causes
from archprof.commands.diff.difference import difference
from archprof.language.expand import expand
from archprof.language.loader import load_file, load_text
from archprof.language.network import networks

SPEC = """\
name: net
input: 3x32x32
params: {width: 8, more: false}
let: {double: $width * 2}
blocks:
  unit:
    params: {out: , kernel: 3}
    layers:
      conv:
        op: conv2d
        out: $out
        kernel: $kernel
      extra: {op: relu, when: $more}
layers:
  first: {block: unit, with: {out: $double}}
  second: {block: unit, repeat: 2, with: {out: $width}}
variants:
  large: {width: 16}
"""


def places(old: str, new: str, variant: str = "net") -> dict[str, int]:
    """The line each changed, added or removed layer is laid to."""
    first, second = (
        analyze(expand(next(n for n in networks(load_text(text)) if n.name == variant)))
        for text in (old, new)
    )
    found = difference(first, second)
    causes = Causes(found)
    return {
        c.layer.row.node.path: causes.of(c).line
        for c in found.changes
        if c.state in ("changed", "added", "removed")
    }


def line(text: str) -> int:
    return next(i for i, row in enumerate(SPEC.splitlines(), 1) if text in row)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "kernel: $kernel",
            "kernel: $kernel - 2",
            {
                "first.conv": "kernel: $kernel",
                "second.0.conv": "kernel: $kernel",
                "second.1.conv": "kernel: $kernel",
            },
        ),
        ("with: {out: $double}", "with: {out: 10}", {"first.conv": "first:"}),
        (
            "repeat: 2, with: {out: $width}",
            "repeat: 2, with: {out: 10}",
            {"second.0.conv": "second:", "second.1.conv": "second:"},
        ),
        ("repeat: 2", "repeat: 3", {"second.2.conv": "second:"}),
        ("repeat: 2", "repeat: 1", {"second.1.conv": "name:"}),  # it has no line any more
        (
            "kernel: 3}",
            "kernel: 1}",
            {
                "first.conv": "kernel: 3}",
                "second.0.conv": "kernel: 3}",
                "second.1.conv": "kernel: 3}",
            },
        ),
        ("$width * 2", "$width * 3", {"first.conv": "let:"}),
        (
            "width: 8,",
            "width: 9,",
            {
                "first.conv": "params: {width",
                "second.0.conv": "params: {width",
                "second.1.conv": "params: {width",
            },
        ),
        (
            "more: false",
            "more: true",
            {
                "first.extra": "params: {width",
                "second.0.extra": "params: {width",
                "second.1.extra": "params: {width",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_line_that_is_new(old: str, new: str, expected: dict[str, str]) -> None:
    assert old in SPEC
    assert places(SPEC, SPEC.replace(old, new)) == {
        path: line(text) for path, text in expected.items()
    }


def test_a_value_of_a_variant() -> None:
    assert set(
        places(SPEC, SPEC.replace("large: {width: 16}", "large: {width: 12}"), "large").values()
    ) == {line("large:")}


def test_a_value_in_a_file_that_is_used(tmp_path: Path) -> None:
    """Of a file that a used file uses: a block's own default there."""
    texts = {
        "net.yaml": "name: net\ninput: 3x8x8\nuse: pair.yaml\nlayers:\n  body: {block: pair}\n",
        "pair.yaml": "name: pair\nuse: unit.yaml\nblocks:\n  pair: {layers: {a: {block: unit}}}\n",
        "unit.yaml": "name: unit\nblocks:\n  unit:\n    params:\n      kernel: 3\n"
        "    layers: {conv: {op: conv2d, out: 4, kernel: $kernel}}\n",
    }
    analyses = []
    for kernel in (3, 1):
        for name, text in texts.items():
            (tmp_path / name).write_text(text.replace("kernel: 3", f"kernel: {kernel}"))
        document = load_file(tmp_path / "net.yaml")
        analyses.append(analyze(expand(next(networks(document)))))
    found = difference(*analyses)
    [change] = found.changes
    mark = Causes(found).of(change)
    assert (Path(mark.file).name, mark.line) == ("unit.yaml", 5)


def test_lines_that_only_moved_are_not_new() -> None:
    """A comment above shifts every line; the one that changed is still the only new one."""
    moved = "# a comment\n" + SPEC.replace("kernel: $kernel", "kernel: 1")
    assert set(places(SPEC, moved).values()) == {line("kernel: $kernel") + 1}


def test_another_name_of_the_network_is_no_cause() -> None:
    """Of a layer that follows from another's change, no line is new: its place is its own, not
    that of the new name.
    """
    old = (
        "name: net\ninput: 3x32x32\nlayers:\n  a: {op: conv2d, out: 8, kernel: 3}\n  b: {op:"
        " conv2d, out: 4, kernel: 3}\n"
    )
    new = old.replace("net", "other").replace("out: 8", "out: 16")
    first, second = (analyze(expand(next(networks(load_text(text))))) for text in (old, new))
    found = difference(first, second)
    assert {c.layer.row.node.path: Causes(found).of(c).line for c in found.changes} == {
        "a": 4,
        "b": 5,
    }
