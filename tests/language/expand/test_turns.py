"""Turns of a repeat that are copied: what a network is may not show which of them are."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.graph.graph import Graph, Instance, Node
from archprof.language.expand import expand
from archprof.language.expand.turns import RepeatedTurns, Turns
from archprof.language.find import find_shipped
from tests.language.expand.graphs import faults, graph, wiring

UNIT = (
    "blocks:\n  unit:\n    layers:\n"
    "      conv: {op: conv2d, out: 3, kernel: 3, padding: 1}\n"
    "      inner: {repeat: 2, layers: {relu: {op: relu}}}\n"
    "      add: {op: add, from: [inner, input]}\n"
)


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every turn be built by itself."""
    monkeypatch.setattr(Turns, "_rates", lambda self, layer, frame: None)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the turns that are copied."""
    found: list[int] = []
    made = RepeatedTurns._copied

    def noting(self: RepeatedTurns, known: Any, turn: int, *more: Any) -> Any:
        found.append(turn)
        return made(self, known, turn, *more)

    monkeypatch.setattr(RepeatedTurns, "_copied", noting)
    return found


def uses(instance: Instance | None) -> list[tuple[str, str, int | None]]:
    """The uses of blocks that a layer is in, the innermost first."""
    found = []
    while instance is not None:
        found.append((instance.path, instance.block, instance.index))
        instance = instance.parent
    return found


def shown(node: Node) -> tuple[Any, ...]:
    own = node.path, node.inputs, node.shares, node.aux, node.init, node.frozen, id(node.entry)
    settings = [getattr(node.op, name) for name in node.op.settings]
    return (*own, node.kind, settings, node.output, node.facts.params, uses(node.instance))


def parts(found: Graph) -> tuple[Any, ...]:
    nodes = list(map(shown, found.nodes))
    return nodes, found.outputs, found.aux_outputs, found.dropped, found.problems


@pytest.mark.parametrize(
    "name",
    [
        "resnet50",
        "resnet34_a",
        "seresnet50",  # blocks in blocks
        "googlenet",  # auxiliary heads
        "convnext_tiny",  # drop rates that differ from turn to turn
        "efficientnet_b1",
        "convnextv2_atto",
        "nasnetamobile",  # cells of two inputs
        "inception_v4",
        "swin_t",  # every second block is shifted
        "hourglass_2",  # a block inside itself
        "densenet121",  # each turn joins all before it
    ],
)
def test_a_shipped_network_is_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = find_shipped(name)
    fast = parts(expand(network))
    alone(monkeypatch)
    assert fast == parts(expand(network))


def test_turns_after_the_first(copied: list[int]) -> None:
    found = wiring(UNIT + "layers:\n  units: {block: unit, repeat: 3}\n  last: {op: relu}\n")
    assert copied == [1, 2]
    assert found["units.2.conv"] == ["units.1.add"]
    assert found["units.2.inner.0.relu"] == ["units.2.conv"]
    assert found["units.2.add"] == ["units.2.inner.1.relu", "units.1.add"]
    assert found["last"] == ["units.2.add"]


def test_the_second_turn_where_the_first_has_values_of_its_own(copied: list[int]) -> None:
    block = "blocks:\n  unit: {params: {out: 3}, layers: {c: {op: conv2d, out: $out, kernel: 1}}}\n"
    found = graph(block + "layers:\n  units: {block: unit, repeat: 4, first: {out: 5}}\n")
    assert copied == [3]  # what arrives at the second has other channels
    assert [node.output[0] for node in found.nodes] == [5, 3, 3, 3]


@pytest.mark.parametrize(
    ("block", "use"),
    [
        ("params: {n: }, layers: {norm: {op: batch_norm2d, eps: $n + 1}}", ", with: {n: $index}"),
        ("params: {n: $index}, layers: {norm: {op: batch_norm2d, eps: $n + 1}}", ""),
        ("let: {n: $index}, layers: {norm: {op: batch_norm2d, eps: $n + 1}}", ""),
        # a rate, but it may be of another repeat's turn
        ("layers: {pool: {op: dropout, p: $index / $count}}", ""),
        # not only a rate reads it
        (
            "let: {n: $index / 10}, layers: {a: {op: dropout, p: $n}, b: {op: relu, when: $n < 9}}",
            "",
        ),
        ("layers: {a: {block: deep}}", ""),
        ("layers: {a: {layers: {pool: {op: dropout, p: $index / 10}}}}", ""),
        ("layers: {relu: {op: relu, when: $index > 0}, tanh: {op: tanh}}", ""),
        ("layers: {a: {op: relu, repeat: $index + 1}}", ""),
        ("layers: {u0: {op: relu}, w: {op: add, from: ['u{0 * $index}', input]}}", ""),
    ],
)
def test_turns_that_read_which_one_they_are(block: str, use: str, copied: list[int]) -> None:
    deep = "  deep: {layers: {pool: {op: dropout, p: $index / 10}}}\n"
    text = f"blocks:\n{deep}  unit: {{{block}}}\n"
    graph(f"{text}layers:\n  units: {{block: unit, repeat: 3{use}}}\n")
    assert copied == []


@pytest.mark.parametrize(
    ("block", "use"),
    [
        ("params: {n: }, layers: {a: {op: dropout, p: $n / 10}}", ", with: {n: $index}"),
        ("params: {n: $index}, layers: {a: {op: dropout, p: $n / 10}}", ""),
        (
            "let: {n: $index, p: 2 * $n / 20}, layers: {a: {layers: {a: {op: dropout, p: $p}}}}",
            "",
        ),
    ],
)
def test_turns_that_differ_in_a_rate(
    block: str, use: str, copied: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"blocks:\n  unit: {{{block}}}\nlayers:\n  units: {{block: unit, repeat: 4{use}}}\n"
    found = graph(text)
    assert copied == [1, 2, 3]
    assert [node.op.p for node in found.nodes] == [0, 0.1, 0.2, 0.3]  # type: ignore[attr-defined]
    assert all(node.facts.op is node.op for node in found.nodes)
    alone(monkeypatch)
    kinds = [(node.path, node.op, node.inputs) for node in graph(text).nodes]
    assert [(node.path, node.op, node.inputs) for node in found.nodes] == kinds


@pytest.mark.parametrize("rate", ["$n / 2", "1 / ($n - 3)"])
def test_a_rate_that_is_none_is_noted_as_elsewhere(
    rate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = f"blocks:\n  unit: {{let: {{n: $index}}, layers: {{a: {{op: dropout, p: {rate}}}}}}}\n"
    text = f"{block}layers:\n  units: {{block: unit, repeat: 5}}\n"
    found = faults(text)
    alone(monkeypatch)
    assert found == faults(text)
    assert len(found) == 1


def test_a_repeat_inside_reads_its_own_turns(copied: list[int]) -> None:
    block = "blocks:\n  unit: {layers: {a: {op: dropout, p: $index / 10, repeat: 2}}}\n"
    found = graph(f"{block}layers:\n  units: {{block: unit, repeat: 2}}\n")
    assert copied == [1]
    assert [node.op.p for node in found.nodes] == [0, 0.1, 0, 0.1]  # type: ignore[attr-defined]


def test_layers_inside_a_copied_turn_have_names() -> None:
    last = "  last: {op: add, from: [units, units.1.conv, units.2.inner.0.relu]}\n"
    found = wiring(f"{UNIT}layers:\n  units: {{block: unit, repeat: 3}}\n{last}")
    assert found["last"] == ["units.2.add", "units.1.conv", "units.2.inner.0.relu"]


def test_what_is_added_to_one_turn_is_not_in_the_others() -> None:
    more = "- {op: relu, name: 0.more}\n- {op: add, from: ['0.more', '%s']}\n"
    text = f"{UNIT}layers:\n- {{block: unit, repeat: 2}}\n{more}"
    assert faults(text % "0.conv") == []
    (fault,) = faults(text % "1.more")
    assert "there is no `more` in `1`" in fault


def test_weights_of_copied_turns_are_shared(copied: list[int]) -> None:
    layers = "layers:\n  a: {block: unit, repeat: 2}\n  b: {block: unit, repeat: 2, share: a}\n"
    nodes = graph(UNIT + layers).nodes
    assert copied == [1]
    owners = {node.path: nodes[node.shares].path for node in nodes if node.shares is not None}
    assert owners == {"b.0.conv": "a.0.conv", "b.1.conv": "a.1.conv"}


def test_a_fault_is_noted_once_and_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    block = "blocks:\n  unit: {layers: {conv: {op: conv2d, out: 3, kernel: 3}}}\n"
    text = f"{block}layers:\n  units: {{block: unit, repeat: 6}}\n"  # 8, 6, 4, 2: no window fits
    found = faults(text)
    alone(monkeypatch)
    assert found == faults(text)
    assert len(found) == 1


def test_a_limit_is_met_at_the_same_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", "layers=10")
    text = f"{UNIT}layers:\n  units: {{block: unit, repeat: $channels}}\n"
    found = faults(text)
    alone(monkeypatch)
    assert found == faults(text)
    assert "more than 10 layers" in found[0]
