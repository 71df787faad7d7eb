"""Parameters and values that nothing uses."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import said

HEAD = "name: net\ninput: 3x32x32\n"
CONV = "{op: conv2d, out: 8, kernel: 3}"


@pytest.mark.parametrize(
    "layers",
    [
        "layers: [{op: conv2d, out: $width, kernel: 3}]",
        "let: {more: 2 * $width}\nlayers: [{op: conv2d, out: $more, kernel: 3}]",
        "layers: [{op: relu, repeat: $width}]",
        "layers: [{op: relu, when: $width > 1}]",
        "layers: [{op: conv2d, out: 8, kernel: 3, shape: [$width, 30, 30]}]",
        "layers: [{layers: [{op: conv2d, out: $width, kernel: 3}]}]",
        "layers: {convs: {op: relu, repeat: 2, name: 'a{$index + $width}'}}",
        "layers: {a: {op: relu, repeat: 9}, b: {op: relu, from: 'a.{$width}'}}",
        f"layers: {{a: {CONV}, b: {{op: conv2d, out: 8, kernel: 3, share: 'a if $width > 9'}}}}",
        "layers: {a: {op: relu, repeat: 9}, b: {op: add, from: 'a.{$i} for i in range($width)'}}",
        "layers: {a: {op: relu}, b: {op: add, from: [a, 'input if $width > 1']}}",
        "layers: {a: {op: relu, repeat: 9}}\noutput: 'a.{$width}'",
        "layers: {a: {layers: {b: {op: relu, repeat: 9}}, output: 'b.{$width}'}}",
        "let: {more: '[$i * $width for i in range(2)]'}\nlayers: [{op: relu, repeat: sum($more)}]",
        "init: {conv2d: {weight: {normal: $width}}}\nlayers: [{op: conv2d, out: 8, kernel: 3}]",
        "blocks: {unit: {layers: [{op: conv2d, out: $width, kernel: 3}]}}\nlayers: [{block: unit}]",
    ],
)
def test_every_place_is_a_use(layers: str) -> None:
    assert said(f"{HEAD}params: {{width: 8}}\n{layers}\n", "unused-parameter") == []


def test_where_it_stands() -> None:
    text = f"{HEAD}params: {{width: 8}}\nlet: {{half: 4}}\nlayers: [{CONV}]\n"
    assert said(text, "unused-parameter") == [
        (3, "nothing uses the parameter `width` of the spec"),
        (4, "nothing uses the value `half` of the spec"),
    ]


def test_blocks_that_stand_for_each_other_take_each_others_arguments() -> None:
    blocks = (
        "blocks: {a: {params: {out: , size: }, layers: [{op: conv2d, out: $out, kernel: 3}]}, b:"
        " {params: {out: , size: }, layers: [{op: relu}]}}"
    )
    text = (
        f"{HEAD}params: {{kind: a}}\n{blocks}\nlayers: [{{block: $kind, with: {{out: 8, size:"
        " 30}}]\nvariants: {other: {kind: b}}\n"
    )
    assert said(text, "unused-parameter") == []
