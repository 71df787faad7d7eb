"""Numbers that run on from one module to the next."""

from __future__ import annotations

import pytest

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.commands.check.checked import said, whole

BLOCKS = """name: net
input: 3x8x8
blocks:
  list: {layers: [{op: relu}, {op: gelu}]}
  named: {layers: {a: {op: relu}, b: {op: gelu}}}
  named_entries: {layers: [{op: relu, name: a}, {op: gelu, name: b}]}
"""
TRAP = (
    BLOCKS + "layers:\n  stages: {block: list, repeat: 2, flat: true, name: 'stage{$index + 2}'}\n"
)
WAY_OUT = BLOCKS + "layers:\n- {block: list, repeat: 2, name: 'stage{$index + 2}'}\n"


def paths(text: str) -> list[str]:
    return [node.path for node in expand(next(networks(load_text(text)))).nodes]


def test_the_whole_message() -> None:
    assert (
        whole(TRAP, "running-numbers")
        == """\
net.yaml:8:3: warning: a `flat` repeat with a `name` numbers this list on: the second turn does \
not begin at 0 [running-numbers]
      stages: {block: list, repeat: 2, flat: true, name: 'stage{$index + 2}'}
      ^
  hint: put it into a list of layers without `flat`: - {block: …, repeat: …, name: …}"""
    )


def test_what_the_rule_says_is_so() -> None:
    assert paths(TRAP) == ["stage2.0", "stage2.1", "stage3.2", "stage3.3"]
    assert paths(WAY_OUT) == ["stage2.0", "stage2.1", "stage3.0", "stage3.1"]
    assert said(WAY_OUT, "running-numbers") == []


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        ("{repeat: 2, flat: true, name: 'stage{$index}', layers: [{op: relu}]}", 1),  # a group
        ("{block: list, repeat: '$n', flat: true, name: 'stage{$index}'}", 1),
        ("{block: named, repeat: 2, flat: true, name: 'stage{$index}'}", 0),  # NASNet's cells
        ("{block: named_entries, repeat: 2, flat: true, name: 'stage{$index}'}", 0),
        ("{block: list, repeat: 1, flat: true, name: 'stage{$index}'}", 0),
        ("{block: list, repeat: 2, name: 'stage{$index}'}", 0),  # KEY.stage0.0 …
        ("{block: list, repeat: 2, flat: true}", 0),  # VGG's: one module
        # known only when it is worked out
        (
            (
                "{block: \"'list' if $n > 1 else 'named'\", repeat: 2, flat: true, name:"
                " 'stage{$index}'}"
            ),
            0,
        ),
    ],
    ids=["group", "times", "named", "entries", "once", "inside", "one module", "chosen"],
)
def test_where_numbers_run_on(layer: str, found: int) -> None:
    text = f"{BLOCKS}params: {{n: 2}}\nlayers:\n  stages: {layer}\n"
    assert len(said(text, "running-numbers")) == found
