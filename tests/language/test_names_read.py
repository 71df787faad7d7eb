"""Which names values read, and which blocks read the turn of a repeat around them."""

from __future__ import annotations

import pytest

from archprof.language.document import Document
from archprof.language.loader import load_text
from archprof.language.names_read import TurnReaders, names_read, targets

LAYER = "{op: relu}"


def document(blocks: str, layers: str = LAYER) -> Document:
    text = f"name: net\ninput: 3x8x8\nparams: {{width: 4}}\nblocks:\n{blocks}"
    return load_text(f"{text}layers:\n  first: {layers}\n", "net.yaml")


def read(block: str, others: str = "") -> bool:
    """Whether the block reads the turn."""
    home = document(f"  one: {{{block}}}\n{others}")
    return TurnReaders().read_by(home.blocks["one"], home)


def test_names_of_all_kinds_of_values() -> None:
    layers = "{op: conv2d, out: '$width * 2', kernel: [1, $width], padding: 0}"
    home = document(f"  one: {{layers: {{a: {LAYER}}}}}\n", layers)
    assert home.body is not None
    (layer,) = home.body.layers
    assert names_read(layer.settings) == {"width"}
    assert names_read((layer.settings["padding"], None, "$width")) == set()


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("one", ["one"]),
        ("\"'one' if $width > 1 else 'two'\"", ["one", "two"]),
        ("$which", ["one", "three", "two"]),  # whatever there is
    ],
)
def test_blocks_that_an_entry_may_stand_for(target: str, found: list[str]) -> None:
    blocks = "".join(f"  {name}: {{layers: {{a: {LAYER}}}}}\n" for name in ("one", "two", "three"))
    home = document(blocks + "let: {which: \"'o' + 'ne'\"}\n", f"{{block: {target}}}")
    assert home.body is not None
    assert [block.name for block, _ in targets(home.body.layers[0], home)] == found


@pytest.mark.parametrize(
    "block",
    [
        "params: {n: $index}, layers: {a: {op: relu, when: $n > 0}, b: {op: relu}}",
        "let: {n: $count}, layers: {a: {op: relu, when: $n > 0}, b: {op: relu}}",
        "layers: {a: {op: relu, when: $index > 0}, b: {op: relu}}",
        "layers: {a: {op: relu, repeat: $count}}",
        "layers: {a: {op: dropout, p: $index / 10}}",
        "layers: {a: {layers: {b: {op: dropout, p: $index / 10}}}}",
        "layers: {a: {block: other}}",
        "layers: {a: {block: $width}}",  # whichever it is
        "layers: {a: {op: conv2d, out: 4, kernel: 1, init: {bias: $index}}}",
        "layers: {a: {op: conv2d, out: 4, kernel: 1, frozen: $index > 0}}",
        "layers: {a: {op: relu, shape: [3, '8 + 0 * $index', 8]}}",
        "layers: {a0: {op: relu}, b: {op: add, from: ['a{0 * $index}', input]}}",
        "layers: {a0: {op: relu}, b: {op: relu}}, output: ['a{0 * $index}']",
        "layers: {a: {op: relu, when: $width > 1}, b: {block: one, when: $width > 9}}",  # itself
    ],
)
def test_what_reads_the_turn(block: str) -> None:
    assert read(block, "  other: {layers: {a: {op: dropout, p: $index / 10}}}\n")


@pytest.mark.parametrize(
    "block",
    [
        "params: {n: $width}, layers: {a: {op: dropout, p: $n / 10}}",
        "layers: {a: {op: dropout, p: $index / 10, repeat: 2}}",  # its own
        "layers: {a: {repeat: 2, name: 'a{$index}', layers: {b: {op: dropout, p: $count / 10}}}}",
        "layers: {a: {block: other, repeat: 2, with: {n: $index}}}",
        "layers: {a: {block: other, with: {n: $channels}}}",
    ],
)
def test_what_does_not(block: str) -> None:
    assert not read(block, "  other: {params: {n: }, layers: {a: {op: dropout, p: $n / 10}}}\n")


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ("params: {n: }, layers: {a: {op: dropout, p: $n / 10}, b: {op: relu}}", ["a"]),
        ("params: {n: , m: $n / 9}, let: {p: $m}, layers: {a: {op: drop_path, p: $p}}", ["a"]),
        ("params: {n: }, layers: {a: {op: relu}}", []),  # nothing reads it
        ("params: {n: }, layers: {a: {op: dropout, p: $n / 10, when: $n > 0}}", None),
        ("params: {n: }, layers: {a: {op: dropout, p: $n / $channels}}", None),  # differs in it
        ("params: {n: }, layers: {a: {op: conv2d, out: $n + 1, kernel: 1}}", None),
        ("params: {n: }, layers: {a: {op: batch_norm2d, eps: $n + 1}}", None),
        ("params: {n: }, layers: {a: {block: other, with: {p: $n}}}", None),
        ("params: {n: }, layers: {a: {op: $width, p: $n}}", None),  # whichever it is
    ],
)
def test_layers_whose_rates_alone_read_the_turn(block: str, found: list[str] | None) -> None:
    other = "  other: {params: {p: }, layers: {a: {op: dropout, p: $p}}}\n"
    use = "{block: one, repeat: 3, with: {n: $index}}"
    home = document(f"  one: {{{block}}}\n{other}", use)
    assert home.body is not None
    rates = TurnReaders().rates(home.body.layers[0], home.blocks["one"], home)
    assert (None if rates is None else [layer.key for layer in rates]) == found
