"""The networks of a document, and what their specs state of them."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import names, networks
from tests.language.families import FAMILY


def test_what_a_variant_says_of_itself() -> None:
    """Title, source and input come from the family where the variant has none; totals and
    aliases never do.
    """
    small, large = networks(load_text(FAMILY))
    assert (
        small.stated("title"),
        small.stated("source"),
        small.stated("input"),
        small.stated("expect"),
        names(small),
    ) == ("ResNet", "He et al.", "3x32x32", None, ("resnet18",))
    assert (
        large.stated("title"),
        large.stated("source"),
        large.stated("input"),
        large.stated("expect"),
        names(large),
    ) == ("ResNet-50", "He et al.", "3x64x64", {"depth": 3}, ("resnet50", "r50"))
    assert expand(large).input == (3, 64, 64)
    assert large.mark.line == 12


def test_a_file_with_defaults_is_a_network_beside_its_variants() -> None:
    document = load_text(FAMILY.replace("depths: ,", "depths: [1, 1],"))
    assert [network.name for network in networks(document)] == ["resnet", "resnet18", "resnet50"]
    assert next(networks(document)).stated("expect") == {"params": 1}
    assert list(networks(load_text("name: parts\nblocks: {b: {layers: [{op: relu}]}}\n"))) == []
