"""Blocks that nobody can reach."""

from __future__ import annotations

from tests.commands.check.checked import said

HEAD = "name: net\ninput: 3x32x32\n"
RELU = "layers: [{op: relu}]"


def found(text: str) -> list[str]:
    return [message.split("`")[1] for _, message in said(HEAD + text, "unused-block")]


def test_blocks_of_unused_blocks_are_unused() -> None:
    assert found(
        f"blocks: {{a: {{layers: [{{block: b}}]}}, b: {{{RELU}}}, c: {{{RELU}}}}}\nlayers:"
        " [{block: c}]"
    ) == ["a", "b"]


def test_a_block_that_a_parameter_names() -> None:
    blocks = f"blocks: {{a: {{{RELU}}}, b: {{{RELU}}}, c: {{{RELU}}}, d: {{{RELU}}}}}\n"
    assert found(
        f"params: {{kind: a}}\n{blocks}layers: [{{block: $kind}}]\nvariants: {{other: {{kind: b}}}}"
    ) == ["c", "d"]
    assert found(
        f"params: {{deep: true}}\n{blocks}layers: [{{block: \"'c' if $deep else 'd'\"}}]"
    ) == ["a", "b"]
    assert (
        found(
            f"blocks: {{a: {{{RELU}}}, b: {{params: {{inner: }}, layers: [{{block:"
            " $inner}]}}\nlayers: [{block: b, with: {inner: a}}]"
        )
        == []
    )


def test_an_op_of_the_same_name_is_no_use() -> None:
    assert found(f"blocks: {{gelu: {{{RELU}}}}}\nlayers: [{{op: gelu}}]") == ["gelu"]


def test_a_file_of_blocks_is_for_others() -> None:
    assert said(f"name: net\nblocks: {{a: {{{RELU}}}}}\n", "unused-block") == []
