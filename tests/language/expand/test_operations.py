"""An op that an expression chooses takes of its settings what it has."""

from __future__ import annotations

import pytest

from tests.language.expand.graphs import faults, graph


@pytest.mark.parametrize(
    ("choice", "op", "settings"),
    [
        ("relu", "relu", {"inplace": True}),
        ("gelu", "gelu", {"approximate": "tanh"}),
        ("sigmoid", "sigmoid", {}),
    ],
)
def test_what_only_other_ops_have_is_left_out(
    choice: str, op: str, settings: dict[str, object]
) -> None:
    found = graph(
        f"params: {{act: {choice}}}\nlayers: [{{op: $act, inplace: true, approximate: tanh}}]\n"
    )
    (node,) = found.nodes
    assert node.op.name == op
    assert {name: getattr(node.op, name) for name in settings} == settings
    assert {"inplace", "approximate"} & node.op.settings.keys() == settings.keys()


def test_what_is_left_out_is_not_worked_out() -> None:
    """An identity has no kernel, and 4 / 0 is none."""
    text = (
        "params: {stride: %d}\nlayers:\n- {op: \"'avg_pool2d' if $stride > 0 else 'identity'\","
        " kernel: 4 // $stride}\n"
    )
    assert [node.output for node in graph(text % 2).nodes] == [(3, 4, 4)]
    assert [node.output for node in graph(text % 0).nodes] == [(3, 8, 8)]


def test_an_op_that_is_written_out_has_all_its_settings() -> None:
    assert faults("layers: [{op: gelu, inplace: true}]\n") == [
        "3:21 op `gelu` has no setting `inplace`"
    ]


def test_a_setting_of_no_op_is_a_slip() -> None:
    assert faults("params: {act: relu}\nlayers: [{op: $act, inplce: true}]\n") == [
        "4:21 op `relu` has no setting `inplce`, nor has any other op"
    ]
    assert faults(
        "params: {s: 2}\nlayers: [{op: \"['relu', 'gelu'][$s - 1]\", negative_slope: 2}]\n"
    ) == ["4:43 no op that `['relu', 'gelu'][$s - 1]` can choose has a setting `negative_slope`"]
