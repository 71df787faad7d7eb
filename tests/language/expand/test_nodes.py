"""A network is no larger than the allowance allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from archprof import allowance
from archprof.allowance import Allowance
from archprof.language.expand import expand
from archprof.language.find import find_shipped
from archprof.language.override import override
from archprof.limits import Limits
from tests.language.expand.graphs import faults


@pytest.fixture
def hundred_layers() -> Iterator[None]:
    """An allowance of 100 layers and 300 inputs."""
    with Allowance(Limits(layers=100, edges=300), alarm=False):
        yield


@pytest.mark.usefixtures("hundred_layers")
def test_limits_stop_at_once() -> None:
    assert faults("params: {n: 101}\nlayers:\n  a: {op: relu, repeat: $n}\n") == [
        "5:3 the network has 101 layers, at most 100"
    ]
    assert faults(
        "params: {n: 60}\nlayers:\n  a: {op: relu, repeat: $n}\n  b: {op: relu, repeat: $n}\n"
    ) == ["5:3 the network has 120 layers, at most 100"]
    assert not faults(
        "params: {n: 50}\nlayers:\n  a: {op: relu, repeat: $n}\n  b: {op: relu, repeat: $n}\n"
    )
    # dropped layers count as well: they take time
    assert faults(
        "params: {n: 90}\nblocks:\n  b: {layers: {r: {op: relu, when: false}, s: {op: relu, when:"
        " false}, t: {op: relu, when: false}}}\nlayers:\n  a: {block: b, repeat: $n}\n"
    ) == ["7:3 the network has more than 100 layers"]
    # blocks that multiply without a `repeat`
    blocks = "".join(
        f"  b{i}: {{layers: [{{block: b{i + 1}, when: $x}}, {{block: b{i + 1}, when: $x}}]}}\n"
        for i in range(20)
    )
    found = faults(
        "params: {x: true}\nblocks:\n"
        + blocks
        + "  b20: {layers: [{op: relu}]}\nlayers:\n  a: {block: b0}\n"
    )
    assert found == ["27:3 the network has 1,048,576 layers, at most 100"]  # 2^20


def test_edges_are_counted_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum of 4 inputs in a group; 4 * 76 = 304, and inputs that are not named count as
    nothing.
    """
    with Allowance(Limits(edges=300), alarm=False):
        group = "layers: {a: {op: relu}, s: {op: add, from: [a, a, a, a]}}"
        with monkeypatch.context() as patch:
            patch.setattr(
                "archprof.language.expand.layers.LayerBuilder.add",
                lambda *_: pytest.fail("a layer was built"),
            )
            assert faults(f"layers:\n  g: {{repeat: 76, {group}}}\n") == [
                "4:3 the network has 304 inputs of layers, at most 300"
            ]
        # 60 * (4 + 1) = 300 with those that are not named
        assert not faults(f"layers:\n  g: {{repeat: 60, {group}}}\n")
        assert faults(f"layers:\n  g: {{repeat: 61, {group}}}\n") == [
            "4:3 the network has more than 300 inputs of layers"
        ]
        # inside a block, by a value that only its use knows: two turns are built
        block = f"blocks:\n  b: {{params: {{n: 1}}, layers: {{g: {{repeat: $n, {group}}}}}}}\n"
        assert faults(block + "layers:\n  a: {block: b, with: {n: 76}}\n") == [
            "4:32 the network has more than 300 inputs of layers"
        ]
        assert not faults(block + "layers:\n  a: {block: b, with: {n: 60}}\n")
        # use by use of two turns each, of which nothing foresees the rest: 30 * 2 * 5 = 300
        uses = (
            block
            + "layers:\n"
            + "".join(f"  a{i}: {{block: b, with: {{n: 2}}}}\n" for i in range(30))
            + "  last: {op: identity}\n"
        )
        assert not faults(uses)
        # `last` has one, the 301st
        assert faults(uses + "  more: {block: b, with: {n: 1}}\n") == [
            "37:3 the network has more than 300 inputs of layers"
        ]
        assert not faults(block + "layers:\n  a: {block: b, with: {n: 49}}\n")


@pytest.mark.usefixtures("hundred_layers")
def test_what_is_known_before_counts_no_more_than_there_is() -> None:
    """Conditions may drop layers, and values of a place are not known: none of these has 101
    layers.
    """
    assert not faults(
        "params: {n: 101}\nblocks:\n  b: {layers: [{op: relu, repeat: $n}]}\nlayers: [{op: relu},"
        " {block: b, when: $n < 9}]\n"
    )
    assert not faults(
        "params: {n: 51, x: false}\nlayers: [{op: relu, repeat: $n}, {op: relu, repeat: $n, when:"
        " $x}]\n"
    )
    assert not faults(
        "params: {n: 51}\nlayers: [{op: relu, repeat: $n}, {op: relu, repeat: $n, when: '$channels"
        " > 3'}]\n"
    )
    assert not faults(
        "layers: [{repeat: 40, layers: [{op: relu, repeat: '2 if $index < 20 else 1'}]}]\n"
    )


def test_large_networks_are_refused_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """ResNet-50 with 100,000 bottleneck blocks of at least 9 layers (three convolutions, norms
    and ReLUs).
    """
    monkeypatch.setattr(
        "archprof.language.expand.layers.LayerBuilder.add",
        lambda *_: pytest.fail("a layer was built"),
    )
    (problem,) = expand(override(find_shipped("resnet50"), {"depths": [25_000] * 4})).problems
    assert problem.rule == "limit"
    found = re.fullmatch(r"the network has ([\d,]+) layers, at most 120,000", problem.message)
    assert found
    least = found[1].replace(",", "")
    assert int(least) >= 900_000
    assert (
        problem.hint
        == f"lower a `repeat`; most of them stand here; ARCHPROF_LIMITS=layers={least} in the"
        " environment allows more"
    )


def test_items_of_all_expressions_together_are_bounded() -> None:
    """2,000,000 items are 200 lists of 9,999; 30,000 of them would be 10 GB."""
    lets = "".join(f"  b{i}: range($n)\n" for i in range(1000))
    start = allowance._megabytes()
    assert faults(f"params: {{n: 9999}}\nlet:\n{lets}layers: [{{op: relu}}]\n") == [
        "205:9 the expressions of this network make more than 2,000,000 items of lists and"
        " characters of texts, or turns of loops"
    ]
    assert allowance._megabytes() - start < 200


@pytest.mark.parametrize("grown", ["$b + []", "$b[:]", "[$b, $b][0] + []", "range($n)"])
def test_every_list_and_text_counts(grown: str) -> None:
    with Allowance(Limits(items=1000), alarm=False):
        lets = "".join(f"  c{i}: '{grown}'\n" for i in range(20))
        (message,) = faults(
            f"params: {{n: 400}}\nlet:\n  b: range($n)\n{lets}layers: [{{op: relu}}]\n"
        )
        assert "more than 1,000 items" in message
        text = "".join(f"  t{i + 1}: $t{i} + $t{i}\n" for i in range(12))
        (message,) = faults(f"let:\n  t0: \"'ab' + 'c'\"\n{text}layers: [{{op: relu}}]\n")
        assert "more than 1,000 items" in message


def test_each_network_has_its_own_items() -> None:
    with Allowance(Limits(items=1000), alarm=False):
        for _ in range(5):
            assert not faults("params: {n: 400}\nlet: {b: range($n)}\nlayers: [{op: relu}]\n")


@pytest.mark.usefixtures("hundred_layers")
def test_exactly_the_limit_is_allowed() -> None:
    """A hundred layers, or two hundred that are built or dropped; of a group each turn is one
    more.
    """
    assert not faults(
        "layers:\n"
        + "".join(f"  a{i}: {{op: relu}}\n" for i in range(100))
        + "  last: {op: relu, when: false}\n"
    )
    dropped = "layers:\n  kept: {op: relu}\n" + "".join(
        f"  a{i}: {{op: relu, when: false}}\n" for i in range(199)
    )
    assert not faults(dropped)
    assert faults(dropped + "  last: {op: relu, when: false}\n") == [
        "204:3 the network has more than 100 layers"
    ]
    group = "layers:\n  kept: {op: relu}\n  g:\n    repeat: %d\n"
    group += (
        "    layers: {a: {op: relu, when: false}, b: {op: relu, when: false}, c: {op: relu, when:"
        " false}}\n"
    )
    assert not faults(group % 49)
    # 1 + 50*4: one too many, found when it is reached
    assert faults(group % 50) == ["7:42 the network has more than 100 layers"]
    assert faults(group % 51) == ["5:3 the network has more than 100 layers"]  # 51*4 is foreseen


def test_the_clock_is_looked_at_every_256_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each layer, and one for their `repeat`."""
    looks: list[int] = []
    monkeypatch.setattr(Allowance, "check", lambda self: looks.append(1))
    for layers, more in ((254, 0), (255, 1), (510, 1), (511, 2)):
        looks.clear()
        assert not faults(f"layers:\n  a: {{op: relu, repeat: {layers}}}\n")
        assert len(looks) == more
