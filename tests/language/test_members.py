"""A whole shipped network as a layer: its own parameters, paths and initial values; an ensemble
is the sum of its members.
"""

import pytest
import torch

import archprof
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import build
from archprof.problem import ProblemError

PAIR = """
name: pair
input: 3x64x64
init: {conv2d: {weight: {constant: 7}}}
layers:
  one: {network: resnet18}
  conv: {op: conv2d, from: input, out: 4, kernel: 1}
  pool: {op: adaptive_avg_pool2d, size: 1}
  flatten: {op: flatten}
  fc: {op: linear, out: 1000}
  add: {op: add, from: [one, fc]}
"""


def test_an_ensemble_is_the_sum_of_its_members() -> None:
    one, seven = (archprof.load(name).analyze().totals for name in ("alexnet", "alexnet_x7"))
    assert (seven.params, seven.macs) == (7 * one.params, 7 * one.macs)
    members = [
        archprof.load(name).analyze().totals
        for name in (
            "inception_v3",
            "inception_v4",
            "inception_resnet_v2",
            "resnet200",
            "wide_resnet50_2",
        )
    ]
    fusion = archprof.load("fusion_2016").analyze().totals
    assert (fusion.params, fusion.macs, fusion.depth) == (
        sum(m.params for m in members),
        sum(m.macs for m in members),
        max(m.depth for m in members),
    )


def test_a_member_keeps_its_paths_and_its_own_initial_values() -> None:
    graph = expand(next(networks(load_text(PAIR, "pair.yaml"))))
    assert graph.problems == ()
    state = build(graph).state_dict()
    assert {
        f"one.{key}" for key in archprof.load("resnet18").build(device="meta").state_dict()
    } <= set(state)
    assert torch.equal(state["conv.weight"], torch.full((4, 3, 1, 1), 7.0))
    deviation = state["one.conv1.weight"].std().item()  # kaiming_normal, fan_out: sqrt(2/(64*49))
    assert deviation == pytest.approx((2 / (64 * 49)) ** 0.5, rel=0.05)


@pytest.mark.parametrize("name", ["resnet81", "../secret.yaml", "pair"])
def test_only_shipped_networks_by_name(name: str) -> None:
    graph = expand(next(networks(load_text(PAIR.replace("resnet18", name), "pair.yaml"))))
    assert [p.message for p in graph.problems] == [f"there is no network called `{name}`"]
    with pytest.raises(ProblemError):
        build(graph)
