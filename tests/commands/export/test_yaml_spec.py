"""A spec with the totals that it must come to, and notes on what has another path."""

from __future__ import annotations

from archprof.commands.export.yaml_spec import yaml_spec
from archprof.language.expand import expand
from archprof.language.find import find
from tests.language.writing.graphs import Step, made, op


def test_totals_are_stated() -> None:
    """specs/resnet.yaml states the same of ResNet-18, with their sources."""
    text = yaml_spec(expand(find("resnet18"))).content
    assert str(text).endswith(
        "expect: {params: 11_689_512, buffers: 9620, macs: 1_814_073_344, depth: 18}\n"
    )


def test_renamed_layers_are_said_five_and_then_counted() -> None:
    steps = [Step("relu", op("relu")), *(Step(f"relu.relu_{i}", op("relu")) for i in range(8))]
    notes = yaml_spec(made((3, 8, 8), steps)).notes
    assert notes[0] == "`relu.relu_0` is `relu_2` in the spec"
    assert len(notes) == 6
    assert notes[-1] == "3 more layers without weights have other paths"
